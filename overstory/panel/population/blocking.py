"""Which unknown facts hold verdicts back, how many each would settle, and how far questions lead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from overstory.panel.program import Program
from overstory.pathway.verdicts import ORDER, Verdict

PLACE = {verdict: place for place, verdict in enumerate(ORDER)}


@dataclass(frozen=True)
class Blocking:
    """
    The facts that hold `cannot-say-yet` verdicts back, and the order in which to ask for them.

    `masks` has by treatment and fact the test that a row waits for it. `order` is the order of asking:
    by how many verdicts wait for the fact in the first piece of the table, ties in the vocabulary's order.
    """

    masks: Mapping[str, Mapping[str, pl.Expr]]
    order: tuple[str, ...]

    def count(
        self, counts: Counter[tuple[str, ...]], answers: pl.DataFrame, treatment: str
    ) -> None:
        """Count for each fact how many verdicts wait for it, and how many for it alone."""
        masks = self.masks[treatment]
        waiting = _waiting(answers, masks)
        if not waiting.width:
            return
        many = waiting.select(pl.sum_horizontal(pl.all().cast(pl.UInt16))).to_series()
        for fact in waiting.columns:
            counts["blocks", treatment, fact] += int(waiting[fact].sum())
            counts["settles", treatment, fact] += int((waiting[fact] & (many == 1)).sum())
        last = waiting.select(
            pl.max_horizontal(
                pl.when(pl.col(fact))
                .then(pl.lit(place + 1, pl.UInt16))
                .otherwise(pl.lit(0, pl.UInt16))
                for place, fact in enumerate(self.order)
                if fact in waiting.columns
            )
        ).to_series()
        for place, count in last.filter(many > 0).value_counts().iter_rows():
            counts["route", treatment, self.order[place - 1]] += count


def blocking_of(program: Program, first: pl.DataFrame) -> Blocking:
    """Return what holds verdicts back under a program; `first` is the first piece of the answers."""
    masks = {treatment: _masks(program, treatment) for treatment in program.verdicts}
    counts: Counter[str] = Counter()
    for found in masks.values():
        waiting = _waiting(first, found)
        for fact in waiting.columns:
            counts[fact] += int(waiting[fact].sum())
    vocabulary = program.knowledge.vocabulary
    named = vocabulary.in_order({fact for found in masks.values() for fact in found})
    return Blocking(masks, tuple(sorted(named, key=lambda fact: -counts[fact])))


def _waiting(answers: pl.DataFrame, masks: Mapping[str, pl.Expr]) -> pl.DataFrame:
    return answers.select(mask.alias(fact) for fact, mask in masks.items())


def _masks(program: Program, treatment: str) -> dict[str, pl.Expr]:
    """Where a verdict that cannot be said waits for a fact: a rule that holds it back asks for it."""
    waits = pl.col(program.verdicts[treatment]) == PLACE[Verdict.CANNOT_SAY_YET]
    asking: dict[str, list[pl.Expr]] = {}
    for rule, decides in program.decided[treatment].items():
        for fact, asks in program.rule_asks.get(rule, {}).items():
            asking.setdefault(fact, []).append(pl.col(decides) & pl.col(asks))
    ordered = program.knowledge.vocabulary.in_order(asking)
    return {fact: waits & pl.any_horizontal(asking[fact]) for fact in ordered}
