"""The cheapest way for one course beside what is booked, and first-fit for many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import NamedTuple

from overstory.pathway.timetable.choices import (
    Choice,
    Choices,
    masks_of,
    put,
    table_of,
)
from overstory.pathway.timetable.occupancy import Occupancy


def cheapest(
    choices: Choices,
    occupancy: Occupancy,
    *,
    rng: Random | None = None,
    skip: float = 0.0,
    not_before: int = 0,
) -> Choice | None:
    """
    Return the cheapest way in which a course fits beside what is taken, or None.

    Among slots of the same cost the earliest is taken, or with `rng` the earliest or the latest, so
    that slots stay close to what is taken. `skip` is the chance to pass a row by; `not_before` the
    number of the first open day on which it may start.
    """
    masks = masks_now(choices, occupancy, not_before=not_before)
    return _cheapest(choices, masks, rng, skip)


def masks_now(choices: Choices, occupancy: Occupancy, *, not_before: int = 0) -> list[list[int]]:
    """Return for each stage and row the slots that fit; no start of the course before an open day."""
    table = table_of(choices, occupancy)
    masks = [masks_of(stage, table).tolist() for stage in choices.stages]
    if not_before:
        firsts = choices.stages[0].first
        masks[0] = [
            mask if first >= not_before else 0 for mask, first in zip(masks[0], firsts, strict=True)
        ]
    return masks


def _cheapest(
    choices: Choices, masks: Sequence[Sequence[int]], rng: Random | None, skip: float
) -> Choice | None:
    if len(choices.stages) > 1:
        return _cheapest_of_stages(choices, masks, rng, skip)
    best: tuple[int, int, int] | None = None
    for row, cost, mask in _fitting(choices, masks[0], rng, skip):
        if best is not None and cost >= best[0]:
            break
        points, bits = _nearest(choices, mask)
        if best is None or cost + points < best[0]:
            best = (cost + points, row, bits)
    if best is None:
        return None
    return Choice(best[0], (best[1],), (pick(best[2], rng),))


def _fitting(
    choices: Choices, masks: Sequence[int], rng: Random | None, skip: float
) -> Iterator[tuple[int, int, int]]:
    costs = choices.stages[0].cost
    for row, mask in enumerate(masks):
        if mask and not (rng is not None and skip and rng.random() < skip):
            yield row, costs[row], mask


def _cheapest_of_stages(
    choices: Choices, masks: Sequence[Sequence[int]], rng: Random | None, skip: float
) -> Choice | None:
    onward = _Onward(choices, masks)
    best: _Way | None = None
    for row, cost, _ in _fitting(choices, masks[0], rng, skip):
        if best is not None and cost >= best.cost:
            break
        way = onward.way(0, row)
        if way is not None and (best is None or way.cost < best.cost):
            best = way
    if best is None:
        return None
    return Choice(best.cost, best.rows, tuple(pick(bits, rng) for bits in best.slots))


def onward_choices(choices: Choices, masks: Sequence[Sequence[int]]) -> Iterator[Choice]:
    """Yield for each row of the first stage that fits the best way from there to the end."""
    onward = _Onward(choices, masks)
    for row in range(len(masks[0])):
        way = onward.way(0, row)
        if way is not None:
            yield Choice(way.cost, way.rows, tuple(pick(bits, None) for bits in way.slots))


class _Way(NamedTuple):
    """A row of a stage with the best that follows it; `slots` are the best steps of each stage."""

    cost: int
    rows: tuple[int, ...]
    slots: tuple[int, ...]


class _Onward:
    """The best way from a row of a stage to the end of the course, kept once found."""

    def __init__(self, choices: Choices, masks: Sequence[Sequence[int]]) -> None:
        self._choices = choices
        self._masks = masks
        self._known: dict[tuple[int, int], _Way | None] = {}

    def way(self, stage: int, row: int) -> _Way | None:
        if (stage, row) not in self._known:
            self._known[stage, row] = self._find(stage, row)
        return self._known[stage, row]

    def _find(self, stage: int, row: int) -> _Way | None:
        mask = self._masks[stage][row]
        if not mask:
            return None
        points, bits = _nearest(self._choices, mask)
        cost = self._choices.stages[stage].cost[row] + points
        if stage + 1 == len(self._choices.stages):
            return _Way(cost, (row,), (bits,))
        ways = [self.way(stage + 1, after) for after in self._choices.follows[stage][row]]
        rest = min((way for way in ways if way is not None), key=lambda way: way.cost, default=None)
        if rest is None:
            return None
        return _Way(cost + rest.cost, (row, *rest.rows), (bits, *rest.slots))


def _nearest(choices: Choices, mask: int) -> tuple[int, int]:
    """The least misfit of a mask, and the slots that have it."""
    for points, bits in choices.levels:
        if mask & bits:
            return points, mask & bits
    raise AssertionError("every step of the day has a misfit")


def pick(bits: int, rng: Random | None) -> int:
    """Return one of the steps: the earliest, or with `rng` the earliest or the latest."""
    if rng is None or rng.random() < 0.5:
        return (bits & -bits).bit_length() - 1
    return bits.bit_length() - 1


def first_fit(
    courses: Iterable[Choices], occupancy: Occupancy
) -> list[tuple[Choices, Choice | None]]:
    """
    Place courses as a desk without help would, and return where each stands.

    By date of request; each at its earliest start that fits, at the first slot of the day. This is
    what a timetable is compared with.
    """
    found: list[tuple[Choices, Choice | None]] = []
    for choices in sorted(courses, key=lambda each: (each.course.requested, each.course.id)):
        choice = earliest(choices, occupancy)
        if choice is not None:
            put(choices, choice, occupancy)
        found.append((choices, choice))
    return found


def earliest(choices: Choices, occupancy: Occupancy, *, not_before: int = 0) -> Choice | None:
    """Return the earliest start that fits, at the first slot of the day, or None."""
    masks = masks_now(choices, occupancy, not_before=not_before)
    first = choices.stages[0]
    for row in sorted(range(len(first.first)), key=lambda n: (first.first[n], first.pattern[n])):
        rows = _first_way(choices, masks, 0, row)
        if rows is not None:
            return priced(choices, rows, [masks[n][each] for n, each in enumerate(rows)])
    return None


def _first_way(
    choices: Choices, masks: Sequence[Sequence[int]], stage: int, row: int
) -> tuple[int, ...] | None:
    if not masks[stage][row]:
        return None
    if stage + 1 == len(choices.stages):
        return (row,)
    for after in choices.follows[stage][row]:
        rest = _first_way(choices, masks, stage + 1, after)
        if rest is not None:
            return (row, *rest)
    return None


def priced(choices: Choices, rows: Sequence[int], masks: Sequence[int]) -> Choice:
    """Return the choice of the first slot of each mask, with its cost."""
    ticks = tuple(pick(mask, None) for mask in masks)
    cost = sum(stage.cost[row] for stage, row in zip(choices.stages, rows, strict=True))
    for tick in ticks:
        cost += next(points for points, bits in choices.levels if bits >> tick & 1)
    return Choice(cost, tuple(rows), ticks)
