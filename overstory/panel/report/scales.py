"""Scales of pictures: round numbers for an axis, widths of the parts of a bar, bins of a histogram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from overstory.panel.report.words import Count, total

HAIR = 0.4
"""The least width, in percent of the bar, of a part that is not nothing."""
MOST_BINS = 18


def nice_steps(most: int, *, about: int = 6) -> tuple[int, ...]:
    """Return round whole numbers from 0 up to `most`, about so many apart."""
    if most <= 0:
        return (0,)
    rough = max(most / about, 1)
    power = 1
    while power * 10 <= rough:
        power *= 10
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= rough)
    return tuple(range(0, most + 1, step))


def widths(counts: Sequence[int], whole: int) -> list[float]:
    """
    Return how wide each count is drawn, in percent of the whole.

    A count above zero is at least a hair wide; the widest gives what that takes.
    """
    if whole <= 0:
        return [0.0] * len(counts)
    found = [max(100 * count / whole, HAIR) if count else 0.0 for count in counts]
    if found:
        widest = found.index(max(found))
        found[widest] -= max(sum(found) - 100, 0.0)
    return found


@dataclass(frozen=True, slots=True)
class Bin:
    """People with so many open questions; without a `greatest`, all those with more too."""

    least: int
    greatest: int | None
    people: Count

    @property
    def name(self) -> str:
        """What the bin is called."""
        if self.greatest is None:
            return f"{self.least}+"
        return str(self.least) if self.least == self.greatest else f"{self.least}–{self.greatest}"


def bins(counts: Sequence[Mapping[int, Count]]) -> list[list[Bin]]:
    """
    Return, for each distribution of open questions, its people in the same bins, 18 at most.

    The bins reach from the least number above zero to where all but a hundredth are; the last has all
    those with more. The people of a bin that holds a hidden count are hidden.
    """
    edges = _edges(counts)
    return [
        [Bin(least, greatest, _inside(each, least, greatest)) for least, greatest in edges]
        for each in counts
    ]


def _edges(counts: Sequence[Mapping[int, Count]]) -> list[tuple[int, int | None]]:
    together = sorted((key, count or 1) for each in counts for key, count in each.items() if key)
    if not together:
        return []
    first, last, reached = together[0][0], together[-1][0], 0
    everybody = sum(count for _, count in together)
    for key, count in together:
        reached += count
        if 100 * reached >= 99 * everybody:
            last = key
            break
    wide = -(-(last - first + 1) // MOST_BINS)
    starts = list(range(first, last + 1, wide))
    return [(start, start + wide - 1) for start in starts[:-1]] + [(starts[-1], None)]


def _inside(counts: Mapping[int, Count], least: int, greatest: int | None) -> Count:
    inside = [
        count
        for key, count in counts.items()
        if key >= least and (greatest is None or key <= greatest)
    ]
    return total(inside)
