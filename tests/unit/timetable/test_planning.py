"""A whole clinic is planned: urgency first, standing slots, on time, and the same for the same seed."""

# The random generators here plan; they hide nothing.
# ruff: noqa: S311

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from random import Random

import pytest

from overstory.pathway.timetable.checker import violations
from overstory.pathway.timetable.instance import Booked, InstanceError, Need, Out, Unit, Visit
from overstory.pathway.timetable.planning import (
    OverbookedError,
    best_plan,
    desk_of,
    first_fit_plan,
    timetable_of,
)
from tests.unit.timetable import clinics


def crowd(count: int) -> list[clinics.Course]:
    """Courses that all want nine o'clock on the first day, on one device."""
    return [clinics.course(f"c{n:02}") for n in range(count)]


def test_everyone_gets_the_hour_wished_for_where_there_is_room():
    asked = clinics.instance(clinics.course("a", prefer=540), clinics.course("b", prefer=900))

    found = clinics.planned(asked)

    assert [each.stages[0].slot for each in found.placements] == [540, 900]
    assert found.cost == 0


def test_two_who_want_the_same_slot_stand_side_by_side_and_cost_what_the_nearest_costs():
    found = clinics.planned(clinics.instance(*crowd(2)))

    # One device, 40 minutes a visit: 40 minutes from nine, a point for each whole ten minutes.
    assert found.cost == 4
    assert {each.delay_days for each in found.placements} == {0}


def test_the_urgent_go_first_when_not_all_can_start():
    day = clinics.clinic(opens=540, closes=580)
    asked = clinics.instance(
        clinics.course("routine", free=clinics.free(540, 580)),
        clinics.course("urgent", urgency=4, free=clinics.free(540, 580)),
        clinic=day,
        roles=(
            clinics.Role("technician", clinics.people("technician", 1)),
            clinics.Role("nurse", clinics.people("nurse", 1)),
        ),
    )

    found = clinics.planned(asked)

    delays = {each.course: each.delay_days for each in found.placements}
    assert delays == {"urgent": 0, "routine": 10}  # a course is ten weekdays long
    assert found.cost == 10 * 10
    assert found.late == ()


def test_a_start_more_than_ten_working_days_after_the_wish_is_late():
    day = clinics.clinic(opens=540, closes=580)
    asked = clinics.instance(
        clinics.course("a", clinics.stage("tms", 11)),
        clinics.course("b", clinics.stage("tms", 11)),
        clinic=day,
    )

    assert len(clinics.planned(asked).late) == 1


def test_every_session_of_a_course_keeps_its_standing_slot_over_the_change_of_the_clocks():
    found = clinics.planned(clinics.instance(clinics.course("a", clinics.stage("tms", 20))))

    assert {each.on for each in found.sessions} >= {date(2027, 3, 12), date(2027, 3, 15)}
    assert {each.start for each in found.sessions} == {540}


def test_a_course_keeps_its_chair():
    course = clinics.course("a", clinics.stage("infusion", 6, (0, 3), min_gap_days=2))

    found = clinics.planned(clinics.instance(course))

    assert len({each.units for each in found.sessions}) == 1


def test_the_same_seed_and_steps_give_the_same_plan():
    desk = desk_of(clinics.instance(*crowd(12), devices=1))

    one = best_plan(desk, rng=Random(7), steps=60)
    other = best_plan(desk, rng=Random(7), steps=60)

    assert one == other


def test_it_stops_when_it_is_told_to_and_what_it_gives_is_valid():
    asked = clinics.instance(*crowd(25))
    desk = desk_of(asked)
    calls = []

    def stop() -> bool:
        calls.append(1)
        return len(calls) > 3

    plan = best_plan(desk, rng=Random(1), steps=10_000, stop=stop)
    found = timetable_of(desk, plan)

    assert len(calls) == 4
    assert all(each is not None for each in plan)
    assert violations(*clinics.documents(asked, found)) == []


def test_stopped_before_the_first_step_it_still_has_a_plan():
    desk = desk_of(clinics.instance(*crowd(3)))

    assert None not in best_plan(desk, rng=Random(1), steps=100, stop=lambda: True)


def test_more_steps_never_cost_more_than_first_fit():
    desk = desk_of(clinics.instance(*crowd(20)))

    simple = sum(each.cost for each in first_fit_plan(desk) if each is not None)
    better = sum(each.cost for each in best_plan(desk, rng=Random(1), steps=5) if each is not None)

    assert better <= simple


