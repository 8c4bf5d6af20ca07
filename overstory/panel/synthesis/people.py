"""Invented people one by one: what is on record of each, as a patient file would hold it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from overstory.engine.facts import Fact, FactType, Unknown, Value
from overstory.panel.synthesis.conditions import Values
from overstory.panel.synthesis.population import Group, Population, identity
from overstory.panel.synthesis.recording import KNOWN, LEDGER, NOT_ANSWERED, NOT_ASKED, OLD
from overstory.pathway.ledger import Trial

NOT_A_CODE = "not-a-code"
"""What stands for a code that is not on the list."""


@dataclass(frozen=True)
class InventedPerson:
    """What is on record of one invented person: facts as given, and antidepressant trials."""

    id: str
    given: Mapping[str, Fact]
    trials: tuple[Trial, ...]


def people(population: Population) -> Iterator[InventedPerson]:
    """Yield everybody, in the order of their numbers."""
    for group in population.groups():
        columns = {
            name: _column(population.at, kind, group)
            for name, kind in population.knowledge.vocabulary.items()
        }
        ledgers = _ledgers(population, group)
        for place in range(group.size):
            given = {
                name: fact
                for name, column in columns.items()
                if (fact := column[place]) is not None
            }
            yield InventedPerson(identity(group.first + place), given, ledgers[place])


def _ledgers(population: Population, group: Group) -> list[tuple[Trial, ...]]:
    known = group.recorded.states[LEDGER][: group.size] == KNOWN
    places = np.nan_to_num(group.recorded.values[LEDGER][: group.size]).astype(np.int64)
    return [
        population.menu[place].trials if has else ()
        for has, place in zip(known.tolist(), places.tolist(), strict=True)
    ]


def _column(at: datetime, kind: FactType, group: Group) -> list[Fact | None]:
    """One fact of everybody; None where it was never asked."""
    states = group.recorded.states[kind.name][: group.size].tolist()
    values = plain_values(kind, group.recorded.values[kind.name][: group.size])
    days = group.recorded.days.get(kind.name)
    ages = [0] * group.size if days is None else days[: group.size].tolist()
    return [
        _fact(state, value, at, age) for state, value, age in zip(states, values, ages, strict=True)
    ]


def _fact(state: int, value: Value, at: datetime, days: int) -> Fact | None:
    if state == NOT_ASKED:
        return None
    if state == NOT_ANSWERED:
        return Fact(unknown=Unknown.NOT_ANSWERED, at=at)
    return Fact(value, at=at - timedelta(days=days) if state == OLD else at)


def plain_values(kind: FactType, values: Values) -> list[Value]:
    """Return the values of a fact as they are written: a number, a truth, a code."""
    if kind.kind != "code":
        found: list[Value] = values.tolist()
        return found
    codes = [*kind.codes, NOT_A_CODE]
    return [codes[place] for place in values.tolist()]
