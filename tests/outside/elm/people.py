"""Random people for the judge: numbers at, just below and just above every cut-off, every code."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import UTC, datetime
from random import Random
from typing import Any

from overstory.engine.conditions import Between, Compare, leaves_of
from overstory.engine.facts import Fact, Facts, FactType
from overstory.knowledge.load import Knowledge

AT = datetime(2026, 11, 22, 15, tzinfo=UTC)
UNKNOWN_PARTS = (0, 0.02, 0.1, 0.3, 0.6, 0.9)
"""How much of a person is unknown, one of these a person; a rule of 14 facts needs the first."""


def cut_offs(knowledge: Knowledge) -> dict[str, set[float]]:
    """Return the numbers against which any rule compares each fact."""
    found: dict[str, set[float]] = defaultdict(set)
    for rule in knowledge.rules:
        for condition in (rule.when, rule.only_if):
            for leaf in leaves_of(condition) if condition else ():
                if isinstance(leaf, Compare):
                    found[leaf.fact].add(leaf.number)
                if isinstance(leaf, Between):
                    found[leaf.fact] |= {leaf.low, leaf.high}
    return found


def choices(kind: FactType, cuts: set[float]) -> list[Any]:
    """Return the values that people have: both truths, every code, or what is near the cut-offs."""
    if kind.kind == "bool":
        return [True, False]
    if kind.kind == "code":
        return list(kind.codes)
    least, greatest = kind.least, kind.greatest
    assert least is not None
    assert greatest is not None
    near = {
        value
        for cut in cuts
        for value in (
            cut, math.nextafter(cut, -math.inf), math.nextafter(cut, math.inf),
            cut - 1, cut + 1, cut - 0.1, cut + 0.1,
        )
    }  # fmt: skip
    return sorted({least, greatest, *(each for each in near if least <= each <= greatest)})


def random_people(knowledge: Knowledge, *, count: int, seed: int) -> list[dict[str, Any]]:
    """Return people as values by fact; what is unknown is not there."""
    random = Random(seed)  # noqa: S311
    cuts = cut_offs(knowledge)
    possible = {
        name: choices(kind, cuts.get(name, set())) for name, kind in knowledge.vocabulary.items()
    }
    people = []
    for _ in range(count):
        unknown = random.choice(UNKNOWN_PARTS)
        people.append(
            {
                name: random.choice(values)
                for name, values in possible.items()
                if random.random() >= unknown
            }
        )
    return people


def facts_of(person: dict[str, Any], knowledge: Knowledge) -> Facts:
    """Return the same person as our own facts, undated."""
    given = {name: Fact(value) for name, value in person.items()}
    return Facts(knowledge.vocabulary, AT, given)
