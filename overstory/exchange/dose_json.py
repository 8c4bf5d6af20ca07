"""Doses as JSON: numbers with their unit in the name, all weights, and what each part rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from overstory.knowledge.load import Knowledge
from overstory.knowledge.protocol_standing import Standing, in_full, standings
from overstory.pathway.dosing_orders import DoseOrder, OrderRefusedError
from overstory.pathway.protocols import protocol_named
from overstory.pathway.suitability import Assessment, RuleAnswer, TreatmentAssessment

SCHEMA = "overstory.dose/1"
REFUSAL = "overstory.refusal/1"
TENTHS = ("total_kg", "ideal_kg", "adjusted_kg", "dosing_kg", "bmi", "rounding_percent")
FORMS = {"Infusion": "infusion", "Injection": "injection", "Sprays": "nasal-spray",
         "UnderTongue": "under-the-tongue"}  # fmt: skip


CONDITIONS = frozenset({"physician-decision", "caution", "notice"})
"""Kinds of rule that permit a dose, and are told with it."""


def dose_json(
    found: DoseOrder, *, assessment: Assessment, is_order: bool, knowledge: Knowledge
) -> dict[str, Any]:
    """
    Return a dose; `kind` tells whether it is an order or only provisional.

    The verdict, the safety level and what the dose is on condition of stand with it.
    """
    assessed = assessment.treatments[0]
    return {
        "schema": SCHEMA,
        "knowledge": {"version": knowledge.version, "sha256": knowledge.sha256},
        "kind": "order" if is_order else "provisional",
        "patient": assessment.patient,
        "verdict": assessed.verdict.value,
        "safety_level": assessment.safety.level,
        "conditions": [_condition(each) for each in conditions(assessed)],
        "protocol": found.protocol,
        "at": found.at.isoformat(),
        "form": FORMS[type(found.dose).__name__],
        "dose": plain_json(found.dose),
        "weights": None if found.weights is None else plain_json(found.weights),
        "mg_by_weight": {each.value: plain_json(mg) for each, mg in found.mg_by_weight.items()},
        "weighed_at": None if found.weighed is None else found.weighed.at.isoformat(),
        "notes": list(found.notes),
        "rests_on": [
            {
                "part": each.path,
                "status": each.status,
                "sources": [{"id": cite.id, "at": cite.at} for cite in each.sources],
            }
            for each in rests_on(found, knowledge)
        ],
    }


def refusal_json(
    error: OrderRefusedError | None, *, assessed: TreatmentAssessment, rules: list[str]
) -> dict[str, Any]:
    """Return why there is no dose: the verdict with its rules, and every reason of the order."""
    refusals = () if error is None else error.refusals
    return {
        "schema": REFUSAL,
        "verdict": assessed.verdict.value,
        "rules": rules,
        "asks": list(assessed.asks),
        "reasons": [{"why": each.why.value, "says": each.says} for each in refusals],
    }


def plain_json(value: Any, name: str = "") -> Any:
    """Return a value of this package as JSON has it; a decimal becomes a number."""
    if isinstance(value, Decimal):
        return float(round(value, 1) if name in TENTHS else value)
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: plain_json(getattr(value, each.name), each.name) for each in fields(value)
        }
    if isinstance(value, tuple | list):
        return [plain_json(each, name) for each in value]
    if isinstance(value, Mapping):
        return {key: plain_json(each, key) for key, each in value.items()}
    return value


def conditions(assessed: TreatmentAssessment) -> list[RuleAnswer]:
    """Return what a treatment is permitted on condition of: what is true, then what is not known."""
    found = [
        each
        for each in assessed.rules
        if each.rule.kind in CONDITIONS and (each.answer is not False or each.rule.kind == "notice")
    ]
    return sorted(found, key=lambda each: each.answer is None and each.rule.kind != "notice")


def rests_on(found: DoseOrder, knowledge: Knowledge) -> list[Standing]:
    """Return the parts of a protocol's dose that have numbers, with their status and sources."""
    protocol = in_full(protocol_named(protocol_id=found.protocol, knowledge=knowledge), knowledge)
    return [
        each for each in standings(protocol) if each.path.split(".")[0] == "dose" and each.numbers
    ]


def _condition(each: RuleAnswer) -> dict[str, Any]:
    return {
        "rule": each.rule.id,
        "kind": each.rule.kind,
        "answer": each.answer,
        "says": each.rule.words.says,
        "asks": list(each.asks),
        "status": each.rule.words.status,
        "sources": [{"id": cite.id, "at": cite.at} for cite in each.rule.sources],
    }
