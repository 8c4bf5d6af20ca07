"""Protocols as JSON: what they say, whether they may be planned here, and what is unverified."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import msgspec

from overstory.knowledge.load import Knowledge
from overstory.knowledge.protocol_standing import Standing, standings
from overstory.knowledge.shapes.protocols import Combination, Constraint
from overstory.knowledge.shapes.shared import Cite
from overstory.pathway.protocols import Judged, ProtocolHold, Refusal
from overstory.pathway.surroundings import surroundings

LIST_SCHEMA = "overstory.protocols/1"
SCHEMA = "overstory.protocol/1"
COMBINATION_SCHEMA = "overstory.combination/1"


def protocols_json(
    found: list[Judged], combinations: list[Combination], *, knowledge: Knowledge
) -> dict[str, Any]:
    """Return a list of protocols with whether each may be planned."""
    return {
        "schema": LIST_SCHEMA,
        "knowledge": {"version": knowledge.version, "sha256": knowledge.sha256},
        "protocols": [_row(each) for each in found],
        "combinations": [msgspec.to_builtins(each) for each in combinations],
    }


def protocol_json(judged: Judged, *, knowledge: Knowledge) -> dict[str, Any]:
    """Return one protocol whole, with every part's standing and all that surrounds its sessions."""
    protocol = judged.protocol
    return {
        "schema": SCHEMA,
        "knowledge": {"version": knowledge.version, "sha256": knowledge.sha256},
        **_row(judged),
        "protocol": msgspec.to_builtins(protocol),
        "standings": [_standing(each) for each in standings(protocol) if each.numbers],
        "around": _around(judged, knowledge),
        "sources": _sources(judged, knowledge),
    }


def combination_json(
    combination: Combination, constraints: list[Constraint], *, knowledge: Knowledge
) -> dict[str, Any]:
    """Return a combination with every constraint that holds between its parts."""
    return {
        "schema": COMBINATION_SCHEMA,
        "knowledge": {"version": knowledge.version, "sha256": knowledge.sha256},
        "combination": msgspec.to_builtins(combination),
        "constraints": [msgspec.to_builtins(each) for each in constraints],
    }


def _around(judged: Judged, knowledge: Knowledge) -> dict[str, Any]:
    found = surroundings(protocol=judged.protocol, knowledge=knowledge)
    cleared = [
        each
        for each in knowledge.sections.get("clearances", ())
        if each.id in judged.protocol.clearances
    ]
    around = {field.name: getattr(found, field.name) for field in fields(found)}
    return {
        name: msgspec.to_builtins(value)
        for name, value in {**around, "clearances": cleared}.items()
    }


def _row(judged: Judged) -> dict[str, Any]:
    protocol = judged.protocol
    return {
        "id": protocol.id,
        "version": protocol.version,
        "treatment": protocol.treatment,
        "name": protocol.name,
        "jurisdictions": protocol.jurisdictions,
        "indications": protocol.indications,
        "sessions": protocol.sessions,
        "default": protocol.default,
        "plannable": judged.plannable,
        "refusals": [_refusal(each) for each in judged.refusals],
        "holds": [_hold(each) for each in judged.holds],
        "unverified": [each.path for each in judged.unverified],
        "adopted": list(judged.enabled.adopts) if judged.enabled else [],
    }


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return {
        "why": refusal.why.value,
        "says": refusal.says,
        "adopts": list(refusal.adopts),
        "sources": [_cite(each) for each in refusal.sources],
    }


def _hold(hold: ProtocolHold) -> dict[str, Any]:
    return {
        "part": hold.part,
        "path": hold.path,
        "says": hold.says,
        "numbers": [{"name": name, "value": value} for name, value in hold.numbers],
        "sources": [_cite(each) for each in hold.sources],
    }


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "path": standing.path,
        "status": standing.status,
        "decides": standing.decides,
        "numbers": [{"name": name, "value": value} for name, value in standing.numbers],
        "sources": [_cite(each) for each in standing.sources],
    }


def _sources(judged: Judged, knowledge: Knowledge) -> list[dict[str, Any]]:
    found = [cite.id for each in standings(judged.protocol) for cite in each.sources]
    return [
        {"id": each, "title": knowledge.sources[each].title, "url": knowledge.sources[each].url}
        for each in dict.fromkeys(found)
    ]


def _cite(cite: Cite) -> dict[str, str]:
    return {"id": cite.id, "at": cite.at}
