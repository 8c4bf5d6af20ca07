"""The bound is below every timetable, and meets the best where the best is found."""

# The random generators here plan; they hide nothing.
# ruff: noqa: S311

from __future__ import annotations

from random import Random

from overstory.pathway.timetable.bound import lower_bound
from overstory.pathway.timetable.instance import Timetable
from overstory.pathway.timetable.planning import best_plan, desk_of
from tests.unit.timetable import clinics


def test_a_clinic_with_room_for_all_is_proven_to_be_planned_best():
    desk = desk_of(clinics.instance(clinics.course("a"), clinics.course("b", prefer=900)))
    plan = best_plan(desk, rng=Random(1), steps=10)

    bound = lower_bound(desk, plan=plan)

    assert bound.cost == 0


def test_two_for_one_slot_are_proven_to_cost_what_they_cost():
    desk = desk_of(clinics.instance(clinics.course("a"), clinics.course("b")))
    plan = best_plan(desk, rng=Random(1), steps=50)

    bound = lower_bound(desk, plan=plan, rounds=300)

    # The visits take 40 minutes each: the nearest pair of slots costs 4; half of each of three
    # slots (a relaxation) costs a little less.
    assert 2 <= bound.cost <= 4


def test_who_cannot_be_placed_is_in_the_bound_with_forty_days():
    lonely = clinics.course("a", free=clinics.free(480, 500), urgency=2)
    desk = desk_of(clinics.instance(lonely))

    bound = lower_bound(desk, plan=[None])

    assert bound.cost == 10 * 2 * 40


def test_a_queue_for_one_slot_a_day_is_bounded_by_its_delays():
    # One slot a day, held for five days by each of three courses: 0, 5 and 10 working days.
    day = clinics.clinic(opens=540, closes=580)
    courses = [clinics.course(f"c{n}", clinics.stage("tms", 5)) for n in range(3)]
    desk = desk_of(clinics.instance(*courses, clinic=day))
    plan = best_plan(desk, rng=Random(1), steps=100)

    bound = lower_bound(desk, plan=plan, rounds=2000)

    assert sum(each.cost for each in plan if each is not None) == 150
    assert bound.cost == 150


def test_a_bound_that_is_stopped_at_once_is_still_a_bound():
    day = clinics.clinic(opens=540, closes=580)
    courses = [clinics.course(f"c{n}", clinics.stage("tms", 5)) for n in range(3)]
    desk = desk_of(clinics.instance(*courses, clinic=day))
    plan = best_plan(desk, rng=Random(1), steps=100)

    bound = lower_bound(desk, plan=plan, stop=lambda: True)

    assert 0 <= bound.cost <= 150
    assert not bound.solved


def test_the_gap_is_told_as_a_share_of_the_bound():
    found = Timetable((), (), (), (), cost=106, bound=100.0)

    assert found.gap == 0.06
    assert Timetable((), (), (), (), cost=106).gap is None
    assert Timetable((), (), (), (), cost=0, bound=0.0).gap == 0.0
