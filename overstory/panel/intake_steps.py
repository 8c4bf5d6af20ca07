"""Intake for a whole table: what is stale, what contradicts itself, what follows; as one patient's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from overstory.engine.conditions import LEAVES, Compare, Holds, OneOf
from overstory.engine.facts import FactType, Vocabulary
from overstory.knowledge.load import Knowledge
from overstory.knowledge.rules import ReadConsequence
from overstory.panel.columns import when_column
from overstory.panel.expressions import (
    Below,
    BodyMassIndex,
    Expression,
    Given,
    Keep,
    Least,
    Pick,
    Surely,
    Test,
    Value,
    every,
    negated,
    some,
    unknown,
)
from overstory.panel.moments import length, microseconds
from overstory.panel.program import Step
from overstory.pathway.intake import ORDERED

NOTHING = Given(None)
ASKED = ".asked"


class ConsequenceError(ValueError):
    """A consequence that cannot be drawn for a whole table; the message names it."""


def fresh_name(name: str, within: timedelta | None) -> str:
    """Return the column of a fact that is unknown when it is older than `within`."""
    return name if within is None else f"{name}.within.{within // timedelta(hours=1)}h"


class IntakeSteps:
    """
    The steps from the door to the facts that rules read.

    `dated` names the facts with an `.at` column; a fact without one is of the moment asked about.
    """

    def __init__(self, knowledge: Knowledge, at: datetime, dated: Collection[str]) -> None:
        self.knowledge, self.now, self.dated = knowledge, microseconds(at), dated
        self.vocabulary: Vocabulary = knowledge.vocabulary
        self.concluded = {
            name for each in knowledge.consequences for name in each.words.then
        } & set(self.vocabulary)
        self.with_time = set(dated)

    def steps(self, narrowed: Iterable[tuple[str, timedelta]]) -> Iterator[Step]:
        """Yield the steps; `narrowed` has the facts that rules want fresher, and how fresh."""
        yield Step("asked", {name + ASKED: self._asked(name) for name in sorted(self.concluded)})
        yield Step("fresh", dict(self._fresh()))
        yield Step("contradictions", dict(self._contradictions()))
        if {"bmi", "weight_kg", "height_cm"} <= set(self.vocabulary):
            yield from self._body_mass_index()
        for each in self.knowledge.consequences:
            yield Step(f"consequence {each.words.id}", dict(self._follow(each)))
        yield Step("narrowed", dict(self._narrowed(narrowed)))

    def _asked(self, name: str) -> Test:
        known = negated(unknown(name))
        return some([known, negated(unknown(when_column(name)))]) if name in self.dated else known

    def _fresh(self) -> Iterator[tuple[str, Value]]:
        for name in self.vocabulary.in_order(self.dated):
            limit = self.vocabulary[name].fresh_for
            if limit is not None:
                yield name, Pick(((self._older(name, limit), NOTHING),), Keep(name))

    def _older(self, name: str, limit: timedelta) -> Test:
        return Compare(when_column(name), "<", self.now - length(limit))

    @staticmethod
    def _contradictions() -> Iterator[tuple[str, Value]]:
        for lower, upper in ORDERED:
            wrong = negated(Below(lower, upper))
            for name in (lower, upper):
                yield name, Pick(((wrong, NOTHING),), Keep(name))

    def _body_mass_index(self) -> Iterator[Step]:
        weight, height, kind = "weight_kg", "height_cm", self.vocabulary["bmi"]
        both = every([negated(unknown(weight)), negated(unknown(height))])
        times = tuple(when_column(name) for name in (weight, height) if name in self.dated)
        columns: dict[str, Expression] = {
            "bmi": Pick(((both, BodyMassIndex(weight, height)),), Keep("bmi"))
        }
        own = Keep(when_column("bmi")) if "bmi" in self.dated else NOTHING
        if times or "bmi" in self.dated:
            columns[when_column("bmi")] = Pick(((both, Least(times) if times else NOTHING),), own)
            self.with_time.add("bmi")
        yield Step("body mass index", columns)
        wrong = [negated(_in_range(kind))]
        if "bmi" in self.with_time and kind.fresh_for is not None:
            wrong.append(self._older("bmi", kind.fresh_for))
        yield Step(
            "body mass index that can be",
            {"bmi": Pick(tuple((each, NOTHING) for each in wrong), Keep("bmi"))},
        )

    def _follow(self, consequence: ReadConsequence) -> Iterator[tuple[str, Expression]]:
        cause = consequence.when
        if not isinstance(cause, LEAVES):
            raise ConsequenceError(f"{consequence.words.id}: its condition names one fact only")
        for name, value in consequence.words.then.items():
            yield from self._conclude(cause, cause.fact, name, value)

    def _conclude(
        self, cause: Test, because: str, name: str, value: bool | float | str
    ) -> Iterator[tuple[str, Expression]]:
        free = every([Surely(cause), negated(Holds(name + ASKED))])
        limit = self.vocabulary[name].fresh_for
        cases: list[tuple[Test, Value]] = []
        if because in self.with_time and limit is not None:
            cases.append((every([free, self._older(because, limit)]), NOTHING))
        cases.append((free, Given(value)))
        cases.append((every([Surely(cause), negated(_is(name, value))]), NOTHING))
        yield name, Pick(tuple(cases), Keep(name))
        yield name + ASKED, some([Holds(name + ASKED), Surely(cause)])
        if because in self.with_time:
            own = Keep(when_column(name)) if name in self.with_time else NOTHING
            yield when_column(name), Pick(((free, Keep(when_column(because))),), own)
            self.with_time.add(name)

    def _narrowed(self, narrowed: Iterable[tuple[str, timedelta]]) -> Iterator[tuple[str, Value]]:
        for name, within in narrowed:
            old = ((self._older(name, within), NOTHING),) if name in self.with_time else ()
            yield fresh_name(name, within), Pick(old, Keep(name)) if old else Keep(name)


def _in_range(kind: FactType) -> Test:
    least, greatest = kind.least, kind.greatest
    if least is None or greatest is None:
        return negated(unknown(kind.name))
    return every([Compare(kind.name, ">=", least), Compare(kind.name, "<=", greatest)])


def _is(name: str, value: bool | float | str) -> Test:
    if isinstance(value, bool):
        return Holds(name) if value else negated(Holds(name))
    if isinstance(value, str):
        return OneOf(name, (value,))
    return Compare(name, "==", value)
