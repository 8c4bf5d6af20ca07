"""What a course would like if nobody stood in its way, and who does."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from overstory.pathway.timetable.choices import Choice, Choices
from overstory.pathway.timetable.occupancy import Use
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


def covers(
    choices: Choices, choice: Choice | None, where: Sequence[int], uses: Sequence[Sequence[Use]]
) -> bool:
    """Return whether a course that stands so takes of a pool on a day at a step."""
    if choice is None:
        return False
    pool, day, step = where
    for stage, row, tick in zip(choices.stages, choice.rows, choice.ticks, strict=True):
        if not stage.first[row] <= day <= stage.last[row]:
            continue
        for kind, sessions in stage.by_kind:
            at_step = any(
                use.pool == pool and tick + use.begins <= step < tick + use.ends
                for use in uses[kind]
            )
            if at_step and (stage.days[row, sessions] == day).any():
                return True
    return False
