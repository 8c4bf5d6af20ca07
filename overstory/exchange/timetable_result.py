"""A timetable as JSON, `overstory.timetable/1`, and back."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

from overstory.exchange.clock_times import Clock, clock, decoded
from overstory.exchange.records import InputError
from overstory.pathway.timetable.instance import (
    Placed,
    Placement,
    Session,
    Timetable,
    Unplaced,
)
from overstory.pathway.timetable.validation import YEARS

TIMETABLE = "overstory.timetable/1"


class _Placed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    start: date
    pattern: int
    slot: Clock


class _Course(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    course: str
    stages: tuple[_Placed, ...]
    delay_days: int
    cost: int
    late: bool


class _Unplaced(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    course: str
    why: str
    instead: tuple[str, ...]


class _Session(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    course: str
    n: int
    stage: int
    visit: str
    on: date
    start: Clock
    units: tuple[str, ...] = ()
    moved: bool = False


class _Timetable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: Literal["overstory.timetable/1"]
    cost: int
    courses: tuple[_Course, ...]
    unplaced: tuple[_Unplaced, ...]
    sessions: tuple[_Session, ...]
    booked: tuple[_Session, ...]
    bound: float | None = None
    gap: float | None = None
    cancelled: tuple[_Session, ...] = ()


def timetable_json(timetable: Timetable) -> dict[str, Any]:
    """Return a timetable in its documented shape; `gap` is how far it may be above the best possible."""
    late = set(timetable.late)
    return {
        "schema": TIMETABLE,
        "cost": timetable.cost,
        "bound": timetable.bound,
        "gap": timetable.gap,
        "courses": [
            {
                "course": each.course,
                "delay_days": each.delay_days,
                "late": each.course in late,
                "cost": each.cost,
                "stages": [
                    {
                        "start": placed.start.isoformat(),
                        "pattern": placed.pattern,
                        "slot": clock(placed.slot),
                    }
                    for placed in each.stages
                ],
            }
            for each in timetable.placements
        ],
        "unplaced": [
            {"course": each.course, "why": each.why, "instead": list(each.instead)}
            for each in timetable.unplaced
        ],
        "sessions": [session_json(each) for each in timetable.sessions],
        "booked": [session_json(each) for each in timetable.booked],
        "cancelled": [session_json(each) for each in timetable.cancelled],
    }


def session_json(session: Session) -> dict[str, Any]:
    """Return one session in its documented shape."""
    return {
        "course": session.course,
        "n": session.n,
        "stage": session.stage,
        "visit": session.visit,
        "on": session.on.isoformat(),
        "start": clock(session.start),
        "units": list(session.units),
        "moved": session.moved,
    }


def read_timetable(content: bytes | str, *, name: str) -> Timetable:
    """
    Return the timetable that a JSON document holds.

    :raises InputError: if it is not JSON or has another shape.
    """
    wire = decoded(content, _Timetable, name=name)
    for part in ("sessions", "booked", "cancelled"):
        for n, each in enumerate(getattr(wire, part)):
            if each.on.year not in YEARS:
                says = f"{each.on} lies in no year of a timetable"
                raise InputError(f"{name}: {says} - at `$.{part}[{n}].on`")
    for n, course in enumerate(wire.courses):
        if any(one.start.year not in YEARS for one in course.stages):
            says = "a start lies in no year of a timetable"
            raise InputError(f"{name}: {says} - at `$.courses[{n}].stages`")
    return _timetable(wire)


def _timetable(wire: _Timetable) -> Timetable:
    return Timetable(
        placements=tuple(
            Placement(
                each.course,
                tuple(Placed(one.start, one.pattern, int(one.slot)) for one in each.stages),
                each.delay_days,
                each.cost,
            )
            for each in wire.courses
        ),
        unplaced=tuple(Unplaced(each.course, each.why, each.instead) for each in wire.unplaced),
        sessions=tuple(_session(each) for each in wire.sessions),
        booked=tuple(_session(each) for each in wire.booked),
        cost=wire.cost,
        bound=wire.bound,
        late=tuple(each.course for each in wire.courses if each.late),
        cancelled=tuple(_session(each) for each in wire.cancelled),
    )


def _session(wire: _Session) -> Session:
    return Session(
        course=wire.course,
        n=wire.n,
        stage=wire.stage,
        visit=wire.visit,
        on=wire.on,
        start=int(wire.start),
        units=wire.units,
        moved=wire.moved,
    )
