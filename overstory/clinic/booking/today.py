"""Where staff arrive: what waits for them, by what their role lets them see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from overstory.clinic.audit.reading import saw
from overstory.clinic.booking.forms import midnight
from overstory.clinic.care.adopted import in_force
from overstory.clinic.people.doors import StaffRequest, signed_in
from overstory.clinic.people.permissions import May, allowed

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Waiting:
    """One list of the day: its first rows, and whether there are more."""

    rows: list[Any]
    has_more: bool


@signed_in
@require_GET
def today(request: StaffRequest) -> HttpResponse:
    """Show the reader's day."""
    can = allowed(request.user.role_names)
    now = timezone.now()
    shown: dict[str, Any] = {"now": now, "force": in_force(request.clinic)}
    if May.WORK_REQUESTS in can:
        found = request.clinic.care_requests.open().select_related("site", "owner")
        shown["requests"] = _first(found)
        saw(request, *(f"request:{each.pk}" for each in shown["requests"].rows))
    if May.SEND_QUESTIONNAIRES in can:
        done = request.clinic.questionnaires.filter(
            submitted_at__gt=now - timedelta(days=7)
        ).select_related("person", "site")
        shown["submitted"] = _first(done.order_by("-submitted_at"))
        saw(request, *(f"person:{each.person_id}" for each in shown["submitted"].rows))
    if May.SEE_PLAN in can:
        unsigned = request.clinic.plans.filter(signed_at=None, ended_at=None).select_related(
            "person__site", "drafted_by"
        )
        shown["unsigned"] = _first(unsigned.order_by("drafted_at"))
        saw(request, *(f"person:{each.person_id}" for each in shown["unsigned"].rows))
    if May.SEE_CALENDAR in can:
        shown["days"] = [
            (site, _first(_of_day(request, site, now), most=50))
            for site in request.clinic.sites.order_by("name")
        ]
        for _, waiting in shown["days"]:
            saw(request, *(f"person:{each.person_id}" for each in waiting.rows if each.person_id))
    return render(request, "booking/today.html", shown)


def _first(rows: Any, *, most: int = SHOWN) -> Waiting:
    found = list(rows[: most + 1])
    return Waiting(found[:most], len(found) > most)


def _of_day(request: StaffRequest, site: Any, now: Any) -> Any:
    day = now.astimezone(site.zone).date()
    return (
        request.clinic.appointments.standing()
        .filter(
            site=site,
            starts__gte=midnight(day, site),
            starts__lt=midnight(day + timedelta(days=1), site),
        )
        .select_related("person", "care_request", "clinician")
        .order_by("starts", "pk")
    )
