"""Messages as their receivers see them in the clinic, and those to persons that did not arrive."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from overstory.clinic.audit.reading import saw
from overstory.clinic.people.doors import StaffRequest, signed_in
from overstory.clinic.people.permissions import May
from overstory.clinic.ui.windows import window


@signed_in
def messages(request: StaffRequest) -> HttpResponse:
    """Show the reader's messages, or those to persons that were not delivered."""
    sees_persons = request.user.may(May.FIND_PERSONS)
    show = "undelivered" if request.GET.get("show") == "undelivered" and sees_persons else "mine"
    if show == "mine":
        rows = request.clinic.messages.filter(to_staff=request.user).order_by("-made_at")
    else:
        rows = request.clinic.messages.undelivered().filter(to_person__isnull=False)
        rows = rows.select_related("to_person").order_by("-made_at")
    page = window(request, rows)
    if show == "undelivered" and page.rows:
        saw(request, *dict.fromkeys(f"person:{each.to_person_id}" for each in page.rows))
    zones = request.clinic.sites.order_by("name").values_list("time_zone", flat=True)
    context = {
        "window": page,
        "show": show,
        "sees_persons": sees_persons,
        "zone": zones.first() or "UTC",
    }
    return render(request, "safety/messages.html", context)
