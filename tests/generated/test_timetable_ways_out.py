"""Whatever does not fit has a reason and a way out, and the way out, made, is a place."""

# The random generators here plan; they hide nothing.
# ruff: noqa: S311

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overstory.exchange.timetable_json import instance_json
from overstory.exchange.timetable_result import timetable_json
from overstory.pathway.timetable.checker import violations
from overstory.pathway.timetable.explain import made, reason, ways_out
from overstory.pathway.timetable.instance import Course, Free, Instance, Out, Stage
from overstory.pathway.timetable.planning import best_plan, desk_of, first_fit_plan, timetable_of
from tests.generated.timetables import as_booked, instances

slow = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
Trouble = Callable[[Instance, Course], tuple[Instance, Course]]


def _every_day(asked: Instance) -> tuple[Out, ...]:
    first, last = asked.clinic.first_day, asked.clinic.last_day
    return tuple(Out(first + timedelta(days=n)) for n in range((last - first).days + 1))


def no_units(asked: Instance, course: Course) -> tuple[Instance, Course]:
    return replace(asked, places=tuple(replace(each, units=()) for each in asked.places)), course


def units_out(asked: Instance, course: Course) -> tuple[Instance, Course]:
    outs = _every_day(asked)
    places = tuple(
        replace(each, units=tuple(replace(unit, outs=outs) for unit in each.units))
        for each in asked.places
    )
    return replace(asked, places=places), course


def all_on_leave(asked: Instance, course: Course) -> tuple[Instance, Course]:
    outs = _every_day(asked)
    roles = tuple(
        replace(each, people=tuple(replace(one, outs=outs) for one in each.people))
        for each in asked.roles
    )
    return replace(asked, roles=roles), course


def nobody_employed(asked: Instance, course: Course) -> tuple[Instance, Course]:
    return replace(asked, roles=tuple(replace(each, people=()) for each in asked.roles)), course


def one_day_a_week(asked: Instance, course: Course) -> tuple[Instance, Course]:
    return asked, replace(course, free=(Free(2, 480, 960),))


def no_time_at_all(asked: Instance, course: Course) -> tuple[Instance, Course]:
    return asked, replace(course, free=())


def ten_minutes(asked: Instance, course: Course) -> tuple[Instance, Course]:
    return asked, replace(course, free=tuple(Free(day, 600, 610) for day in range(5)))


def closed_throughout(asked: Instance, course: Course) -> tuple[Instance, Course]:
    days = frozenset(each.on for each in _every_day(asked))
    return replace(asked, clinic=replace(asked.clinic, closed=days)), course


def wish_too_late(asked: Instance, course: Course) -> tuple[Instance, Course]:
    return asked, replace(course, wish=asked.clinic.last_day + timedelta(days=30))


def wish_in_the_past(asked: Instance, course: Course) -> tuple[Instance, Course]:
    past = asked.clinic.first_day - timedelta(days=400)
    return asked, replace(course, wish=past, free=(Free(0, 480, 960),))


def gap_too_short(asked: Instance, course: Course) -> tuple[Instance, Course]:
    second: Stage = replace(course.stages[0], least_days=1, most_days=1, least_hours=90)
    return asked, replace(course, stages=(course.stages[0], second))


def far_away(asked: Instance, course: Course) -> tuple[Instance, Course]:
    return asked, replace(course, travel_minutes=700)


def longer_than_a_day(asked: Instance, course: Course) -> tuple[Instance, Course]:
    return replace(
        asked, visits=tuple(replace(each, minutes=each.minutes + 500) for each in asked.visits)
    ), course


def set_up_longer_than_a_day(asked: Instance, course: Course) -> tuple[Instance, Course]:
    visits = tuple(
        replace(each, needs=(replace(each.needs[0], begins=-600), *each.needs[1:]))
        for each in asked.visits
    )
    return replace(asked, visits=visits), course


def weekends(asked: Instance, course: Course) -> tuple[Instance, Course]:
    stage = course.stages[0]
    pattern = tuple((5,) for _ in stage.blocks)
    return asked, replace(course, stages=(replace(stage, patterns=(pattern,)),))


def beyond_the_ratio(asked: Instance, course: Course) -> tuple[Instance, Course]:
    visits = tuple(
        replace(each, needs=each.needs[1:] * 9 + each.needs[:1]) for each in asked.visits
    )
    return replace(asked, visits=visits), course


TROUBLES: tuple[Trouble, ...] = (
    no_units, units_out, all_on_leave, nobody_employed, one_day_a_week, no_time_at_all, ten_minutes,
    closed_throughout, wish_too_late, wish_in_the_past, gap_too_short, far_away, longer_than_a_day,
    set_up_longer_than_a_day, weekends, beyond_the_ratio,
)  # fmt: skip


def wrong_when_made(asked: Instance, course: Course) -> list[str]:
    """
    What the check says of the timetable of a clinic that has only this course to place.

    The plan leaves out what costs more than a course without a place does, such as a start 38 working
    days late at an hour that is not wished for; first-fit takes whatever place there is.
    """
    desk = desk_of(replace(asked, courses=(course,)))
    found = timetable_of(desk, best_plan(desk, rng=Random(0), steps=0))
    if not found.placements:
        found = timetable_of(desk, first_fit_plan(desk))
    if not found.placements:
        return ["it has no place"]
    told = violations(instance_json(desk.instance), timetable_json(found))
    return [f"{each.kind}: {each.says}" for each in told]


def holds(asked: Instance, course: Course) -> None:
    told = reason(asked, course)
    ways = ways_out(asked, course)

    assert told.why.strip()
    assert ways
    assert told.instead == tuple(each.says for each in ways)
    for way in ways:
        assert wrong_when_made(*made(asked, course, way.changes)) == []


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda each: each.__name__)
@slow
@given(asked=instances(most=1), other=st.sampled_from(TROUBLES), both=st.booleans())
def test_an_impossible_course_has_a_way_out_that_is_a_place_once_it_is_made(
    trouble, asked, other, both
):
    broken, course = trouble(replace(asked, courses=()), asked.courses[0])
    if both:
        broken, course = other(broken, course)

    if wrong_when_made(broken, course) == ["it has no place"]:
        holds(broken, course)


@slow
@given(asked=instances(most=5))
def test_a_course_for_which_a_full_clinic_has_no_room_has_one_once_the_way_out_is_made(asked):
    desk = desk_of(asked)
    sessions = timetable_of(desk, best_plan(desk, rng=Random(0), steps=5)).sessions
    full = replace(asked, courses=(), booked=as_booked(sessions))
    like = replace(asked.courses[0], id="one more", person="one more", free=(Free(1, 480, 720),))

    if wrong_when_made(full, like) == ["it has no place"]:
        holds(full, like)
