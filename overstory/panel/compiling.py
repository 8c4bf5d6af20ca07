"""Knowledge to a program: every rule and the whole verdict algebra as columns over a facts table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from overstory.engine.conditions import Holds
from overstory.knowledge.load import Knowledge
from overstory.panel.columns import when_column
from overstory.panel.expressions import (
    Below,
    Given,
    Keep,
    Pick,
    Surely,
    Test,
    Value,
    every,
    some,
    unknown,
)
from overstory.panel.intake_steps import IntakeSteps
from overstory.panel.program import LEVELS, SAFETY, Program, Step
from overstory.panel.rule_steps import RuleSteps
from overstory.panel.verdict_steps import VerdictSteps
from overstory.pathway.safety import BAND_RULES, HIGH_RULE, ITEM_9, ITEM_9_RULE, SCREEN

TIME = ".time"


def compile_program(
    *,
    knowledge: Knowledge,
    jurisdiction: str,
    at: datetime,
    dated: Collection[str] = (),
) -> Program:
    """
    Return the program that answers for a table what `assess` answers for one person.

    `dated` names the facts whose column has an `.at` column beside it; all others are true at `at`.
    """
    rules = RuleSteps(
        [rule for rule in knowledge.rules if rule.holds_in(jurisdiction)], knowledge.vocabulary
    )
    intake = IntakeSteps(knowledge, at, dated)
    steps = [*intake.steps(rules.narrowed()), *rules.steps()]
    verdicts = VerdictSteps(knowledge, jurisdiction, rules.truths, rules.asks)
    steps += verdicts.steps()
    steps += _safety(rules.truths, dated, intake.now)
    return Program(
        knowledge=knowledge,
        jurisdiction=jurisdiction,
        at=at,
        inputs=tuple(_inputs(knowledge, dated)),
        steps=tuple(step for step in steps if step.columns),
        rules=verdicts.truths,
        rule_asks=rules.asks,
        verdicts=verdicts.verdicts,
        asks=verdicts.asks,
        decided=verdicts.decided,
    )


def _inputs(knowledge: Knowledge, dated: Collection[str]) -> Iterator[str]:
    yield from knowledge.vocabulary
    yield from (when_column(name) for name in knowledge.vocabulary.in_order(dated))


def _safety(truths: Mapping[str, str], dated: Collection[str], now: int) -> Iterator[Step]:
    """The level as `pathway.safety.level` gives it, where the knowledge has its rules."""
    if not {HIGH_RULE, ITEM_9_RULE, *BAND_RULES.values()} <= set(truths):
        return
    times = {name + TIME: _time(name, dated, now) for name in (SCREEN, ITEM_9)}
    yield Step("screen and item 9 in time", times)
    outdated = every([Holds(truths[ITEM_9_RULE]), Below(SCREEN + TIME, ITEM_9 + TIME)])
    cases: list[tuple[Test, str]] = [
        (Holds(truths[HIGH_RULE]), "high"),
        (some([unknown(SCREEN), Surely(outdated)]), "unknown"),
        *((Holds(truths[rule]), band) for band, rule in BAND_RULES.items()),
    ]
    places = tuple((test, Given(LEVELS.index(level))) for test, level in cases)
    yield Step("safety", {SAFETY: Pick(places, Given(LEVELS.index("none")))})


def _time(name: str, dated: Collection[str], now: int) -> Value:
    """When a fact was true; a bare value is of the moment asked about."""
    if name not in dated:
        return Given(now)
    when = when_column(name)
    return Pick(((unknown(when), Given(now)),), Keep(when))
