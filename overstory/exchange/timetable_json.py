"""Instances and timetables as JSON: `overstory.timetable-instance/1` and `overstory.timetable/1`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

import msgspec

from overstory.exchange.clock_times import Clock, clock, decoded
from overstory.exchange.records import InputError
from overstory.pathway.timetable.instance import (
    DAY_MINUTES,
    Block,
    Booked,
    Clinic,
    Course,
    Free,
    Instance,
    InstanceError,
    Need,
    Out,
    Place,
    Role,
    Shift,
    StaffMember,
    Stage,
    Unit,
    Visit,
)
from overstory.pathway.timetable.validation import validated

INSTANCE = "overstory.timetable-instance/1"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class _Out(_Part, frozen=True, forbid_unknown_fields=True, rename={"begins": "from"}):
    on: date
    begins: Clock = Clock(0)
    until: Clock = Clock(DAY_MINUTES)


class _Unit(_Part, frozen=True, forbid_unknown_fields=True):
    id: str
    outs: tuple[_Out, ...] = ()


class _Place(_Part, frozen=True, forbid_unknown_fields=True):
    id: str
    units: tuple[_Unit, ...]


class _Shift(_Part, frozen=True, forbid_unknown_fields=True, rename={"begins": "from"}):
    weekdays: tuple[Weekday, ...]
    begins: Clock
    until: Clock


class _Person(_Part, frozen=True, forbid_unknown_fields=True):
    id: str
    shifts: tuple[_Shift, ...]
    outs: tuple[_Out, ...] = ()


class _Role(_Part, frozen=True, forbid_unknown_fields=True):
    id: str
    people: tuple[_Person, ...]
    patients_per_monitor: int = 1


class _Need(_Part, frozen=True, forbid_unknown_fields=True, rename={"begins": "from"}):
    of: str
    begins: int
    until: int
    how: Literal["whole", "watch"] = "whole"


class _Visit(_Part, frozen=True, forbid_unknown_fields=True):
    id: str
    minutes: int
    needs: tuple[_Need, ...]


class _Block(_Part, frozen=True, forbid_unknown_fields=True):
    visits: tuple[str, ...]
    sessions: int


class _Stage(_Part, frozen=True, forbid_unknown_fields=True):
    blocks: tuple[_Block, ...]
    patterns: tuple[tuple[tuple[Weekday, ...], ...], ...]
    min_gap_days: int = 1
    least_days: int = 1
    most_days: int = 14
    least_hours: int = 0


class _Free(_Part, frozen=True, forbid_unknown_fields=True, rename={"begins": "from"}):
    weekday: Weekday
    begins: Clock
    until: Clock


class _Course(_Part, frozen=True, forbid_unknown_fields=True):
    id: str
    person: str
    requested: date
    wish: date
    urgency: int
    prefer: Clock
    free: tuple[_Free, ...]
    stages: tuple[_Stage, ...]
    away: tuple[date, ...] = ()
    travel_minutes: int = 0


class _Booked(_Part, frozen=True, forbid_unknown_fields=True):
    course: str
    visit: str
    on: date
    start: Clock
    person: str = ""


class _Clinic(_Part, frozen=True, forbid_unknown_fields=True):
    id: str
    zone: str
    first_day: date
    last_day: date
    opens: Clock
    closes: Clock
    grid_minutes: int
    weekdays: tuple[Weekday, ...]
    closed: tuple[date, ...] = ()


class _Instance(_Part, frozen=True, forbid_unknown_fields=True):
    schema: Literal["overstory.timetable-instance/1"]
    clinic: _Clinic
    places: tuple[_Place, ...]
    roles: tuple[_Role, ...]
    visits: tuple[_Visit, ...]
    courses: tuple[_Course, ...]
    booked: tuple[_Booked, ...] = ()


def read_instance(content: bytes | str, *, name: str) -> Instance:
    """
    Return the instance that a JSON document holds.

    :raises InputError: if it is not JSON, has another shape, or contradicts itself.
    """
    wire = decoded(content, _Instance, name=name)
    try:
        return validated(_instance(wire))
    except InstanceError as error:
        raise InputError(f"{name}: {error}") from None


def instance_json(instance: Instance) -> dict[str, Any]:
    """Return an instance in its documented shape."""
    return {
        "schema": INSTANCE,
        "clinic": _clinic_json(instance.clinic),
        "places": [
            {
                "id": place.id,
                "units": [{"id": each.id, "outs": _outs_json(each.outs)} for each in place.units],
            }
            for place in instance.places
        ],
        "roles": [_role_json(each) for each in instance.roles],
        "visits": [_visit_json(each) for each in instance.visits],
        "courses": [_course_json(each) for each in instance.courses],
        "booked": [_booked_json(each) for each in instance.booked],
    }


def _booked_json(booked: Booked) -> dict[str, Any]:
    found = {
        "course": booked.course,
        "visit": booked.visit,
        "on": booked.on.isoformat(),
        "start": clock(booked.start),
    }
    return found | ({"person": booked.person} if booked.person else {})


def _clinic_json(clinic: Clinic) -> dict[str, Any]:
    return {
        "id": clinic.id,
        "zone": clinic.zone,
        "first_day": clinic.first_day.isoformat(),
        "last_day": clinic.last_day.isoformat(),
        "opens": clock(clinic.opens),
        "closes": clock(clinic.closes),
        "grid_minutes": clinic.grid_minutes,
        "weekdays": _names(clinic.weekdays),
        "closed": sorted(day.isoformat() for day in clinic.closed),
    }


def _visit_json(visit: Visit) -> dict[str, Any]:
    return {
        "id": visit.id,
        "minutes": visit.minutes,
        "needs": [
            {"of": each.of, "from": each.begins, "until": each.ends, "how": each.how}
            for each in visit.needs
        ],
    }


def _role_json(role: Role) -> dict[str, Any]:
    return {
        "id": role.id,
        "patients_per_monitor": role.patients_per_monitor,
        "people": [
            {
                "id": person.id,
                "shifts": [
                    {
                        "weekdays": _names(shift.weekdays),
                        "from": clock(shift.begins),
                        "until": clock(shift.ends),
                    }
                    for shift in person.shifts
                ],
                "outs": _outs_json(person.outs),
            }
            for person in role.people
        ],
    }


def _course_json(course: Course) -> dict[str, Any]:
    return {
        "id": course.id,
        "person": course.person,
        "requested": course.requested.isoformat(),
        "wish": course.wish.isoformat(),
        "urgency": course.urgency,
        "prefer": clock(course.prefer),
        "free": [
            {
                "weekday": WEEKDAYS[each.weekday],
                "from": clock(each.begins),
                "until": clock(each.ends),
            }
            for each in course.free
        ],
        "away": sorted(day.isoformat() for day in course.away),
        "travel_minutes": course.travel_minutes,
        "stages": [
            {
                "blocks": [
                    {"visits": list(each.visits), "sessions": each.sessions}
                    for each in stage.blocks
                ],
                "patterns": [[_names(days) for days in each] for each in stage.patterns],
                "min_gap_days": stage.min_gap_days,
                "least_days": stage.least_days,
                "most_days": stage.most_days,
                "least_hours": stage.least_hours,
            }
            for stage in course.stages
        ],
    }


def _names(weekdays: Sequence[int]) -> list[str]:
    return [WEEKDAYS[day] for day in weekdays]


def _outs_json(outs: Sequence[Out]) -> list[dict[str, str]]:
    return [
        {"on": each.on.isoformat(), "from": clock(each.begins), "until": clock(each.ends)}
        for each in outs
    ]


def _instance(wire: _Instance) -> Instance:
    clinic = wire.clinic
    return Instance(
        clinic=Clinic(
            id=clinic.id,
            zone=clinic.zone,
            first_day=clinic.first_day,
            last_day=clinic.last_day,
            opens=int(clinic.opens),
            closes=int(clinic.closes),
            grid_minutes=clinic.grid_minutes,
            weekdays=_numbers(clinic.weekdays),
            closed=frozenset(clinic.closed),
        ),
        places=tuple(
            Place(each.id, tuple(Unit(unit.id, _outs(unit.outs)) for unit in each.units))
            for each in wire.places
        ),
        roles=tuple(
            Role(each.id, tuple(_person(one) for one in each.people), each.patients_per_monitor)
            for each in wire.roles
        ),
        visits=tuple(
            Visit(
                each.id,
                each.minutes,
                tuple(Need(one.of, one.begins, one.until, one.how) for one in each.needs),
            )
            for each in wire.visits
        ),
        courses=tuple(_course(each) for each in wire.courses),
        booked=tuple(
            Booked(each.course, each.visit, each.on, int(each.start), each.person)
            for each in wire.booked
        ),
    )


def _person(wire: _Person) -> StaffMember:
    shifts = (
        Shift(_numbers(each.weekdays), int(each.begins), int(each.until)) for each in wire.shifts
    )
    return StaffMember(wire.id, tuple(shifts), _outs(wire.outs))


def _course(wire: _Course) -> Course:
    return Course(
        id=wire.id,
        person=wire.person,
        requested=wire.requested,
        wish=wire.wish,
        urgency=wire.urgency,
        prefer=int(wire.prefer),
        free=tuple(
            Free(WEEKDAYS.index(each.weekday), int(each.begins), int(each.until))
            for each in wire.free
        ),
        stages=tuple(_stage(each) for each in wire.stages),
        away=frozenset(wire.away),
        travel_minutes=wire.travel_minutes,
    )


def _stage(wire: _Stage) -> Stage:
    return Stage(
        blocks=tuple(Block(each.visits, each.sessions) for each in wire.blocks),
        patterns=tuple(tuple(_numbers(days) for days in each) for each in wire.patterns),
        min_gap_days=wire.min_gap_days,
        least_days=wire.least_days,
        most_days=wire.most_days,
        least_hours=wire.least_hours,
    )


def _outs(wire: Sequence[_Out]) -> tuple[Out, ...]:
    return tuple(Out(each.on, int(each.begins), int(each.until)) for each in wire)


def _numbers(weekdays: Sequence[str]) -> tuple[int, ...]:
    return tuple(sorted(WEEKDAYS.index(day) for day in weekdays))
