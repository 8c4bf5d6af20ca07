"""Where staff arrive: what waits for them, by what their role lets them see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from overstory.clinic.audit.reading import saw
from overstory.clinic.booking.forms import midnight
from overstory.clinic.care.adopted import in_force
from overstory.clinic.people.doors import StaffRequest, signed_in
from overstory.clinic.people.models import Site
from overstory.clinic.people.permissions import May, allowed

SHOWN = 8
MOST_A_DAY = 50


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
    if May.BOOK in can:
        courses = request.clinic.appointments.filter(
            plan__course=OuterRef("course"), state__in=["booked", "done"]
        )
        unbooked = request.clinic.plans.filter(signed_at__isnull=False, ended_at=None).exclude(
            Exists(courses)
        )
        shown["unbooked"] = _first(unbooked.select_related("person").order_by("starts_on"))
        saw(request, *(f"person:{each.person_id}" for each in shown["unbooked"].rows))
    if May.SEE_CALENDAR in can:
        shown["days"] = _days(request, now)
        for _, waiting in shown["days"]:
            saw(request, *(f"person:{each.whose.pk}" for each in waiting.rows if each.whose))
    return render(request, "booking/today.html", shown)


def _first(rows: Any, *, most: int = SHOWN) -> Waiting:
    found = list(rows[: most + 1])
    return Waiting(found[:most], len(found) > most)


def _days(request: StaffRequest, now: datetime) -> list[tuple[Site, Waiting]]:
    """Return who comes to each site on the day that it is there, in one query for all sites."""
    sites = list(request.clinic.sites.order_by("name"))
    today_at = Q(pk__in=[])
    for site in sites:
        day = now.astimezone(site.zone).date()
        first, last = midnight(day, site), midnight(day + timedelta(days=1), site)
        today_at |= Q(site=site, starts__gte=first, starts__lt=last)
    found = (
        request.clinic.appointments.standing()
        .filter(today_at)
        .select_related("person", "care_request__person", "clinician")
        .annotate(nth=Window(RowNumber(), partition_by=F("site"), order_by=("starts", "pk")))
        .filter(nth__lte=MOST_A_DAY + 1)
        .order_by("starts", "pk")
    )
    of: dict[Any, list[Any]] = {}
    for each in found:
        of.setdefault(each.site_id, []).append(each)
    return [
        (site, Waiting(of.get(site.pk, [])[:MOST_A_DAY], len(of.get(site.pk, [])) > MOST_A_DAY))
        for site in sites
    ]
