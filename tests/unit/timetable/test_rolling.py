"""A timetable is kept up day by day: all are booked, room is held for the urgent, few are moved."""

# The random generators here plan; they hide nothing.
# ruff: noqa: S311

from __future__ import annotations

from datetime import date
from random import Random

from overstory.pathway.timetable.checker import violations
from overstory.pathway.timetable.planning import desk_of, timetable_of
from overstory.pathway.timetable.rolling import Manner, Rolling
from tests.unit.timetable import clinics


def one_slot(*courses: clinics.Course) -> clinics.Instance:
    """A clinic that can give one visit a day."""
    return clinics.instance(*courses, clinic=clinics.clinic(opens=540, closes=580))


def short(name: str, **more: object) -> clinics.Course:
    return clinics.course(name, clinics.stage("tms", 2), **more)


def started(state: Rolling, n: int) -> date:
    choice = state.plan[n]
    assert choice is not None
    stage = state.desk.choices[n].stages[0]
    return state.desk.grid.days[stage.first[choice.rows[0]]]


def test_a_request_is_booked_on_the_day_it_comes_and_starts_no_sooner_than_the_next():
    state = Rolling(desk_of(one_slot(short("a"))), Random(1))

    state.day(0, [0])

    assert started(state, 0) == date(2027, 3, 2)


def test_room_is_held_for_an_urgent_request_that_is_expected():
    courses = (
        short("routine"),
        short("urgent", urgency=4, wish=date(2027, 3, 2)),
        short("hold", urgency=4, wish=date(2027, 3, 2)),
    )
    held = Rolling(desk_of(one_slot(*courses)), Random(1), {"hold"}, Manner(steps=0))
    unheld = Rolling(desk_of(one_slot(*courses)), Random(1), set(), Manner(steps=0))
    for state in (held, unheld):
        state.day(0, [0])
        if state is held:
            assert state.plan[2] is not None
        state.day(0, [1])

    assert started(held, 1) == date(2027, 3, 2)
    assert started(unheld, 1) == date(2027, 3, 4)


def test_a_hold_that_nobody_asked_for_is_given_up_when_its_day_comes():
    courses = (short("routine"), short("hold", urgency=4, wish=date(2027, 3, 2)))
    state = Rolling(desk_of(one_slot(*courses)), Random(1), {"hold"}, Manner(steps=0))

    state.day(0, [0])
    state.day(1, [])

    assert state.plan[1] is None


def test_who_starts_within_the_notice_is_not_moved():
    courses = (short("routine"), short("urgent", urgency=4, wish=date(2027, 3, 2)))
    state = Rolling(desk_of(one_slot(*courses)), Random(1), (), Manner(steps=50, move_cost=0))

    state.day(0, [0])
    before = state.plan[0]
    state.day(0, [1])

    assert state.plan[0] == before
    assert state.moves == 0


def test_a_move_is_made_only_where_it_gains_more_than_it_costs():
    wish = date(2027, 3, 15)
    courses = (short("routine", wish=wish), short("urgent", urgency=4, wish=wish))
    moved = {}
    for move_cost in (10, 1000):
        state = Rolling(
            desk_of(one_slot(*courses)), Random(1), (), Manner(steps=80, move_cost=move_cost)
        )
        state.day(0, [0])
        state.day(1, [1])
        moved[move_cost] = state.moves

    # The urgent one would wait two days at 40 points each; the routine one at 10.
    assert moved == {10: 1, 1000: 0}


def test_what_is_kept_up_is_a_valid_timetable():
    courses = [
        clinics.course(f"c{n:02}", urgency=(1, 2, 4)[n % 3], wish=date(2027, 3, 1 + n))
        for n in range(12)
    ]
    asked = clinics.instance(*courses)
    state = Rolling(desk_of(asked), Random(1))
    for day in range(14):
        state.day(day, [day] if day < 12 else [])

    found = timetable_of(state.desk, state.plan)

    assert violations(*clinics.documents(asked, found)) == []
    assert (state.occupancy.free >= 0).all()
