"""A day that has gone wrong, mended: as few sessions as possible at another time, or on another day."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from overstory.pathway.timetable.capacity import bits_between, tick_ceil
from overstory.pathway.timetable.dates import is_open
from overstory.pathway.timetable.instance import Booked, Course, Instance, InstanceError, Session
from overstory.pathway.timetable.occupancy import Grid, Occupancy, grid_of
from overstory.pathway.timetable.repair_course import Around
from overstory.pathway.timetable.repair_model import Item, Limit, Repaired, repaired
from overstory.pathway.timetable.sessions import hold
from overstory.pathway.timetable.validation import validated

POSTPONED_COUNTS = 3
"""A session that must wait for another day counts as so many moved within the day."""

EFFORT = 0.3
"""How long the exact search may work in all, in its own deterministic units (about seconds)."""


class RepairError(InstanceError):
    """A day that cannot be repaired as asked; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Move:
    """
    A session at another time of its day, or, where `start` is None, on another day.

    `instead` is then the next day and minute at which it would fit, where there is one.
    """

    session: Session
    start: int | None
    instead: tuple[date, int] | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """
    What to change on a day.

    `count` is what is moved, a postponed session counting `POSTPONED_COUNTS`; `least` is proven: no
    repair counts less.
    """

    moves: tuple[Move, ...]
    count: int
    least: int
    sessions: tuple[Session, ...]


def repair_day(
    *,
    instance: Instance,
    sessions: Sequence[Session],
    on: date,
    now: int = 0,
    effort: float = EFFORT,
    seconds: float = math.inf,
) -> Repair:
    """
    Return the fewest changes that make a day work again.

    `instance` has the trouble in it: the device or person that is out. `sessions` are all that are
    booked, cancelled ones left out. Nothing is moved to a time before `now` (minutes after midnight),
    and what began before it stays or is broken off. Sessions of courses whose person's free hours are
    not in the instance may be moved to any time of the day. The hours between stages are kept, and a
    session that waits for another day stays before the stages after its own.

    The exact search ends by `effort`, so that the same day has the same repair. With `seconds` it also
    ends by the clock, for a machine that is slow; what is found is then valid, but may be another.

    :raises RepairError: if the clinic is closed on that day.
    """
    if not is_open(instance.clinic, on):
        raise RepairError(f"{on}: the clinic is closed; its sessions need another day, by booking")
    grid = grid_of(validated(instance))
    today = [each for each in sessions if each.on == on]
    rooms = _Rooms(instance, grid, sessions)
    items = [rooms.item(each, now) for each in today]
    free = grid.capacity[:, grid.number[on]].astype(int)
    found = repaired(
        items, free, grid.uses, postponed=POSTPONED_COUNTS, limit=Limit(effort, seconds)
    )
    return rooms.told(found, today, on)


class _Rooms:
    """The clinic around a day, for what must leave it."""

    def __init__(self, instance: Instance, grid: Grid, sessions: Sequence[Session]) -> None:
        self._instance = instance
        self._grid = grid
        self._sessions = sessions
        self._courses: Mapping[str, Course] = {each.id: each for each in instance.courses}
        self._minutes = {each.id: each.minutes for each in instance.visits}
        self._around = Around(instance, sessions)

    def item(self, session: Session, now: int) -> Item:
        clinic = self._grid.clinic
        tick, rest = divmod(session.start - clinic.opens, clinic.grid_minutes)
        if rest:
            raise RepairError(
                f"{session.course}: {session.on} {session.start // 60:02}:{session.start % 60:02} is "
                f"not on the grid of {clinic.grid_minutes} minutes"
            )
        allowed = self._free(session, session.on) & self._within(session.visit)
        if session.start < now:
            allowed = 0
        allowed &= ~bits_between(0, tick_ceil(clinic, now) - 1)
        return Item(self._grid.kinds[session.visit], tick, allowed)

    def _within(self, visit: str) -> int:
        """The steps at which set-up and turnaround of a visit lie within the open hours."""
        uses = self._grid.uses[self._grid.kinds[visit]]
        begins = min([0, *(use.begins for use in uses)])
        ends = max([0, *(use.ends for use in uses)])
        return bits_between(-begins, self._grid.clinic.ticks - ends)

    def told(self, found: Repaired, today: Sequence[Session], on: date) -> Repair:
        clinic = self._grid.clinic
        stay = [each for each in self._sessions if each.on != on]
        moves, kept = [], []
        for session, tick in zip(today, found.ticks, strict=True):
            start = None if tick is None else clinic.opens + tick * clinic.grid_minutes
            if start == session.start:
                kept.append(session)
                continue
            if start is not None:
                kept.append(_at(session, on, start))
                moves.append(Move(session, start))
        if None not in found.ticks:
            return Repair(tuple(moves), found.count, found.least, (*stay, *kept))
        occupancy = self._occupancy([*stay, *kept])
        for session, tick in zip(today, found.ticks, strict=True):
            if tick is None:
                instead = self._later(session, occupancy)
                moves.append(Move(session, None, instead))
                if instead is not None:
                    kept.append(_at(session, *instead))
        return Repair(tuple(moves), found.count, found.least, (*stay, *kept))

    def _occupancy(self, sessions: Sequence[Session]) -> Occupancy:
        occupancy = Occupancy(self._grid)
        booked = [Booked(each.course, each.visit, each.on, each.start) for each in sessions]
        hold(booked, self._instance, occupancy)
        return occupancy

    def _later(self, session: Session, occupancy: Occupancy) -> tuple[date, int] | None:
        """The first later day that keeps order and gaps of the course and has a free slot; take it."""
        kind = self._grid.kinds[session.visit]
        clinic = self._grid.clinic
        course = self._courses.get(session.course)
        table = occupancy.starts(kind)
        for number, day in enumerate(self._grid.days):
            if not self._around.can_be_on(session, day):
                continue
            if course is not None and day in course.away:
                continue
            bits = int(table[number]) & self._free(session, day)
            if bits:
                usual = (session.start - clinic.opens) // clinic.grid_minutes
                tick = min(
                    (n for n in range(bits.bit_length()) if bits >> n & 1),
                    key=lambda n: abs(n - usual),
                )
                occupancy.take(kind, np.array([number]), tick)
                return day, clinic.opens + tick * clinic.grid_minutes
        return None

    def _free(self, session: Session, day: date) -> int:
        clinic = self._grid.clinic
        course = self._courses.get(session.course)
        minutes = self._minutes[session.visit]
        if course is None:
            last = (clinic.closes - minutes - clinic.opens) // clinic.grid_minutes
            return bits_between(0, last)
        bits = 0
        for window in course.free:
            if window.weekday == day.weekday():
                ends = min(window.ends - course.travel_minutes, clinic.closes)
                first = tick_ceil(clinic, window.begins + course.travel_minutes)
                bits |= bits_between(first, (ends - minutes - clinic.opens) // clinic.grid_minutes)
        return self._around.that_keep_hours(session, day, bits)


def _at(session: Session, on: date, start: int) -> Session:
    return Session(
        course=session.course,
        n=session.n,
        stage=session.stage,
        visit=session.visit,
        on=on,
        start=start,
        moved=True,
    )
