"""Scales of pictures: round numbers for an axis, widths of the parts of a bar, bins of a histogram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from overstory.panel.report.words import Count

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


def bins(counts: Mapping[str, Count], *, most: int) -> list[tuple[int, int, Count]]:
    """
    Return the people by number of open questions, from 1 to `most`, in at most 18 bins.

    A bin is (least, greatest, people); the people of a bin that holds a hidden count are hidden.
    """
    wide = -(-most // MOST_BINS) or 1
    found: list[tuple[int, int, Count]] = []
    for least in range(1, most + 1, wide):
        inside = [counts.get(str(each), 0) for each in range(least, least + wide)]
        told = [each for each in inside if each is not None]
        people = sum(told) if len(told) == len(inside) else None
        found.append((least, least + wide - 1, people))
    return found


def bin_name(least: int, greatest: int) -> str:
    """Return what a bin is called."""
    return str(least) if least == greatest else f"{least}–{greatest}"
