"""Where staff arrive: what waits for them, by what their role lets them see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from overstory.clinic.audit.reading import saw
from overstory.clinic.booking.forms import midnight
from overstory.clinic.care.adopted import InForce, in_force
from overstory.clinic.people.doors import StaffRequest, signed_in
from overstory.clinic.people.models import Site
from overstory.clinic.people.permissions import May, allowed
from overstory.clinic.safety.context import watched_by
from overstory.clinic.safety.shown import rows_of
from overstory.clinic.worklists.lines import age_words, read_first
from overstory.clinic.worklists.lists import LISTS, Listed
from overstory.clinic.worklists.shown import Line, line_of
from overstory.clinic.worklists.unwatched import unwatched

SHOWN = 8
MOST_A_DAY = 50
UNANSWERED = "answer"
"""What is due about an alert that nobody has acknowledged."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One list of the day: its first rows, and whether there are more."""

    rows: list[Any]
    has_more: bool


@signed_in
@require_GET
def today(request: StaffRequest) -> HttpResponse:
    """Show the reader's day: their lists first, the others that they may open by name."""
    can = allowed(request.user.role_names)
    now, force = timezone.now(), in_force(request.clinic)
    mine = [each for each in LISTS if each.may in can and _is_first(request, each)]
    shown: dict[str, Any] = {"now": now, "force": force}
    if May.SEE_ALERTS in can:
        shown["alerts"] = _alerts(request)
    if {May.ACT_ON_ALERTS, May.SEE_PERSON} <= can:
        shown["unwatched"] = _unwatched(request, now, force)
    if May.SEE_CALENDAR in can:
        shown["days"] = _days(request, now)
        for _, waiting in shown["days"]:
            saw(request, *(f"person:{each.whose.pk}" for each in waiting.rows if each.whose))
    if May.WORK_REQUESTS in can:
        shown["requests"] = _requests(request, now)
    shown["lists"] = list(_lists(request, mine, now, force))
    shown["others"] = [each for each in LISTS if each.may in can and each not in mine]
    return render(request, "worklists/today.html", shown)


def _is_first(request: StaffRequest, listed: Listed) -> bool:
    return bool(listed.first_for & request.user.role_names)


def _lists(
    request: StaffRequest, lists: list[Listed], now: datetime, force: InForce
) -> Iterator[tuple[Listed, Waiting]]:
    parts = {each.name: each.parts() for each in lists}
    found = read_first(parts, request.clinic, now, most=SHOWN + 1)
    for listed in lists:
        rows = found[listed.name]
        saw(request, *(f"person:{each.person}" for each in rows), action=f"list {listed.name}")
        lines: list[Line] = [line_of(each, now=now, force=force) for each in rows[:SHOWN]]
        yield listed, Waiting(lines, len(rows) > SHOWN)


def _requests(request: StaffRequest, now: datetime) -> Waiting:
    found = _first(request.clinic.care_requests.open().select_related("site", "owner"))
    saw(request, *(f"request:{each.pk}" for each in found.rows))
    for each in found.rows:
        each.age = age_words(each.received_at, now)
    return found


def _alerts(request: StaffRequest) -> Waiting:
    """Return the alerts that nobody has acknowledged, the most urgent first."""
    watched = watched_by(request)
    due = [each for each in watched.open if each.what == UNANSWERED]
    if not due:
        return Waiting([], has_more=False)
    rows = rows_of(due[:SHOWN], request.clinic, watched, str(request.user.pk))
    saw(request, *(f"person:{each.alert.person_id}" for each in rows if each.alert.person_id))
    ages = {each: age_words(each.alert.raised_at, watched.now) for each in rows}
    return Waiting([(each, ages[each]) for each in rows], len(due) > SHOWN)


def _unwatched(request: StaffRequest, now: datetime, force: InForce) -> Waiting:
    """Return who is at high risk on record while no alert about them is open."""
    found = _first(unwatched(request.clinic, now, force.knowledge), most=MOST_A_DAY)
    saw(request, *(f"person:{each.person}" for each in found.rows))
    return found


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
