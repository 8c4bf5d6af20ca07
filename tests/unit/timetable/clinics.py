"""A small invented clinic and its courses, to be changed by a test."""

# The random generators here plan; they hide nothing.
# ruff: noqa: S311

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

from overstory.exchange.timetable_json import instance_json
from overstory.exchange.timetable_result import timetable_json
from overstory.pathway.timetable.explain import reasons
from overstory.pathway.timetable.instance import (
    Block,
    Clinic,
    Course,
    Free,
    Instance,
    Need,
    Pattern,
    Place,
    Role,
    Shift,
    StaffMember,
    Stage,
    Timetable,
    Unit,
    Visit,
)
from overstory.pathway.timetable.planning import best_plan, desk_of, timetable_of

FIVE = (0, 1, 2, 3, 4)
MONDAY = date(2027, 3, 1)
"""A Monday; the clocks of New York go forward on Sunday, 14 March 2027."""

HOUR = 60


def clinic(**more: Any) -> Clinic:
    made: dict[str, Any] = {
        "id": "small",
        "zone": "America/New_York",
        "first_day": MONDAY,
        "last_day": date(2027, 5, 28),
        "opens": 8 * HOUR,
        "closes": 18 * HOUR,
    }
    return Clinic(**(made | more))


def people(role: str, count: int, *, ends: int = 18 * HOUR) -> tuple[StaffMember, ...]:
    shift = Shift(FIVE, 8 * HOUR, ends)
    return tuple(StaffMember(f"{role}-{n + 1}", (shift,)) for n in range(count))


def place(name: str, count: int) -> Place:
    return Place(name, tuple(Unit(f"{name}-{n + 1}") for n in range(count)))


TMS = Visit("tms", 30, (Need("device", 0, 40), Need("technician", 0, 30)))
INFUSION = Visit(
    "infusion",
    120,
    (Need("chair", -10, 130), Need("nurse", -10, 20), Need("nurse", 20, 120, "watch")),
)


def instance(*courses: Course, devices: int = 1, **more: Any) -> Instance:
    made: dict[str, Any] = {
        "clinic": clinic(),
        "places": (place("device", devices), place("chair", 2)),
        "roles": (
            Role("technician", people("technician", devices)),
            Role("nurse", people("nurse", 2), patients_per_monitor=2),
        ),
        "visits": (TMS, INFUSION),
        "courses": courses,
    }
    return Instance(**(made | more))


def stage(visit: str, sessions: int, *patterns: tuple[int, ...], **more: Any) -> Stage:
    found: tuple[Pattern, ...] = tuple((each,) for each in patterns or (FIVE,))
    return Stage((Block((visit,), sessions),), found, **more)


def free(begins: int = 8 * HOUR, ends: int = 18 * HOUR, *days: int) -> tuple[Free, ...]:
    return tuple(Free(day, begins, ends) for day in days or FIVE)


def course(name: str, *stages: Stage, **more: Any) -> Course:
    made: dict[str, Any] = {
        "id": name,
        "person": f"person-{name}",
        "requested": MONDAY,
        "wish": MONDAY,
        "urgency": 1,
        "prefer": 9 * HOUR,
        "free": free(),
        "stages": stages or (stage("tms", 10),),
    }
    return Course(**(made | more))


def planned(asked: Instance, *, steps: int = 200, bound: float | None = None) -> Timetable:
    desk = desk_of(asked)
    plan = best_plan(desk, rng=Random(1), steps=steps)
    return timetable_of(desk, plan, unplaced=reasons(desk, plan), bound=bound)


def documents(asked: Instance, found: Timetable) -> tuple[dict[str, Any], dict[str, Any]]:
    return instance_json(asked), timetable_json(found)


def without(asked: Instance, name: str) -> Instance:
    """The instance whose place of that name has no units."""
    return replace(
        asked,
        places=tuple(replace(each, units=()) if each.id == name else each for each in asked.places),
    )
