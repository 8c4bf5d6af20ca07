"""The ways in which a course could stand: start days, weekday patterns and standing slots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overstory.pathway.timetable.capacity import bits_between, tick_ceil
from overstory.pathway.timetable.dates import stage_dates
from overstory.pathway.timetable.instance import (
    DELAY_WEIGHT,
    UNPLACED_DAYS,
    Course,
    Instance,
    Pattern,
    Placed,
    Placement,
    Stage,
)
from overstory.pathway.timetable.occupancy import Bits, Grid, Occupancy

MISFIT_MINUTES = 10
"""Each whole ten minutes between the standing slot and the time of day wished for costs one."""


class Choice(NamedTuple):
    """One way for a course: for each stage its row and its step, and what it costs."""

    cost: int
    rows: tuple[int, ...]
    ticks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StageRows:
    """
    The starts and patterns that a stage could have, cheapest first.

    `where` is for each row and session the place in the table of visits × days; `legal` the steps
    at which the person can come on all its days; `cost` the delay and rank of the row.
    """

    where: NDArray[np.intp]
    days: NDArray[np.intp]
    legal: Bits
    cost: tuple[int, ...]
    delay: tuple[int, ...]
    first: tuple[int, ...]
    last: tuple[int, ...]
    pattern: tuple[int, ...]
    by_kind: tuple[tuple[int, NDArray[np.intp]], ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything a course could choose from; `levels` are the steps by their misfit, best first."""

    course: Course
    stages: tuple[StageRows, ...]
    follows: tuple[tuple[tuple[int, ...], ...], ...]
    levels: tuple[tuple[int, int], ...]
    unplaced_cost: int


@dataclass(slots=True)
class Templates:
    """The dates of stages by their first day; worked out once for all courses that share them."""

    grid: Grid
    _found: dict[object, dict[int, NDArray[np.intp] | None]] = field(default_factory=dict)

    def starting(
        self, stage: Stage, pattern: Pattern, starts: Sequence[int], away: frozenset[date]
    ) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """Yield the place of each start that can be, with the numbers of the days of the stage."""
        known = self._found.setdefault((stage.blocks, pattern, stage.min_gap_days, away), {})
        days = self.grid.days
        possible = frozenset(days) - away
        for place, start in enumerate(starts):
            if start not in known:
                found = stage_dates(
                    stage=stage,
                    pattern=pattern,
                    start=days[start],
                    possible=possible,
                    last=days[-1],
                )
                known[start] = (
                    None if found is None else np.array([self.grid.number[day] for day in found])
                )
            dates = known[start]
            if dates is not None:
                yield place, dates


def choices_of(
    *, course: Course, instance: Instance, templates: Templates, base: Occupancy
) -> Choices:
    """Return what a course could choose from, in a clinic that holds only what is booked already."""
    grid = templates.grid
    windows = _windows(course, instance, grid)
    stages: list[StageRows] = []
    starts = _first_starts(course, grid)
    for number, stage in enumerate(course.stages):
        rows = _stage_rows(course, number, starts, templates, _starts_of(stage, base), windows)
        stages.append(rows)
        if number + 1 < len(course.stages):
            starts = _next_starts(course.stages[number + 1], rows, grid)
    follows = tuple(
        _follows(stages[n], stages[n + 1], course.stages[n + 1], grid)
        for n in range(len(stages) - 1)
    )
    return Choices(course, tuple(stages), follows, _levels(course, grid), unplaced_cost(course))


def unplaced_cost(course: Course) -> int:
    """Return what a course without a place costs."""
    return DELAY_WEIGHT * course.urgency * UNPLACED_DAYS


def table_of(choices: Choices, occupancy: Occupancy) -> Bits:
    """Return the steps at which each visit of a course could begin, for every day, as one row."""
    grid = occupancy.grid
    table = np.zeros((len(grid.kinds), len(grid.days)), np.uint64)
    for kind in {kind for stage in choices.stages for kind, _ in stage.by_kind}:
        table[kind] = occupancy.starts(kind)
    return table.ravel()


def masks_of(stage: StageRows, table: Bits) -> Bits:
    """Return for each row of a stage the standing slots at which it fits."""
    if not len(stage.legal):
        return stage.legal
    reduced: Bits = np.bitwise_and.reduce(table[stage.where], axis=1)
    return reduced & stage.legal


def put(choices: Choices, choice: Choice, occupancy: Occupancy) -> None:
    """Take what a choice needs."""
    for stage, row, tick in zip(choices.stages, choice.rows, choice.ticks, strict=True):
        for kind, sessions in stage.by_kind:
            occupancy.take(kind, stage.days[row, sessions], tick)


def lift(choices: Choices, choice: Choice, occupancy: Occupancy) -> None:
    """Give back what a choice took."""
    for stage, row, tick in zip(choices.stages, choice.rows, choice.ticks, strict=True):
        for kind, sessions in stage.by_kind:
            occupancy.give_back(kind, stage.days[row, sessions], tick)


def placement_of(choices: Choices, choice: Choice, grid: Grid) -> Placement:
    """Return a choice in dates and minutes."""
    clinic = grid.clinic
    placed = tuple(
        Placed(
            start=grid.days[stage.first[row]],
            pattern=stage.pattern[row],
            slot=clinic.opens + tick * clinic.grid_minutes,
        )
        for stage, row, tick in zip(choices.stages, choice.rows, choice.ticks, strict=True)
    )
    delay = choices.stages[0].delay[choice.rows[0]]
    return Placement(choices.course.id, placed, delay, choice.cost)


