"""One course into a clinic that is running: the best few standing slots, and what each costs others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from overstory.pathway.timetable.choices import (
    Choice,
    Choices,
    lift,
    placement_of,
    put,
)
from overstory.pathway.timetable.instance import Placement
from overstory.pathway.timetable.occupancy import Occupancy
from overstory.pathway.timetable.search import cheapest, masks_now, onward_choices

APART_TICKS = 6
APART_DAYS = 5
LOOKED_AT = 60
WHOLE_DAYS = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """
    A way to book a course.

    `closes` is how many of the starts and slots that a course like this has now would be gone for the
    next one; `costs_others` is by how much the courses that wait would cost more.
    """

    choice: Choice
    placement: Placement
    closes: int
    costs_others: int


def offers(
    choices: Choices,
    occupancy: Occupancy,
    *,
    most: int = 3,
    waiting: Sequence[Choices] = (),
) -> list[Offer]:
    """
    Return the best few ways to book a course, cheapest first, each unlike the ones before.

    What is booked stays where it is. `waiting` are courses without a place yet, such as those still to
    be asked. An empty list means that it does not fit: `reason` of the module `explain` says why.
    """
    masks = masks_now(choices, occupancy)
    picked = _unlike(sorted(_ways(choices, masks)), choices, most)
    room = _room(masks)
    now = [_cost(each, occupancy) for each in waiting]
    found = []
    for choice in picked:
        put(choices, choice, occupancy)
        left = _room(masks_now(choices, occupancy))
        rise = sum(_cost(each, occupancy) for each in waiting) - sum(now)
        lift(choices, choice, occupancy)
        placement = placement_of(choices, choice, occupancy.grid)
        found.append(Offer(choice, placement, room - left, rise))
    return found


def fits(choices: Choices, choice: Choice, occupancy: Occupancy) -> bool:
    """Return whether a way still fits beside what is taken."""
    masks = masks_now(choices, occupancy)
    return all(
        stage[row] >> tick & 1
        for stage, row, tick in zip(masks, choice.rows, choice.ticks, strict=True)
    )


def _ways(choices: Choices, masks: Sequence[Sequence[int]]) -> Iterator[Choice]:
    """All slots of the first few starts and patterns, and the best and the first of others."""
    if len(choices.stages) > 1:
        yield from onward_choices(choices, masks)
        return
    points = {tick: cost for cost, bits in choices.levels for tick in _ticks(bits)}
    stage = choices.stages[0]
    shown = 0
    for row, mask in enumerate(masks[0]):
        if not mask:
            continue
        best = next(mask & bits for _, bits in choices.levels if mask & bits)
        some = _ticks(mask) if shown < WHOLE_DAYS else {_first(best), _first(mask)}
        for tick in some:
            yield Choice(stage.cost[row] + points[tick], (row,), (tick,))
        shown += 1
        if shown == LOOKED_AT:
            return


def _unlike(ways: Sequence[Choice], choices: Choices, most: int) -> list[Choice]:
    found: list[Choice] = []
    stage = choices.stages[0]
    weekdays = [pattern[0] for pattern in choices.course.stages[0].patterns]
    for way in ways:
        if all(
            abs(way.ticks[0] - each.ticks[0]) >= APART_TICKS
            or abs(stage.first[way.rows[0]] - stage.first[each.rows[0]]) >= APART_DAYS
            or weekdays[stage.pattern[way.rows[0]]] != weekdays[stage.pattern[each.rows[0]]]
            for each in found
        ):
            found.append(way)
        if len(found) == most:
            break
    return found


def _room(masks: Sequence[Sequence[int]]) -> int:
    """How many starts and slots there are, over all stages."""
    return sum(mask.bit_count() for stage in masks for mask in stage)


def _cost(choices: Choices, occupancy: Occupancy) -> int:
    choice = cheapest(choices, occupancy)
    return choices.unplaced_cost if choice is None else choice.cost


def _first(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def _ticks(bits: int) -> list[int]:
    return [tick for tick in range(bits.bit_length()) if bits >> tick & 1]
