"""Every number of the entries that make a course, by entry and by its way within the entry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from overstory.knowledge.load import Knowledge

SECTIONS = (
    "protocols", "courses", "visits", "monitoring_schedules", "session_needs", "decision_points",
    "missed_sessions", "course_rules", "alongside", "combinations", "combination_constraints", "products",
    "dosing_numbers", "planning_numbers",
)  # fmt: skip
CONDITIONS = ("only_if",)
NAMES = ("id", "name")


def numbers_of(knowledge: Knowledge) -> dict[str, dict[str, float | str]]:
    """Return the numbers of each entry of a course, and the conditions under which something is needed."""
    return {
        f"{section}/{entry.id}": found
        for section in SECTIONS
        for entry in knowledge.sections[section]
        if (found := dict(_numbers(msgspec.to_builtins(entry), "")))
    }


def _numbers(value: Any, way: str) -> Iterator[tuple[str, float | str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            if key in CONDITIONS and each:
                yield _way(way, key), each
            elif key not in {"source", "status"}:
                yield from _numbers(each, _way(way, key))
    elif isinstance(value, list):
        for at, each in enumerate(value, 1):
            yield from _numbers(each, _way(way, _name(each) or str(at)))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield way.removesuffix(".value"), value


def _name(value: Any) -> str:
    found = [value[name] for name in NAMES if name in value] if isinstance(value, dict) else []
    return str(found[0]) if found else ""


def _way(way: str, key: str) -> str:
    return f"{way}.{key}" if way else key
