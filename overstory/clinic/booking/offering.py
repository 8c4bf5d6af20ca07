"""Whole-course offers: the best few standing times for a signed plan, and what each costs others."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db.models import Exists, OuterRef

from overstory.clinic.booking.checking import KETAMINE, TMS, At, Gate, gate_of
from overstory.clinic.booking.models import Appointment
from overstory.clinic.booking.needed import Session
from overstory.clinic.booking.offering_days import DaySitting, day_rows, sittings_of
from overstory.clinic.booking.offering_person import Course, allowed, visit_of
from overstory.clinic.booking.offering_site import (
    Changed,
    SiteGrid,
    SiteRows,
    Visit,
    at_step,
    read_site,
    site_grid,
)
from overstory.clinic.booking.proposing import Proposal, Proposals
from overstory.clinic.booking.wishing import Coming
from overstory.clinic.care.planned import CarePlan
from overstory.pathway.slots import Stretch
from overstory.pathway.timetable.instance import MOST_TICKS
from overstory.pathway.timetable.standing import (
    NO_WAY,
    Free,
    Part,
    Way,
    least_cost,
    room,
    standing_ways,
    without_place,
)

MOST_OFFERS = 3
MOST_WAITING = 5
"""So many courses that wait are looked at for what an offer costs them: those that begin first."""
MOST_WEEKS_LATER = 8
"""So many weeks later a course could begin, where it has no place on the days of its plan."""
DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ONE_DAY = timedelta(days=1)
HOUR = 60


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A treatment of an offer: its first day, the weekdays of each phase in words, its standing time."""

    treatment: str
    first: date
    phases: tuple[tuple[str, str], ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class CostToOthers:
    """
    What an offer takes from others.

    Of `times` at which a session like these could begin now on these days, `closes` would be gone; of
    `waiting` courses that are signed and not booked, `worse` would find a dearer place, `none` no place.
    """

    times: int
    closes: int
    waiting: int = 0
    worse: int = 0
    none: int = 0

    @property
    def left(self) -> int:
        """How many times are left."""
        return self.times - self.closes


@dataclass(frozen=True, slots=True)
class CourseOffer:
    """One way to book a whole course; `off` counts the sessions that are not at the standing time."""

    found: Proposals
    rhythms: tuple[Rhythm, ...]
    off: tuple[Proposal, ...]
    others: CostToOthers
    cost: int

    @property
    def standing(self) -> int:
        """How many sessions are at the standing time."""
        return len(self.found.placed) - len(self.off)

    @property
    def places(self) -> list[tuple[str, int]]:
        """Where it is given, with how many sessions in each, the most first."""
        return Counter(each.resource.name for each in self.found.placed).most_common()

    @property
    def times(self) -> str:
        """The times and places as a form carries them: what was seen, and nothing else, is booked."""
        return ";".join(
            f"{each.n}@{each.starts:%Y-%m-%dT%H:%MZ}@{each.resource.pk}"
            for each in self.found.placed
        )


@dataclass(frozen=True)
class Desk:
    """A site made ready to offer a course: its grid, the course, and those that wait."""

    gate: Gate
    rows: SiteRows
    grid: SiteGrid
    course: Course
    waiting: tuple[Course, ...]

    def free_for(self, course: Course, free: Free) -> Free:
        """Return what is free and possible for the person of a course."""
        possible: Free = free & allowed(course, self.grid, self.gate)[:, None, :]
        return possible


def desk_of(
    plan: CarePlan,
    *,
    coming: Coming,
    now: datetime,
    waiting: Sequence[tuple[CarePlan, Coming]] = (),
    weeks_more: int = 0,
    ground: Desk | None = None,
) -> Desk:
    """
    Return the site of a plan made ready, to the end of the plan and so many weeks more.

    What is read reaches `MOST_WEEKS_LATER` weeks on, so that another desk for the same plan can stand on
    this `ground` and asks nothing.
    """
    site = plan.person.site
    laid = [sittings_of(plan.content["sessions"])]
    laid += [sittings_of(each.content["sessions"]) for each, _ in waiting]
    every = [each for own in laid for each in own]
    first = max(min(each.window[0] for each in every), now.astimezone(site.zone).date())
    last = max(each.window[1] for each in laid[0]) + timedelta(weeks=weeks_more)
    days = [first + n * ONE_DAY for n in range((last - first).days + 1)]
    if ground is None:
        further = timedelta(weeks=MOST_WEEKS_LATER - weeks_more)
        gate, rows = _read(plan, first, last + further, now)
    else:
        gate, rows = ground.gate, ground.rows
    visits: dict[Visit, int] = {}
    for each in every:
        visits.setdefault(visit_of(each, gate), len(visits))
    grid = site_grid(gate, list(visits), days, rows)
    courses = [
        _course(own, whose, wish, visits, grid, gate)
        for (whose, wish), own in zip([(plan, coming), *waiting], laid, strict=True)
    ]
    reach = [each for each in courses[1:] if each.parts]
    return Desk(gate, rows, grid, courses[0], tuple(reach))


def with_coming(desk: Desk, coming: Coming) -> Desk:
    """Return the desk for a person who can come at other hours or days."""
    visits = {each: n for n, each in enumerate(desk.grid.visits)}
    own = desk.course
    course = _course(own.sittings, own.plan, coming, visits, desk.grid, desk.gate)
    return replace(desk, course=course)


def changed_desk(desk: Desk, changed: Changed, sessions: Sequence[Session]) -> Desk:
    """Return the desk of a site that is otherwise, or of a plan with these sessions in place of its own."""
    visits = {each: n for n, each in enumerate(desk.grid.visits)}
    grid = site_grid(desk.gate, desk.grid.visits, desk.grid.days, desk.rows, changed=changed)
    own = desk.course
    course = _course(sittings_of(sessions), own.plan, own.coming, visits, grid, desk.gate)
    return replace(desk, grid=grid, course=course)


def offers_of(desk: Desk, *, most: int = MOST_OFFERS) -> list[CourseOffer]:
    """Return the best few ways to book the course, cheapest first; none where it has no place."""
    free = desk.free_for(desk.course, everyone := desk.grid.free())
    ways = standing_ways(desk.course.parts, free, desk.grid.clock, most=most)
    if not ways:
        return []
    step = desk.grid.clock.step_minutes
    before = room(desk.course.parts, free)
    waits = [least_cost(each.parts, desk.free_for(each, everyone), step) for each in desk.waiting]
    return [_offer(desk, way, before, waits) for way in ways]


def misplaced(desk: Desk) -> list[Session]:
    """Return the sessions that have no time on any of their days, or no day on which the person can."""
    if not desk.course.parts:
        days = [day for day in desk.grid.days if not desk.course.coming.is_away(day)]
        return [
            each.first
            for each in desk.course.sittings
            if not any(each.window[0] <= day <= each.window[1] for day in days)
        ]
    free = desk.free_for(desk.course, desk.grid.free())
    return [desk.course.sittings[at].first for at in without_place(desk.course.parts, free)]


def has_place(desk: Desk) -> Way | None:
    """Return the best way to book the course; none where it has no place."""
    free = desk.free_for(desk.course, desk.grid.free())
    return next(iter(standing_ways(desk.course.parts, free, desk.grid.clock, most=1)), None)


def _read(plan: CarePlan, first: date, last: date, now: datetime) -> tuple[Gate, SiteRows]:
    """What is asked of the calendar for some days of the site of a plan."""
    site = plan.person.site
    begins, ends = (datetime.combine(day, time(0), tzinfo=site.zone) for day in (first, last))
    span = Stretch(min(begins, now), ends + ONE_DAY)
    gate, rows = gate_of(At(site, plan.person, plan, (), span), now=now), read_site(site, span)
    return replace(gate, outs=rows.outs), rows


def _course(
    sittings: Sequence[DaySitting],
    plan: CarePlan,
    coming: Coming,
    visits: dict[Visit, int],
    grid: SiteGrid,
    gate: Gate,
) -> Course:
    possible = [day for day in grid.days if not coming.is_away(day)]
    parts = []
    for treatment in dict.fromkeys(each.first["treatment"] for each in sittings):
        own = [
            (at, each) for at, each in enumerate(sittings) if each.first["treatment"] == treatment
        ]
        rows = day_rows([each for _, each in own], grid.number, possible)
        parts.append(_part(own, sittings, rows, visits, coming, grid, gate))
    if not all(each.rows for each in parts):
        parts = []
    stands = tuple(gate.stands) if plan.person_id == (gate.plan and gate.plan.person_id) else ()
    return Course(plan, tuple(sittings), tuple(parts), coming, stands)


def _part(
    own: Sequence[tuple[int, DaySitting]],
    sittings: Sequence[DaySitting],
    rows: Any,
    visits: dict[Visit, int],
    coming: Coming,
    grid: SiteGrid,
    gate: Gate,
) -> Part:
    kinds = [visits[visit_of(each, gate)] for _, each in own]
    prefer = coming.prefer.hour * HOUR + coming.prefer.minute
    clinic = grid.taken.grid.clinic
    tick = (prefer - clinic.opens) // clinic.grid_minutes
    return Part(
        at=tuple(at for at, _ in own),
        visits=tuple(kinds),
        minutes=tuple(grid.visits[kind].minutes for kind in kinds),
        gap_minutes=tuple(_gap(sittings[at - 1], each) if at else 0 for at, each in own),
        after_minutes=tuple(
            _after_ketamine(sittings[at - 1], each, gate) if at else 0 for at, each in own
        ),
        rows=rows,
        prefer=min(max(tick, 0), MOST_TICKS - 1),
    )


def _gap(before: DaySitting, sitting: DaySitting) -> int:
    """From the begin of the sitting before: its runs of the day, and the gap of the first session."""
    more: int = sum(round(each["min_gap_hours"] * HOUR) for each in before.sessions[1:])
    gap: int = round(sitting.first["min_gap_hours"] * HOUR)
    return gap + more


def _after_ketamine(before: DaySitting, sitting: DaySitting, gate: Gate) -> int:
    first, then = before.first["treatment"], sitting.first["treatment"]
    if first in KETAMINE and then == TMS:
        return round(gate.after_ketamine.total_seconds() / 60)
    return 0


def _offer(desk: Desk, way: Way, before: int, waits: Sequence[int]) -> CourseOffer:
    placed = [each for sitting in way.sittings for each in _proposals(desk, way, sitting)]
    return CourseOffer(
        found=Proposals(tuple(sorted(placed, key=lambda each: each.n)), ()),
        rhythms=tuple(_rhythms(desk, placed)),
        off=tuple(each for each in placed if each.moved_minutes),
        others=_others(desk, way, before, waits),
        cost=way.cost,
    )


def _proposals(desk: Desk, way: Way, sitting: Any) -> list[Proposal]:
    own = desk.course.sittings[sitting.at]
    number = next(n for n, part in enumerate(desk.course.parts) if sitting.at in part.at)
    kind = desk.course.parts[number].visits[desk.course.parts[number].at.index(sitting.at)]
    begins = at_step(desk.grid.clock, sitting.day, sitting.tick)
    step = desk.grid.clock.step_minutes
    return [
        Proposal(
            n=session["n"],
            day=desk.grid.days[sitting.day],
            treatment=session["treatment"],
            minutes=session["minutes"]["chair"],
            resource=desk.grid.seat(kind, sitting.unit).resource,
            starts=begins + timedelta(minutes=run),
            moved_minutes=(sitting.tick - way.ticks[number]) * step,
        )
        for session, run in zip(own.sessions, desk.grid.visits[kind].runs, strict=True)
    ]


def _rhythms(desk: Desk, placed: Iterable[Proposal]) -> Iterable[Rhythm]:
    phase = {each["n"]: each["phase"] for each in desk.course.plan.content["sessions"]}
    ordered = sorted(placed, key=lambda each: each.n)
    for part in desk.course.parts:
        treatment = desk.course.sittings[part.at[0]].first["treatment"]
        own = [each for each in ordered if each.treatment == treatment]
        weekdays: dict[str, Counter[int]] = {}
        for each in own:
            weekdays.setdefault(phase[each.n], Counter())[each.day.weekday()] += 1
        standing = next((each for each in own if not each.moved_minutes), own[0])
        yield Rhythm(
            treatment,
            own[0].day,
            tuple((name, _usual(days)) for name, days in weekdays.items()),
            standing.starts,
        )


def _usual(days: Counter[int]) -> str:
    """The weekdays of most sessions in words, without those that a holiday brought in."""
    most = max(days.values())
    own = sorted(day for day, count in days.items() if count * 3 >= most)
    if len(own) > 2 and own == list(range(own[0], own[-1] + 1)):
        return f"{DAY_NAMES[own[0]]} to {DAY_NAMES[own[-1]]}"
    return ", ".join(DAY_NAMES[day] for day in own)


def _others(desk: Desk, way: Way, before: int, waits: Sequence[int]) -> CostToOthers:
    """Put the course, see what is left for the next like it and for those that wait, and lift it."""
    _put(desk, way, give_back=False)
    free = desk.grid.free()
    left = room(desk.course.parts, desk.free_for(desk.course, free))
    step = desk.grid.clock.step_minutes
    now = [least_cost(each.parts, desk.free_for(each, free), step) for each in desk.waiting]
    _put(desk, way, give_back=True)
    pairs = [(was, then) for was, then in zip(waits, now, strict=True) if was < NO_WAY]
    return CostToOthers(
        times=before,
        closes=before - left,
        waiting=len(pairs),
        worse=sum(was < then < NO_WAY for was, then in pairs),
        none=sum(then >= NO_WAY for _, then in pairs),
    )


def _put(desk: Desk, way: Way, *, give_back: bool) -> None:
    kind_of = {
        at: visit
        for part in desk.course.parts
        for at, visit in zip(part.at, part.visits, strict=True)
    }
    change = desk.grid.taken.give_back if give_back else desk.grid.taken.take
    for key, group in itertools.groupby(
        sorted(way.sittings, key=lambda each: (kind_of[each.at], each.unit, each.tick)),
        key=lambda each: (kind_of[each.at], each.unit, each.tick),
    ):
        visit, unit, tick = key
        change(desk.grid.kinds[visit, unit], np.array([each.day for each in group]), tick)


def waiting_beside(plan: CarePlan) -> list[CarePlan]:
    """Return the signed plans of the same site that nobody booked yet, those that begin first."""
    booked = Appointment.objects.filter(
        plan__course=OuterRef("course"), state__in=["booked", "done"]
    )
    rows = CarePlan.objects.filter(
        clinic=plan.clinic_id, person__site=plan.person.site_id, signed_at__isnull=False,
        ended_at=None,
    ).exclude(course=plan.course)  # fmt: skip
    return list(
        rows.exclude(Exists(booked))
        .select_related("person__site")
        .order_by("starts_on", "pk")[:MOST_WAITING]
    )
