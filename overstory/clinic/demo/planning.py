"""When the courses of the invented clinic begin and at what time of day: planned by the timetable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import groupby
from typing import cast

from overstory.clinic.booking.models import Resource
from overstory.clinic.demo.choosing import Chosen
from overstory.clinic.demo.house import HOURS, ON_SHIFT, STAFF
from overstory.clinic.demo.world import World
from overstory.clinic.people.clinics import Site
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.shapes.rules import TreatmentId
from overstory.pathway.intake import person as person_facts
from overstory.pathway.plan import PlanWish, propose
from overstory.pathway.planning.open_days import site_days, usual_days
from overstory.pathway.planning.refusals import PlanRefusedError
from overstory.pathway.planning.values import Session
from overstory.pathway.timetable.instance import (
    Block,
    Clinic,
    Course,
    Free,
    Instance,
    Need,
    Pattern,
    Place,
    Role,
    Shift,
    StaffMember,
    Stage,
    Unit,
    Visit,
)
from overstory.pathway.timetable.planning import best_plan, desk_of, timetable_of

STEPS = 400
"""So many steps the plan is improved; the same number gives the same plan."""
GRID_MINUTES = 10
AHEAD_WEEKS = 14
EVERY_DAY = tuple(range(5))
RHYTHMS: Mapping[int, tuple[tuple[int, ...], ...]] = {
    5: (EVERY_DAY, EVERY_DAY), 4: ((0, 1, 3, 4), (0, 1, 3, 4)), 3: ((0, 2, 4), (0, 2, 4)),
    2: ((0, 3), (1, 4)), 1: ((0,), (1,)),
}  # fmt: skip
"""For so many sessions a week, the weekdays: of who begins on a Monday, and on a Tuesday."""
KINDS = {"tms": ("tms-device", "technician")}
CHAIR = ("chair", "nurse")
WORKDAYS = ((8, 18), (8, 12), (13, 18), (8, 18), (8, 14))
"""From when until when people can come, by the clock; one after the other."""
PREFERS = (9, 10, 13, 15, 8, 11, 14, 16)


@dataclass(frozen=True, slots=True)
class Coming:
    """Who is to be placed: a word, what for, how many days from the base they could begin, and where."""

    what: str
    treatment: str
    days: int
    site: Site


@dataclass(frozen=True, slots=True)
class Slot:
    """What the timetable gave a course: its first day, its time of day, and its units by kind of place."""

    start: date
    at: time
    units: Mapping[str, str]


def slots(world: World, coming: Sequence[Coming], known: Mapping[str, Chosen]) -> dict[str, Slot]:
    """Return when each course begins, by its word; none for one that found no place."""
    shapes = {each.treatment: each for each in coming}
    laid = {
        name: _sessions(world, name, known[each.what]) for name, each in shapes.items()
    }  # fmt: skip
    found: dict[str, Slot] = {}
    for site in world.sites:
        here = [each for each in coming if each.site == site]
        if here:
            found |= _planned(world, site, here, laid)
    return found


def can_be_planned(world: World, treatment: str, one: Chosen) -> bool:
    """Return whether there is a plan of a treatment for someone."""
    try:
        _sessions(world, treatment, one)
    except PlanRefusedError:
        return False
    return True


def _planned(
    world: World, site: Site, here: Sequence[Coming], laid: Mapping[str, Sequence[Session]]
) -> dict[str, Slot]:
    visits = {
        session.treatment: _visit(session)
        for each in here
        for session in sorted(laid[each.treatment], key=lambda one: -one.n)
    }
    courses = tuple(_course(world, n, each, laid[each.treatment]) for n, each in enumerate(here))
    first = min(each.wish for each in courses)
    instance = Instance(
        clinic=_clinic(site, first),
        places=_places(site),
        roles=_roles(world, site),
        visits=tuple(visits.values()),
        courses=courses,
    )
    desk = desk_of(instance)
    plan = best_plan(desk, rng=world.random("timetable", site.slug), steps=STEPS)
    made = timetable_of(desk, plan)
    kinds = {each.id: each.needs[0].of for each in instance.visits}
    units = {
        (each.course, kinds[each.visit]): each.units[0]
        for each in reversed(made.sessions)
        if each.units
    }
    return {
        each.course: Slot(
            each.stages[0].start,
            time(*divmod(each.stages[-1].slot, 60)),
            {kind: unit for (course, kind), unit in units.items() if course == each.course},
        )
        for each in made.placements
    }


def _sessions(world: World, treatment: str, one: Chosen) -> Sequence[Session]:
    """Return the sessions of a course from a Monday on, with no day closed: its rhythm and minutes."""
    knowledge, at = load_knowledge(), world.base + timedelta(hours=18)
    facts = person_facts(
        given=dict(one.given), trials=list(one.trials), at=at, knowledge=knowledge,
        trials_are_whole=True,
    )  # fmt: skip
    monday = at.date() + timedelta(days=7 - at.weekday())
    wish = PlanWish(
        treatment=cast("TreatmentId", treatment), start=monday,
        days=site_days(jurisdiction="US", closed=()),
    )  # fmt: skip
    return propose(patient="shape", facts=facts, knowledge=knowledge, wish=wish).sessions


def _visit(session: Session) -> Visit:
    place, role = KINDS.get(session.treatment, CHAIR)
    minutes = session.minutes.chair
    needs = (Need(place, 0, minutes), Need(role, 0, minutes))
    return Visit(session.treatment, minutes, needs)


def _course(world: World, n: int, each: Coming, sessions: Sequence[Session]) -> Course:
    wish = (world.base + timedelta(days=each.days)).date()
    begins, ends = WORKDAYS[n % len(WORKDAYS)]
    return Course(
        id=each.what,
        person=each.what,
        requested=wish - timedelta(days=5),
        wish=wish,
        urgency=1,
        prefer=60 * min(max(PREFERS[n % len(PREFERS)], begins), ends - 2),
        free=tuple(Free(day, 60 * begins, 60 * ends) for day in EVERY_DAY),
        stages=tuple(
            _stage(list(own)) for _, own in groupby(sessions, key=lambda one: one.treatment)
        ),
    )


def _stage(sessions: Sequence[Session]) -> Stage:
    """Return a stage: so many sessions a week, as the weeks of the plan have them."""
    weeks = [len(list(own)) for _, own in groupby(sessions, key=_week)]
    counts = [(count, len(list(own))) for count, own in groupby(weeks)]
    blocks = tuple(Block((sessions[0].treatment,), count * weeks) for count, weeks in counts)
    patterns: list[Pattern] = [
        tuple(RHYTHMS[count][which] for count, _ in counts) for which in (0, 1)
    ]
    return Stage(
        blocks=blocks,
        patterns=tuple(dict.fromkeys(patterns)),
        min_gap_days=1 if weeks[0] > 3 else 2,
        least_hours=24,
    )


def _week(session: Session) -> date:
    return session.date - timedelta(days=session.date.weekday())


def _clinic(site: Site, first: date) -> Clinic:
    opens, closes = HOURS[0]
    last = first + timedelta(weeks=AHEAD_WEEKS)
    closed = frozenset(
        each for each in usual_days(jurisdiction="US", start=first).closed if first <= each <= last
    )
    return Clinic(
        site.slug, site.time_zone, first, last, opens.hour * 60, closes.hour * 60, GRID_MINUTES,
        closed=closed,
    )  # fmt: skip


def _places(site: Site) -> tuple[Place, ...]:
    rows = Resource.objects.filter(site=site, retired_at=None).order_by("kind", "name")
    return tuple(
        Place(kind, tuple(Unit(each.name) for each in own))
        for kind, own in groupby(rows, key=lambda row: row.kind)
    )


def _roles(world: World, site: Site) -> tuple[Role, ...]:
    place = world.sites.index(site)
    found: Iterable[str] = ("technician", "nurse")
    return tuple(
        Role(
            role,
            tuple(
                StaffMember(f"{word}{place}", (_shift(word),))
                for word, at, _, _ in STAFF
                if at == place and word.startswith(role)
            ),
        )
        for role in found
    )


def _shift(word: str) -> Shift:
    first, last = ON_SHIFT[word]
    return Shift(EVERY_DAY, first * 60, last * 60)
