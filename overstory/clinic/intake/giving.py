"""Saving one answer: a new row, and the alert that it raises, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.intake.answers import Held, held_of, reply_of, written
from overstory.clinic.intake.filling import Answer, Questionnaire
from overstory.clinic.intake.links import NotOpenError
from overstory.clinic.people.actions.persons import say_channels
from overstory.clinic.people.models import Staff
from overstory.clinic.safety.actions import Told, raise_alert
from overstory.clinic.safety.models import Alert
from overstory.knowledge.load import load_knowledge
from overstory.pathway.pack_alerts import RaisedBy, raised_by
from overstory.pathway.pack_values import Reply


@dataclass(frozen=True, slots=True)
class Giver:
    """Who answers: staff, or the patient by a link; `actor` as the record names them."""

    actor: str
    staff: Staff | None = None
    on_site: bool = False
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving came to: the row that holds, and the alerts that it raised."""

    answer: Answer
    is_new: bool
    alerts: tuple[Alert, ...]


@transaction.atomic
def give(
    *,
    questionnaire: Questionnaire,
    question: str,
    reply: Reply,
    giver: Giver,
    at: datetime,
    seen: int | None = None,
) -> Saved:
    """
    Save an answer and the alerts that it raises; the same answer again changes nothing.

    `seen` is the number of the row that the page showed, 0 for none. A page that was older than a
    correction by staff and repeats what its writer had said before does not undo the correction.

    :raises NotOpenError: if the patient's questionnaire is handed in, or it is withdrawn.
    """
    form = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    if form.withdrawn_at or (form.submitted_at and giver.staff is None):
        raise NotOpenError("submitted" if form.submitted_at else "revoked")
    held = held_of(form)
    newest = held.newest.get(question)
    if newest is not None and _repeats(newest, held.rows, reply, giver, seen):
        return Saved(newest, False, ())
    answer = Answer.objects.create(
        questionnaire=form,
        number=(held.rows[-1].number if held.rows else 0) + 1,
        question=question,
        value=written(reply),
        at=at,
        by=giver.staff,
        is_correction=giver.staff is not None and newest is not None,
        language=giver.language,
    )
    _note_channels(questionnaire, question, reply, giver, at)
    alerts = _raise_all(questionnaire, answer, held, giver)
    _record(form, answer, giver)
    return Saved(answer, True, alerts)


def _record(form: Questionnaire, answer: Answer, giver: Giver) -> None:
    action = "corrected an answer" if answer.is_correction else "answered"
    more = {"questionnaire": str(form.pk), "question": answer.question, "answer": str(answer.pk)}
    record(Deed(form.clinic_id, answer.at, giver.actor, action, f"person:{form.person_id}", more))


def _raise_all(form: Questionnaire, answer: Answer, held: Held, giver: Giver) -> tuple[Alert, ...]:
    """Raise what the answer raises, beside those that were given before it."""
    before = held.replies
    after = {**before, answer.question: reply_of(answer.value)}
    found = raised_by(key=answer.question, before=before, after=after, knowledge=load_knowledge())
    return tuple(_raise(form, answer, each, giver) for each in found)


def _repeats(
    newest: Answer, rows: tuple[Answer, ...], reply: Reply, giver: Giver, seen: int | None
) -> bool:
    """Whether this answer is on record already, by its writer."""
    if newest.value == written(reply):
        return True
    if seen is None or seen >= newest.number or newest.by is None or giver.staff is not None:
        return False
    own = [row for row in rows if row.question == newest.question and row.by is None]
    return bool(own) and own[-1].value == written(reply)


def _note_channels(
    form: Questionnaire, question: str, reply: Reply, giver: Giver, at: datetime
) -> None:
    """Keep which ways to be reached were allowed; what was left open changes none."""
    for entry in load_knowledge().sections["pack_questions"]:
        if not entry.channels or question != f"own.{entry.id}" or reply.value is None:
            continue
        given = {choice.id: choice.id in reply.value for choice in entry.choices}
        say_channels(person=form.person, given=given, by=giver.staff, at=at)


def _raise(form: Questionnaire, answer: Answer, found: RaisedBy, giver: Giver) -> Alert:
    told = Told(
        answers={answer.question: answer.value},
        item_9=int(found.value) if found.kind == "item-9" and found.value is not None else None,
        on_site=giver.on_site,
    )
    return raise_alert(
        person=form.person,
        site=form.site,
        kind=found.kind,
        tier=found.tier,
        source=f"answer:{answer.pk}",
        says=found.says,
        at=answer.at,
        actor=giver.actor,
        told=told,
    )
