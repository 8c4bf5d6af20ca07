"""On which days the sessions of a signed plan could stand: its own, and others within its windows."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from overstory.clinic.booking.needed import Session
from overstory.pathway.timetable.instance import DELAY_WEIGHT
from overstory.pathway.timetable.standing import DayRow

ONE_DAY = timedelta(days=1)
DAY_HOURS = 24
MOST_PATTERNS = 12


@dataclass(frozen=True, slots=True)
class DaySitting:
    """The sessions of one treatment on one day; `n` are their numbers, in order."""

    sessions: tuple[Session, ...]

    @property
    def first(self) -> Session:
        """The first session of the day."""
        return self.sessions[0]

    @property
    def day(self) -> date:
        """The day that the plan has."""
        return date.fromisoformat(self.first["date"])

    @property
    def window(self) -> tuple[date, date]:
        """The first and last day that the plan allows."""
        return (
            date.fromisoformat(max(each["earliest"] for each in self.sessions)),
            date.fromisoformat(min(each["latest"] for each in self.sessions)),
        )


def sittings_of(sessions: Sequence[Session]) -> list[DaySitting]:
    """Return the sessions of a plan by day and treatment, in the order of the plan."""
    grouped = itertools.groupby(sessions, key=lambda each: (each["treatment"], each["date"]))
    return [DaySitting(tuple(own)) for _, own in grouped]


def day_rows(
    sittings: Sequence[DaySitting], open_days: Mapping[date, int], possible: Collection[date]
) -> tuple[DayRow, ...]:
    """
    Return the days that the sittings of one treatment could have, those of the plan first.

    `open_days` numbers the days on which the site is open, `possible` are those on which the person can
    come. Sittings of a week stand on the same weekdays throughout, as far as the windows let them; a
    day that is not possible gives way to the nearest that is.
    """
    first = sittings[0].day
    found: dict[tuple[int, ...], int] = {}
    for rank, days in enumerate(_choices(sittings, open_days, possible)):
        if days is None:
            continue
        late = sum(first <= day < days[0] for day in open_days)
        numbers = tuple(open_days[day] for day in days)
        found.setdefault(numbers, rank + DELAY_WEIGHT * late)
    return tuple(DayRow(days, cost) for days, cost in found.items())


def _choices(
    sittings: Sequence[DaySitting], open_days: Mapping[date, int], possible: Collection[date]
) -> Iterator[list[date] | None]:
    able = {day for day in possible if day in open_days}
    own = [each.day for each in sittings]
    yield own if all(day in able for day in own) else None
    ordered = sorted(able)
    weeks = [
        ([day for day in ordered if window[0] <= day <= window[1]], list(group))
        for window, group in itertools.groupby(sittings, key=lambda each: each.window)
    ]
    for pattern, lone in _patterns(weeks, able):
        yield _walked(weeks, pattern, lone)


Weeks = Sequence[tuple[Sequence[date], Sequence[DaySitting]]]
"""The possible days of each window, with the sittings that share it."""


def _patterns(weeks: Weeks, able: Collection[date]) -> Iterator[tuple[tuple[int, ...], int]]:
    """Yield weekdays for the weeks that leave a choice, with which of them a lone session has."""
    sizes = [len(own) for here, own in weeks if len(own) < len(here)]
    most = max(sizes, default=0)
    weekdays = sorted({day.weekday() for day in able})
    gap = max((each.first["min_gap_hours"] for _, own in weeks for each in own), default=0)
    every = [
        each
        for each in itertools.combinations(weekdays, most)
        if most and all(apart * DAY_HOURS >= gap for apart in _aparts(each))
    ]
    every.sort(key=lambda each: (max(_aparts(each)) - min(_aparts(each)), each))
    lones = range(most) if most and min(sizes) == 1 else range(1)
    yield from itertools.product(every[:MOST_PATTERNS], lones)


def _aparts(weekdays: Sequence[int]) -> list[int]:
    """How many days lie between weekdays, round the week."""
    return [after - day for day, after in itertools.pairwise((*weekdays, weekdays[0] + 7))]


def _walked(weeks: Weeks, pattern: Sequence[int], lone: int) -> list[date] | None:
    """The days of all weeks on a pattern; None where a week cannot keep its count or a gap."""
    found: list[date] = []
    for here, own in weeks:
        days = _of_week(here, own, pattern, lone)
        for sitting, day in zip(own, days, strict=False):
            hours = sitting.first["min_gap_hours"]
            if found and (day - found[-1]).days * DAY_HOURS < max(hours, 1):
                return None
            found.append(day)
        if len(days) < len(own):
            return None
    return found


def _of_week(
    here: Sequence[date], own: Sequence[DaySitting], pattern: Sequence[int], lone: int
) -> list[date]:
    """The days of one week: those of the pattern, and for each that is missing the nearest other."""
    count = len(own)
    if len(here) <= count:
        return list(here)
    wanted = _fewer(pattern, count, lone)
    taken = [day for day in here if day.weekday() in wanted][:count]
    gap = max(own[-1].first["min_gap_hours"], 1)
    for weekday in wanted:
        if len(taken) == count:
            break
        if any(day.weekday() == weekday for day in here):
            continue
        near = [
            day
            for day in here
            if all(abs((day - other).days) * DAY_HOURS >= gap for other in taken)
        ]
        if near:
            taken.append(min(near, key=lambda day: (abs(day.weekday() - weekday), day)))
    return sorted(taken)


def _fewer(pattern: Sequence[int], count: int, lone: int) -> tuple[int, ...]:
    """So many weekdays of a pattern, as far apart as can be."""
    if count >= len(pattern):
        return tuple(pattern)
    if count == 1:
        return (pattern[min(lone, len(pattern) - 1)],)
    return max(itertools.combinations(pattern, count), key=lambda each: min(_aparts(each)))
