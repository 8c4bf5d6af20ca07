"""Which answer raises an alert, worked out before the page that follows it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from overstory.engine.conditions import leaves_of
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.packs import AnswerAlert
from overstory.knowledge.shapes.safety import Triage
from overstory.knowledge.shapes.scales import Scale
from overstory.pathway.pack_screens import screened
from overstory.pathway.pack_values import Replies
from overstory.pathway.packs import answers_to
from overstory.pathway.scoring import fact_name, finding_condition, score
from overstory.pathway.triage import TIERS, CssrsTriage


@dataclass(frozen=True, slots=True)
class RaisedBy:
    """An alert that an answer raises: which, of what kind, where it stands, and in what words."""

    rule: str
    kind: str
    tier: str
    says: str
    value: float | None = None


def raised_by(
    *, key: str, before: Replies, after: Replies, knowledge: Knowledge
) -> tuple[RaisedBy, ...]:
    """
    Return the alerts that the reply to one question raises.

    `before` and `after` are the replies without and with it. A screen alerts when its tier rises.
    """
    scales = {each.id: each for each in knowledge.sections["scales"]}
    return tuple(
        found
        for rule in knowledge.sections["answer_alerts"]
        for found in _answer(rule, key, before, after, scales, knowledge)
    )


def _answer(
    rule: AnswerAlert,
    key: str,
    before: Replies,
    after: Replies,
    scales: dict[str, Scale],
    knowledge: Knowledge,
) -> Iterator[RaisedBy]:
    if rule.asks:
        if key in (f"own.{rule.asks}", f"fact.{rule.asks}") and after[key].value is True:
            yield RaisedBy(rule.id, rule.kind, rule.tier, rule.says)
        return
    if not key.startswith(f"{rule.scale}."):
        return
    if rule.finding:
        yield from _by_finding(rule, key, after, scales[rule.scale])
        return
    scale = scales[rule.scale]
    now, then = _tier(rule, scale, after, knowledge), _tier(rule, scale, before, knowledge)
    if TIERS.index(now) > TIERS.index(then) and TIERS.index(now) >= TIERS.index(rule.from_tier):
        yield RaisedBy(rule.id, rule.kind, now, rule.says)
    elif _is_left_open(rule, scale, key, after):
        yield RaisedBy(rule.id, rule.kind, rule.tier, rule.open_says)


def _is_left_open(rule: AnswerAlert, scale: Scale, key: str, after: Replies) -> bool:
    """Whether this reply leaves a question open without which the screen has no result."""
    if after[key].value is not None:
        return False
    found = screened(rule.triage, scale, after)
    item = key.partition(".")[2]
    result = found.level if isinstance(found, CssrsTriage) else found.result
    return result is None and (item in found.missing or f"q{item}" in found.missing)


def _by_finding(rule: AnswerAlert, key: str, after: Replies, scale: Scale) -> Iterator[RaisedBy]:
    """A finding alerts when one of the items that it names is answered so that it is true."""
    finding = next(each for each in scale.findings if each.id == rule.finding)
    named = {leaf.fact for leaf in leaves_of(finding_condition(scale=scale, when=finding.when))}
    item = key.partition(".")[2]
    if fact_name(item) not in named:
        return
    found = score(scale=scale, answers=answers_to(scale.id, after))
    if any(each.id == finding.id for each in found.critical):
        yield RaisedBy(rule.id, rule.kind, rule.tier, rule.says, after[key].value)


def _tier(rule: AnswerAlert, scale: Scale, replies: Replies, knowledge: Knowledge) -> str:
    """Return the tier that the answers to a screen make certain."""
    level = screened(rule.triage, scale, replies).at_least
    triage: Triage = next(each for each in knowledge.sections["triages"] if each.id == rule.triage)
    return next((each.tier for each in triage.levels if each.level == level and each.tier), "none")
