"""A plan and a refusal as JSON: `overstory.plan/1` and `overstory.refusal/1`, promises to other programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from overstory.engine.facts import Facts
from overstory.exchange.assessment_json import reason_json, sources_json
from overstory.exchange.records import UNPRINTABLE, InputError
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.shared import Cite
from overstory.pathway.planning.placing import CannotPlaceError
from overstory.pathway.planning.refusals import PlanRefusedError
from overstory.pathway.planning.values import Plan
from overstory.pathway.safety import SafetyAssessment
from overstory.pathway.suitability import RuleAnswer

SCHEMA = "overstory.plan/1"
REFUSAL_SCHEMA = "overstory.refusal/1"
FIRST_KEYS = (
    "treatment",
    "protocol",
    "sessions",
    "alongside",
    "reviews",
    "restrictions",
    "sources",
)


def plan_json(plan: Plan) -> dict[str, Any]:
    """Return a plan in its promised shape; a session has `dose` or `stimulation`, never both."""
    whole = msgspec.to_builtins(plan, builtin_types=(Decimal,), enc_hook=_no_other)
    for session in whole["sessions"]:
        for name in ("dose", "stimulation"):
            if session[name] is None:
                del session[name]
    promised = {name: whole.pop(name) for name in FIRST_KEYS}
    shown: dict[str, Any] = _numbers({"schema": SCHEMA, **promised, **whole})
    return shown


def read_plan(content: bytes, *, name: str) -> Plan:
    """
    Return the plan that a file of `plan_json` holds.

    :raises InputError: if it is not JSON or not such a plan, or has characters that steer a terminal; it
        names the file and the place.
    """
    try:
        document = json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: not JSON: {error}") from None
    if not isinstance(document, dict) or document.pop("schema", None) != SCHEMA:
        raise InputError(
            f"{name}: no plan; its schema is {SCHEMA}, as overstory plan --json prints"
        )
    for text, place in _texts(document, "$"):
        found = UNPRINTABLE.search(text)
        if found:
            raise InputError(
                f"{name}: control characters (U+{ord(found[0]):04X}) cannot be printed; take them out, "
                f"or write the plan anew with overstory plan --json - at {place}"
            )
    try:
        return msgspec.convert(document, type=Plan, strict=True)
    except msgspec.ValidationError as error:
        raise InputError(f"{name}: {error}") from None


def refusal_json(error: PlanRefusedError, *, facts: Facts, knowledge: Knowledge) -> dict[str, Any]:
    """Return a refusal in its promised shape: verdict, the rules that decide, what would be asked."""
    shown: dict[str, Any] = {
        "schema": REFUSAL_SCHEMA,
        "verdict": error.verdict.value,
        "rules": [_rule(each, error.parts[each.rule.id], facts, knowledge) for each in error.rules],
        "asks": list(error.asks),
        "treatment": error.treatment,
        "says": error.says,
    }
    shown |= _safety(error.safety)
    if error.protocol:
        shown["protocol"] = error.protocol
        shown["reasons"] = [
            {
                "why": each.why.value,
                "says": each.says,
                "adopts": list(each.adopts),
                "sources": [_cite(cite) for cite in each.sources],
            }
            for each in error.reasons
        ]
    return shown


def cannot_place_json(error: CannotPlaceError, *, treatment: str) -> dict[str, Any]:
    """Return why a course does not fit on open days, as a refusal, with the nearest start that does."""
    return {
        "schema": REFUSAL_SCHEMA,
        "verdict": error.verdict,
        "rules": [],
        "asks": [],
        "treatment": treatment,
        "says": error.says,
        **_safety(error.safety),
        "nearest_start": error.nearest.isoformat() if error.nearest else None,
    }


def _rule(
    answer: RuleAnswer, parts: Sequence[str], facts: Facts, knowledge: Knowledge
) -> dict[str, Any]:
    rule = answer.rule
    shown: dict[str, Any] = {
        "id": rule.id,
        "kind": rule.kind,
        "answer": answer.answer,
        "says": rule.words.says,
        "status": rule.words.status,
        "because": [reason_json(each, facts) for each in answer.because],
        "asks": list(answer.asks),
        "sources": sources_json(rule, knowledge),
    }
    return {**shown, "parts": list(parts)} if parts else shown


def _safety(safety: SafetyAssessment | None) -> dict[str, Any]:
    if safety is None:
        return {}
    return {"safety": {"level": safety.level, "actions": list(safety.actions)}}


def _cite(cite: Cite) -> dict[str, str]:
    return {"id": cite.id, "at": cite.at}


def _numbers(value: Any) -> Any:
    """Decimals as JSON numbers, whole ones without a point."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: _numbers(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_numbers(each) for each in value]
    return value


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text in a document, names included, with its place."""
    if isinstance(value, str):
        yield value, f"`{path}`"
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key, f"a name in `{path}`"
            yield from _texts(each, f"{path}.{key}")
    elif isinstance(value, list):
        for n, each in enumerate(value):
            yield from _texts(each, f"{path}[{n}]")


def _no_other(value: object) -> object:
    raise NotImplementedError(type(value).__name__)
