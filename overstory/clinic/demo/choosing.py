"""Which invented people come to the clinic: for every treatment, one for whom the board says each verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from overstory.engine.facts import Fact
from overstory.knowledge.load import load_knowledge
from overstory.panel.synthesis.people import InventedPerson, people
from overstory.panel.synthesis.population import Population
from overstory.panel.synthesis.recording import Missingness
from overstory.pathway.intake import person as person_facts
from overstory.pathway.ledger import Trial
from overstory.pathway.suitability import assess
from overstory.pathway.verdicts import PERMITTING

LOOKED_AT = timedelta(hours=18)
"""The board is looked at so long after the base; what is fresh for a day is fresh then."""
LOOKED_THROUGH = 130
"""So many people of each way of keeping records are looked through."""
ENOUGH = {"tms": 33, "esketamine": 14, "ketamine-iv": 18, "ketamine-then-tms": 6}
"""So many for whom a treatment is permitted, for plans and courses."""


@dataclass(frozen=True)
class Chosen:
    """Someone invented whose history is known, with the verdict for each treatment."""

    given: dict[str, Fact]
    trials: tuple[Trial, ...]
    verdicts: dict[str, str]
    age: int
    sex: str

    def may_have(self, treatment: str) -> bool:
        """Return whether the board permits a treatment."""
        return self.verdicts.get(treatment) in PERMITTING


def chosen(*, seed: int, base: datetime) -> tuple[Chosen, ...]:
    """Return people who together show every verdict that was met, and enough for plans."""
    found: list[Chosen] = []
    seen: set[tuple[str, str]] = set()
    permitted = dict.fromkeys(ENOUGH, 0)
    for each in _known(seed, base):
        new = set(each.verdicts.items()) - seen
        wanted = [
            name for name, count in permitted.items()
            if count < ENOUGH[name] and each.may_have(name)
        ]  # fmt: skip
        if not new and not wanted:
            continue
        found.append(each)
        seen |= new
        for name in permitted:
            permitted[name] += each.may_have(name)
    return tuple(found)


def _known(seed: int, base: datetime) -> Iterator[Chosen]:
    knowledge = load_knowledge()
    ways: tuple[Missingness, ...] = ("intake", "none")
    for way in ways:
        for one in people(Population(knowledge, LOOKED_THROUGH, seed, base, way)):
            age, sex = one.given.get("age_years"), one.given.get("sex_at_birth")
            if age is None or not isinstance(age.value, int | float) or age.value < 18:
                continue
            yield Chosen(
                dict(one.given), one.trials, _verdicts(one, base), int(age.value),
                str(sex.value) if sex else "",
            )  # fmt: skip


def _verdicts(one: InventedPerson, base: datetime) -> dict[str, str]:
    knowledge = load_knowledge()
    facts = person_facts(
        given=dict(one.given), trials=list(one.trials), at=base + LOOKED_AT, knowledge=knowledge,
        trials_are_whole=True,
    )  # fmt: skip
    found = assess(patient=one.id, facts=facts, knowledge=knowledge, jurisdiction="US")
    return {each.treatment: each.verdict.value for each in found.treatments}


def older(fact: Fact, by: timedelta) -> datetime:
    """Return when a fact was true, had it been recorded so much earlier."""
    return (fact.at or datetime.combine(date.min, datetime.min.time())) - by
