"""The page that moves one appointment: where it may stand, what is free near, and moved there."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from overstory.clinic.booking import actions
from overstory.clinic.booking.forms import MoveForm, day_in, places_instead
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.booking.near import Near, near
from overstory.clinic.booking.near_words import WHO_MAY, in_window, no_other_day
from overstory.clinic.booking.occupying import TakenError
from overstory.clinic.booking.views import after, mine
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.permissions import May
from overstory.clinic.ui.templatetags.overstory import when


@may(May.BOOK)
def move(request: StaffRequest, appointment_id: UUID) -> HttpResponse:
    """Show where an appointment may stand and what is free near, and move it to another time or place."""
    found = mine(request, appointment_id)
    resources = _alternatives(found)
    start = {
        "day": found.wall_date.isoformat(),
        "at": found.wall_time,
        "resource": resources[0].pk if resources else None,
    }
    form = MoveForm(_given(request, found), site=found.site, resources=resources, initial=start)
    refused, status = "", 200
    if form.is_bound and not form.is_valid():
        status = 422
    elif form.is_bound:
        try:
            new = actions.move(
                appointment=found, to=form.starts(), resource=form.cleaned_data["resource"],
                by=request.user, at=timezone.now(),
            )  # fmt: skip
        except (actions.NotBookableError, TakenError) as error:
            refused, status = str(error), 409
        else:
            says = f"Moved to {when(new.starts, new.zone)}. Tell the person: no message was sent."
            messages.success(request, says)
            back = _back(request, found)
            own = reverse("appointments", args=(found.whose.pk,)) if found.whose else ""
            return redirect(back) if back and urlsplit(back).path != own else after(new)
    around = _around(request, found, form, resources)
    return render(request, "booking/move.html", around | {"refused": refused}, status=status)


def _around(
    request: StaffRequest, found: Appointment, form: MoveForm, resources: list[Resource]
) -> dict[str, Any]:
    now = timezone.now()
    aim = _aim(request, found, form)
    shown: Near | None = None
    if found.state == "booked" and resources:
        shown = near(found, resources=resources, aim=aim, now=now)
    return {
        "appointment": found, "form": form, "has_begun": found.starts <= now, "near": shown,
        "zone": found.zone, "on": aim.astimezone(found.site.zone).date(),
        "back": _back(request, found),
        "own_place": next((each for each in resources if each.__dict__.get("is_own")), None),
        "stuck": no_other_day(shown, found) if shown else "",
        "is_outside": bool(shown and shown.window and not in_window(shown.window, aim, found)),
        "plan": _plan_now(request, found) if shown and shown.window else None,
        "who_may": WHO_MAY,
    }  # fmt: skip


def _plan_now(request: StaffRequest, found: Appointment) -> CarePlan | None:
    """The version in force of the plan of an appointment: its own, or the one that came after it."""
    own: CarePlan | None = found.plan
    if own is None or own.is_in_force:
        return own
    rows = request.clinic.plans.filter(course=own.course, signed_at__isnull=False, ended_at=None)
    return rows.select_related("signed_by").first()


def _given(request: StaffRequest, found: Appointment) -> dict[str, Any] | None:
    """What was asked for: the fields of the form, or the one time of a button."""
    if request.method != "POST":
        return None
    starts, _, resource = request.POST.get("to", "").partition("@")
    if not resource:
        return {name: request.POST.get(name, "") for name in ("day", "at", "resource")}
    try:
        at = datetime.fromisoformat(starts)
    except ValueError:
        return {"resource": resource}
    local = at.replace(tzinfo=at.tzinfo or UTC).astimezone(found.site.zone)
    return {"day": f"{local:%Y-%m-%d}", "at": f"{local:%H:%M}", "resource": resource}


def _aim(request: StaffRequest, found: Appointment, form: MoveForm) -> datetime:
    """The time near which one looks: the one asked for, the same hour of the day asked for, or its own."""
    if form.is_bound:
        asked: datetime | None = form.cleaned_data.get("starts")
        return asked or found.starts
    day = day_in(request.GET.get("day", ""), found.wall_date)
    at: time = found.wall_time
    return datetime.combine(day, at, tzinfo=found.site.zone).astimezone(UTC)


def _back(request: StaffRequest, found: Appointment) -> str:
    """The page of this site from which one came, carried by the form; empty where none is known."""
    carried = request.POST.get("back") or request.GET.get("back")
    asked: str = carried or request.headers.get("referer", "")
    host = request.get_host()
    if not url_has_allowed_host_and_scheme(asked, {host}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(asked)
    own = reverse("appointment_move", args=(found.pk,)).removesuffix("move/")
    if not parts.path.startswith("/") or parts.path.startswith(own):
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _alternatives(found: Appointment) -> list[Resource]:
    """The places that would do, its own first; of an evaluation its clinician alone."""
    if found.kind == "evaluation":
        if found.clinician is None:
            raise Http404
        return list(Resource.objects.filter(staff=found.clinician).select_related("staff", "site"))
    return places_instead(found)
