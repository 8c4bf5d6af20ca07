"""Prices learnt from a bound guide the plan, and the same counts give the same plan."""

# The random generators here plan; they hide nothing.
# ruff: noqa: S311

from __future__ import annotations

import itertools
from random import Random

from overstory.pathway.timetable.guide import Guide
from overstory.pathway.timetable.planning import best_plan, better_plan, desk_of
from overstory.pathway.timetable.pricing import Pricing
from overstory.pathway.timetable.ruin import cost_of
from overstory.pathway.timetable.solving import solve
from tests.unit.timetable import clinics


def crowd(count: int) -> clinics.Instance:
    return clinics.instance(
        *[clinics.course(f"c{n:02}", urgency=(1, 2)[n % 2]) for n in range(count)]
    )


def parts(count: int):
    """What part of the time has passed, by the number of times it was asked."""
    asked = itertools.count()
    return lambda: next(asked) / count


def test_the_same_counts_give_the_same_plan_and_bound():
    one = solve(desk_of(crowd(12)), rng=Random(3), part=parts(300))
    other = solve(desk_of(crowd(12)), rng=Random(3), part=parts(300))

    assert one.plan == other.plan
    assert one.bound.cost == other.bound.cost


def test_what_is_solved_lies_between_the_bound_and_first_fit():
    desk = desk_of(crowd(14))

    found = solve(desk, rng=Random(1), part=parts(400))

    assert found.bound.cost <= cost_of(desk.choices, found.plan)
    assert None not in found.plan


def test_a_plan_that_is_there_never_gets_worse():
    desk = desk_of(crowd(14))
    plan = best_plan(desk, rng=Random(1), steps=20)

    better = better_plan(desk, plan, rng=Random(1), steps=40)

    assert cost_of(desk.choices, better) <= cost_of(desk.choices, plan)


def test_a_price_makes_a_course_leave_a_slot_to_others():
    desk = desk_of(clinics.instance(clinics.course("a", clinics.stage("tms", 5))))
    prices = desk.base.free * 0.0
    prices[0, 0, 6] = 100.0  # the device on the first Monday, from nine to ten past nine

    free = Guide(desk, prices).way(desk.choices[0], desk.base, 0.0)
    paying = Guide(desk, prices).way(desk.choices[0], desk.base, 1.0)

    assert free is not None
    assert paying is not None
    assert free.ticks == (6,)
    assert paying.cost == 1  # ten past nine: one point of misfit
    assert paying.ticks == (7,)


def test_what_a_plan_uses_is_what_is_missing_from_what_is_free():
    desk = desk_of(crowd(5))
    plan = best_plan(desk, rng=Random(1), steps=5)
    used = Pricing(desk.choices, desk.grid).usage(plan)

    # 30 minutes and 10 of turnaround are four steps of the device, three of the technician.
    assert used[0].sum() == 5 * 10 * 4
    assert used[2].sum() == 5 * 10 * 3
