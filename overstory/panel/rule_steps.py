"""Rules for a whole table: the truth of each, and for each what it asks of whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from overstory.engine.conditions import (
    And,
    AtLeast,
    Condition,
    Holds,
    Leaf,
    Not,
    Or,
    leaves_of,
    parts_of,
)
from overstory.engine.facts import Vocabulary
from overstory.knowledge.rules import ReadRule
from overstory.panel.expressions import (
    TRUE,
    UNKNOWN,
    Expression,
    Surely,
    Test,
    Unknown,
    every,
    negated,
    some,
    unknown,
)
from overstory.panel.intake_steps import fresh_name
from overstory.panel.program import RULE, Step


class RuleSteps:
    """
    The steps from facts to the truths of rules, and to what each rule asks.

    `truths` names the column of each rule's truth, `asks` by rule the column of each fact asked.
    """

    def __init__(self, rules: Sequence[ReadRule], vocabulary: Vocabulary) -> None:
        self.rules, self.vocabulary = rules, vocabulary
        self.truths = {rule.id: RULE + rule.id for rule in rules}
        self.asks: dict[str, dict[str, str]] = {}
        self._tests: dict[tuple[Leaf, timedelta | None], str] = {}

    def steps(self) -> Iterator[Step]:
        """Yield the steps: the tests of numbers and codes, the truths, the questions."""
        truths = {self.truths[rule.id]: self._truth(rule) for rule in self.rules}
        yield Step("tests", {name: _renamed(*key) for key, name in self._tests.items()})
        yield Step("rules", truths)
        yield Step("questions", dict(self._questions()))

    def narrowed(self) -> list[tuple[str, timedelta]]:
        """Return the facts that a rule wants fresher than they are by themselves, and how fresh."""
        found = {
            (name, rule.fresh_within)
            for rule in self.rules
            if rule.fresh_within is not None
            for needed in (_conditioned(rule.when) or _needed(rule))
            for name in (needed, *self.vocabulary.roots(needed))
        }
        return sorted(found)

    def _truth(self, rule: ReadRule) -> Test:
        if rule.kind == "requires":
            return self._requirement(rule)
        return TRUE if rule.when is None else self._condition(rule.when, rule.fresh_within)

    def _requirement(self, rule: ReadRule) -> Test:
        """Met where what it needs is known or its `if` is false, else unknown: open."""
        known = [negated(unknown(fresh_name(name, rule.fresh_within))) for name in _needed(rule)]
        met = some(known) if rule.words.needs_one_of else every(known)
        spared = []
        if rule.only_if is not None:
            spared = [Surely(negated(self._condition(rule.only_if, None)))]
        return some([met, *spared, UNKNOWN])

    def _condition(self, condition: Condition, within: timedelta | None) -> Test:
        """Return the condition with its tests of numbers and codes as columns, made once each."""
        if isinstance(condition, Holds):
            return Holds(fresh_name(condition.fact, within))
        if isinstance(condition, Not):
            return negated(self._condition(condition.part, within))
        if isinstance(condition, And | Or | AtLeast):
            parts = tuple(self._condition(part, within) for part in condition.parts)
            return replace(condition, parts=parts)  # type: ignore[arg-type]  # nodes of a table
        name = f"test.{len(self._tests)}"
        return Holds(self._tests.setdefault((condition, within), name))

    def _questions(self) -> Iterator[tuple[str, Expression]]:
        for rule in self.rules:
            masks: dict[str, list[Test]] = {}
            for name, mask in self._asked(rule):
                masks.setdefault(name, []).append(mask)
            ordered = self.vocabulary.in_order(masks)
            self.asks[rule.id] = {name: f"{rule.id}.asks.{name}" for name in ordered}
            for name in ordered:
                yield self.asks[rule.id][name], some(masks[name])

    def _asked(self, rule: ReadRule) -> Iterator[tuple[str, Test]]:
        whole = Unknown(Holds(self.truths[rule.id]))
        if rule.kind != "requires":
            if rule.when is not None:
                yield from self._leaves(rule.when, [whole], rule.fresh_within)
            return
        for name in _needed(rule):
            yield from self._roots(name, [whole, _missing(name, rule)], rule.fresh_within)
        if rule.only_if is not None:
            top = Unknown(self._condition(rule.only_if, None))
            yield from self._leaves(rule.only_if, [whole, top], None)

    def _leaves(
        self, node: Condition, path: list[Test], within: timedelta | None
    ) -> Iterator[tuple[str, Test]]:
        """Yield for each leaf where it and every node around it are unknown; `path` ends at `node`."""
        if not parts_of(node):
            (leaf,) = leaves_of(node)
            yield from self._roots(leaf.fact, path, within)
        for part in parts_of(node):
            inner = Unknown(self._condition(part, within))
            yield from self._leaves(part, [*path, inner], within)

    def _roots(
        self, name: str, path: list[Test], within: timedelta | None
    ) -> Iterator[tuple[str, Test]]:
        """Yield what to ask for a fact: a derived one by its missing roots, or all if none is."""
        roots = self.vocabulary.roots(name)
        if roots == (name,):
            yield name, every(path)
            return
        missing = {root: unknown(fresh_name(root, within)) for root in roots}
        none = every([negated(each) for each in missing.values()])
        for root, gone in missing.items():
            yield root, every([*path, some([gone, none])])


def _needed(rule: ReadRule) -> Sequence[str]:
    return rule.words.needs or rule.words.needs_one_of


def _conditioned(condition: Condition | None) -> list[str]:
    return [leaf.fact for leaf in leaves_of(condition)] if condition is not None else []


def _missing(name: str, rule: ReadRule) -> Test:
    return unknown(fresh_name(name, rule.fresh_within))


def _renamed(leaf: Leaf, within: timedelta | None) -> Leaf:
    return replace(leaf, fact=fresh_name(leaf.fact, within))
