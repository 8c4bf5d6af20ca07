"""The laws of timetables, over invented clinics with holidays, outs and both changes of the clocks."""

# The random generators here plan; they hide nothing.
# ruff: noqa: S311

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overstory.exchange.timetable_json import instance_json, read_instance
from overstory.exchange.timetable_result import read_timetable, timetable_json
from overstory.pathway.timetable.booking import offers
from overstory.pathway.timetable.bound import lower_bound
from overstory.pathway.timetable.checker import violations
from overstory.pathway.timetable.choices import choices_of, put
from overstory.pathway.timetable.explain import reasons
from overstory.pathway.timetable.instance import Instance, Out, Timetable
from overstory.pathway.timetable.planning import (
    best_plan,
    desk_of,
    first_fit_plan,
    timetable_of,
)
from overstory.pathway.timetable.repair import POSTPONED_COUNTS, repair_day
from overstory.pathway.timetable.ruin import cost_of
from overstory.pathway.timetable.sessions import with_units
from tests.generated.timetables import as_booked, instances

slow = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def wrong(asked: Instance, found: Timetable) -> list[str]:
    told = violations(instance_json(asked), timetable_json(found))
    return [f"{each.kind} {each.course}: {each.says}" for each in told]


@slow
@given(asked=instances(), seed=st.integers(0, 9), steps=st.integers(0, 60))
def test_whatever_is_planned_the_check_finds_nothing_wrong(asked, seed, steps):
    desk = desk_of(asked)
    plan = best_plan(desk, rng=Random(seed), steps=steps)

    found = timetable_of(desk, plan, unplaced=reasons(desk, plan))

    assert wrong(asked, found) == []


@slow
@given(asked=instances())
def test_first_fit_is_valid_too_and_never_better_than_the_plan(asked):
    desk = desk_of(asked)
    simple = first_fit_plan(desk)

    found = timetable_of(desk, simple, unplaced=reasons(desk, simple))
    better = best_plan(desk, rng=Random(0), steps=20)

    assert wrong(asked, found) == []
    assert cost_of(desk.choices, better) <= found.cost


@slow
@given(asked=instances(most=5), rounds=st.integers(1, 60))
def test_the_bound_is_at_most_the_cost_of_every_plan(asked, rounds):
    desk = desk_of(asked)
    plans = [best_plan(desk, rng=Random(seed), steps=30) for seed in range(3)]
    plans.append(first_fit_plan(desk))

    bound = lower_bound(desk, plan=plans[0], rounds=rounds)

    assert all(bound.cost <= cost_of(desk.choices, plan) for plan in plans)


@slow
@given(asked=instances(), calls=st.integers(0, 5))
def test_it_stops_when_told_and_gives_its_best_valid_plan(asked, calls):
    desk = desk_of(asked)
    asked_times = []

    def stop() -> bool:
        asked_times.append(1)
        return len(asked_times) > calls

    plan = best_plan(desk, rng=Random(0), steps=1000, stop=stop)

    assert len(asked_times) == calls + 1
    assert wrong(asked, timetable_of(desk, plan, unplaced=reasons(desk, plan))) == []


@slow
@given(asked=instances())
def test_booking_one_after_another_never_books_twice(asked):
    desk = desk_of(replace(asked, courses=()))
    plan = []
    chosen = []
    occupancy = desk.base.copy()
    for course in asked.courses:
        choices = choices_of(
            course=course, instance=asked, templates=desk.templates, base=occupancy
        )
        found = offers(choices, occupancy, most=2)
        plan.append(found[-1].choice if found else None)
        chosen.append(choices)
        if found:
            put(choices, found[-1].choice, occupancy)

    whole = replace(desk, instance=asked, choices=tuple(chosen))

    assert (occupancy.free >= 0).all()
    assert wrong(asked, timetable_of(whole, plan, unplaced=reasons(whole, plan))) == []


@slow
@given(asked=instances())
def test_what_is_booked_stands_and_more_is_planned_around_it(asked):
    desk = desk_of(asked)
    plan = best_plan(desk, rng=Random(0), steps=10)
    booked = as_booked(timetable_of(desk, plan).sessions)
    more = tuple(replace(each, id=f"{each.id}-more") for each in asked.courses)
    second = replace(asked, courses=more, booked=booked)

    full = desk_of(second)
    again = best_plan(full, rng=Random(0), steps=10)

    found = timetable_of(full, again, unplaced=reasons(full, again))
    assert wrong(second, found) == []


@slow
@given(
    asked=instances(), day=st.integers(0, 30), unit=st.integers(0, 9), begins=st.integers(48, 90)
)
def test_a_repaired_day_is_valid_and_changes_no_less_than_the_proven_least(
    asked, day, unit, begins
):
    desk = desk_of(asked)
    sessions = timetable_of(desk, best_plan(desk, rng=Random(0), steps=10)).sessions
    days = sorted({each.on for each in sessions}) or [desk.grid.days[0]]
    on = days[day % len(days)]
    broken = _with_unit_out(asked, unit, on, 10 * begins)

    found = repair_day(instance=broken, sessions=sessions, on=on, effort=0.2)

    postponed = sum(each.start is None for each in found.moves)
    assert found.count == len(found.moves) + (POSTPONED_COUNTS - 1) * postponed
    assert found.least <= found.count
    assert _day_is_valid(broken, found.sessions, on)


def _with_unit_out(asked: Instance, number: int, on: date, begins: int) -> Instance:
    place = asked.places[number % 2]
    unit = place.units[number % len(place.units)]
    out = replace(unit, outs=(*unit.outs, Out(on, begins, 1440)))
    units = tuple(out if each.id == unit.id else each for each in place.units)
    return replace(
        asked,
        places=tuple(
            replace(each, units=units) if each.id == place.id else each for each in asked.places
        ),
    )


def _day_is_valid(asked: Instance, sessions: object, on: date) -> bool:
    """Whether the check finds no fault of places, staff or hours on the day."""
    named = with_units([each for each in sessions if each.on == on], asked)  # type: ignore[attr-defined]
    alone = Timetable((), (), (), tuple(named), cost=0)
    told = violations(instance_json(replace(asked, courses=())), timetable_json(alone))
    return not [
        each for each in told if each.kind in {"unit", "unit-out", "double", "staff", "hours"}
    ]


@slow
@given(asked=instances())
def test_documents_come_back_as_they_were(asked):
    desk = desk_of(asked)
    plan = best_plan(desk, rng=Random(0), steps=5)
    found = timetable_of(desk, plan, unplaced=reasons(desk, plan), bound=0.0)

    assert read_instance(json.dumps(instance_json(asked)), name="x") == asked
    assert read_timetable(json.dumps(timetable_json(found)), name="x") == found


@slow
@given(asked=instances())
def test_wall_time_is_kept_over_both_changes_of_the_clocks(asked):
    desk = desk_of(asked)
    found = timetable_of(desk, best_plan(desk, rng=Random(0), steps=5))
    zone = asked.clinic.tz

    for placement in found.placements:
        for number, stage in enumerate(placement.stages):
            own = [
                each
                for each in found.sessions
                if each.course == placement.course and each.stage == number
            ]
            assert {each.start for each in own} == {stage.slot}
            for each in own:
                midnight = datetime(each.on.year, each.on.month, each.on.day, tzinfo=zone)
                wall = midnight.replace(hour=each.start // 60, minute=each.start % 60)
                assert wall.astimezone(UTC).astimezone(zone).hour * 60 + wall.minute == stage.slot
