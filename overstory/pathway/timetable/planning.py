"""A whole clinic: from an instance to a timetable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from overstory.pathway.timetable.choices import (
    Choice,
    Choices,
    Templates,
    choices_of,
    placement_of,
    put,
)
from overstory.pathway.timetable.instance import (
    LATE_AFTER,
    Instance,
    InstanceError,
    Placement,
    Session,
    Timetable,
    Unplaced,
)
from overstory.pathway.timetable.occupancy import Grid, Occupancy, grid_of
from overstory.pathway.timetable.persons import kept_apart, refuse_two_courses
from overstory.pathway.timetable.ruin import Guiding, Improver, Plan, cost_of, improve
from overstory.pathway.timetable.search import cheapest, first_fit
from overstory.pathway.timetable.sessions import hold, sessions_of, with_units
from overstory.pathway.timetable.validation import validated
from overstory.pathway.timetable.wishes import freedom

HARD = 8.0
"""A course that could stand at fewer slots of a day than this is placed before others."""


class OverbookedError(InstanceError):
    """What is booked already needs more than there is; the day must be repaired first."""


@dataclass(frozen=True, slots=True)
class Desk:
    """An instance made ready: the grid, what is booked already, and what each course can choose from."""

    instance: Instance
    grid: Grid
    base: Occupancy
    choices: tuple[Choices, ...]
    templates: Templates


def desk_of(instance: Instance) -> Desk:
    """
    Return an instance made ready for planning.

    :raises InstanceError: if it contradicts itself, or two of its courses are of one person.
    :raises OverbookedError: if what is booked already needs more than there is.
    """
    grid = grid_of(validated(instance))
    refuse_two_courses(instance)
    base = Occupancy(grid)
    hold(instance.booked, instance, base)
    _refuse_overbooked(base)
    templates = Templates(grid)
    choices = tuple(
        choices_of(
            course=kept_apart(each, instance), instance=instance, templates=templates, base=base
        )
        for each in instance.courses
    )
    return Desk(instance, grid, base, choices, templates)


def first_fit_plan(desk: Desk) -> Plan:
    """Return where courses stand by first-fit, in the order of the desk."""
    placed = {
        choices.course.id: choice for choices, choice in first_fit(desk.choices, desk.base.copy())
    }
    return [placed[each.course.id] for each in desk.choices]


def first_plan(desk: Desk) -> tuple[Plan, Occupancy]:
    """
    Place courses one after another, each where it is cheapest, in a few orders; return the best.

    The occupancy is that of the plan: what is booked, and what the plan takes.
    """
    free = [freedom(each) for each in desk.choices]
    courses = [each.course for each in desk.choices]
    orders = (
        sorted(range(len(free)), key=lambda n: (-courses[n].urgency, courses[n].wish)),
        sorted(
            range(len(free)), key=lambda n: (free[n] > HARD, -courses[n].urgency, courses[n].wish)
        ),
        sorted(range(len(free)), key=lambda n: (free[n], courses[n].wish)),
    )
    plans = [_placed(desk, order) for order in orders]
    return min(plans, key=lambda each: cost_of(desk.choices, each[0]))


def _placed(desk: Desk, order: Sequence[int]) -> tuple[Plan, Occupancy]:
    occupancy = desk.base.copy()
    plan: Plan = [None] * len(desk.choices)
    for n in order:
        choice = cheapest(desk.choices[n], occupancy)
        if choice is not None and choice.cost < desk.choices[n].unplaced_cost:
            put(desk.choices[n], choice, occupancy)
            plan[n] = choice
    return plan, occupancy


def best_plan(
    desk: Desk,
    *,
    rng: Random,
    steps: int,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int], float] | None = None,
) -> Plan:
    """
    Return the best plan found in so many steps, or before `stop` answers true.

    It is never worse than first-fit. The same generator and number of steps give the same plan.
    `progress` tells how far along a step is; by default its part of `steps`.
    """
    if not desk.choices:
        return []
    improver = Improver(desk.choices, *first_plan(desk), rng)
    improve(improver, steps=steps, stop=stop, progress=progress or (lambda n: n / max(steps, 1)))
    simple = first_fit_plan(desk)
    if cost_of(desk.choices, simple) < improver.best_cost:
        return simple
    return improver.best


def better_plan(
    desk: Desk,
    plan: Plan,
    *,
    rng: Random,
    steps: int,
    guide: Guiding | None = None,
    progress: Callable[[int], float] | None = None,
) -> Plan:
    """
    Return a plan that costs no more than one that is there; a `guide` knows the prices of a bound.

    It ends after so many steps, or when `progress` says that all is past.
    """
    if not desk.choices:
        return []
    occupancy = desk.base.copy()
    for choices, choice in zip(desk.choices, plan, strict=True):
        if choice is not None:
            put(choices, choice, occupancy)
    improver = Improver(desk.choices, plan, occupancy, rng, guide)
    passed = progress or (lambda n: n / max(steps, 1))
    improve(improver, steps=steps, stop=lambda: False, progress=passed)
    return improver.best


def timetable_of(
    desk: Desk,
    plan: Sequence[Choice | None],
    *,
    unplaced: Sequence[Unplaced] = (),
    bound: float | None = None,
) -> Timetable:
    """Return a plan as a timetable: sessions with their units, what is late, and what it costs."""
    placements: list[Placement] = []
    sessions: list[Session] = []
    for choices, choice in zip(desk.choices, plan, strict=True):
        if choice is not None:
            placements.append(placement_of(choices, choice, desk.grid))
            sessions += sessions_of(choices, choice, desk.grid)
    booked = [
        Session(each.course, 0, 0, each.visit, each.on, each.start) for each in desk.instance.booked
    ]
    named = with_units([*booked, *sessions], desk.instance)
    urgency = {each.id: each.urgency for each in desk.instance.courses}
    return Timetable(
        placements=tuple(placements),
        unplaced=tuple(unplaced),
        sessions=tuple(named[len(booked) :]),
        booked=tuple(named[: len(booked)]),
        cost=cost_of(desk.choices, plan),
        bound=bound,
        late=tuple(
            each.course for each in placements if each.delay_days > LATE_AFTER[urgency[each.course]]
        ),
    )


def _refuse_overbooked(base: Occupancy) -> None:
    places = (base.free < 0).nonzero()
    if len(places[0]):
        pool, day, tick = (int(each[0]) for each in places)
        clinic = base.grid.clinic
        minute = clinic.opens + tick * clinic.grid_minutes
        raise OverbookedError(
            f"{base.grid.days[day]} {minute // 60:02}:{minute % 60:02}: what is booked needs more of "
            f"{base.grid.pools[pool]} than there is; repair that day first"
        )
