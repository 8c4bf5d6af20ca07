"""Two releases of the knowledge: which entries were added, removed or changed, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from overstory.knowledge.load import Knowledge


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that differs; `fields` has each changed field with its value before and after."""

    what: Literal["added", "removed", "changed"]
    section: str
    id: str
    fields: tuple[tuple[str, Any, Any], ...] = ()


def differences(old: Knowledge, new: Knowledge) -> list[Difference]:
    """Return every entry that differs between two releases, section by section, in order of id."""
    before, after = entries_of(old), entries_of(new)
    found: list[Difference] = []
    for key in sorted(before.keys() | after.keys()):
        if key not in after:
            found.append(Difference("removed", *key))
        elif key not in before:
            found.append(Difference("added", *key))
        elif before[key] != after[key]:
            found.append(Difference("changed", *key, fields=_fields(before[key], after[key])))
    return found


def entries_of(knowledge: Knowledge) -> dict[tuple[str, str], Any]:
    """Return every entry of a release by its section and id; one without an id by its number."""
    found: dict[tuple[str, str], Any] = {}
    for section, entries in knowledge.sections.items():
        for number, entry in enumerate(entries):
            name = getattr(entry, "id", None) or getattr(entry, "name", None) or str(number)
            found[section, str(name)] = entry
    return found


def _fields(before: Any, after: Any) -> tuple[tuple[str, Any, Any], ...]:
    old: Mapping[str, Any] = msgspec.to_builtins(before)
    new: Mapping[str, Any] = msgspec.to_builtins(after)
    return tuple(
        (field, old.get(field), new.get(field))
        for field in sorted(old.keys() | new.keys())
        if old.get(field) != new.get(field)
    )
