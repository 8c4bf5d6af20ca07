"""Which rules gave a verdict: those to name first when someone asks why."""

from __future__ import annotations

from collections.abc import Iterable

from overstory.pathway.suitability import RuleAnswer, TreatmentAssessment, by_kind
from overstory.pathway.verdicts import Verdict, better, verdict_of

UNSURE = frozenset({"contraindication", "defer", "requires"})
CONDITIONS = frozenset({"physician-decision", "caution", "notice"})


def deciding_rules(assessment: TreatmentAssessment) -> tuple[str, ...]:
    """
    Return the ids of the rules of the kind that gave the verdict, in the order of `rules`.

    For `cannot-say-yet`, those that are unknown or open; an indication only while none is true. For
    `with-conditions`, what is true or could be. `suitable` has none. The combination names those of
    each part whose verdict is its own, the ketamine form or forms with the better verdict alone.
    """
    if not assessment.parts:
        return tuple(_deciding(assessment.rules, assessment.verdict))
    found = {
        rule_id
        for part in _parts_that_gave_it(assessment)
        for rule_id in _deciding(
            [each for each in assessment.rules if each.part == part], assessment.verdict
        )
    }
    listed = dict.fromkeys(each.rule.id for each in assessment.rules)
    return tuple(rule_id for rule_id in listed if rule_id in found)


def _parts_that_gave_it(assessment: TreatmentAssessment) -> list[str | None]:
    """The parts of the combination whose verdict is its own; its own rules are the part `None`."""
    own = [each for each in assessment.rules if each.part is None]
    verdicts: dict[str | None, Verdict] = {
        None: verdict_of(by_kind(own, has_indications=False)),
        "tms": dict(assessment.parts)["tms"],
    }
    forms = {name: verdict for name, verdict in assessment.parts if name != "tms"}
    best = better(forms.values())
    verdicts |= {name: verdict for name, verdict in forms.items() if verdict is best}
    return [part for part, verdict in verdicts.items() if verdict is assessment.verdict]


def _deciding(rules: Iterable[RuleAnswer], verdict: Verdict) -> list[str]:
    rules = list(rules)
    indicated = any(each.rule.kind == "indication" and each.answer for each in rules)
    return [each.rule.id for each in rules if _decides(each, verdict, indicated=indicated)]


def _decides(each: RuleAnswer, verdict: Verdict, *, indicated: bool) -> bool:
    kind, answer = each.rule.kind, each.answer
    if verdict is Verdict.CONTRAINDICATED:
        return kind == "contraindication" and answer is True
    if verdict is Verdict.NOT_INDICATED:
        return kind == "indication"
    if verdict is Verdict.NOT_NOW:
        return kind == "defer" and answer is True
    if verdict is Verdict.CANNOT_SAY_YET:
        waiting = kind == "indication" and not indicated
        return answer is None and (waiting or kind in UNSURE)
    return verdict is Verdict.WITH_CONDITIONS and kind in CONDITIONS and answer is not False
