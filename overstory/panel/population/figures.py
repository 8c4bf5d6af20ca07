"""From counts to the figures of a population: the JSON `overstory.population/1`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from overstory.engine.facts import FactType
from overstory.panel.population.blocking import Blocking
from overstory.panel.population.tally import UNKNOWN, Tally
from overstory.panel.program import LEVELS, Program
from overstory.pathway.verdicts import ORDER, PERMITTING, Verdict

SCHEMA = "overstory.population/1"
QUARTERS = {"q1": 0.25, "median": 0.5, "q3": 0.75}


@dataclass(frozen=True)
class Table:
    """Where the people came from: shown with every figure."""

    name: str
    read: int
    where: str | None = None
    left_out: int = 0
    left_out_unknown: int = 0
    warnings: Sequence[str] = field(default_factory=tuple)
    invented: bool = False


def population_figures(
    tally: Tally,
    *,
    program: Program,
    blocking: Blocking,
    characteristics: Sequence[str],
    table: Table,
) -> dict[str, Any]:
    """
    Return the figures of a population, as `overstory.population/1` has them.

    Counts are of people. Every treatment's verdicts, and every step of its attrition, add up to all.
    """
    figures = _Figures(tally, program, characteristics)
    return {
        "schema": SCHEMA,
        "knowledge": {"version": program.knowledge.version, "sha256": program.knowledge.sha256},
        "at": program.at.isoformat(),
        "jurisdiction": program.jurisdiction,
        "invented": table.invented,
        "source": {
            "name": table.name,
            "read": table.read,
            "where": table.where,
            "left_out": table.left_out,
            "left_out_unknown": table.left_out_unknown,
        },
        "warnings": list(table.warnings),
        "people": figures.people,
        "safety": {level: tally.counts["safety", level] for level in LEVELS},
        "treatments": [figures.treatment(name) for name in program.verdicts],
        "missing_facts": figures.missing_facts(),
        "route": figures.route(blocking.order),
    }


class _Figures:
    def __init__(self, tally: Tally, program: Program, characteristics: Sequence[str]) -> None:
        self.tally, self.program, self.characteristics = tally, program, characteristics
        self.counts: Counter[tuple[str, ...]] = tally.counts
        self.people = self.counts["people",]
        self.rules = {rule.id: rule for rule in program.knowledge.rules}
        self.rules |= {rule.id: rule for rule in program.knowledge.off_label.values()}
        self.vocabulary = program.knowledge.vocabulary

    def treatment(self, name: str) -> dict[str, Any]:
        verdicts = {str(verdict): self.counts["verdict", name, str(verdict)] for verdict in ORDER}
        return {
            "treatment": name,
            "verdicts": verdicts,
            "would_qualify": self._would_qualify(name),
            "attrition": list(self._attrition(name, verdicts)),
            "conditions": self._rules(name, Verdict.WITH_CONDITIONS),
            "open_questions": self._open_questions(name),
            "asked": [
                {"fact": fact, "label": self.vocabulary[fact].label, "people": people}
                for fact in self.program.asks[name]
                if (people := self.counts["asked", name, fact])
            ],
            "characteristics": list(self._characteristics(name, verdicts)),
        }

    def missing_facts(self) -> list[dict[str, Any]]:
        """Every fact that holds a verdict back; first those whose answer alone settles most."""
        found = []
        for fact in self.vocabulary:
            settles = {name: self.counts["settles", name, fact] for name in self.program.verdicts}
            blocks = {name: self.counts["blocks", name, fact] for name in self.program.verdicts}
            if any(blocks.values()):
                ask = self.program.knowledge.facts[fact].ask
                found.append(
                    {
                        "fact": fact,
                        "label": self.vocabulary[fact].label,
                        "ask": {"who": ask.who, "text": ask.text},
                        "settles": sum(settles.values()),
                        "blocks": sum(blocks.values()),
                        "by_treatment": {
                            name: {"settles": settles[name], "blocks": blocks[name]}
                            for name in self.program.verdicts
                            if blocks[name]
                        },
                    }
                )
        return sorted(found, key=lambda each: (-each["settles"], -each["blocks"]))

    def route(self, order: Sequence[str]) -> list[dict[str, Any]]:
        """How many verdicts are settled when everybody has answered the questions up to each."""
        settled, found = 0, []
        for fact in order:
            settled += sum(self.counts["route", name, fact] for name in self.program.verdicts)
            if any(self.counts["blocks", name, fact] for name in self.program.verdicts):
                found.append(
                    {"fact": fact, "label": self.vocabulary[fact].label, "settled": settled}
                )
        return found

    def _would_qualify(self, name: str) -> dict[str, int]:
        return {
            "now": sum(self.counts["verdict", name, str(each)] for each in PERMITTING),
            "if_every_answer_is_no": sum(
                self.counts["if-no", name, str(each)] for each in PERMITTING
            ),
            "at_best": self.counts["best", name],
        }

    def _attrition(self, name: str, verdicts: dict[str, int]) -> Iterator[dict[str, Any]]:
        before = self.people
        for verdict in ORDER:
            if verdict in PERMITTING:
                return
            removed = verdicts[str(verdict)]
            yield {
                "step": str(verdict),
                "before": before,
                "removed": removed,
                "after": before - removed,
                "rules": self._rules(name, verdict),
            }
            before -= removed

    def _rules(self, name: str, verdict: Verdict) -> list[dict[str, Any]]:
        """The rules that gave a verdict, in their order, with how many people each."""
        found = []
        for rule_id in self.program.decided[name]:
            held = self.counts["held", name, str(verdict), rule_id]
            if held:
                rule = self.rules[rule_id]
                found.append(
                    {
                        "id": rule_id,
                        "kind": rule.kind,
                        "says": rule.words.says,
                        "status": rule.words.status,
                        "held": held,
                        "removed": self.counts["removed", name, str(verdict), rule_id],
                        "alone": self.counts["alone", name, str(verdict), rule_id],
                    }
                )
        return found

    def _open_questions(self, name: str) -> dict[str, int]:
        found = {
            int(key[2]): count
            for key, count in self.counts.items()
            if key[0] == "open" and key[1] == name
        }
        return {str(number): found[number] for number in sorted(found)}

    def _characteristics(self, name: str, verdicts: dict[str, int]) -> Iterator[dict[str, Any]]:
        for place in range(len(ORDER)):
            left = [str(verdict) for verdict in ORDER[place:]]
            yield {
                "after": "everyone" if place == 0 else str(ORDER[place - 1]),
                "people": sum(verdicts[each] for each in left),
                "facts": [self._described(name, fact, left) for fact in self.characteristics],
            }

    def _described(self, name: str, fact: str, verdicts: Sequence[str]) -> dict[str, Any]:
        """How a fact is spread among the people with some verdicts."""
        kind = self.vocabulary[fact]
        values: Counter[str] = Counter()
        for key, count in self.counts.items():
            if key[0] == "is" and key[1] == name and key[3] == fact and key[2] in verdicts:
                values[key[4]] += count
        unknown = values.pop(UNKNOWN, 0)
        known = sum(values.values())
        described: dict[str, Any] = {
            "fact": fact,
            "label": kind.label,
            "known": known,
            "unknown": unknown,
        }
        if kind.kind != "number":
            return described | {"values": {each: values[each] for each in _possible(kind)}}
        total = sum(self.tally.sums["is", name, verdict, fact] for verdict in verdicts)
        described |= {"unit": kind.unit, "mean": round(total / known, 1) if known else None}
        return described | _quantiles(values)


def _possible(kind: FactType) -> tuple[str, ...]:
    return kind.codes or ("yes", "no")


def _quantiles(values: Counter[str]) -> dict[str, float | None]:
    """The quartiles of whole numbers by their counts: the least value that reaches the share."""
    ordered = sorted((float(value), count) for value, count in values.items())
    known = sum(count for _, count in ordered)
    found: dict[str, float | None] = {}
    for name, share in QUARTERS.items():
        reached, found[name] = 0, None
        for value, count in ordered:
            reached += count
            if reached >= share * known:
                found[name] = value
                break
    return found
