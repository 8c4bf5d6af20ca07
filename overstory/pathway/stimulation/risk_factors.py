"""Which rules on TMS risk are true for a person, so that a threshold by watching gives no false ease."""

from __future__ import annotations

from overstory.pathway.suitability import TreatmentAssessment

RISK_KINDS = frozenset({"caution", "physician-decision", "defer", "contraindication"})


def risk_factors(assessed: TreatmentAssessment) -> tuple[str, ...]:
    """Return the ids of the rules on TMS that are true for a person and tell of a risk."""
    return tuple(
        each.rule.id
        for each in assessed.rules
        if each.answer is True and each.rule.kind in RISK_KINDS and each.rule.id.startswith("tms.")
    )
