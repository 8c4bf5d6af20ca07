"""Writing what was stated, decided and recorded of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from overstory.clinic.audit.record import Deed, record, record_each
from overstory.clinic.care.facts import held_value
from overstory.clinic.care.models import ImportedRecord, StatedFact, StatedTrial
from overstory.clinic.care.stated import taken_back
from overstory.clinic.people.models import Person, Staff
from overstory.engine.facts import FactType, FactValueError, Unknown, Value
from overstory.pathway.trials import read_trial

NOTHING_SEEN = ""
SENT_BEFORE = (
    "This form was sent before with another answer, and the first one stands; it is shown with a new "
    "form now: send it again if it is to hold."
)


class ChangedMeanwhileError(ValueError):
    """Someone else stated this fact since the page was opened; `row` is theirs."""

    def __init__(self, row: StatedFact | None) -> None:
        self.row = row
        super().__init__("someone else changed this fact since the page was opened")


class OtherContentError(ValueError):
    """The same key was used before for something else."""


class NothingToRetractError(ValueError):
    """A row that was taken back already, or is another person's."""


@dataclass(frozen=True, slots=True)
class Statement:
    """
    One fact as it is stated: a value that the fact can have, or why it is unknown.

    `seen` is the row that stood when the page was opened, empty for none; without it (None) nothing
    is compared. `corrects` is a row that was wrong from the start.
    """

    id: UUID
    kind: FactType
    value: Value | None
    unknown: Unknown | None
    at: datetime
    origin: str
    seen: str | None = None
    corrects: StatedFact | None = None
    imported: ImportedRecord | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.unknown is None):
            raise FactValueError("a fact has either a value or a reason why it is unknown")
        if self.value is not None:
            self.kind.check(self.value)


def state_fact(
    *, person: Person, statement: Statement, by: Staff | None, at: datetime
) -> StatedFact:
    """
    Write down a fact; the same statement sent twice is one row.

    :raises FactValueError: if it was true only later than now.
    :raises ChangedMeanwhileError: if another row stands than the one that was seen.
    :raises OtherContentError: if the key was used for another fact.
    """
    return state_facts(person=person, statements=(statement,), by=by, at=at)[0]


@transaction.atomic
def state_facts(
    *, person: Person, statements: Sequence[Statement], by: Staff | None, at: datetime
) -> tuple[StatedFact, ...]:
    """
    Write down facts that were told together, each as `state_fact` does; if one is refused, none is kept.

    :raises FactValueError: if one was true only later than now.
    :raises ChangedMeanwhileError: if another row stands than the one that was seen.
    :raises OtherContentError: if the key of one was used for another fact.
    """
    person = _locked(person)
    before = StatedFact.objects.in_bulk([each.id for each in statements])
    fresh = [each for each in statements if each.id not in before]
    rows = {each.id: _checked_row(person, each, by, at) for each in fresh}
    StatedFact.objects.bulk_create(rows.values())
    told = "stated a fact"
    record_each(
        [_deed(person, told, by, at, fact=row.name, row=str(row.pk)) for row in rows.values()]
    )
    return tuple(
        _same(before[each.id], person, each) if each.id in before else rows[each.id]
        for each in statements
    )


def _checked_row(
    person: Person, statement: Statement, by: Staff | None, at: datetime
) -> StatedFact:
    """The row of a statement, which is not written yet."""
    if statement.at > at:
        raise FactValueError("it cannot be true only later than now")
    if statement.seen is not None:
        _refuse_if_changed(person, statement, at)
    if statement.corrects is not None:
        _check_retractable(person, statement.corrects)
    return StatedFact(
        id=statement.id,
        person=person,
        name=statement.kind.name,
        value=held_value(statement.value),
        unknown=statement.unknown or "",
        at=statement.at,
        origin=statement.origin[:300],
        by=by,
        recorded_at=at,
        retracts=statement.corrects,
        imported=statement.imported,
    )


@transaction.atomic
def retract_fact(
    *, person: Person, row: StatedFact, key: UUID, by: Staff, at: datetime
) -> StatedFact:
    """
    Take back a fact that was wrong from the start; the row stays, and what stood before it counts.

    :raises NothingToRetractError: if it was taken back already, or is another person's.
    """
    person = _locked(person)
    again = StatedFact.objects.filter(pk=key, person=person, retracts=row).first()
    if again is not None:
        return again
    _check_retractable(person, row)
    made = StatedFact.objects.create(
        id=key, person=person, name=row.name, at=row.at, origin=f"taken back by {by.name}",
        by=by, recorded_at=at, retracts=row,
    )  # fmt: skip
    _note(person, "took back a fact", by, at, fact=row.name, row=str(row.pk))
    return made


