"""The board of the calendar: a day or a week of one site."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from overstory.clinic.audit.reading import saw
from overstory.clinic.booking.forms import day_in
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Site
from overstory.clinic.people.permissions import May
from overstory.clinic.week.board import Board, board_of
from overstory.clinic.week.showing import Reader, day_shown, week_shown

ONE_DAY = timedelta(days=1)
LAST_DAY = date(2100, 1, 1)
FIRST_DAY = date(2000, 1, 1)


class View(StrEnum):
    """How much of the calendar is shown."""

    DAY = "day"
    WEEK = "week"


KINDS = (
    ("", "All"), ("room", "Rooms"), ("chair", "Chairs"), ("tms-device", "TMS devices"),
    ("staff", "Staff"),
)  # fmt: skip


@may(May.SEE_CALENDAR)
@require_GET
def board(request: StaffRequest) -> HttpResponse:
    """Show a day or a week of one site: what stands on which room, chair, device, and with whom."""
    sites = sites_of(request)
    site = site_asked(request, sites)
    if site is None:
        return render(request, "week/board.html", {"sites": sites})
    now = timezone.now()
    today = now.astimezone(site.zone).date()
    on = min(max(day_in(request.GET.get("day", ""), today), FIRST_DAY), LAST_DAY)
    view = View.WEEK if request.GET.get("view") == View.WEEK else View.DAY
    asked = request.GET.get("kind", "")
    kind = asked if asked in dict(KINDS) else ""
    found = board_of(site, _days(on, view))
    saw(request, *sorted({f"person:{each.whose}" for each in found.comings if each.whose}))
    may_book = request.user.may(May.BOOK)
    reader = Reader(may_book, found.hit(now))
    shown = {
        "sites": sites, "site": site, "on": on, "today": today, "view": view.value, "kind": kind,
        "kinds": KINDS, "board": found, "hit": len(reader.hit), "ways": _ways(on, view),
        "reader": reader,
    }  # fmt: skip
    if view is View.WEEK:
        return render(request, "week/week.html", shown | _of_week(found, reader, kind))
    return render(request, "week/board.html", shown | _of_day(found, reader, kind))


def sites_of(request: StaffRequest) -> list[Site]:
    """Return the sites of the reader's clinic with their hours and closures."""
    rows = request.clinic.sites.order_by("name")
    return list(rows.prefetch_related("hours", "closures"))


def site_asked(request: StaffRequest, sites: list[Site]) -> Site | None:
    """Return the site that the address asks for; the first where it names none."""
    asked = request.GET.get("site", "")
    return next((each for each in sites if each.slug == asked), sites[0] if sites else None)


def _days(on: date, view: View) -> list[date]:
    if view is View.DAY:
        return [on]
    monday = on - on.weekday() * ONE_DAY
    return [monday + n * ONE_DAY for n in range(7)]


def _ways(on: date, view: View) -> dict[str, date]:
    step = ONE_DAY if view is View.DAY else 7 * ONE_DAY
    return {"before": on - step, "after": on + step}


def _of_day(found: Board, reader: Reader, kind: str) -> dict[str, Any]:
    return {"shown": day_shown(found, reader, kind=kind), "closed": found.closed.get(found.days[0])}


def _of_week(found: Board, reader: Reader, kind: str) -> dict[str, Any]:
    used = {seat.stretch.starts.astimezone(found.site.zone).date()
            for lane in found.lanes for seat, _ in lane.booked}  # fmt: skip
    days = [day for day in found.days if day.weekday() < 5 or day in found.open or day in used]
    rows = week_shown(found, reader, kind=kind)
    return {
        "days": [(day, found.closed.get(day)) for day in days],
        "rows": [(lane, [each for each in cells if each.day in days]) for lane, cells in rows],
    }
