"""Booking an evaluation visit for someone who is registered."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from overstory.clinic.booking import actions
from overstory.clinic.booking.hours import Offer, visit_offers
from overstory.clinic.booking.occupying import TakenError
from overstory.clinic.booking.public_views import chosen_of, key_of
from overstory.clinic.care.reaching import person_of
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May

DAYS_SHOWN = 10
NEEDED = "For a visit by video this is needed."


class StaffVisitForm(forms.Form):
    """Where a visit is held; one by video asks where the person is, and whom to call, and no other does."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    mode = forms.ChoiceField(
        choices=[("here", "At the clinic"), ("remote", "By video or phone")],
        widget=forms.HiddenInput,
    )
    place = forms.CharField(
        max_length=200, label="Where the person will be", error_messages={"required": NEEDED}
    )
    emergency_contact = forms.CharField(
        max_length=200, label="Whom to call in an emergency", error_messages={"required": NEEDED}
    )

    def __init__(self, *args: Any, mode: str, **more: Any) -> None:
        super().__init__(*args, **more)
        if mode != "remote":
            del self.fields["place"], self.fields["emergency_contact"]


@may(May.BOOK)
def book_visit(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Offer times with each clinician, then ask where, then book."""
    person = person_of(request, person_id)
    now = timezone.now()
    offers = visit_offers(person.site, now=now)
    chosen = chosen_of(request, offers)
    around: dict[str, Any] = {"person": person, "site": person.site, "zone": person.site.time_zone}
    if chosen is None:
        if request.method == "POST":
            messages.error(request, "This time is not free any more. Choose another.")
        around["days"] = _by_day(offers, person)
        status = 409 if request.method == "POST" else 200
        return render(request, "booking/visit.html", around, status=status)
    around["chosen"] = chosen
    asked = request.POST if request.method == "POST" else request.GET
    mode = "remote" if asked.get("mode") == "remote" else "here"
    around |= {"mode": mode, "key": key_of(chosen.starts)}
    if request.method != "POST":
        initial = {"id": uuid4(), "mode": mode, **_known(person)}
        form = StaffVisitForm(mode=mode, initial=initial)
        return render(request, "booking/visit_where.html", {**around, "form": form})
    form = StaffVisitForm(request.POST, mode=mode)
    if not form.is_valid():
        return render(request, "booking/visit_where.html", {**around, "form": form}, status=422)
    return _book(request, person, chosen, form)


def _book(
    request: StaffRequest, person: Person, chosen: Offer, form: StaffVisitForm
) -> HttpResponse:
    given = form.cleaned_data
    try:
        actions.book_visit(
            visit=actions.Visit(
                id=given["id"],
                site=person.site,
                clinician=chosen.clinician,
                starts=chosen.starts,
                is_remote=given["mode"] == "remote",
                place=given.get("place", ""),
                emergency_contact=given.get("emergency_contact", ""),
            ),
            person=person,
            care_request=None,
            at=timezone.now(),
            actor=request.actor,
        )
    except (TakenError, actions.NotBookableError) as error:
        messages.error(request, str(error))
        return redirect("book_visit", person.pk)
    messages.success(request, "The visit is booked. Tell the person: no message was sent.")
    return redirect("appointments", person.pk)


def _by_day(offers: tuple[Offer, ...], person: Person) -> list[tuple[Any, list[Any]]]:
    zone = person.site.zone
    local = [(each, each.starts.astimezone(zone)) for each in offers]
    days = groupby(local, key=lambda pair: pair[1].date())
    shown = [
        (day, [(at.strftime("%H:%M"), key_of(each.starts), each.clinician) for each, at in found])
        for day, found in days
    ]
    return shown[:DAYS_SHOWN]


def _known(person: Person) -> dict[str, str]:
    """What is on record of whom to call in an emergency."""
    contact = person.contacts.filter(kind="emergency", until=None).order_by("-since").first()
    return {"emergency_contact": f"{contact.name} {contact.phone}".strip()} if contact else {}
