"""Rules a little off: one threshold moved by a step, one leaf turned; examples must tell them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from overstory.engine.conditions import (
    LEAVES,
    And,
    AtLeast,
    Between,
    Compare,
    Condition,
    Leaf,
    Not,
    OneOf,
    Or,
    leaves_of,
)
from overstory.engine.facts import FactValueError, Vocabulary
from overstory.knowledge.rules import ReadRule


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule with one thing changed, and what was changed."""

    rule: ReadRule
    what: str


def mutants_of(rule: ReadRule, vocabulary: Vocabulary) -> Iterator[Mutant]:
    """Yield the rule with each threshold moved up and down one step, each code left out, each leaf turned."""
    if rule.when is None:
        return
    for leaf in leaves_of(rule.when):
        for new, what in _changes(leaf, vocabulary):
            yield Mutant(replace(rule, when=_swap(rule.when, leaf, new)), what)


def step_of(number: float) -> float:
    """Return one step of a number: 1 for a whole number, else one of its last decimal place."""
    text = repr(number)
    return 10.0 ** -len(text.partition(".")[2]) if "." in text else 1


def _changes(leaf: Leaf, vocabulary: Vocabulary) -> Iterator[tuple[Condition, str]]:
    yield Not(leaf), f"{leaf.fact} turned round"
    if isinstance(leaf, Compare):
        for number in _moved(leaf.fact, leaf.number, vocabulary):
            yield replace(leaf, number=number), f"{leaf.fact} {leaf.op} {number:g}"
    if isinstance(leaf, Between):
        for low in _moved(leaf.fact, leaf.low, vocabulary):
            if low <= leaf.high:
                yield replace(leaf, low=low), f"{leaf.fact} from {low:g}"
        for high in _moved(leaf.fact, leaf.high, vocabulary):
            if high >= leaf.low:
                yield replace(leaf, high=high), f"{leaf.fact} up to {high:g}"
    if isinstance(leaf, OneOf) and len(leaf.codes) > 1:
        for code in leaf.codes:
            codes = tuple(each for each in leaf.codes if each != code)
            yield replace(leaf, codes=codes), f"{leaf.fact} without {code}"


def _moved(fact: str, number: float, vocabulary: Vocabulary) -> Iterator[float]:
    for moved in (number - step_of(number), number + step_of(number)):
        try:
            vocabulary[fact].check(moved)
        except FactValueError:
            continue
        yield round(moved, 9)


def _swap(condition: Condition, old: Leaf, new: Condition) -> Condition:
    if isinstance(condition, LEAVES):
        return new if condition is old else condition
    if isinstance(condition, Not):
        return Not(_swap(condition.part, old, new))
    parts = tuple(_swap(part, old, new) for part in condition.parts)
    if isinstance(condition, AtLeast):
        return AtLeast(condition.count, parts)
    return And(parts) if isinstance(condition, And) else Or(parts)
