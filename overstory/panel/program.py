"""A program: the columns to make, step by step, from a table of facts to verdicts and questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from overstory.knowledge.load import Knowledge
from overstory.panel.expressions import Expression

RULE = "rule."
VERDICT = ".verdict"
LEVELS = ("none", "low", "moderate", "high", "unknown")
SAFETY = "safety.level"


@dataclass(frozen=True, slots=True)
class Step:
    """Columns that need only the columns of the steps before; they may replace columns of them."""

    name: str
    columns: Mapping[str, Expression]


@dataclass(frozen=True)
class Program:
    """
    What is worked out for every row, and which column holds what.

    `inputs` are the columns of the facts table that it starts from, as they are after the door.
    `rules` names the column of each rule's truth; `rule_asks`, by rule, the column of each fact that
    it can ask for. By treatment: `verdicts` has the column of its verdict (the place in
    `pathway.verdicts.ORDER`), `asks` those of its open questions by fact in the vocabulary's order,
    `decided` those of its deciding rules by rule. `safety` holds the place in `LEVELS`.
    """

    knowledge: Knowledge
    jurisdiction: str
    at: datetime
    inputs: tuple[str, ...]
    steps: tuple[Step, ...]
    rules: Mapping[str, str]
    rule_asks: Mapping[str, Mapping[str, str]]
    verdicts: Mapping[str, str]
    asks: Mapping[str, Mapping[str, str]]
    decided: Mapping[str, Mapping[str, str]]
    safety: str = SAFETY

    def until(self, name: str) -> tuple[Step, ...]:
        """
        Return the steps up to the one with this name.

        :raises KeyError: if no step has the name.
        """
        names = [step.name for step in self.steps]
        if name not in names:
            raise KeyError(name)
        return self.steps[: names.index(name) + 1]
