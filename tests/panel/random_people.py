"""Random people for the shipped knowledge: values at, just beside and far from every cut-off, unknowns."""

import math
import random
from datetime import UTC, datetime, timedelta

from overstory.engine.conditions import Between, Compare, leaves_of
from overstory.knowledge.load import load_knowledge

AT = datetime(2026, 11, 22, 15, tzinfo=UTC)


def cut_offs(knowledge):
    """By fact, the numbers that any rule compares it with."""
    found = {}
    for rule in knowledge.rules:
        for condition in (rule.when, rule.only_if):
            for leaf in leaves_of(condition) if condition is not None else ():
                if isinstance(leaf, Compare):
                    found.setdefault(leaf.fact, set()).add(leaf.number)
                elif isinstance(leaf, Between):
                    found.setdefault(leaf.fact, set()).update((leaf.low, leaf.high))
    return found


def random_rows(count, *, seed, dated, knowledge=None):
    """Rows as `(value, when)` by fact; each row has its own share of unknown and of true facts."""
    knowledge = knowledge or load_knowledge()
    chance, edges = random.Random(seed), cut_offs(knowledge)  # noqa: S311  # invented people
    return [
        dict(_row(chance, knowledge, edges, dated, chance.random(), chance.random() ** 3))
        for _ in range(count)
    ]


def _row(chance, knowledge, edges, dated, unknown, true):
    for name, kind in knowledge.vocabulary.items():
        if chance.random() < unknown:
            if dated and chance.random() < 0.1:
                yield name, (None, AT - timedelta(days=chance.randint(0, 99)))
            continue
        if kind.kind == "bool":
            value = chance.random() < true
        elif kind.kind == "code":
            value = chance.choice(kind.codes)
        else:
            value = _number(chance, kind, edges.get(name, ()))
        yield name, (value, _when(chance, kind) if dated else None)


def _number(chance, kind, edges):
    near = [
        value
        for edge in edges
        for value in (
            edge, edge - 1, edge + 1, math.nextafter(edge, -math.inf), math.nextafter(edge, math.inf)
        )
        if kind.least <= value <= kind.greatest
    ]  # fmt: skip
    if near and chance.random() < 0.7:
        return float(chance.choice(near))
    return round(chance.uniform(kind.least, kind.greatest), chance.choice((0, 2, 9)))


def _when(chance, kind):
    if chance.random() < 0.2:
        return None
    limit = kind.fresh_for or timedelta(days=30)
    step = timedelta(microseconds=1)
    age = chance.choice((timedelta(), limit, limit + step, limit - step, limit / 2, limit * 3))
    return AT - age
