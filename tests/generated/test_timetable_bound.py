"""The bound of small clinics against the best timetable there is, found by trying them all."""

# The random generators here plan; they hide nothing.
# ruff: noqa: S311

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overstory.pathway.timetable.bound import lower_bound
from overstory.pathway.timetable.choices import Choice, Choices, lift, put
from overstory.pathway.timetable.planning import Desk, best_plan, desk_of
from overstory.pathway.timetable.ruin import cost_of
from tests.unit.timetable import clinics

slow = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def small_clinics(draw: st.DrawFn) -> clinics.Instance:
    """A clinic open for an hour or two, and a few courses that want the same slots."""
    closes = draw(st.integers(58, 66)) * 10
    courses = [
        clinics.course(
            f"c{n}",
            clinics.stage("tms", draw(st.integers(1, 6))),
            urgency=draw(st.sampled_from((1, 2, 4))),
            prefer=draw(st.integers(54, 60)) * 10,
        )
        for n in range(draw(st.integers(1, 3)))
    ]
    return clinics.instance(
        *courses,
        clinic=clinics.clinic(opens=540, closes=closes),
        devices=draw(st.integers(1, 2)),
    )


def all_ways(choices: Choices) -> list[Choice]:
    """Every way of a course of one stage, the cheapest first."""
    stage = choices.stages[0]
    found = [
        Choice(cost + points, (row,), (tick,))
        for row, cost in enumerate(stage.cost)
        for points, bits in choices.levels
        for tick in range(64)
        if bits & int(stage.legal[row]) & (1 << tick)
    ]
    return sorted(found)


def least_cost(desk: Desk) -> int:
    """What the best timetable costs: each way of each course is tried, unless it is too dear already."""
    ways = [all_ways(each) for each in desk.choices]
    occupancy = desk.base.copy()
    best = cost_of(desk.choices, [None] * len(desk.choices))

    def place(n: int, spent: int) -> None:
        nonlocal best
        if spent >= best:
            return
        if n == len(ways):
            best = spent
            return
        for way in ways[n]:
            if spent + way.cost >= best:
                break
            put(desk.choices[n], way, occupancy)
            if (occupancy.free >= 0).all():
                place(n + 1, spent + way.cost)
            lift(desk.choices[n], way, occupancy)
        place(n + 1, spent + desk.choices[n].unplaced_cost)

    place(0, 0)
    return best


@slow
@given(asked=small_clinics(), rounds=st.sampled_from((1, 5, 40, 400)))
def test_the_bound_is_never_above_the_best_timetable_there_is(asked, rounds):
    desk = desk_of(asked)
    best = least_cost(desk)
    plan = best_plan(desk, rng=Random(0), steps=20)

    bound = lower_bound(desk, plan=plan, rounds=rounds)

    assert bound.cost <= best <= cost_of(desk.choices, plan)
