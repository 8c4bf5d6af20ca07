"""The names of a table's columns: `id`, facts of the vocabulary and their times, each once."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from overstory.engine.facts import Vocabulary
from overstory.panel.columns import ID, WHEN, when_column
from overstory.panel.sources.errors import SourceError, shown


def check_names(names: Sequence[str], *, name: str, vocabulary: Vocabulary) -> None:
    """
    Check that every column is `id`, a fact or the time of a fact, and stands once.

    :raises SourceError: if one is not, or there is no `id`; it names the source `name`.
    """
    seen: set[str] = set()
    for number, column in enumerate(names, start=1):
        if not column.strip():
            raise SourceError(f"{name}: column {number} has no name; name it after its fact")
        if column in seen:
            raise SourceError(f"{name}: column {shown(column)} stands twice; each fact has one")
        if not _is_known(column, vocabulary):
            raise SourceError(f"{name}: {_advice(column, vocabulary)}")
        seen.add(column)
    if ID not in seen:
        raise SourceError(f"{name}: no column is named id; one must hold each person's own id")


def _is_known(column: str, vocabulary: Vocabulary) -> bool:
    return column == ID or column in vocabulary or _fact_of(column) in vocabulary


def _fact_of(column: str) -> str | None:
    return column.removesuffix(WHEN) if column.endswith(WHEN) else None


def _advice(column: str, vocabulary: Vocabulary) -> str:
    known = [ID, *vocabulary]
    fact = _fact_of(column)
    near = get_close_matches((fact or column).strip().lower(), known, n=3, cutoff=0.6)
    if fact:
        near = [when_column(each) for each in near if each != ID]
    advice = f"near it: {', '.join(near)}" if near else "columns are id, facts, and facts with .at"
    return f"no fact is named {shown(column)}; {advice}"
