"""Two releases of the knowledge over one table: whose verdict changes, from what to what, by which rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import polars as pl

from overstory.engine.reading import ConditionError, read_condition
from overstory.knowledge.load import Knowledge
from overstory.knowledge.rules import ReadRule, RuleError, read_rule
from overstory.panel.columns import ID
from overstory.panel.door import Refused, enter, together
from overstory.panel.lists import names_of
from overstory.panel.polars_engine import run
from overstory.panel.program import Program
from overstory.pathway.verdicts import ORDER

SCHEMA = "overstory.changes/1"
WORDS = {place: str(verdict) for place, verdict in enumerate(ORDER)}


class WhatIfError(ValueError):
    """A changed rule that cannot be tried; the message says what would be right."""


def what_if(knowledge: Knowledge, text: str) -> Knowledge:
    """
    Return the knowledge with one rule's condition replaced, to see what that would change.

    `text` is `RULE: condition`; for a rule of kind `requires` the condition is its `if`. Nothing else is
    asked of the rule: this is a question, not a change of knowledge.

    :raises WhatIfError: if there is no such rule, it has no condition, or the condition cannot be read.
    """
    rule_id, colon, condition = (part.strip() for part in text.partition(":"))
    if not (colon and rule_id and condition):
        raise WhatIfError(f"a change to try is written as RULE: condition, not {text!r}")
    try:
        rule = knowledge.rule(rule_id)
    except KeyError:
        raise WhatIfError(
            f"no rule is named {rule_id!r}; overstory knowledge list has them"
        ) from None
    if rule.kind == "notice":
        raise WhatIfError(f"{rule_id} is a notice and has no condition")
    try:
        read_condition(condition, knowledge.vocabulary)
        changed = {"if_" if rule.kind == "requires" else "when": condition}
        words = msgspec.structs.replace(rule.words, **changed)
        tried = read_rule(words, knowledge.vocabulary, file=rule.file)
    except (ConditionError, RuleError) as error:
        raise WhatIfError(f"{rule_id}: {error}") from None
    rules = tuple(tried if each.id == rule_id else each for each in knowledge.rules)
    return replace(knowledge, rules=rules)


@dataclass
class Changes:
    """
    What two programs answer differently for the people of one table.

    The counts are right once every piece has passed through `pieces`.
    """

    old: Program
    new: Program
    people: int = 0
    changed: int = 0
    moves: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    by_rule: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    refused: tuple[Refused, ...] = ()

    def pieces(self, tables: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Yield, for each piece of the table, a row for each changed verdict: who, which, and why."""
        rules = _told(self.old, self.new)
        for table in tables:
            new = enter(table, vocabulary=self.new.knowledge.vocabulary, at=self.new.at)
            self.refused = together((*self.refused, *new.refused))
            old = new
            if self.old.knowledge.vocabulary is not self.new.knowledge.vocabulary:
                old = enter(table, vocabulary=self.old.knowledge.vocabulary, at=self.old.at)
            sides = (("old", self.old, old.facts), ("new", self.new, new.facts))
            both = _both(sides, table[ID], rules)
            self.people += table.height
            anybody = both.select(
                pl.any_horizontal(_moved(treatment) for treatment in self.new.verdicts)
            ).to_series()
            self.changed += int(anybody.sum())
            found = [self._treatment(both, treatment, rules) for treatment in self.new.verdicts]
            yield pl.concat(found).sort(ID, maintain_order=True)

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """The columns of a piece, with their types."""
        rules = pl.List(pl.Enum(list(_told(self.old, self.new))))
        return dict.fromkeys((ID, "treatment", "from", "to"), pl.String()) | {"rules": rules}

    def figures(self) -> dict[str, Any]:
        """Return the counts as `overstory.changes/1` has them."""
        return {
            "schema": SCHEMA,
            "old": _named(self.old.knowledge),
            "new": _named(self.new.knowledge),
            "at": self.new.at.isoformat(),
            "jurisdiction": self.new.jurisdiction,
            "people": self.people,
            "changed": self.changed,
            "line": self._line(),
            "rules": list(changed_rules(self.old.knowledge, self.new.knowledge)),
            "treatments": [
                {
                    "treatment": treatment,
                    "moves": [
                        {
                            "from": before,
                            "to": after,
                            "people": people,
                            "rules": self._rules((treatment, before, after)),
                        }
                        for (name, before, after), people in self.moves.most_common()
                        if name == treatment
                    ],
                }
                for treatment in self.new.verdicts
            ],
        }

    def _line(self) -> str:
        """One sentence for the changelog of a clinical change."""
        if not self.changed:
            return f"Of {self.people:,} people nobody changes a verdict."
        moves = "; ".join(
            f"{treatment} {before} → {after} {people:,}"
            for (treatment, before, after), people in self.moves.most_common()
        )
        return f"Of {self.people:,} people {self.changed:,} change a verdict: {moves}."

    def _treatment(self, both: pl.DataFrame, treatment: str, rules: Iterable[str]) -> pl.DataFrame:
        moved = both.filter(_moved(treatment))
        masks = {rule: f"differs {rule}" for rule in rules}
        told = pl.DataFrame(
            [
                moved[ID],
                pl.Series("treatment", [treatment], dtype=pl.String()).new_from_index(
                    0, moved.height
                ),
                moved[f"old {treatment}"]
                .replace_strict(WORDS, return_dtype=pl.String())
                .alias("from"),
                moved[f"new {treatment}"]
                .replace_strict(WORDS, return_dtype=pl.String())
                .alias("to"),
                names_of(moved, masks).alias("rules"),
            ]
        )
        for before, after, count in told.group_by("from", "to").len().iter_rows():
            self.moves[treatment, before, after] += count
        named = told.explode("rules").drop_nulls("rules").group_by("from", "to", "rules").len()
        for before, after, rule, count in named.iter_rows():
            self.by_rule[treatment, before, after, rule] += count
        return told

    def _rules(self, move: tuple[str, str, str]) -> list[dict[str, Any]]:
        return [
            {"id": key[3], "people": people}
            for key, people in self.by_rule.most_common()
            if key[:3] == move
        ]


