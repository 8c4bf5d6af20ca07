"""What is on record of a person's choice, read at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from overstory.clinic.care.choosing_rows import (
    Choice,
    ChoiceQuestion,
    SureTest,
    ValuesGiven,
    newest,
)
from overstory.clinic.people.models import Person
from overstory.knowledge.load import Knowledge
from overstory.pathway.sure import QUESTIONS, Sure, sure

MOST_QUESTIONS = 50


@dataclass(frozen=True, slots=True)
class TakenSure:
    """A SURE test as it was taken, with its result."""

    row: SureTest
    result: Sure


@dataclass(frozen=True, slots=True)
class Choosing:
    """
    Everything that was said before a choice, and the choices.

    `importance` is the newest, `said_values` its row. `before` and `after` are the newest SURE tests.
    `standing` is the choice that no later one supersedes.
    """

    importance: Mapping[str, int]
    said_values: ValuesGiven | None
    before: TakenSure | None
    after: TakenSure | None
    questions: tuple[ChoiceQuestion, ...]
    choices: tuple[Choice, ...]
    standing: Choice | None


def choosing_of(person: Person, *, knowledge: Knowledge) -> Choosing:
    """Return what is on record of a person's choice, whichever rows stand for them."""
    ids = person.ids
    values = newest(ValuesGiven, ids).select_related("by").first()
    known = {each.id for each in knowledge.sections["choice_values"]}
    tests: dict[str, TakenSure] = {}
    for row in newest(SureTest, ids).select_related("by"):
        tests.setdefault(row.moment, _taken(row, knowledge))
    choices = tuple(newest(Choice, ids).select_related("by"))
    superseded = {each.supersedes_id for each in choices}
    standing = [each for each in choices if not each.is_wish and each.pk not in superseded]
    given: Mapping[str, int] = values.importance if values is not None else {}
    return Choosing(
        importance={name: number for name, number in given.items() if name in known},
        said_values=values,
        before=tests.get("before"),
        after=tests.get("after"),
        questions=tuple(newest(ChoiceQuestion, ids).select_related("by")[:MOST_QUESTIONS]),
        choices=choices,
        standing=standing[0] if standing else None,
    )


def _taken(row: SureTest, knowledge: Knowledge) -> TakenSure:
    answers = {name: row.answers.get(name) for name in QUESTIONS}
    return TakenSure(row, sure(answers=answers, knowledge=knowledge))
