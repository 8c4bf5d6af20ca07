"""The frozen nodes of a condition: what a rule can say about facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Union


@dataclass(frozen=True, slots=True)
class Holds:
    """A boolean fact."""

    fact: str


@dataclass(frozen=True, slots=True)
class Compare:
    """A number fact against a number; `op` is one of `< <= == != >= >`."""

    fact: str
    op: str
    number: float


@dataclass(frozen=True, slots=True)
class Between:
    """A number fact between two numbers, both included."""

    fact: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OneOf:
    """A code fact that is one of the codes (`==` has one, `in` has several)."""

    fact: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Condition


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of them at least."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """`count` of them at least."""

    count: int
    parts: tuple[Condition, ...]


Leaf = Holds | Compare | Between | OneOf
Condition = Union[Holds, Compare, Between, OneOf, Not, And, Or, AtLeast]

LEAVES = (Holds, Compare, Between, OneOf)


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions directly inside; a leaf has none."""
    if isinstance(condition, Not):
        return (condition.part,)
    if isinstance(condition, And | Or | AtLeast):
        return condition.parts
    return ()


def leaves_of(condition: Condition) -> Iterator[Leaf]:
    """Yield the leaves from left to right."""
    if isinstance(condition, LEAVES):
        yield condition
    for part in parts_of(condition):
        yield from leaves_of(part)
