"""What is written before a visit: answers of the person or told to staff, and what staff did about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from overstory.clinic.arriving.asked import ANSWERS, Standing, standing_of
from overstory.clinic.arriving.links import KIND
from overstory.clinic.arriving.rows import REVIEW, SETTLE, TAKE, ArrivalDeed, ArrivalLink, Readiness
from overstory.clinic.audit.record import Deed, record
from overstory.clinic.booking.models import Appointment
from overstory.clinic.people.models import Staff
from overstory.knowledge.load import Knowledge

SAYS = {
    TAKE: "took someone before a visit",
    SETTLE: "settled someone before a visit",
    REVIEW: "reviewed what was answered before a visit",
}


class AnswerError(ValueError):
    """Answers that cannot be kept; the message says why."""


class VisitGoneError(AnswerError):
    """A visit that was moved, cancelled or has begun: nothing is asked before it any more."""


@dataclass(frozen=True, slots=True)
class Told:
    """Who answers: the person by their link, or staff to whom it was told. `key` is made by the form."""

    key: UUID
    at: datetime
    staff: Staff | None = None
    link: ArrivalLink | None = None

    @property
    def actor(self) -> str:
        """Who this is in the record."""
        return self.staff.actor if self.staff else f"link:{self.link.pk}" if self.link else "system"


@transaction.atomic
def answer(
    *, appointment: Appointment, answers: Mapping[str, str], told: Told, knowledge: Knowledge
) -> Readiness:
    """
    Keep answers before a visit; sent twice with one key, it is one row.

    A question that is not among them stays as it was; nothing is cancelled and no fact is stated.

    :raises VisitGoneError: if the visit is not booked any more or has begun.
    :raises AnswerError: if nothing that is asked now is answered, or the key held other answers.
    :raises NotOpenError: if the link is over.
    """
    held = Readiness.objects.filter(pk=told.key).first()
    if held is not None:
        if held.appointment_id != appointment.pk or held.answers != dict(answers):
            raise AnswerError("this form was sent before, with other answers")
        return held
    if told.link is not None:
        KIND.held(told.link, told.at)
    visit = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("site", "plan", "person", "care_request__person")
        .get(pk=appointment.pk)
    )
    if visit.state != "booked" or visit.starts <= told.at:
        raise VisitGoneError("this visit was moved, cancelled or has begun")
    before = list(visit.readiness.order_by("at"))
    standing = standing_of(visit, before, knowledge=knowledge, now=told.at)
    said = _checked(answers, standing)
    row = Readiness(
        id=told.key, appointment=visit, answers=said, by=told.staff, link=told.link, at=told.at,
        knowledge_sha256=knowledge.sha256,
    )  # fmt: skip
    after = standing_of(visit, [*before, row], knowledge=knowledge, now=told.at)
    row.state = after.state
    row.waits = any(each.reviewed and said.get(each.id) for each in after.not_ready)
    row.save(force_insert=True)
    more = {"appointment": str(visit.pk), "readiness": str(row.pk)}
    _note(visit, "answered before a visit", told.actor, told.at, more)
    return row


def _checked(answers: Mapping[str, str], standing: Standing) -> dict[str, str]:
    asked = {each.id for each in standing.asked}
    for name, said in answers.items():
        if name not in asked or said not in ANSWERS:
            raise AnswerError("this is not asked before this visit now")
    if not answers:
        raise AnswerError("answer at least one of the questions")
    return dict(answers)


@transaction.atomic
def take(*, appointment: Appointment, key: UUID, by: Staff, at: datetime) -> ArrivalDeed:
    """Make a member of staff the owner of what is to be done before a visit; sent twice, once."""
    return _deed(appointment, key, TAKE, by, at)


@transaction.atomic
def settle(
    *, appointment: Appointment, words: str, key: UUID, by: Staff, at: datetime
) -> ArrivalDeed:
    """
    Say that what was to be done before a visit is done, and how; a later answer opens it anew.

    :raises AnswerError: without words.
    """
    if not words.strip():
        raise AnswerError("say how it was settled")
    return _deed(appointment, key, SETTLE, by, at, words=words.strip())


@transaction.atomic
def review(*, readiness: Readiness, words: str, key: UUID, by: Staff, at: datetime) -> ArrivalDeed:
    """
    Say that what was answered about medicines or the body was asked again, and what was found.

    Facts are stated on their own page; this states none.

    :raises AnswerError: without words, or if someone reviewed it before.
    """
    if not words.strip():
        raise AnswerError("say what was found")
    locked = Readiness.objects.select_for_update().get(pk=readiness.pk)
    done = ArrivalDeed.objects.filter(readiness=locked).first()
    if done is not None and done.pk != key:
        raise AnswerError("someone reviewed this a moment ago")
    return _deed(readiness.appointment, key, REVIEW, by, at, words=words.strip(), readiness=locked)


def _deed(
    visit: Appointment,
    key: UUID,
    what: str,
    by: Staff,
    at: datetime,
    *,
    words: str | None = None,
    readiness: Readiness | None = None,
) -> ArrivalDeed:
    held = ArrivalDeed.objects.filter(pk=key).first()
    if held is not None:
        if (held.appointment_id, held.what, held.words) != (visit.pk, what, words):
            raise AnswerError("this form was sent before, with other words")
        return held
    try:
        with transaction.atomic():
            row = ArrivalDeed.objects.create(
                id=key, appointment=visit, readiness=readiness, what=what, words=words, by=by, at=at
            )
    except IntegrityError:
        raise AnswerError("someone did this a moment ago") from None
    _note(visit, SAYS[what], by.actor, at, {"appointment": str(visit.pk), "deed": str(row.pk)})
    return row


def _note(
    visit: Appointment, action: str, actor: str, at: datetime, more: Mapping[str, str]
) -> None:
    person = visit.whose
    subject = f"person:{person.pk}" if person else f"appointment:{visit.pk}"
    record(Deed(visit.clinic_id, at, actor, action, subject, more))
