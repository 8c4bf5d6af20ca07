"""The plan of an invented population: the entries of knowledge in order, their conditions read."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

from overstory.engine.conditions import Condition, leaves_of
from overstory.engine.facts import FactType, Vocabulary
from overstory.engine.reading import read_condition
from overstory.knowledge.check_population import with_hidden
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.population import (
    Drawn,
    PopulationCause,
    RecordPart,
    Slip,
    Spread,
    TrialHistories,
)

NORMAL = NormalDist()
FARTHEST = 8.0
"""Where the normal score of everybody ends: fewer than one person in 10 ** 15 lies beyond."""


class PopulationError(ValueError):
    """An invented population that cannot be drawn; the message names the entry."""


@dataclass(frozen=True)
class DrawnPlan:
    """A value to be drawn: its entry, its type, and the spread of each condition, in order."""

    entry: Drawn
    type: FactType
    only_when: Condition | None
    cases: tuple[tuple[Condition, Spread], ...]
    own: float

    @property
    def needs(self) -> set[str]:
        """The values that must be drawn before it."""
        conditions = [each for each, _ in self.cases] + ([self.only_when] if self.only_when else [])
        named = {leaf.fact for each in conditions for leaf in leaves_of(each)}
        return named | set(self.entry.over) | set(self.entry.under)


@dataclass(frozen=True)
class SlipPlan:
    """A slip and the condition on which it can happen."""

    entry: Slip
    when: Condition


@dataclass(frozen=True)
class Plan:
    """
    All that is needed to invent people.

    `vocabulary` has the facts and the hidden values. `drawn` stands in an order in which each value
    comes after those that it needs.
    """

    knowledge: Knowledge
    vocabulary: Vocabulary
    causes: tuple[str, ...]
    drawn: tuple[DrawnPlan, ...]
    parts: tuple[RecordPart, ...]
    slips: tuple[SlipPlan, ...]
    trials: TrialHistories


def plan_of(knowledge: Knowledge) -> Plan:
    """
    Return the plan that the knowledge holds.

    :raises PopulationError: if a value needs one that needs it, or one that is not drawn.
    """
    sections = knowledge.sections
    entries: tuple[Drawn, ...] = sections["population"]
    causes: tuple[PopulationCause, ...] = sections["population_causes"]
    slips: tuple[Slip, ...] = sections["population_slips"]
    vocabulary = with_hidden(knowledge.vocabulary, {each.id: each for each in entries})
    return Plan(
        knowledge=knowledge,
        vocabulary=vocabulary,
        causes=tuple(each.id for each in causes),
        drawn=tuple(_in_order([_read(each, vocabulary) for each in entries])),
        parts=sections["population_records"],
        slips=tuple(SlipPlan(each, read_condition(each.when, vocabulary)) for each in slips),
        trials=sections["population_trials"][0],
    )


def _read(entry: Drawn, vocabulary: Vocabulary) -> DrawnPlan:
    return DrawnPlan(
        entry=entry,
        type=vocabulary[entry.id],
        only_when=read_condition(entry.only_when, vocabulary) if entry.only_when else None,
        cases=tuple((read_condition(each.when, vocabulary), each) for each in entry.cases),
        own=math.sqrt(max(0.0, 1 - sum(pull * pull for pull in entry.pulls.values()))),
    )


def _in_order(plans: list[DrawnPlan]) -> Iterable[DrawnPlan]:
    drawn: set[str] = set()
    waiting = plans
    while waiting:
        ready = [each for each in waiting if each.needs <= drawn]
        if not ready:
            names = ", ".join(each.entry.id for each in waiting)
            raise PopulationError(f"these wait for each other, or for what is not drawn: {names}")
        yield from ready
        drawn |= {each.entry.id for each in ready}
        waiting = [each for each in waiting if each.entry.id not in drawn]


def score(share: float) -> float:
    """Return the normal score below which this share of people lies."""
    if share <= 0:
        return -FARTHEST
    return FARTHEST if share >= 1 else NORMAL.inv_cdf(share)
