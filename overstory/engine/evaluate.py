"""One condition, one patient: answer, because, asks. The oracle, kept naive."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from overstory.engine import truth
from overstory.engine.conditions import (
    LEAVES,
    And,
    AtLeast,
    Between,
    Condition,
    Holds,
    Leaf,
    Not,
    OneOf,
    Or,
    parts_of,
)
from overstory.engine.facts import Fact, Facts, Value
from overstory.engine.truth import Truth

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One fact on which an answer rests."""

    name: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What a condition answers for one person.

    `because` holds the known facts that force the truth; it is empty while that is unknown.
    `asks` holds the unknown facts that could still change it, in the order of the vocabulary.
    """

    truth: Truth
    because: list[Reason]
    asks: list[str]


def evaluate(
    condition: Condition, facts: Facts, *, fresh_within: timedelta | None = None
) -> Answer:
    """Return what the condition answers; facts older than `fresh_within` count as unknown."""
    answer = truth_of(condition, facts, fresh_within=fresh_within)
    return Answer(
        truth=answer,
        because=_because(condition, facts, fresh_within) if answer is not None else [],
        asks=asks_of(condition, facts, fresh_within=fresh_within),
    )


def truth_of(condition: Condition, facts: Facts, *, fresh_within: timedelta | None = None) -> Truth:
    """Return true, false or unknown (`None`)."""
    if isinstance(condition, LEAVES):
        fact = facts.fresh(condition.fact, within=fresh_within)
        return leaf_truth(condition, fact.value) if fact.is_known else None
    inner = [truth_of(part, facts, fresh_within=fresh_within) for part in parts_of(condition)]
    return _combine(condition, inner)


def leaf_truth(leaf: Leaf, value: Value | None) -> bool:
    """Return whether the leaf holds for a known value."""
    if isinstance(leaf, Holds):
        return value is True
    if isinstance(leaf, OneOf):
        return value in leaf.codes
    number = cast("float", value)
    if isinstance(leaf, Between):
        return leaf.low <= number <= leaf.high
    return COMPARISONS[leaf.op](number, leaf.number)


def asks_of(
    condition: Condition, facts: Facts, *, fresh_within: timedelta | None = None
) -> list[str]:
    """
    Return the unknown facts of those leaves whose every enclosing node is unknown.

    Since a condition names a fact once, these are the facts for which some values of the unknowns
    change the answer. A derived fact is asked for by its roots.
    """
    names = _asked(condition, facts, fresh_within)
    return missing_roots(names, facts, fresh_within=fresh_within)


def missing_roots(
    names: Iterable[str], facts: Facts, *, fresh_within: timedelta | None = None
) -> list[str]:
    """Return what to ask for facts that are unknown: a derived one by those of its roots unknown."""
    asked: set[str] = set()
    for name in names:
        roots = facts.vocabulary.roots(name)
        missing = [each for each in roots if not facts.fresh(each, within=fresh_within).is_known]
        asked.update(missing or roots)
    return facts.vocabulary.in_order(asked)


def _combine(condition: Condition, inner: list[Truth]) -> Truth:
    if isinstance(condition, Not):
        return truth.negation(inner[0])
    if isinstance(condition, And):
        return truth.conjunction(inner)
    if isinstance(condition, Or):
        return truth.disjunction(inner)
    assert isinstance(condition, AtLeast)
    return truth.at_least(condition.count, inner)


def _asked(condition: Condition, facts: Facts, within: timedelta | None) -> list[str]:
    if truth_of(condition, facts, fresh_within=within) is not None:
        return []
    if isinstance(condition, LEAVES):
        return [condition.fact]
    return [name for part in parts_of(condition) for name in _asked(part, facts, within)]


def _because(condition: Condition, facts: Facts, within: timedelta | None) -> list[Reason]:
    """Return the leaves that force the truth of a condition that is known."""
    if isinstance(condition, LEAVES):
        return [Reason(condition.fact, facts.fresh(condition.fact, within=within))]
    whole = truth_of(condition, facts, fresh_within=within)
    wanted = (not whole) if isinstance(condition, Not) else whole
    return [
        reason
        for part in parts_of(condition)
        if truth_of(part, facts, fresh_within=within) is wanted
        for reason in _because(part, facts, within)
    ]
