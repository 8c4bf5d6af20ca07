"""Groups of invented people: their true values, what is on record of them, and their facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np

from overstory.knowledge.load import Knowledge
from overstory.panel.columns import INVENTED
from overstory.panel.synthesis.conditions import Values
from overstory.panel.synthesis.drawing import GROUP, draw
from overstory.panel.synthesis.following import BMI, body_mass_indexes, facts_of
from overstory.panel.synthesis.ledgers import Menu
from overstory.panel.synthesis.plan import Plan, plan_of
from overstory.panel.synthesis.recording import LEDGER, Missingness, Recorded, record
from overstory.panel.synthesis.streams import stream

DIGITS = 6


@dataclass(frozen=True)
class Group:
    """
    People drawn together, in the order of their numbers; `first` is the number of the first.

    `truth` has every true value, `recorded` what is on record, `facts` what follows from that. Only
    the first `size` people belong to the population.
    """

    first: int
    size: int
    truth: dict[str, Values]
    recorded: Recorded
    facts: Recorded


@dataclass(frozen=True)
class Population:
    """
    An invented population: people 1 to `size` of a seed, as their records are at one moment.

    The person of a number is the same in a population of any size. `missing` tells whether records
    are kept as in a health record, as after a clinic's intake, or in full.
    """

    knowledge: Knowledge
    size: int
    seed: int
    at: datetime
    missing: Missingness
    with_errors: bool = False

    def groups(self) -> Iterator[Group]:
        """Yield the people, group by group."""
        for group in range(-(-self.size // GROUP)):
            yield self._group(group)

    @cached_property
    def plan(self) -> Plan:
        """What the knowledge says of invented people."""
        return plan_of(self.knowledge)

    @cached_property
    def menu(self) -> Menu:
        """The ledgers from which the people of the seed have theirs."""
        return Menu(self.plan.trials, self.knowledge, seed=self.seed)

    def _group(self, group: int) -> Group:
        plan, menu = self.plan, self.menu
        truth = draw(plan, seed=self.seed, group=group)
        truth[BMI] = body_mass_indexes(truth)
        truth |= _trials(plan, menu, truth, seed=self.seed, group=group)
        recorded = record(
            plan,
            truth,
            seed=self.seed,
            group=group,
            missing=self.missing,
            with_errors=self.with_errors,
        )
        facts = facts_of(
            recorded,
            menu=menu,
            vocabulary=self.knowledge.vocabulary,
            consequences=self.knowledge.consequences,
        )
        first = group * GROUP
        return Group(first, min(GROUP, self.size - first), truth, recorded, facts)


def identity(number: int) -> str:
    """Return the id of a person by their place, counted from 0; it tells that they are invented."""
    return f"{INVENTED}{number + 1:0{DIGITS}d}"


def _trials(
    plan: Plan, menu: Menu, truth: dict[str, Values], *, seed: int, group: int
) -> dict[str, Values]:
    """Each person's ledger, as its place on the menu, and what it comes to at least."""
    stages = truth[plan.trials.stage]
    has = ~np.isnan(stages)
    a_stage = plan.trials.ledgers_a_stage
    within = stream(seed=seed, group=group, name="which ledger").integers(0, a_stage, GROUP)
    stage = np.nan_to_num(stages).astype(np.int64)
    places = np.where(has, stage * a_stage + within, 0)
    chosen, back = np.unique(places, return_inverse=True)
    found: dict[str, Values] = {LEDGER: np.where(has, places, np.nan)}
    for name in menu[0].counts:
        counts = np.array([menu[int(place)].counts[name].least for place in chosen], dtype=float)
        found[name] = np.where(has, counts[back], 0.0)
    return found
