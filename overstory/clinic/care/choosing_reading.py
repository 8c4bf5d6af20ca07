"""What is on record of a person's choice, read at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from overstory.clinic.care.choosing_actions import importance_of
from overstory.clinic.care.choosing_rows import (
    MOMENTS,
    QUESTION,
    VALUES,
    Choice,
    ChoiceSaid,
    newest,
)
from overstory.knowledge.load import Knowledge
from overstory.pathway.sure import QUESTIONS, Sure, sure


@dataclass(frozen=True, slots=True)
class TakenSure:
    """A SURE test as it was taken, with its result."""

    row: ChoiceSaid
    result: Sure


@dataclass(frozen=True, slots=True)
class Said:
    """
    Everything that a person said before a choice.

    `importance` is the newest, `values` its row; `before` and `after` are the newest SURE tests.
    """

    importance: Mapping[str, int]
    values: ChoiceSaid | None
    before: TakenSure | None
    after: TakenSure | None
    questions: tuple[ChoiceSaid, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choices, the newest first, and the one that no later one supersedes."""

    choices: tuple[Choice, ...]
    standing: Choice | None


def said_of(person_ids: Iterable[UUID], *, knowledge: Knowledge) -> Said:
    """Return what one human said before a choice, whichever rows stand for them."""
    rows = list(newest(ChoiceSaid, person_ids).select_related("by"))
    first: dict[str, ChoiceSaid] = {}
    for row in rows:
        first.setdefault(row.kind, row)
    taken = {each: _taken(first[each], knowledge) for each in MOMENTS if each in first}
    return Said(
        importance=importance_of(first.get(VALUES), knowledge),
        values=first.get(VALUES),
        before=taken.get("before"),
        after=taken.get("after"),
        questions=tuple(row for row in rows if row.kind == QUESTION),
    )


def chosen_by(person_ids: Iterable[UUID]) -> Chosen:
    """Return the choices of one human."""
    choices = tuple(newest(Choice, person_ids).select_related("by"))
    superseded = {each.supersedes_id for each in choices}
    standing = [each for each in choices if not each.is_wish and each.pk not in superseded]
    return Chosen(choices, standing[0] if standing else None)


def _taken(row: ChoiceSaid, knowledge: Knowledge) -> TakenSure:
    answers = {name: row.content.get(name) for name in QUESTIONS}
    return TakenSure(row, sure(answers=answers, knowledge=knowledge))
