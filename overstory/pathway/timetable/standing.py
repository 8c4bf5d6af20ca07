"""
Standing times for a course whose days a signed plan gives, in a clinic where every unit has its bookings.

A plan says which days each session may have. Here a course keeps one time of day for each of its parts
where it can, and says which sessions cannot; what is booked stays in the unit where it is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overstory.pathway.timetable.booking import APART_DAYS, APART_TICKS
from overstory.pathway.timetable.choices import MISFIT_MINUTES
from overstory.pathway.timetable.instance import MOST_TICKS
from overstory.pathway.timetable.occupancy import Bits

OFF_POINTS = 6
"""A session off the standing time costs as much as an hour's misfit of the whole course."""
LOOKED_AT = 300
KEPT_OF_PARTS = 8
HOUR_MINUTES = 60
NO_WAY = 10_000
"""What a course without a place costs, when courses that wait are compared."""


@dataclass(frozen=True, slots=True)
class DayRow:
    """One choice of days for a part, as numbers of open days, and what it costs beside others."""

    days: tuple[int, ...]
    cost: int


@dataclass(frozen=True, slots=True)
class Part:
    """
    The sittings of one treatment, in order.

    `at` are their places in the whole course; `visits` the kind of each, `minutes` how long the person
    is there. `gap_minutes` stand between the begin of the sitting before in the course and its begin,
    `after_minutes` between the end of the one before and its begin. `prefer` is a step of the day.
    """

    at: tuple[int, ...]
    visits: tuple[int, ...]
    minutes: tuple[int, ...]
    gap_minutes: tuple[int, ...]
    after_minutes: tuple[int, ...]
    rows: tuple[DayRow, ...]
    prefer: int


