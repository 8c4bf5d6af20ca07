"""What a course would like if nobody stood in its way, and who does."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

from overstory.pathway.timetable.choices import Choice, Choices
from overstory.pathway.timetable.instance import MOST_TICKS
from overstory.pathway.timetable.occupancy import Grid
from overstory.pathway.timetable.search import pick


def freedom(choices: Choices) -> float:
    """Return at how many slots a course could stand on average: who has few is hard to place."""
    found = []
    for stage in choices.stages:
        slots = [int(bits).bit_count() for bits in stage.legal]
        found.append(sum(slots) / max(len(slots), 1))
    return min(found)


def wished(choices: Choices, below: int, rng: Random) -> Choice | None:
    """Return a way that costs less than so much beside what is booked alone, early ones more often."""
    first = choices.stages[0]
    rows = [row for row, cost in enumerate(first.cost) if cost < below]
    if not rows:
        return None
    row = rows[int(len(rows) * rng.random() ** 3)]
    found = [row]
    for follows in choices.follows:
        after = follows[found[-1]]
        if not after:
            return None
        found.append(after[int(len(after) * rng.random() ** 2)])
    cost, ticks = 0, []
    for stage, each in zip(choices.stages, found, strict=True):
        points, tick = _slot(choices, int(stage.legal[each]), rng)
        cost += stage.cost[each] + points
        ticks.append(tick)
    return Choice(cost, tuple(found), tuple(ticks)) if cost < below else None


def _slot(choices: Choices, legal: int, rng: Random) -> tuple[int, int]:
    """A slot near the time of day wished for, at times a little further off, and its misfit."""
    while True:
        for points, bits in choices.levels:
            if legal & bits and rng.random() < 0.6:
                return points, pick(legal & bits, rng)


class Standing:
    """
    Who takes of a pool on a day at a step; mutable: `stand` says where a course stands now.

    A part is one visit of one stage of a course: its days, and the step at which it begins.
    """

    def __init__(self, choices: Sequence[Choices], grid: Grid) -> None:
        self._choices = choices
        self._parts: list[list[tuple[int, int, NDArray[np.intp]]]] = []
        owners: list[int] = []
        kinds: list[int] = []
        for n, each in enumerate(choices):
            own = []
            for number, stage in enumerate(each.stages):
                for kind, sessions in stage.by_kind:
                    own.append((len(owners), number, sessions))
                    owners.append(n)
                    kinds.append(kind)
            self._parts.append(own)
        self._owner = np.array(owners, np.intp)
        self._kind = np.array(kinds, np.intp)
        self._tick = np.zeros(len(owners), np.intp)
        self._days = np.zeros((len(owners), len(grid.days)), bool)
        self._at = _steps_taken(grid)

    def stand(self, n: int, choice: Choice | None) -> None:
        """Say where a course stands from now on, or that it has no place."""
        for part, number, sessions in self._parts[n]:
            self._days[part] = False
            if choice is not None:
                row = choice.rows[number]
                self._days[part, self._choices[n].stages[number].days[row, sessions]] = True
                self._tick[part] = choice.ticks[number]

    def at(self, pool: int, day: int, step: int) -> list[int]:
        """Return the courses that take of a pool on a day at a step."""
        parts = np.flatnonzero(self._days[:, day])
        takes = self._at[self._kind[parts], pool, step - self._tick[parts] + MOST_TICKS]
        found: list[int] = self._owner[parts[takes]].tolist()
        return found


def _steps_taken(grid: Grid) -> NDArray[np.bool_]:
    """For each visit and pool whether it takes of it so many steps after its begin (from -64 on)."""
    found = np.zeros((len(grid.uses), len(grid.pools), 2 * MOST_TICKS + 1), bool)
    for kind, uses in enumerate(grid.uses):
        for use in uses:
            begins = max(use.begins, -MOST_TICKS)
            found[kind, use.pool, begins + MOST_TICKS : max(use.ends, begins) + MOST_TICKS] = True
    return found
