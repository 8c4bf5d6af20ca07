"""What would change an answer: the smallest sets of facts, with values, that turn a rule false."""

from __future__ import annotations

from itertools import product

from overstory.engine.conditions import LEAVES, And, AtLeast, Condition, Leaf, Not, Or, parts_of
from overstory.engine.evaluate import truth_of
from overstory.engine.facts import Facts

MOST_WAYS = 20

Way = tuple[Leaf | Not, ...]
"""What must hold, all of it, for the answer to change; a leaf, or the opposite of a leaf."""


def ways_to_change(condition: Condition, facts: Facts) -> list[Way]:
    """
    Return the smallest changes of facts, known or not, that make a true condition false.

    Each way is a set of leaves with the truth they would need; at most `MOST_WAYS` are returned. A
    condition that is not true now has none.
    """
    if not truth_of(condition, facts):
        return []
    ways = _ways(condition, wanted=False, facts=facts)
    smallest = sorted({frozenset(way): way for way in ways}.values(), key=len)
    kept: list[Way] = []
    for way in smallest:
        if not any(set(other) <= set(way) for other in kept):
            kept.append(way)
    return kept[:MOST_WAYS]


def _ways(condition: Condition, *, wanted: bool, facts: Facts) -> list[Way]:
    """Every way in which a condition gets the truth that is wanted; `[()]` if it has it already."""
    if truth_of(condition, facts) is wanted:
        return [()]
    if isinstance(condition, LEAVES):
        return [(condition if wanted else Not(condition),)]
    if isinstance(condition, Not):
        return _ways(condition.part, wanted=not wanted, facts=facts)
    parts = [_ways(part, wanted=wanted, facts=facts) for part in parts_of(condition)]
    return _some(parts, _how_many(condition, wanted=wanted))


def _how_many(condition: Condition, *, wanted: bool) -> int:
    """How many parts must have the truth that is wanted for the whole to have it."""
    count = len(parts_of(condition))
    if isinstance(condition, And):
        return count if wanted else 1
    if isinstance(condition, Or):
        return 1 if wanted else count
    assert isinstance(condition, AtLeast)
    return condition.count if wanted else count - condition.count + 1


def _some(parts: list[list[Way]], needed: int) -> list[Way]:
    """Every way in which `needed` of the parts are as wanted."""
    if needed == 0:
        return [()]
    if len(parts) < needed:
        return []
    first, rest = parts[0], parts[1:]
    with_first = [
        (*one, *others) for one, others in product(first, _some(rest, needed - 1)[:MOST_WAYS])
    ]
    return [*with_first, *_some(rest, needed)][: MOST_WAYS * 2]