@dataclass(frozen=True, slots=True)
class TrialStatement:
    """
    One past trial as it is stated, by the fields of `pathway.trials.Trial`.

    `is_whole` says that with it every trial is on the list; `corrects` is a row that was wrong.
    """

    id: UUID
    fields: Mapping[str, Any]
    is_whole: bool = False
    corrects: StatedTrial | None = None


@transaction.atomic
def state_trial(
    *, person: Person, statement: TrialStatement, by: Staff, at: datetime
) -> StatedTrial:
    """
    Write down a past trial of a medicine, instead of a row that was wrong where one is named.

    :raises TrialError: if a field is impossible.
    :raises NothingToRetractError: if the row to correct was taken back already.
    :raises OtherContentError: if the key was used for another trial.
    """
    person = _locked(person)
    again = StatedTrial.objects.filter(pk=statement.id).first()
    if again is not None:
        if again.person_id != person.pk or _told(again) != (
            dict(statement.fields),
            statement.is_whole,
        ):
            raise OtherContentError(SENT_BEFORE)
        return again
    read_trial(statement.fields)
    _check_trial(person, statement.corrects)
    row = StatedTrial.objects.create(
        id=statement.id, person=person, trial=dict(statement.fields),
        is_whole=statement.is_whole, origin=f"recorded by {by.name}", by=by, recorded_at=at,
        retracts=statement.corrects,
    )  # fmt: skip
    _note(person, "stated a trial", by, at, row=str(row.pk))
    return row


@transaction.atomic
def retract_trial(
    *, person: Person, row: StatedTrial, key: UUID, by: Staff, at: datetime
) -> StatedTrial:
    """
    Take back a past trial that was wrong.

    :raises NothingToRetractError: if it was taken back already.
    """
    person = _locked(person)
    again = StatedTrial.objects.filter(pk=key, person=person, retracts=row).first()
    if again is not None:
        return again
    _check_trial(person, row)
    made = StatedTrial.objects.create(
        id=key, person=person, origin=f"taken back by {by.name}", by=by, recorded_at=at,
        retracts=row,
    )  # fmt: skip
    _note(person, "took back a trial", by, at, row=str(row.pk))
    return made


def _told(row: StatedTrial) -> tuple[dict[str, Any], bool]:
    return dict(row.trial or {}), row.is_whole


def _gone(rows: QuerySet[Any]) -> frozenset[UUID]:
    return taken_back(rows.values_list("pk", "retracts_id"))


def _locked(person: Person) -> Person:
    """Return the person, whose facts nobody else writes until this is done."""
    return Person.objects.select_for_update().get(pk=person.pk)


def _same(row: StatedFact, person: Person, statement: Statement) -> StatedFact:
    same = (
        row.person_id == person.pk
        and row.name == statement.kind.name
        and row.value == held_value(statement.value)
        and row.unknown == (statement.unknown or "")
    )
    if not same:
        raise OtherContentError(SENT_BEFORE)
    return row


def _refuse_if_changed(person: Person, statement: Statement, at: datetime) -> None:
    row = StatedFact.objects.of(person.ids).standing(statement.kind.name, at)
    if str(row.pk if row else NOTHING_SEEN) != statement.seen:
        raise ChangedMeanwhileError(row)


def _check_retractable(person: Person, row: StatedFact) -> None:
    if row.person_id not in person.ids or row.pk in _gone(StatedFact.objects.of(person.ids)):
        raise NothingToRetractError("it was taken back already")


def _check_trial(person: Person, row: StatedTrial | None) -> None:
    if row is None:
        return
    if row.person_id not in person.ids or row.pk in _gone(StatedTrial.objects.of(person.ids)):
        raise NothingToRetractError("it was taken back already")


def _note(person: Person, action: str, by: Staff | None, at: datetime, **more: str) -> None:
    record(_deed(person, action, by, at, **more))


def _deed(person: Person, action: str, by: Staff | None, at: datetime, **more: str) -> Deed:
    actor = f"staff:{by.pk}" if by else "system"
    return Deed(person.clinic_id, at, actor, action, f"person:{person.pk}", more)
