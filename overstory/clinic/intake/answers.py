"""What was answered: the newest of each question, and what it all says as facts, trials and scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from overstory.clinic.intake.filling import Answer, Questionnaire
from overstory.engine.facts import Fact
from overstory.knowledge.load import Knowledge, load_knowledge
from overstory.pathway.pack_facts import Filled, Gathered, ScoreRow, Told, gather
from overstory.pathway.pack_values import Replies, Reply

Given = Gathered
"""Facts by name, medicines tried, scores newest first, and the pages of an unfinished list."""

__all__ = [
    "Fact",
    "Given",
    "Held",
    "ScoreRow",
    "answers_until",
    "given",
    "given_in",
    "held_of",
    "reply_of",
    "said_by",
    "written",
]


@dataclass(frozen=True, slots=True)
class Held:
    """The answers to one questionnaire: the row that holds of each question, and all rows in order."""

    newest: dict[str, Answer]
    rows: tuple[Answer, ...]

    @property
    def replies(self) -> Replies:
        """The replies that hold."""
        return {key: reply_of(row.value) for key, row in self.newest.items()}

    @property
    def saved_at(self) -> datetime | None:
        """When the last answer was saved."""
        return self.rows[-1].at if self.rows else None

    def before(self, key: str) -> list[Answer]:
        """Return the earlier answers to a question, newest first."""
        return [row for row in reversed(self.rows) if row.question == key][1:]


def written(reply: Reply) -> dict[str, Any]:
    """Return a reply as it is sealed."""
    return {"declined": reply.declined} if reply.declined else {"value": reply.value}


def reply_of(value: dict[str, Any]) -> Reply:
    """Return the reply that was sealed."""
    return Reply(value.get("value"), value.get("declined", ""))


def held_of(questionnaire: Questionnaire) -> Held:
    """Return the answers to a questionnaire, in one query."""
    return _held(questionnaire.answers.select_related("by").order_by("number"))


def _held(rows: Iterable[Answer]) -> Held:
    every = tuple(rows)
    return Held({row.question: row for row in every}, every)


def given(person_ids: Sequence[UUID], at: datetime, knowledge: Knowledge) -> Given:
    """
    Return everything that patients or staff answered until `at`, as facts, trials and scores.

    Of one question the newest row holds; `at` of a fact is that row's. An answer that was refused
    is unknown (`not-answered`). Questionnaires that were withdrawn say nothing.
    """
    return given_in(answers_until(person_ids, at), knowledge)


def answers_until(person_ids: Sequence[UUID], at: datetime) -> QuerySet[Answer]:
    """Return every answer of some persons until a moment, each questionnaire's in order."""
    return (
        Answer.objects.filter(
            questionnaire__person_id__in=person_ids,
            questionnaire__withdrawn_at=None,
            at__lte=at,
        )
        .select_related("questionnaire__site", "by")
        .order_by("questionnaire__made_at", "questionnaire_id", "number")
    )


def given_in(rows: Iterable[Answer], knowledge: Knowledge) -> Given:
    """Return what answers of one person, in order, say: as `given` does."""
    forms: dict[UUID, list[Answer]] = {}
    for row in rows:
        forms.setdefault(row.questionnaire_id, []).append(row)
    return gather(filled=[_filled(each) for each in forms.values()], knowledge=knowledge)


def said_by(questionnaire: Questionnaire, held: Held) -> Given:
    """Return what one questionnaire says by itself."""
    zone = questionnaire.site.zone
    told = {key: _told(row, zone) for key, row in held.newest.items()}
    filled = Filled(str(questionnaire.pk), questionnaire.pack, told)
    return gather(filled=[filled], knowledge=load_knowledge())


def _filled(rows: Sequence[Answer]) -> Filled:
    form = rows[0].questionnaire
    zone = form.site.zone
    told = {row.question: _told(row, zone) for row in rows}
    return Filled(str(form.pk), form.pack, told)


def _told(row: Answer, zone: ZoneInfo) -> Told:
    return Told(reply_of(row.value), row.at.astimezone(zone), by_words(row))


def by_words(row: Answer) -> str:
    """Return by whom an answer is, in words."""
    if row.by is None:
        return "by the patient"
    deed = "corrected" if row.is_correction else "entered"
    return f"{deed} by {row.by.name} for the patient"