def changed_rules(old: Knowledge, new: Knowledge) -> tuple[str, ...]:
    """Return the ids of the rules that are not the same in both, in the order of the new, then the old."""
    before = {rule.id: _compared(rule) for rule in old.rules}
    after = {rule.id: _compared(rule) for rule in new.rules}
    return tuple(
        rule_id for rule_id in (after | before) if before.get(rule_id) != after.get(rule_id)
    )


def _compared(rule: ReadRule) -> object:
    words = rule.words
    return (rule.kind, rule.when, rule.only_if, rule.fresh_within, tuple(words.applies_to),
            tuple(words.jurisdiction), tuple(words.needs), tuple(words.needs_one_of),
            tuple((each.jurisdiction, each.status) for each in words.regulatory))  # fmt: skip


def _told(old: Program, new: Program) -> tuple[str, ...]:
    """The rules that can tell why a verdict moved: those changed, and off-label use, which is computed."""
    off_label = [rule.id for rule in new.knowledge.off_label.values() if rule.id in new.rules]
    return (*changed_rules(old.knowledge, new.knowledge), *off_label)


def _both(
    sides: Iterable[tuple[str, Program, pl.DataFrame]], ids: pl.Series, rules: Iterable[str]
) -> pl.DataFrame:
    """The verdicts of both, and where each of the rules answers differently."""
    columns = [ids]
    truths: dict[str, list[pl.Series]] = {rule: [] for rule in rules}
    for name, program, facts in sides:
        answers = run(program, facts, until="verdicts")
        columns += [answers[c].alias(f"{name} {t}") for t, c in program.verdicts.items()]
        for rule in rules:
            if rule in program.rules:
                truths[rule].append(answers[program.rules[rule]])
    columns += [
        _differs(found, len(ids)).alias(f"differs {rule}") for rule, found in truths.items()
    ]
    return pl.DataFrame(columns)


def _differs(truths: list[pl.Series], height: int) -> pl.Series:
    """Where two answers differ; where there is one alone, it counts unless it is false."""
    if not truths:  # the rule is in force elsewhere
        return pl.repeat(value=False, n=height, dtype=pl.Boolean(), eager=True)
    if len(truths) == 1:
        return truths[0].fill_null(value=True)
    return truths[0].ne_missing(truths[1])


def _moved(treatment: str) -> pl.Expr:
    return pl.col(f"old {treatment}") != pl.col(f"new {treatment}")


def _named(knowledge: Knowledge) -> dict[str, str]:
    return {"version": knowledge.version, "sha256": knowledge.sha256}
