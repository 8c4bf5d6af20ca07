"""Protocols of the shipped knowledge, picked by id, for tests."""

from __future__ import annotations

from typing import Any

from overstory.knowledge.load import load_knowledge
from overstory.knowledge.protocol_standing import Standing, in_full, standings
from overstory.knowledge.shapes.protocols import Protocol


def entry(section: str, entry_id: str) -> Any:
    return next(each for each in load_knowledge().sections[section] if each.id == entry_id)


def protocol(protocol_id: str) -> Protocol:
    return in_full(entry("protocols", protocol_id), load_knowledge())


def standing(protocol_id: str, path: str) -> Standing:
    return next(each for each in standings(protocol(protocol_id)) if each.path == path)
