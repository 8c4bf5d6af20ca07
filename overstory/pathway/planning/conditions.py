"""The rules of suitability under which a plan stands, each with what settles it."""

from __future__ import annotations

from collections.abc import Iterable

from overstory.pathway.planning.values import Condition
from overstory.pathway.suitability import RuleAnswer

KINDS = ("physician-decision", "caution", "notice")


def conditions_of(rules: Iterable[RuleAnswer], *, parts: Iterable[str]) -> tuple[Condition, ...]:
    """
    Return the physician-decisions, cautions and notices that are true or unknown, each once.

    Of the parts of the combination only those that the plan is made of are asked.
    """
    wanted = {None, *parts}
    found: dict[str, Condition] = {}
    for each in rules:
        if each.part not in wanted or each.rule.kind not in KINDS or each.rule.id in found:
            continue
        if each.answer is False and each.rule.kind != "notice":
            continue
        found[each.rule.id] = _condition(each)
    return tuple(found.values())


def _condition(answer: RuleAnswer) -> Condition:
    rule = answer.rule
    settled = answer.answer is not None or rule.kind == "notice"
    return Condition(
        id=rule.id,
        kind=rule.kind,
        says=rule.words.says,
        closes=_closes(answer, settled=settled),
        settled=settled,
        medicine=any(_of_medicine(name) for name in rule.fact_names),
        asks=tuple(answer.asks),
        status=rule.words.status,
        sources=rule.sources,
        part=answer.part or "",
    )


def _closes(answer: RuleAnswer, *, settled: bool) -> str:
    if not settled:
        return "A question to settle before the first session."
    if answer.rule.kind == "physician-decision":
        return "A physician's written reason."
    if answer.rule.kind == "notice":
        return "Said to the person before consent."
    return answer.rule.words.precaution or "The named precaution."


def _of_medicine(name: str) -> bool:
    return name.startswith("takes_") or name.endswith("_mg_per_day")
