"""Doses as JSON: numbers with their unit in the name, all weights, and what each part rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from overstory.knowledge.load import Knowledge
from overstory.knowledge.protocol_standing import standings
from overstory.pathway.dosing_orders import DoseOrder, OrderRefusedError
from overstory.pathway.protocols import protocol_named
from overstory.pathway.suitability import TreatmentAssessment

SCHEMA = "overstory.dose/1"
REFUSAL = "overstory.refusal/1"
TENTHS = ("total_kg", "ideal_kg", "adjusted_kg", "dosing_kg", "bmi", "rounding_percent")
FORMS = {"Infusion": "infusion", "Injection": "injection", "Sprays": "nasal-spray",
         "UnderTongue": "under-the-tongue"}  # fmt: skip


def dose_json(
    found: DoseOrder, *, patient: str, is_order: bool, knowledge: Knowledge
) -> dict[str, Any]:
    """Return a dose; `kind` tells whether it is an order or only provisional."""
    return {
        "schema": SCHEMA,
        "knowledge": {"version": knowledge.version, "sha256": knowledge.sha256},
        "kind": "order" if is_order else "provisional",
        "patient": patient,
        "protocol": found.protocol,
        "at": found.at.isoformat(),
        "form": FORMS[type(found.dose).__name__],
        "dose": plain_json(found.dose),
        "weights": None if found.weights is None else plain_json(found.weights),
        "mg_by_weight": {each.value: plain_json(mg) for each, mg in found.mg_by_weight.items()},
        "weighed_at": None if found.weighed is None else found.weighed.at.isoformat(),
        "notes": list(found.notes),
        "rests_on": _rests_on(found.protocol, knowledge),
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


def _rests_on(protocol_id: str, knowledge: Knowledge) -> list[dict[str, Any]]:
    protocol = protocol_named(protocol_id=protocol_id, knowledge=knowledge)
    return [
        {
            "part": each.path,
            "status": each.status,
            "sources": [{"id": cite.id, "at": cite.at} for cite in each.sources],
        }
        for each in standings(protocol)
        if each.path.split(".")[0] == "dose" and each.numbers
    ]
