"""Every number in a knowledge file has a source and a status, its own or one around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from overstory.knowledge.strict_yaml import Document, Path_

WITHOUT = frozenset({"examples", "consequences"})
"""What holds numbers that are no medicine: made-up cases, and what follows from a name's meaning."""


def numbers_without_source(document: Document) -> Iterator[str]:
    """Yield a line for each number that neither itself nor anything around it gives a source for."""
    for place in _bare(document.content, (), frozenset()):
        shown = ".".join(str(step) for step in place)
        yield (
            f"{document.name}:{document.line(place)}: the number at {shown} has no source and status"
        )


def _bare(value: Any, place: Path_, had: frozenset[str]) -> Iterator[Path_]:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return
    if isinstance(value, int | float):
        if not had >= {"source", "status"}:
            yield place
        return
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _bare(each, (*place, index), had)
        return
    own = had | ({"source", "status"} & set(value))
    for key, each in value.items():
        if key not in WITHOUT:
            yield from _bare(each, (*place, key), own)