def _first_starts(course: Course, grid: Grid) -> list[int]:
    """The open days on which the first stage may start: fewer than `UNPLACED_DAYS` after the wish."""
    after = [n for n, day in enumerate(grid.days) if day >= course.wish]
    return after[:UNPLACED_DAYS]


def _next_starts(stage: Stage, before: StageRows, grid: Grid) -> list[int]:
    found: set[int] = set()
    for last in set(before.last):
        found.update(_window(stage, last, grid))
    return sorted(found)


def _window(stage: Stage, last: int, grid: Grid) -> range:
    """The open days on which a stage may start after the one before ended on an open day."""
    clinic = grid.clinic
    longest = clinic.closes - clinic.opens
    least = max(stage.least_days, -(-(stage.least_hours * 60 + longest) // (24 * 60)))
    if stage.least_hours == 0:
        least = stage.least_days
    ended = grid.days[last].toordinal()
    begin = end = last + 1
    while begin < len(grid.days) and grid.days[begin].toordinal() < ended + least:
        begin += 1
    end = begin
    while end < len(grid.days) and grid.days[end].toordinal() <= ended + stage.most_days:
        end += 1
    return range(begin, end)


def _follows(
    before: StageRows, after: StageRows, stage: Stage, grid: Grid
) -> tuple[tuple[int, ...], ...]:
    """For each row of a stage, the rows of the next that may follow it, earliest start first."""
    by_first: dict[int, list[int]] = {}
    for row, first in enumerate(after.first):
        by_first.setdefault(first, []).append(row)
    known: dict[int, tuple[int, ...]] = {}
    for last in set(before.last):
        known[last] = tuple(
            row for first in _window(stage, last, grid) for row in by_first.get(first, ())
        )
    return tuple(known[last] for last in before.last)


def _starts_of(stage: Stage, base: Occupancy) -> dict[int, Bits]:
    kinds = base.grid.kinds
    return {kinds[name]: base.starts(kinds[name]) for name in set(stage.visits())}


def _stage_rows(
    course: Course,
    number: int,
    starts: Sequence[int],
    templates: Templates,
    free: Mapping[int, Bits],
    windows: Mapping[tuple[int, int], int],
) -> StageRows:
    grid = templates.grid
    stage = course.stages[number]
    kinds = np.array([grid.kinds[name] for name in stage.visits()])
    table = np.zeros((len(grid.kinds), len(grid.days)), np.uint64)
    weekdays = [day.weekday() for day in grid.days]
    for kind, bits in free.items():
        person = np.array([windows[kind, weekday] for weekday in weekdays], np.uint64)
        table[kind] = bits & person
    found: list[tuple[int, int, int, NDArray[np.intp]]] = []
    for rank, pattern in enumerate(stage.patterns):
        for place, dates in templates.starting(stage, pattern, starts, course.away):
            delay = place if number == 0 else 0
            found.append((DELAY_WEIGHT * course.urgency * delay + rank, delay, rank, dates))
    found.sort(key=lambda row: (row[0], int(row[3][0])))
    days = np.array([row[3] for row in found], np.intp).reshape(len(found), len(kinds))
    where = kinds[None, :] * len(grid.days) + days
    legal = np.bitwise_and.reduce(table.ravel()[where], axis=1) if found else np.zeros(0, np.uint64)
    kept = np.flatnonzero(legal)
    return _kept_rows([found[n] for n in kept], where[kept], days[kept], legal[kept], kinds)


def _kept_rows(
    found: Sequence[tuple[int, int, int, NDArray[np.intp]]],
    where: NDArray[np.intp],
    days: NDArray[np.intp],
    legal: Bits,
    kinds: NDArray[np.intp],
) -> StageRows:
    return StageRows(
        where=where,
        days=days,
        legal=legal,
        cost=tuple(row[0] for row in found),
        delay=tuple(row[1] for row in found),
        first=tuple(int(row[3][0]) for row in found),
        last=tuple(int(row[3][-1]) for row in found),
        pattern=tuple(row[2] for row in found),
        by_kind=tuple((int(kind), np.flatnonzero(kinds == kind)) for kind in np.unique(kinds)),
    )


def _windows(course: Course, instance: Instance, grid: Grid) -> dict[tuple[int, int], int]:
    """For each visit and weekday the steps at which the person could arrive and still leave in time."""
    clinic = instance.clinic
    found: dict[tuple[int, int], int] = {}
    wanted = {name for stage in course.stages for name in stage.visits()}
    for kind, visit in enumerate(instance.visits):
        if visit.id not in wanted:
            continue
        for weekday in range(7):
            bits = 0
            for window in course.free:
                if window.weekday != weekday:
                    continue
                begins = window.begins + course.travel_minutes
                ends = min(window.ends - course.travel_minutes, clinic.closes)
                first = tick_ceil(clinic, begins)
                last = (ends - visit.minutes - clinic.opens) // clinic.grid_minutes
                bits |= bits_between(first, last)
            found[kind, weekday] = bits & ((1 << grid.clinic.ticks) - 1)
    return found


def _levels(course: Course, grid: Grid) -> tuple[tuple[int, int], ...]:
    clinic = grid.clinic
    by_points: dict[int, int] = {}
    for tick in range(clinic.ticks):
        points = abs(clinic.opens + tick * clinic.grid_minutes - course.prefer) // MISFIT_MINUTES
        by_points[points] = by_points.get(points, 0) | 1 << tick
    return tuple(sorted(by_points.items()))
