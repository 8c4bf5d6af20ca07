"""At which steps a person could arrive for a course: their hours and days, and what is theirs already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from overstory.clinic.booking.checking import KETAMINE, TMS, Gate, Stands
from overstory.clinic.booking.offering_days import DaySitting
from overstory.clinic.booking.offering_site import SiteGrid, Visit
from overstory.clinic.booking.wishing import Coming
from overstory.clinic.care.planned import CarePlan
from overstory.pathway.timetable.instance import MOST_TICKS
from overstory.pathway.timetable.occupancy import Bits
from overstory.pathway.timetable.standing import Part

ONE_DAY = timedelta(days=1)
HOUR = 60
LONG_AGO = -(2**40)


@dataclass(frozen=True)
class Course:
    """A plan laid out for the grid: its sittings, and its parts beside a person's wishes."""

    plan: CarePlan
    sittings: tuple[DaySitting, ...]
    parts: tuple[Part, ...]
    coming: Coming
    stands: tuple[Stands, ...]


def visit_of(sitting: DaySitting, gate: Gate) -> Visit:
    """Return what the sessions of a day need, each run of it counted from the first."""
    needs = gate.needs(sitting.first)
    runs, at = [0], 0
    for each in sitting.sessions[1:]:
        at += max(round(each["min_gap_hours"] * HOUR), needs.place_minutes)
        runs.append(at)
    return Visit(needs.kind, tuple(runs), needs)


def allowed(course: Course, grid: SiteGrid, gate: Gate) -> Bits:
    """Return by visit and day the steps at which the person could arrive and stay to the end."""
    clinic, coming = grid.taken.grid.clinic, course.coming
    found: Bits = np.zeros((len(grid.visits), len(grid.days)), np.uint64)
    begins = coming.begins.hour * HOUR + coming.begins.minute
    ends = coming.ends.hour * HOUR + coming.ends.minute
    for kind, visit in enumerate(grid.visits):
        first = max(-((clinic.opens - begins) // clinic.grid_minutes), 0)
        last = (ends - visit.minutes - clinic.opens) // clinic.grid_minutes
        bits = _bits(first, min(last, clinic.ticks - 1))
        for n, day in enumerate(grid.days):
            if not coming.is_away(day):
                found[kind, n] = bits
    _bar(found, course, grid, gate)
    return found


def _bar(found: Bits, course: Course, grid: SiteGrid, gate: Gate) -> None:
    """Take out the past, and what the person's other appointments do not leave."""
    own = {visit_of(each, gate): each.first["treatment"] for each in course.sittings}
    bars: list[tuple[int, datetime, datetime]] = [
        (kind, datetime.min.replace(tzinfo=gate.now.tzinfo), gate.now)
        for kind in range(len(grid.visits))
    ]
    for each in course.stands:
        if each.course == course.plan.course:
            continue
        for kind, visit in enumerate(grid.visits):
            bars += [(kind, *bar) for bar in _barred(each, visit, own.get(visit, ""), gate)]
    for kind, begins, ends in bars:
        for day in range(len(grid.days)):
            first = grid.clock.first_tick(day, _floor(begins) + 1)
            last = grid.clock.first_tick(day, _ceil(ends))
            if last > 0 and first < MOST_TICKS:
                keep = ((1 << MOST_TICKS) - 1) & ~_bits(first, min(last, MOST_TICKS) - 1)
                found[kind, day] &= np.uint64(keep)


def _barred(
    each: Stands, visit: Visit, treatment: str, gate: Gate
) -> list[tuple[datetime, datetime]]:
    """Between which instants a visit may not begin, both open, for one other appointment."""
    length = timedelta(minutes=visit.minutes)
    found = [(each.starts - length, each.ends)]
    if {treatment, each.treatment} & KETAMINE and TMS in {treatment, each.treatment}:
        local = each.starts.astimezone(gate.site.zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        found.append((midnight - timedelta(minutes=1), midnight + ONE_DAY))
        if treatment == TMS:
            found.append((each.ends - timedelta(minutes=1), each.ends + gate.after_ketamine))
        else:
            found.append((each.starts - gate.after_ketamine - length, each.starts))
    return found


def _floor(moment: datetime) -> int:
    return LONG_AGO if moment.year == 1 else int(moment.timestamp() // 60)


def _ceil(moment: datetime) -> int:
    return -int((-moment.timestamp()) // 60)


def _bits(first: int, last: int) -> int:
    return ((1 << (last - first + 1)) - 1) << first if last >= first else 0
