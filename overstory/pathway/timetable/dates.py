"""Open days, and the dates of a stage that starts on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from overstory.pathway.timetable.instance import Block, Clinic, Pattern, Stage

WEEK = timedelta(days=7)
ONE_DAY = timedelta(days=1)


def open_days(clinic: Clinic) -> tuple[date, ...]:
    """Return the days on which the clinic is open, in order."""
    span = (clinic.last_day - clinic.first_day).days + 1
    days = (clinic.first_day + timedelta(days=n) for n in range(span))
    return tuple(day for day in days if is_open(clinic, day))


def is_open(clinic: Clinic, day: date) -> bool:
    """Return whether the clinic is open on a day; beyond the ends of its timetable it is not."""
    within = clinic.first_day <= day <= clinic.last_day
    return within and day.weekday() in clinic.weekdays and day not in clinic.closed


@dataclass(frozen=True, slots=True)
class _Walk:
    """Days on which a course may have sessions, and what keeps them apart."""

    open: frozenset[date]
    last: date
    min_gap_days: int


def stage_dates(
    *, stage: Stage, pattern: Pattern, start: date, possible: frozenset[date], last: date
) -> tuple[date, ...] | None:
    """
    Return the dates of a stage that starts on a day, or None where it cannot start there.

    `possible` are the days on which clinic and person can; `last` is the end of the horizon. Sessions
    fall on the weekdays of the pattern, week by week. One that falls on an impossible day moves to
    the nearest possible day of its week that keeps the gap; where there is none, it comes later.
    """
    if start not in possible or start.weekday() not in pattern[0]:
        return None
    walk = _Walk(possible, last, stage.min_gap_days)
    dates: list[date] = []
    for block, weekdays in zip(stage.blocks, pattern, strict=True):
        first = start if not dates else _monday(dates[-1]) + WEEK
        if not _give(block, weekdays, first, walk, dates):
            return None
    return tuple(dates)


def _give(
    block: Block, weekdays: Sequence[int], first: date, walk: _Walk, dates: list[date]
) -> bool:
    """Add the dates of a block; return whether they end within the horizon."""
    left = block.sessions
    monday = _monday(first)
    while left:
        if monday > walk.last:
            return False
        for day in _week(monday, weekdays, first, walk, dates)[:left]:
            dates.append(day)
            left -= 1
        monday += WEEK
    return dates[-1] <= walk.last


def _week(
    monday: date, weekdays: Sequence[int], first: date, walk: _Walk, before: Sequence[date]
) -> list[date]:
    """The days of one week: the pattern's, each impossible one moved to the nearest that will do."""
    wished = [monday + timedelta(days=n) for n in weekdays]
    wished = [day for day in wished if day >= first]
    taken = [day for day in wished if day in walk.open]
    while taken and not _far(taken[0], before[-1:], walk):
        taken.pop(0)
    if len(taken) == len(wished):
        return taken
    for day in wished:
        if day in walk.open:
            continue
        near = [
            other
            for other in (monday + timedelta(days=n) for n in range(7))
            if other >= first and other in walk.open and _far(other, (*before[-1:], *taken), walk)
        ]
        if near:
            taken.append(min(near, key=lambda other: (abs(other - day), other)))
    return sorted(taken)


def _far(day: date, others: Sequence[date], walk: _Walk) -> bool:
    return all(abs((day - other).days) >= walk.min_gap_days for other in others)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