def test_first_fit_takes_the_first_slot_of_the_earliest_day_by_date_of_request():
    early = clinics.course("z", requested=date(2027, 2, 1), prefer=900)
    late = clinics.course("a", requested=date(2027, 2, 2), prefer=900)
    desk = desk_of(clinics.instance(late, early))

    plan = first_fit_plan(desk)

    assert [each.ticks for each in plan if each is not None] == [(4,), (0,)]


def test_what_is_booked_is_planned_around():
    booked = tuple(Booked("old", "tms", date(2027, 3, day), 9 * 60) for day in (1, 2, 3, 4, 5))
    asked = clinics.instance(clinics.course("a", clinics.stage("tms", 5)), booked=booked)

    found = clinics.planned(asked)

    assert found.placements[0].stages[0].slot in (8 * 60 + 20, 9 * 60 + 40)
    assert violations(*clinics.documents(asked, found)) == []


def test_a_booked_session_off_the_grid_blocks_every_step_that_it_touches():
    booked = tuple(Booked("old", "tms", date(2027, 3, day), 9 * 60 + 45) for day in (1, 2, 3, 4, 5))
    asked = clinics.instance(clinics.course("a", clinics.stage("tms", 5)), booked=booked)

    found = clinics.planned(asked)

    assert found.placements[0].stages[0].slot == 9 * 60
    assert violations(*clinics.documents(asked, found)) == []


def test_a_clinic_that_is_overbooked_is_refused_with_the_day_and_the_time():
    twice = (
        Booked("one", "tms", date(2027, 3, 1), 540),
        Booked("two", "tms", date(2027, 3, 1), 560),
    )

    with pytest.raises(OverbookedError, match=r"2027-03-01 09:20.*device"):
        desk_of(clinics.instance(booked=twice))


def test_a_day_for_an_intensive_course_leaves_the_device_free_between_its_runs():
    runs = Visit(
        "runs",
        310,
        tuple(Need("device", 60 * n, 60 * n + 10) for n in range(6)),
    )
    asked = clinics.instance(
        clinics.course("runs", clinics.stage("runs", 5), prefer=480, urgency=4),
        clinics.course("a", clinics.stage("tms", 5), prefer=490),
        visits=(clinics.TMS, clinics.INFUSION, runs),
    )

    found = clinics.planned(asked)

    assert [each.stages[0].slot for each in found.placements] == [480, 490]
    assert violations(*clinics.documents(asked, found)) == []


def test_devices_that_are_out_at_different_hours_never_break_a_session_in_two():
    device = clinics.place("device", 2)
    outs = (Out(date(2027, 3, 1), 480, 600), Out(date(2027, 3, 1), 840, 1080))
    units = tuple(Unit(each.id, (out,)) for each, out in zip(device.units, outs, strict=True))
    courses = [
        clinics.course(f"c{n}", clinics.stage("tms", 1), prefer=540 + 40 * n) for n in range(8)
    ]
    asked = clinics.instance(*courses, devices=2)
    asked = replace(asked, places=(replace(device, units=units), asked.places[1]))

    found = clinics.planned(asked)

    assert violations(*clinics.documents(asked, found)) == []


def _backwards(asked: clinics.Instance) -> clinics.Instance:
    return replace(asked, clinic=replace(asked.clinic, opens=1080, closes=480))


def _fine_grid(asked: clinics.Instance) -> clinics.Instance:
    return replace(asked, clinic=replace(asked.clinic, grid_minutes=5))


def _no_zone(asked: clinics.Instance) -> clinics.Instance:
    return replace(asked, clinic=replace(asked.clinic, zone="Mars/Olympus"))


def _unknown_visit(asked: clinics.Instance) -> clinics.Instance:
    return replace(asked, courses=(clinics.course("a", clinics.stage("ect", 3)),))


def _close_pattern(asked: clinics.Instance) -> clinics.Instance:
    close = clinics.stage("infusion", 3, (0, 1), min_gap_days=2)
    return replace(asked, courses=(clinics.course("a", close),))


def _odd_urgency(asked: clinics.Instance) -> clinics.Instance:
    return replace(asked, courses=(clinics.course("a", urgency=3),))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_backwards, "opens before it closes"),
        (_fine_grid, "use a coarser grid"),
        (_no_zone, "no time zone is named 'Mars/Olympus'"),
        (_unknown_visit, "no visit is named 'ect'"),
        (_close_pattern, "keep the gap"),
        (_odd_urgency, "urgency is one of 1, 2, 4"),
    ],
)
def test_an_instance_that_contradicts_itself_is_refused_in_words(
    spoil: Callable[[clinics.Instance], clinics.Instance], says: str
):
    with pytest.raises(InstanceError, match=says):
        desk_of(spoil(clinics.instance()))
