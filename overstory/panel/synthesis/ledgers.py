"""Invented ledgers of antidepressant trials: a menu for each seed, each ledger derived once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Literal

import numpy as np

from overstory.engine.facts import Value
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.medicines import AdequateDose, Medicine
from overstory.knowledge.shapes.population import TrialHistories, TrialOutcome
from overstory.panel.synthesis.streams import stream
from overstory.pathway.intake import person
from overstory.pathway.ledger import Count, Trial, derive
from overstory.pathway.trials import Episode

CHANCES = 512
"""Random numbers of one ledger, more than its trials can need."""

AN_INSTANT = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""Counts do not depend on when they are asked for."""

Field = Literal["dose_mg", "weeks", "episode", "outcome"]


@dataclass(frozen=True)
class Ledger:
    """
    A ledger and what it comes to.

    `counts` has the least and greatest of each count; `facts` the counts that `person` makes of the
    ledger where nothing else is given, None where one stays unknown.
    """

    trials: tuple[Trial, ...]
    counts: Mapping[str, Count]
    facts: Mapping[str, Value | None]


class Menu:
    """The ledgers of one seed; each is made when it is first asked for."""

    def __init__(self, histories: TrialHistories, knowledge: Knowledge, *, seed: int) -> None:
        self.histories, self.knowledge, self.seed = histories, knowledge, seed
        medicines: dict[str, Medicine] = {
            each.name: each for each in knowledge.sections["medicines"]
        }
        self.brands = {name: each.brands for name, each in medicines.items() if each.brands}
        self.doses: dict[str, AdequateDose] = {}
        for each in knowledge.sections["adequate_doses"]:
            self.doses.setdefault(each.medicine, each)
        self._made: dict[int, Ledger] = {}
        self._facts: dict[Hashable, dict[str, Value | None]] = {}

    def __len__(self) -> int:
        """Return how many ledgers there are."""
        return (self.histories.most_stages + 1) * self.histories.ledgers_a_stage

    def __getitem__(self, place: int) -> Ledger:
        """Return the ledger at a place, the same whenever and by whom it is asked for."""
        if place not in self._made:
            self._made[place] = self._ledger(place)
        return self._made[place]

    def _ledger(self, place: int) -> Ledger:
        stage = place // self.histories.ledgers_a_stage
        random = stream(seed=self.seed, group=place, name="ledger")
        trials = _Writing(self.histories, self.brands, self.doses, random).trials(stage)
        counts = derive(trials=trials, knowledge=self.knowledge).counts
        if not trials:
            return Ledger(trials, counts, dict.fromkeys(counts))
        key = tuple((name, each.least, each.greatest) for name, each in counts.items())
        if key not in self._facts:
            facts = person(given={}, trials=trials, at=AN_INSTANT, knowledge=self.knowledge)
            self._facts[key] = {name: facts[name].value for name in counts}
        return Ledger(trials, counts, self._facts[key])


class _Writing:
    """One ledger on its way."""

    def __init__(
        self,
        histories: TrialHistories,
        brands: Mapping[str, tuple[str, ...]],
        doses: Mapping[str, AdequateDose],
        random: np.random.Generator,
    ) -> None:
        self.histories, self.brands, self.doses = histories, brands, doses
        self.chances: Iterator[float] = iter(random.random(CHANCES).tolist())
        self.left = dict(histories.medicines)

    def trials(self, stage: int) -> tuple[Trial, ...]:
        found = [self._trial(self.histories.failing, intended=True) for _ in range(stage)]
        others = self._whole((0, self.histories.most_others))
        found += [self._trial(self.histories.others, intended=False) for _ in range(others)]
        order = {place: next(self.chances) for place in range(len(found))}
        return tuple(found[place] for place in sorted(order, key=order.__getitem__))

    def _trial(self, outcomes: tuple[TrialOutcome, ...], *, intended: bool) -> Trial:
        histories = self.histories
        outcome = outcomes[self._pick([each.share for each in outcomes])]
        augmentation = not intended and self._chance(histories.augmentation)
        medicine = self._medicine(augmentation)
        gain = self._whole(outcome.improvement_percent)
        told = outcome.outcome
        if self._chance(histories.misfit):
            told = "remission" if told in {"no-response", "partial-response"} else "no-response"
        return Trial(
            medicine=self._name(medicine),
            dose_mg=None if self._lost("dose_mg") else self._dose(medicine, intended),
            weeks=self._weeks(outcome),
            episode=self._episode(intended),
            outcome="unknown" if self._lost("outcome") else told,
            improvement_percent=gain if self._chance(histories.improvement_recorded) else None,
            adherence_percent=self._adherence(),
            augmentation=True if augmentation else None,
        )

    def _medicine(self, augmentation: bool) -> str:
        choices = self.histories.augmentations if augmentation else self.left
        names = list(choices or self.histories.medicines)
        weights = [(choices or self.histories.medicines)[name] for name in names]
        name = names[self._pick(weights)]
        if not augmentation:
            self.left.pop(name, None)
        return name

    def _name(self, medicine: str) -> str:
        if self._chance(self.histories.odd_name):
            odd = self.histories.odd_names
            return list(odd)[self._pick(list(odd.values()))]
        if medicine in self.brands and self._chance(self.histories.brand):
            brands = self.brands[medicine]
            return brands[self._whole((0, len(brands) - 1))]
        return medicine

    def _dose(self, medicine: str, intended: bool) -> float | None:
        entry = self.doses.get(medicine)
        if entry is None or entry.usual_min is None:
            return None
        steps = [step for step in self.histories.dose_steps if step[0] >= 1 or not intended]
        dose = entry.usual_min * steps[self._pick([weight for _, weight in steps])][0]
        return dose if entry.usual_max is None else min(dose, entry.usual_max)

    def _weeks(self, outcome: TrialOutcome) -> float | None:
        weeks = self._whole(outcome.weeks)
        return None if self._lost("weeks") else weeks

    def _episode(self, intended: bool) -> Episode | None:
        if self._lost("episode"):
            return None
        before = not intended and self._chance(self.histories.previous_episode)
        return "previous" if before else "current"

    def _adherence(self) -> float | None:
        share = self._whole(self.histories.adherence_percent)
        return share if self._chance(self.histories.adherence_recorded) else None

    def _lost(self, field: Field) -> bool:
        return self._chance(self.histories.missing.get(field, 0))

    def _chance(self, share: float) -> bool:
        return next(self.chances) < share

    def _pick(self, weights: list[float]) -> int:
        edges = list(accumulate(weights))
        return min(bisect_right(edges, next(self.chances) * edges[-1]), len(edges) - 1)

    def _whole(self, ends: tuple[int, int]) -> int:
        """A whole number between two, both included."""
        least, greatest = ends
        return least + int(next(self.chances) * (greatest - least + 1))
