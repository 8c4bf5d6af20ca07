"""The independent check finds every fault that is made in a valid timetable, with who, what and when."""

# The random generators here plan; they hide nothing.
# ruff: noqa: S311

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from overstory.exchange.timetable_json import instance_json
from overstory.exchange.timetable_result import timetable_json
from overstory.pathway.timetable.checker import Violation, violations
from overstory.pathway.timetable.explain import reasons
from overstory.pathway.timetable.planning import best_plan, desk_of, timetable_of
from tests.generated.timetables import instances

Document = dict[str, Any]
Mutation = Callable[[Document, Document, Random], set[str]]
"""It makes a fault and gives back of which kinds one must be found; none where there is no such fault."""

slow = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def minute(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def any_session(timetable: Document, rng: Random) -> Document:
    found: Document = rng.choice(timetable["sessions"])
    return found


def visit_of(instance: Document, session: Document) -> Document:
    found: Document = next(each for each in instance["visits"] if each["id"] == session["visit"])
    return found


def moved_a_step(_: Document, timetable: Document, rng: Random) -> set[str]:
    session = any_session(timetable, rng)
    session["start"] = clock(minute(session["start"]) + 10)
    return {"slot"}


def moved_off_the_grid_and_marked(_: Document, timetable: Document, rng: Random) -> set[str]:
    session = any_session(timetable, rng)
    session.update(start="05:00", moved=True)
    return {"hours"}


def moved_a_week(_: Document, timetable: Document, rng: Random) -> set[str]:
    session = any_session(timetable, rng)
    later = date.fromisoformat(session["on"]) + timedelta(days=7 * rng.choice((-1, 1)))
    session["on"] = later.isoformat()
    own = [each for each in timetable["sessions"] if each["course"] == session["course"]]
    if len(own) == 1:
        return {"start"}
    return {"order", "pattern", "start", "gap", "stage-gap", "before-wish", "closed-day", "away"}


def moved_a_day(_: Document, timetable: Document, rng: Random) -> set[str]:
    session = any_session(timetable, rng)
    later = date.fromisoformat(session["on"]) + timedelta(days=rng.choice((-1, 1)))
    session["on"] = later.isoformat()
    return {"order", "pattern", "start", "gap", "stage-gap", "before-wish", "closed-day", "away"}


def on_a_holiday(instance: Document, timetable: Document, rng: Random) -> set[str]:
    instance["clinic"]["closed"].append(any_session(timetable, rng)["on"])
    return {"closed-day"}


def after_the_end(instance: Document, timetable: Document, rng: Random) -> set[str]:
    session = any_session(timetable, rng)
    last = date.fromisoformat(instance["clinic"]["last_day"])
    session.update(on=(last + timedelta(days=1)).isoformat(), moved=True)
    return {"closed-day"}


def away(instance: Document, timetable: Document, rng: Random) -> set[str]:
    session = any_session(timetable, rng)
    course = next(each for each in instance["courses"] if each["id"] == session["course"])
    course["away"].append(session["on"])
    return {"away"}


def unit_of_another_place(instance: Document, timetable: Document, rng: Random) -> set[str]:
    session = any_session(timetable, rng)
    others = [unit["id"] for place in instance["places"] for unit in place["units"]]
    wrong = [each for each in others if each not in session["units"]]
    other = next((each for each in wrong if each[0] != session["units"][0][0]), "nothing")
    session["units"][0] = other
    return {"unit"}


def no_unit(_: Document, timetable: Document, rng: Random) -> set[str]:
    any_session(timetable, rng)["units"] = []
    return {"unit"}


def two_in_one_chair(_: Document, timetable: Document, rng: Random) -> set[str]:
    pairs = [
        (one, other)
        for one in timetable["sessions"]
        for other in timetable["sessions"]
        if one["course"] < other["course"] and one["units"][0][0] == other["units"][0][0]
    ]
    if not pairs:
        return set()
    one, other = rng.choice(pairs)
    other.update(on=one["on"], start=one["start"], units=list(one["units"]), moved=True)
    return {"double"}


def unit_out(instance: Document, timetable: Document, rng: Random) -> set[str]:
    session = any_session(timetable, rng)
    units = [unit for place in instance["places"] for unit in place["units"]]
    unit = next(each for each in units if each["id"] == session["units"][0])
    begins = minute(session["start"])
    unit["outs"].append(
        {"on": session["on"], "from": clock(begins + 9), "until": clock(begins + 10)}
    )
    return {"unit-out"}


def nobody_at_work(instance: Document, timetable: Document, rng: Random) -> set[str]:
    session = any_session(timetable, rng)
    roles = {each["id"]: each for each in instance["roles"]}
    needs = [each for each in visit_of(instance, session)["needs"] if each["of"] in roles]
    if not needs:
        return set()
    need = rng.choice(needs)
    begins = minute(session["start"]) + need["from"]
    last = minute(session["start"]) + need["until"] - 1
    at = rng.choice((begins, last, (begins + last) // 2))
    for person in roles[need["of"]]["people"]:
        person["outs"].append({"on": session["on"], "from": clock(at), "until": clock(at + 1)})
    return {"staff"}


def beyond_the_ratio(instance: Document, timetable: Document, rng: Random) -> set[str]:
    watched = [each for each in timetable["sessions"] if each["visit"] == "infusion"]
    if not watched:
        return set()
    session = rng.choice(watched)
    role = next(each for each in instance["roles"] if each["id"] == "nurse")
    many = role["patients_per_monitor"] * len(role["people"])
    visit_of(instance, session)["needs"] += [
        {"of": "nurse", "from": 60, "until": 70, "how": "watch"} for _ in range(many)
    ]
    return {"staff"}


def shift_ends_before(instance: Document, timetable: Document, rng: Random) -> set[str]:
    session = any_session(timetable, rng)
    roles = {each["id"]: each for each in instance["roles"]}
    needs = [each for each in visit_of(instance, session)["needs"] if each["of"] in roles]
    if not needs:
        return set()
    ends = minute(session["start"]) + max(each["until"] for each in needs)
    for person in roles[needs[-1]["of"]]["people"]:
        for shift in person["shifts"]:
            shift["until"] = min(shift["until"], clock(ends - 10))
    return {"staff"}


def chair_handed_over(instance: Document, timetable: Document, rng: Random) -> set[str]:
    session = any_session(timetable, rng)
    visit = visit_of(instance, session)
    need = visit["needs"][0]
    place = next(each for each in instance["places"] if each["id"] == need["of"])
    place["units"] += [{"id": "spare", "outs": []}]
    visit["needs"].insert(1, dict(need, **{"from": 10}))
    need["until"] = 10
    for each in timetable["sessions"]:
        if each["visit"] == visit["id"]:
            each["units"] = [each["units"][0], *each["units"]]
    session["units"][1] = "spare"
    return {"handed-over"}


def wrong_pattern(instance: Document, timetable: Document, rng: Random) -> set[str]:
    place = rng.choice(timetable["courses"])
    course = next(each for each in instance["courses"] if each["id"] == place["course"])
    place["stages"][0]["pattern"] = len(course["stages"][0]["patterns"])
    return {"stages"}


def missing(_: Document, timetable: Document, rng: Random) -> set[str]:
    timetable["sessions"].remove(any_session(timetable, rng))
    return {"sessions", "unplaced"}


def extra(_: Document, timetable: Document, rng: Random) -> set[str]:
    timetable["sessions"].append(dict(any_session(timetable, rng)))
    return {"sessions"}


def one_more(_: Document, timetable: Document, rng: Random) -> set[str]:
    timetable["sessions"].append(dict(any_session(timetable, rng), n=99))
    return {"sessions"}


def of_nobody(_: Document, timetable: Document, rng: Random) -> set[str]:
    any_session(timetable, rng)["course"] = "nobody"
    return {"unknown"}


def stages_swapped(_: Document, timetable: Document, rng: Random) -> set[str]:
    two = [each["course"] for each in timetable["courses"] if len(each["stages"]) == 2]
    if not two:
        return set()
    name = rng.choice(two)
    own = [each for each in timetable["sessions"] if each["course"] == name]
    if len(own) < 2:
        return set()
    days = [each["on"] for each in own]
    for each, day in zip(own, reversed(days), strict=True):
        each.update(on=day, moved=True)
    return {"order"}


def a_day_without_24_hours(instance: Document, timetable: Document, rng: Random) -> set[str]:
    """The 24 hours between the ketamine and the TMS of a combined course (row CMB_06) are not kept."""
    two = [each["course"] for each in timetable["courses"] if len(each["stages"]) == 2]
    if not two:
        return set()
    name = rng.choice(two)
    own = [each for each in timetable["sessions"] if each["course"] == name]
    last = [each for each in own if each["stage"] == 0][-1]
    first = next(each for each in own if each["stage"] == 1)
    ended = minute(last["start"]) + visit_of(instance, last)["minutes"]
    next_day = date.fromisoformat(last["on"]) + timedelta(days=1)
    first.update(on=next_day.isoformat(), start=clock(ended - 1), moved=True)
    for course in instance["courses"]:
        if course["id"] == first["course"]:
            course["stages"][1]["least_days"] = 1
    return {"stage-gap"}


def one_person_twice_a_day(instance: Document, timetable: Document, rng: Random) -> set[str]:
    by_day: dict[str, list[str]] = {}
    for each in timetable["sessions"]:
        by_day.setdefault(each["on"], []).append(each["course"])
    busy = [names for _, names in sorted(by_day.items()) if len(set(names)) > 1]
    if not busy:
        return set()
    names = rng.choice(busy)
    for course in instance["courses"]:
        if course["id"] in names:
            course["person"] = "one person"
    return {"person"}


def standing_twice(_: Document, timetable: Document, rng: Random) -> set[str]:
    timetable["courses"].append(dict(rng.choice(timetable["courses"])))
    return {"twice"}


def a_false_gap(_: Document, timetable: Document, rng: Random) -> set[str]:
    timetable["gap"] = rng.choice((0.5, -0.1))
    return {"gap"}


MUTATIONS: tuple[Mutation, ...] = (
    moved_a_step, moved_off_the_grid_and_marked, moved_a_week, moved_a_day, on_a_holiday,
    after_the_end, away, unit_of_another_place, no_unit, two_in_one_chair, unit_out, nobody_at_work,
    beyond_the_ratio, shift_ends_before, chair_handed_over, wrong_pattern, missing, extra, one_more,
    of_nobody, stages_swapped, a_day_without_24_hours, one_person_twice_a_day, standing_twice,
    a_false_gap,
)  # fmt: skip

SAYS_WHEN = {"unit", "unit-out", "double", "staff", "hours", "slot", "gap", "order", "closed-day"}


def told_whole(found: Violation) -> bool:
    """Whether it names who, and for what is of one session, also the day."""
    if found.kind == "gap" and not found.course:
        return True
    return bool(found.course) and (found.kind not in SAYS_WHEN or "202" in found.says)


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda each: each.__name__)
@slow
@given(asked=instances(most=5), seed=st.integers(0, 99))
def test_a_fault_that_is_made_is_found_and_told(mutate, asked, seed):
    desk = desk_of(asked)
    plan = best_plan(desk, rng=Random(0), steps=5)
    found = timetable_of(desk, plan, unplaced=reasons(desk, plan), bound=0.0)
    assume(found.sessions)
    instance, timetable = copy.deepcopy((instance_json(asked), timetable_json(found)))

    wanted = mutate(instance, timetable, Random(seed))

    assume(wanted)
    told = violations(instance, timetable)
    assert wanted & {each.kind for each in told}
    assert all(told_whole(each) for each in told if each.kind in wanted)


@slow
@given(asked=instances(most=3))
def test_a_timetable_of_another_clinic_never_ends_the_check(asked):
    desk = desk_of(asked)
    found = timetable_of(desk, best_plan(desk, rng=Random(0), steps=2))
    other = replace(asked, courses=asked.courses[:1], visits=asked.visits[:2])
    courses = tuple(each for each in other.courses if "infusion" not in str(each.stages))

    told = violations(instance_json(replace(other, courses=courses)), timetable_json(found))

    assert isinstance(told, list)
