"""What a timetable is made from: clinic, places, staff, visits, courses, and what is booked already."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

Pattern = tuple[tuple[int, ...], ...]
"""The weekdays (Monday is 0) on which each block of a stage is given."""

URGENCIES = {1: "routine", 2: "soon", 4: "urgent"}
LATE_AFTER = {1: 10, 2: 5, 4: 2}
"""A start more than so many working days after the wish is late."""

DELAY_WEIGHT = 10
UNPLACED_DAYS = 40
"""A course without a place costs as much as a start so many working days late; no start is later."""

MOST_TICKS = 64
DAY_MINUTES = 24 * 60


class InstanceError(ValueError):
    """An instance that contradicts itself; the message names the part and what would be right."""


@dataclass(frozen=True, slots=True)
class Out:
    """When a unit or a person cannot be used on one date: minutes after midnight, local wall time."""

    on: date
    begins: int = 0
    ends: int = DAY_MINUTES


@dataclass(frozen=True, slots=True)
class Unit:
    """One chair, room or device; `outs` is when it cannot be used."""

    id: str
    outs: tuple[Out, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A pool of chairs, rooms or devices of which any will do."""

    id: str
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """The hours of a person on some weekdays (Monday is 0): minutes after midnight, wall time."""

    weekdays: tuple[int, ...]
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One person of a role, when at work."""

    id: str
    shifts: tuple[Shift, ...]
    outs: tuple[Out, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """
    The people who can do one kind of work.

    One of them watches at most `patients_per_monitor` patients at a time, and none while a visit has
    her whole. Work may be handed over at a change of shift.
    """

    id: str
    people: tuple[StaffMember, ...]
    patients_per_monitor: int = 1


@dataclass(frozen=True, slots=True)
class Need:
    """
    What a visit needs of a place or role, in minutes from the patient's arrival.

    Set-up begins before 0; turnaround ends after the visit. `whole` takes a unit or a person, `watch`
    a share of a person who may watch others at the same time.
    """

    of: str
    begins: int
    ends: int
    how: Literal["whole", "watch"] = "whole"


@dataclass(frozen=True, slots=True)
class Visit:
    """A kind of session: how many minutes the patient is there, and what it needs."""

    id: str
    minutes: int
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """So many sessions on the same weekdays; the visits take turns where there are several."""

    visits: tuple[str, ...]
    sessions: int


@dataclass(frozen=True, slots=True)
class Stage:
    """
    A part of a course that keeps one standing slot.

    Each block after the first begins in the calendar week after the one before it ended. `patterns`
    are the weekdays that may be chosen, best first. `least_days` and `most_days` (calendar days) and
    `least_hours` stand between the last session of the stage before and the first of this one.
    """

    blocks: tuple[Block, ...]
    patterns: tuple[Pattern, ...]
    min_gap_days: int = 1
    least_days: int = 1
    most_days: int = 14
    least_hours: int = 0

    @property
    def sessions(self) -> int:
        """How many sessions it has."""
        return sum(block.sessions for block in self.blocks)

    def visits(self) -> list[str]:
        """Return the kind of each session, in order."""
        return [
            block.visits[n % len(block.visits)]
            for block in self.blocks
            for n in range(block.sessions)
        ]


@dataclass(frozen=True, slots=True)
class Free:
    """Hours in which a person can be away from home on a weekday: minutes after midnight."""

    weekday: int
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Course:
    """
    A course to be placed.

    `wish` is the earliest start; `prefer` the time of day wished for (minutes after midnight);
    `travel_minutes` stand between leaving home and arriving, and are kept free at both ends; on
    `away` dates the person cannot come.
    """

    id: str
    person: str
    requested: date
    wish: date
    urgency: int
    prefer: int
    free: tuple[Free, ...]
    stages: tuple[Stage, ...]
    away: frozenset[date] = frozenset()
    travel_minutes: int = 0

    @property
    def sessions(self) -> int:
        """How many sessions it has."""
        return sum(stage.sessions for stage in self.stages)


@dataclass(frozen=True, slots=True)
class Booked:
    """
    A session that stands already: its start is minutes after midnight, wall time.

    `person` is whose it is, where that is known: no course of the same person is put on the same day.
    """

    course: str
    visit: str
    on: date
    start: int
    person: str = ""


@dataclass(frozen=True, slots=True)
class Clinic:
    """Hours, days and time zone; `closed` dates are holidays and other closed days."""

    id: str
    zone: str
    first_day: date
    last_day: date
    opens: int
    closes: int
    grid_minutes: int = 10
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    closed: frozenset[date] = frozenset()

    @property
    def ticks(self) -> int:
        """How many steps of the grid an open day has."""
        return (self.closes - self.opens) // self.grid_minutes

    @property
    def tz(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class Instance:
    """Everything that a timetable is made from."""

    clinic: Clinic
    places: tuple[Place, ...]
    roles: tuple[Role, ...]
    visits: tuple[Visit, ...]
    courses: tuple[Course, ...]
    booked: tuple[Booked, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a stage stands: its first day, its pattern (counted from 0), its standing slot."""

    start: date
    pattern: int
    slot: int


@dataclass(frozen=True, slots=True)
class Session:
    """One session of a timetable; `units` are what it uses, one for each need of a place."""

    course: str
    n: int
    stage: int
    visit: str
    on: date
    start: int
    units: tuple[str, ...] = ()
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Placement:
    """A course with its standing slots and what it costs."""

    course: str
    stages: tuple[Placed, ...]
    delay_days: int
    cost: int


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A course that has no place, why, and the smallest changes that would give it one."""

    course: str
    why: str
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timetable:
    """
    What was planned.

    `cost` is that of the objective; `bound` a cost that no timetable can be below, where one was
    worked out. `cancelled` are sessions that were taken out by a repair and have no other day yet.
    """

    placements: tuple[Placement, ...]
    unplaced: tuple[Unplaced, ...]
    sessions: tuple[Session, ...]
    booked: tuple[Session, ...]
    cost: int
    bound: float | None = None
    late: tuple[str, ...] = field(default=())
    cancelled: tuple[Session, ...] = ()

    @property
    def gap(self) -> float | None:
        """How far the cost may be above the best possible, as a share of the bound."""
        if self.bound is None:
            return None
        if self.bound <= 0:
            return 0.0 if self.cost == 0 else None
        return max(self.cost - self.bound, 0.0) / self.bound