@dataclass(frozen=True, slots=True)
class Clock:
    """When the first step of each open day is, in minutes since 1970 (UTC), and the length of a step."""

    begins: tuple[int, ...]
    step_minutes: int

    def minute(self, day: int, tick: int) -> int:
        """Return the instant of a step."""
        return self.begins[day] + tick * self.step_minutes

    def first_tick(self, day: int, minute: int) -> int:
        """Return the first step of a day that is not before an instant."""
        return max(-((self.begins[day] - minute) // self.step_minutes), 0)


@dataclass(frozen=True, slots=True)
class Sitting:
    """Where one sitting stands: `off` says that it is not at the standing time of its part."""

    at: int
    day: int
    tick: int
    unit: int
    off: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A way to book a course whole: its standing steps by part, its sittings, and what it costs."""

    cost: int
    ticks: tuple[int, ...]
    sittings: tuple[Sitting, ...]


Free = Bits
"""By kind of visit, unit and open day: the steps at which it could begin."""


def standing_ways(parts: Sequence[Part], free: Free, clock: Clock, *, most: int = 3) -> list[Way]:
    """
    Return the best few ways to book a course, cheapest first, each unlike the ones before.

    Every sitting keeps its gaps in real minutes. An empty list means that the course has no place.
    """
    if not parts:
        return []
    either = any_unit(free)
    found: list[Way] = []
    for cost, picked in _candidates(parts, either, clock.step_minutes):
        day, tick = parts[0].rows[picked[0][0]].days, picked[0][1]
        if any(_alike(each, day, tick) for each in found):
            continue
        sittings = _seated(parts, picked, free, clock)
        if sittings is not None:
            found.append(Way(cost, tuple(tick for _, tick in picked), sittings))
            if len(found) == most:
                break
    return found


def least_cost(parts: Sequence[Part], free: Free, step_minutes: int) -> int:
    """Return what the cheapest way costs, gaps between parts not counted; `NO_WAY` where there is none."""
    either = any_unit(free)
    scores = [_scores(part, either, step_minutes) for part in parts]
    if not scores or any(not each.size for each in scores):
        return NO_WAY
    return min(sum(int(each.min()) for each in scores), NO_WAY)


def room(parts: Sequence[Part], free: Free) -> int:
    """Return how many times there are at which sittings like these could begin on their days."""
    either = any_unit(free)
    pairs = {
        (visit, day)
        for part in parts
        for row in part.rows
        for visit, day in zip(part.visits, row.days, strict=True)
    }
    return sum(int(either[visit, day]).bit_count() for visit, day in pairs)


def without_place(parts: Sequence[Part], free: Free) -> list[int]:
    """Return the places in the course of the sittings that have no time on any of their days."""
    either = any_unit(free)
    found: list[int] = []
    for part in parts:
        for n, (at, visit) in enumerate(zip(part.at, part.visits, strict=True)):
            if not any(either[visit, row.days[n]] for row in part.rows):
                found.append(at)
    return sorted(found)


def any_unit(free: Free) -> Bits:
    """Return by kind and day the steps at which a visit could begin in one unit or another."""
    found: Bits = np.bitwise_or.reduce(free, axis=1)
    return found


def _candidates(
    parts: Sequence[Part], either: Bits, step_minutes: int
) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
    """Yield costs with a row and a step for each part, cheapest first."""
    if len(parts) == 1:
        for cost, way in itertools.islice(_ranked(parts[0], either, step_minutes), LOOKED_AT):
            yield cost, (way,)
        return
    own = [_few(part, either, step_minutes) for part in parts]
    every = [
        (sum(cost for cost, _ in chosen), tuple(way for _, way in chosen))
        for chosen in itertools.product(*own)
    ]
    yield from sorted(every, key=lambda each: each[0])[:LOOKED_AT]


def _few(part: Part, either: Bits, step_minutes: int) -> list[tuple[int, tuple[int, int]]]:
    found: list[tuple[int, tuple[int, int]]] = []
    for cost, (row, tick) in _ranked(part, either, step_minutes):
        days = part.rows[row].days
        if not any(
            abs(tick - other[1]) < APART_TICKS // 2 and part.rows[other[0]].days[:2] == days[:2]
            for _, other in found
        ):
            found.append((cost, (row, tick)))
        if len(found) == KEPT_OF_PARTS:
            break
    return found


def _ranked(part: Part, either: Bits, step_minutes: int) -> Iterator[tuple[int, tuple[int, int]]]:
    scores = _scores(part, either, step_minutes)
    for place in np.argsort(scores, axis=None, kind="stable").tolist():
        row, tick = divmod(place, MOST_TICKS)
        cost = int(scores[row, tick])
        if cost >= NO_WAY:
            return
        yield cost, (row, tick)


def _scores(part: Part, either: Bits, step_minutes: int) -> NDArray[np.int64]:
    """What each row and step costs: its days, its misfit, and each sitting that is not free then."""
    if not part.rows:
        return np.zeros((0, MOST_TICKS), np.int64)
    days = np.array([row.days for row in part.rows], np.intp)
    bits = either[np.array(part.visits, np.intp)[None, :], days]
    steps = np.arange(MOST_TICKS, dtype=np.uint64)
    fits = ((bits[:, :, None] >> steps) & np.uint64(1)).sum(axis=1, dtype=np.int64)
    misfit = np.abs(np.arange(MOST_TICKS) - part.prefer) * step_minutes // MISFIT_MINUTES
    own = np.array([row.cost for row in part.rows], np.int64)
    scores: NDArray[np.int64] = (
        own[:, None] + misfit[None, :] + OFF_POINTS * (len(part.visits) - fits)
    )
    scores[(bits == 0).any(axis=1)] = NO_WAY
    scores[fits * 2 < len(part.visits)] = NO_WAY
    return scores


def _alike(way: Way, days: Sequence[int], tick: int) -> bool:
    """Whether a way begins at nearly the same time of day as another, on nearly the same days."""
    own = [each.day for each in way.sittings[:2]]
    near = abs(own[0] - days[0]) < APART_DAYS and list(days[: len(own)]) == own
    return abs(way.ticks[0] - tick) < APART_TICKS and near


def _seated(
    parts: Sequence[Part], picked: Sequence[tuple[int, int]], free: Free, clock: Clock
) -> tuple[Sitting, ...] | None:
    """Every sitting with its time and unit, the gaps kept; None where one finds no time."""
    order = sorted(
        (at, number, n) for number, part in enumerate(parts) for n, at in enumerate(part.at)
    )
    liked = [_favourite(part, *way, free) for part, way in zip(parts, picked, strict=True)]
    found: list[Sitting] = []
    begun = ended = -NO_WAY * NO_WAY
    for at, number, n in order:
        part, (row, tick) = parts[number], picked[number]
        day, visit = part.rows[row].days[n], part.visits[n]
        if found and day <= found[-1].day:
            return None
        earliest = max(begun + part.gap_minutes[n], ended + part.after_minutes[n])
        first = clock.first_tick(day, earliest)
        here, unit = _nearest(free[visit, :, day], tick, first, liked[number])
        if here is None:
            return None
        liked[number] = unit
        found.append(Sitting(at, day, here, unit, here != tick))
        begun = clock.minute(day, here)
        ended = begun + part.minutes[n]
    return tuple(found)


def _nearest(units: Bits, tick: int, first: int, liked: int) -> tuple[int | None, int]:
    """The free step nearest to the standing one, and the unit: the liked one where it is free then."""
    if first >= MOST_TICKS:
        return None, liked
    masks = [int(each) >> first << first for each in units.tolist()]
    every = 0
    for mask in masks:
        every |= mask
    if not every:
        return None, liked
    ticks = (each for each in range(MOST_TICKS) if every >> each & 1)
    here = min(ticks, key=lambda each: (abs(each - tick), each))
    if masks[liked] >> here & 1:
        return here, liked
    return here, next(unit for unit, mask in enumerate(masks) if mask >> here & 1)


def _favourite(part: Part, row: int, tick: int, free: Free) -> int:
    """The unit that is free for most sittings at the standing time."""
    days = np.array(part.rows[row].days, np.intp)
    visits = np.array(part.visits, np.intp)
    fits = (free[visits, :, days] >> np.uint64(tick)) & np.uint64(1)
    return int(fits.sum(axis=0, dtype=np.int64).argmax())
