"""Why there is no plan: the verdict with its rules, or the protocol with its reasons."""

from __future__ import annotations

from collections.abc import Iterable

from overstory.pathway.protocols import Refusal
from overstory.pathway.safety import SafetyAssessment
from overstory.pathway.suitability import RuleAnswer, TreatmentAssessment
from overstory.pathway.verdicts import Verdict

REFUSED = frozenset({Verdict.CONTRAINDICATED, Verdict.NOT_INDICATED, Verdict.CANNOT_SAY_YET})
"""Verdicts for which nothing is planned, not even a draft."""
UNKNOWN_BLOCKS = frozenset({"contraindication", "defer", "requires"})


class PlanWishError(ValueError):
    """A wish that no plan can meet because of how it was put; the message says what would be right."""


class PlanRefusedError(Exception):
    """
    A plan that is refused for a stated clinical reason.

    `rules` are those that decide, each once; `parts` says by rule of which parts of the combination it
    is true. `reasons` are those of the protocol where it is that which is refused. `safety` is how safe
    the person is, for a person in danger meets the crisis path first.
    """

    safety: SafetyAssessment | None = None

    def __init__(
        self,
        *,
        treatment: str,
        verdict: Verdict,
        says: str,
        rules: tuple[RuleAnswer, ...] = (),
        asks: tuple[str, ...] = (),
        protocol: str = "",
        reasons: tuple[Refusal, ...] = (),
    ) -> None:
        self.treatment, self.verdict, self.says = treatment, verdict, says
        self.rules = tuple({each.rule.id: each for each in reversed(rules)}.values())[::-1]
        self.parts = _parts(rules)
        self.asks = asks
        self.protocol, self.reasons = protocol, reasons
        super().__init__(says)


def refuse_unless_plannable(assessed: TreatmentAssessment) -> None:
    """
    Refuse a treatment that is contraindicated, not indicated, or of which nothing can be said yet.

    :raises PlanRefusedError: with the rules that decide and what would have to be known.
    """
    verdict = assessed.verdict
    if verdict not in REFUSED:
        return
    raise PlanRefusedError(
        treatment=assessed.treatment,
        verdict=verdict,
        says=f"{assessed.treatment} is not planned: {verdict}",
        rules=deciding_rules(assessed),
        asks=assessed.asks,
    )


def deciding_rules(assessed: TreatmentAssessment) -> tuple[RuleAnswer, ...]:
    """
    Return the rules that make the verdict, those of a part only where the part has that verdict.

    A rule that several parts share stands there once for each.
    """
    worst = {part for part, verdict in assessed.parts if verdict == assessed.verdict}
    indicated = {
        each.part for each in assessed.rules if each.rule.kind == "indication" and each.answer
    }
    found: dict[tuple[str | None, str], RuleAnswer] = {}
    for each in assessed.rules:
        if each.part is not None and each.part not in worst:
            continue
        if _decides(each, assessed.verdict, indicated=each.part in indicated):
            found[each.part, each.rule.id] = each
    return tuple(found.values())


def _parts(rules: Iterable[RuleAnswer]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for each in rules:
        found[each.rule.id] = (*found.get(each.rule.id, ()), *([each.part] if each.part else []))
    return found


def _decides(answer: RuleAnswer, verdict: Verdict, *, indicated: bool) -> bool:
    kind = answer.rule.kind
    if verdict is Verdict.CONTRAINDICATED:
        return kind == "contraindication" and answer.answer is True
    if verdict is Verdict.NOT_INDICATED:
        return kind == "indication" and answer.answer is False
    if verdict is Verdict.NOT_NOW:
        return kind == "defer" and answer.answer is True
    unknown = answer.answer is None
    return unknown and (kind in UNKNOWN_BLOCKS or (kind == "indication" and not indicated))
