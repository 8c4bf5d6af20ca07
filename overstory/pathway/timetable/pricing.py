"""What every way of every course costs when places and staff have prices, and which is cheapest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overstory.pathway.timetable.choices import Choice, Choices, StageRows
from overstory.pathway.timetable.instance import MOST_TICKS
from overstory.pathway.timetable.occupancy import Grid

Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]

CHUNK = 24
"""Rows looked at together; they stand by cost, so the rest is passed over once it cannot be cheaper."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """A stage of a course: its rows in the table of templates, and their cost at every step."""

    number: Numbers
    cost: Floats
    least: Floats


class _After:
    """For each row of a stage the rows of the next that may follow it, in one array."""

    def __init__(self, follows: Sequence[Sequence[int]]) -> None:
        counts = np.array([len(each) for each in follows], np.intp)
        self._rows = np.array([row for each in follows for row in each], np.intp)
        self._ends = np.cumsum(counts)
        self._begins = self._ends - counts
        self._some = np.flatnonzero(counts)

    def least(self, onward: Floats) -> Floats:
        """Return for each row the least of what may follow it; infinite where nothing may."""
        found = np.full(len(self._ends), np.inf)
        if len(self._some):
            parts = onward[self._rows]
            found[self._some] = np.minimum.reduceat(parts, self._begins[self._some])
        return found

    def best(self, row: int, onward: Floats) -> int:
        """Return the row that follows a row best."""
        rows = self._rows[self._begins[row] : self._ends[row]]
        return int(rows[onward[rows].argmin()])


class Pricing:
    """
    The cheapest way of each course at given prices of pools, days and steps.

    Templates (the days of a stage that starts on a day) are shared by all courses that have them, so
    that one product of matrices prices them all.
    """

    def __init__(self, choices: Sequence[Choices], grid: Grid) -> None:
        self.choices = choices
        self.grid = grid
        self._kinds: dict[int, tuple[Numbers, Floats]] = {}
        self._templates = 0
        self._rows = self._build()
        self._after = [tuple(_After(each) for each in one.follows) for one in choices]

    def values(self, prices: Floats) -> Floats:
        """Return what each template costs at each step, given prices of pools × days × steps."""
        found = np.zeros((self._templates, MOST_TICKS))
        for kind, (templates, days) in self._kinds.items():
            found[templates] += days @ self._visit_prices(kind, prices)
        return found

    def reduced(self, n: int, values: Floats) -> tuple[float, Choice | None]:
        """Return what the cheapest way of a course costs with what it pays, and the way itself."""
        found = self._best(n, values)
        unplaced = float(self.choices[n].unplaced_cost)
        if found is None or found[0] >= unplaced:
            return unplaced, None
        return found[0], self._choice(n, found[1])

    def table(self, n: int, values: Floats) -> tuple[Floats, Floats]:
        """Return for the first stage of a course what each row and step costs, and what it pays."""
        rows = self._rows[n][0]
        return rows.cost, values[rows.number]

    def usage(self, plan: Sequence[Choice | None]) -> Floats:
        """Return how much of each pool, day and step a plan takes."""
        counts = np.zeros((len(self.grid.kinds), len(self.grid.days), MOST_TICKS))
        for choices, choice in zip(self.choices, plan, strict=True):
            if choice is not None:
                for stage, row, tick in zip(choices.stages, choice.rows, choice.ticks, strict=True):
                    for kind, sessions in stage.by_kind:
                        counts[kind, stage.days[row, sessions], tick] += 1
        return self.spread(counts)

    def spread(self, counts: Floats) -> Floats:
        """Return what is taken where so many of each visit begin on each day at each step."""
        found = np.zeros((len(self.grid.pools), len(self.grid.days), MOST_TICKS))
        for kind, uses in enumerate(self.grid.uses):
            summed = _summed(counts[kind])
            for use in uses:
                found[use.pool] += use.amount * _window(summed, 1 - use.ends, 1 - use.begins)
        return found

    def _visit_prices(self, kind: int, prices: Floats) -> Floats:
        found = np.zeros((len(self.grid.days), MOST_TICKS))
        for use in self.grid.uses[kind]:
            summed = _summed(prices[use.pool])
            found += use.amount * _window(summed, use.begins, use.ends)
        return found

    def _build(self) -> list[tuple[_Rows, ...]]:
        known: dict[bytes, int] = {}
        wheres: list[Numbers] = []
        found = []
        for choices in self.choices:
            misfit = _misfits(choices)
            found.append(
                tuple(self._stage(stage, misfit, known, wheres) for stage in choices.stages)
            )
        self._templates = len(wheres)
        self._incidence(wheres)
        return found

    def _stage(
        self,
        stage: StageRows,
        misfit: Floats,
        known: dict[bytes, int],
        wheres: list[Numbers],
    ) -> _Rows:
        numbers = np.zeros(len(stage.legal), np.intp)
        for row, where in enumerate(stage.where):
            key = where.tobytes()
            if key not in known:
                known[key] = len(wheres)
                wheres.append(where)
            numbers[row] = known[key]
        packed = stage.legal.view(np.uint8).reshape(len(stage.legal), 8)
        legal = np.unpackbits(packed, axis=1, bitorder="little").astype(bool)
        cost = np.array(stage.cost, float)[:, None] + misfit[None, :]
        cost[~legal] = np.inf
        least = cost.min(axis=1) if len(cost) else np.zeros(0)
        return _Rows(numbers, cost, np.minimum.accumulate(least[::-1])[::-1])

    def _incidence(self, wheres: Sequence[Numbers]) -> None:
        days = len(self.grid.days)
        by_kind: dict[int, list[int]] = {}
        for number, where in enumerate(wheres):
            for kind in np.unique(where // days).tolist():
                by_kind.setdefault(kind, []).append(number)
        for kind, templates in by_kind.items():
            matrix = np.zeros((len(templates), days))
            for row, number in enumerate(templates):
                where = wheres[number]
                matrix[row, where[where // days == kind] % days] = 1
            self._kinds[kind] = (np.array(templates), matrix)

    def _best(self, n: int, values: Floats) -> tuple[float, tuple[tuple[int, int], ...]] | None:
        if len(self._rows[n]) > 1:
            return self._best_of_stages(n, values)
        rows = self._rows[n][0]
        best, place = np.inf, -1
        for begin in range(0, len(rows.number), CHUNK):
            if rows.least[begin] >= best:
                break
            part = slice(begin, begin + CHUNK)
            priced = values[rows.number[part]] + rows.cost[part]
            where = int(priced.argmin())
            if priced.flat[where] < best:
                best, place = float(priced.flat[where]), begin * MOST_TICKS + where
        if place < 0 or best == np.inf:
            return None
        return best, (divmod(place, MOST_TICKS),)

    def _best_of_stages(
        self, n: int, values: Floats
    ) -> tuple[float, tuple[tuple[int, int], ...]] | None:
        """The same over several stages: the best of each row, then of what may follow it."""
        stages = self._rows[n]
        onward: Floats = np.zeros(0)
        bests: list[tuple[Numbers, Floats]] = []
        for stage in reversed(range(len(stages))):
            rows = stages[stage]
            if not len(rows.number):
                return None
            priced = values[rows.number] + rows.cost
            ticks = priced.argmin(axis=1)
            worth = priced[np.arange(len(ticks)), ticks]
            if stage + 1 < len(stages):
                worth = worth + self._after[n][stage].least(onward)
            bests.insert(0, (ticks, worth))
            onward = worth
        row = int(onward.argmin())
        if onward[row] == np.inf:
            return None
        found = [row]
        for stage, (_, worth) in enumerate(bests[1:]):
            found.append(self._after[n][stage].best(found[-1], worth))
        return float(onward[row]), tuple(
            (each, int(bests[stage][0][each])) for stage, each in enumerate(found)
        )

    def _choice(self, n: int, places: Sequence[tuple[int, int]]) -> Choice:
        rows = tuple(row for row, _ in places)
        ticks = tuple(tick for _, tick in places)
        cost = sum(self._rows[n][stage].cost[row, tick] for stage, (row, tick) in enumerate(places))
        return Choice(int(cost), rows, ticks)


def _misfits(choices: Choices) -> Floats:
    found = np.zeros(MOST_TICKS)
    for points, bits in choices.levels:
        for tick in range(MOST_TICKS):
            if bits >> tick & 1:
                found[tick] = points
    return found


def _summed(amounts: Floats) -> Floats:
    """The sums of the steps before each step, for every day."""
    found = np.zeros((amounts.shape[0], MOST_TICKS + 1))
    np.cumsum(amounts, axis=1, out=found[:, 1:])
    return found


def _window(summed: Floats, begins: int, ends: int) -> Floats:
    """For every step the sum of the steps from `begins` to before `ends` after it."""
    ticks = np.arange(MOST_TICKS)
    upper = np.clip(ticks + ends, 0, MOST_TICKS)
    lower = np.clip(ticks + begins, 0, MOST_TICKS)
    found: Floats = summed[:, upper] - summed[:, lower]
    return found
