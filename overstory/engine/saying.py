"""Conditions to plain English, with the labels of the vocabulary."""

from __future__ import annotations

from overstory.engine.conditions import (
    And,
    AtLeast,
    Between,
    Compare,
    Condition,
    Holds,
    Leaf,
    Not,
    OneOf,
    Or,
)
from overstory.engine.facts import Vocabulary

COMPARED = {
    "<": "is below",
    "<=": "is at most",
    "==": "is",
    "!=": "is not",
    ">=": "is at least",
    ">": "is above",
}
OPPOSITE = {"<": ">=", "<=": ">", "==": "!=", "!=": "==", ">=": "<", ">": "<="}


def say(condition: Condition, vocabulary: Vocabulary) -> str:
    """Return the condition as a sentence without its full stop."""
    if isinstance(condition, Not):
        return _say_not(condition.part, vocabulary)
    if isinstance(condition, And | Or):
        return _join(condition.parts, "and" if isinstance(condition, And) else "or", vocabulary)
    if isinstance(condition, AtLeast):
        inner = "; ".join(say(part, vocabulary) for part in condition.parts)
        return f"at least {condition.count} of these hold: ({inner})"
    return _say_leaf(condition, vocabulary)


def _join(parts: tuple[Condition, ...], word: str, vocabulary: Vocabulary) -> str:
    said = [
        f"({say(part, vocabulary)})" if isinstance(part, And | Or) else say(part, vocabulary)
        for part in parts
    ]
    return f" {word} ".join(said)


def _say_leaf(leaf: Leaf, vocabulary: Vocabulary) -> str:
    kind = vocabulary[leaf.fact]
    unit = f" {kind.unit}" if kind.unit and kind.unit not in {"score"} else ""
    if isinstance(leaf, Holds):
        return f"{kind.label}: yes"
    if isinstance(leaf, Compare):
        return f"{kind.label} {COMPARED[leaf.op]} {leaf.number:g}{unit}"
    if isinstance(leaf, Between):
        return f"{kind.label} is between {leaf.low:g} and {leaf.high:g}{unit}, both included"
    return f"{kind.label} is {' or '.join(leaf.codes)}"


def _say_not(part: Condition, vocabulary: Vocabulary) -> str:
    label = vocabulary[part.fact].label if isinstance(part, Holds | OneOf) else ""
    if isinstance(part, Holds):
        return f"{label}: no"
    if isinstance(part, OneOf):
        return f"{label} is not {' or '.join(part.codes)}"
    if isinstance(part, Compare):
        return _say_leaf(Compare(part.fact, OPPOSITE[part.op], part.number), vocabulary)
    if isinstance(part, Not):
        return say(part.part, vocabulary)
    return f"it is not so that ({say(part, vocabulary)})"
