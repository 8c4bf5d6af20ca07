"""A clinic whose requests become known day by day: first-fit against a timetable that is kept up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from benchmarks.timetable.generator import URGENT, Key, courses_of, instance_of
from overstory.pathway.timetable.choices import Choice, put
from overstory.pathway.timetable.instance import LATE_AFTER, UNPLACED_DAYS, Course
from overstory.pathway.timetable.planning import Desk, desk_of
from overstory.pathway.timetable.rolling import Manner, Rolling
from overstory.pathway.timetable.search import earliest

MANNER = Manner()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: late starts, moves for each patient, and the cost."""

    late: int
    moves_per_patient: float
    cost: int


def simulate(key: Key) -> tuple[Outcome, Outcome]:
    """Return what comes of the same requests by first-fit, and by the timetable that is kept up."""
    instance = instance_of(key)
    desk = desk_of(instance)
    expected = _expected(key)
    both = desk_of(replace(instance, courses=(*instance.courses, *expected)))
    return _first_fit(desk), _kept_up(both, {each.id for each in expected}, key)


def _expected(key: Key) -> list[Course]:
    """Urgent courses to be expected, from another seed: what past weeks have taught."""
    instance = instance_of(key)
    rng = Random(f"expected {key.name}")  # noqa: S311
    span = (max(each.wish for each in instance.courses) - instance.clinic.first_day).days + 1
    drawn = courses_of(key.size, span, replace(instance, courses=()), rng)
    most = max(urgency for urgency, _ in URGENT)
    return [
        replace(each, id=f"hold-{each.id}", person="") for each in drawn if each.urgency == most
    ]


def _arrivals(desk: Desk, names: set[str]) -> dict[int, list[int]]:
    """The courses by the open day on which they become known; those from before, on the first."""
    found: dict[int, list[int]] = {}
    for n, choices in enumerate(desk.choices):
        if choices.course.id not in names:
            requested = choices.course.requested
            day = next((i for i, each in enumerate(desk.grid.days) if each >= requested), 0)
            found.setdefault(day, []).append(n)
    return found


def _first_fit(desk: Desk) -> Outcome:
    occupancy = desk.base.copy()
    plan: dict[int, Choice] = {}
    for day, arrived in sorted(_arrivals(desk, set()).items()):
        for n in sorted(arrived, key=lambda n: (desk.choices[n].course.requested, n)):
            choice = earliest(desk.choices[n], occupancy, not_before=day + 1)
            if choice is not None:
                put(desk.choices[n], choice, occupancy)
                plan[n] = choice
    return _outcome(desk, plan, set(), 0)


def _kept_up(desk: Desk, holds: set[str], key: Key) -> Outcome:
    rng = Random(f"rolling {key.name}")  # noqa: S311
    state = Rolling(desk, rng, holds, MANNER)
    arrivals = _arrivals(desk, holds)
    for day in range(max(arrivals) + UNPLACED_DAYS):
        state.day(day, arrivals.get(day, []))
    plan = {n: choice for n, choice in enumerate(state.plan) if choice is not None}
    return _outcome(desk, plan, holds, state.moves)


def _outcome(desk: Desk, plan: dict[int, Choice], holds: set[str], moves: int) -> Outcome:
    late = cost = patients = 0
    for n, choices in enumerate(desk.choices):
        if choices.course.id in holds:
            continue
        patients += 1
        choice = plan.get(n)
        cost += choices.unplaced_cost if choice is None else choice.cost
        limit = LATE_AFTER[choices.course.urgency]
        late += choice is None or choices.stages[0].delay[choice.rows[0]] > limit
    return Outcome(late, moves / patients, cost)
