"""A FHIR document for a person: kept sealed, shown beside what we have, accepted fact by fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import uuid5
from zoneinfo import ZoneInfo

import msgspec
from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.care.facts import AGE, gathered, held_value
from overstory.clinic.care.models import ImportedRecord, StatedFact
from overstory.clinic.care.wording import FactLine, fact_line, given_line
from overstory.clinic.people.models import Person, Staff
from overstory.engine.facts import Fact, Unknown
from overstory.exchange.fhir import FhirError, Reading, read
from overstory.exchange.fhir.gathering import NotUnderstood
from overstory.knowledge.load import Knowledge

MOST_BYTES = 8_000_000
LONGEST_NAME = 120
OTHER_FORMS = {
    b"PK": "It is a ZIP or Office file. Unpack it, and choose the FHIR file in JSON.",
    b"\x1f\x8b": "It is compressed. Unpack it, and choose the FHIR file in JSON.",
    b"%PDF": "It is a PDF, which holds no facts that can be read. Attach it as a letter instead.",
    b"<": "It is XML. Ask for the same record as FHIR in JSON.",
    b"\xff\xfe": "It is text in UTF-16. Save it as UTF-8.",
    b"\xfe\xff": "It is text in UTF-16. Save it as UTF-8.",
}


class RecordRefusedError(ValueError):
    """A document that cannot be read; the message says what would be right."""


class ReviewedAlreadyError(ValueError):
    """A record that was accepted or left before."""


class AgedChoiceError(ValueError):
    """Older values of facts that go out of date, taken over newer ones; `names` are those facts."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(f"older than ours and out of date: {', '.join(names)}")


class ChoiceMissingError(ValueError):
    """Facts on which the document and the clinic differ, and nobody chose; `names` are theirs."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__("choose one side for every fact that differs")


@dataclass(frozen=True, slots=True)
class Received:
    """A record as it is kept, and whether this very document came before."""

    row: ImportedRecord
    is_again: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """
    One fact of the document beside ours.

    `standing` is new, same or differs; only where it differs must someone choose.
    """

    name: str
    theirs: FactLine
    ours: FactLine | None
    standing: str
    is_older: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the document says it is about, and whether that fits the person here."""

    name: str
    born: str
    fits: bool


@dataclass(frozen=True)
class Review:
    """What a document says, beside what we have."""

    reading: Reading
    subject: Subject
    facts: tuple[Compared, ...]
    not_understood: tuple[NotUnderstood, ...]

    def of(self, standing: str) -> tuple[Compared, ...]:
        """Return the facts that stand so to ours."""
        return tuple(each for each in self.facts if each.standing == standing)

    @property
    def new(self) -> tuple[Compared, ...]:
        """Facts of which we know nothing."""
        return self.of("new")

    @property
    def same(self) -> tuple[Compared, ...]:
        """Facts that say what we know already."""
        return self.of("same")

    @property
    def differing(self) -> tuple[Compared, ...]:
        """Facts that say something else than what we know."""
        return self.of("differs")


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it came: how it was called, and its bytes."""

    name: str
    content: bytes


@transaction.atomic
def receive(
    *, person: Person, document: Document, knowledge: Knowledge, by: Staff | None, at: datetime
) -> Received:
    """
    Keep a document for review, sealed as it came; the same one is not kept twice.

    :raises RecordRefusedError: if it is too large, of another form, or cannot be read as FHIR.
    """
    digest = sha256(document.content).hexdigest()
    again = ImportedRecord.objects.filter(person__in=person.ids, sha256=digest).first()
    if again is not None:
        return Received(again, is_again=True)
    text = _text(document.content)
    name = document.name[:LONGEST_NAME] or "record"
    zone = person.site.zone
    _read(document.content, at.astimezone(zone), knowledge)
    row = ImportedRecord.objects.create(
        person=person, name=name, content=text, sha256=digest, bytes=len(document.content),
        zone=zone.key, by=by, at=at,
    )  # fmt: skip
    _note(person, "received a record", by, at, record=str(row.pk))
    return Received(row, is_again=False)


def review(*, row: ImportedRecord, person: Person, knowledge: Knowledge, at: datetime) -> Review:
    """
    Return what a kept document says, beside what is known at a moment.

    :raises RecordRefusedError: if this release cannot read it any more.
    """
    content = row.content.encode()
    reading = _read(content, row.at.astimezone(ZoneInfo(row.zone)), knowledge)
    found = gathered(person, at, knowledge)
    compared = []
    for name, theirs in reading.facts.items():
        if name == AGE and person.birth_date is not None:
            continue
        ours = found.given.get(name)
        compared.append(
            Compared(
                name=name,
                theirs=given_line(theirs, name, at, knowledge),
                ours=fact_line(found.facts, name, knowledge) if ours else None,
                standing=_standing(theirs, ours),
                is_older=_is_older(theirs, ours),
            )
        )
    return Review(
        reading, _subject(content, person), tuple(compared), tuple(reading.not_understood)
    )


@dataclass(frozen=True, slots=True)
class Choices:
    """What someone chose on the review page: facts to take, and facts to leave as they are."""

    taken: frozenset[str]
    left: frozenset[str]


@transaction.atomic
def accept(
    *, row: ImportedRecord, choices: Choices, knowledge: Knowledge, by: Staff, at: datetime
) -> int:
    """
    Write down the facts that were taken, with where each stands in the document; return how many.

    Where ours was newer and theirs is taken, theirs is stated as right now, by whom took it; never
    what goes out of date, such as a pressure: that is measured again.

    :raises AgedChoiceError: if an older value of a fact that goes out of date was taken over ours.
    :raises ReviewedAlreadyError: if the record was accepted or left before.
    :raises ChoiceMissingError: if a fact differs and nobody chose.
    """
    row = _waiting(row)
    person = Person.objects.select_for_update().select_related("site").get(pk=row.person_id)
    shown = review(row=row, person=person, knowledge=knowledge, at=at)
    open_ = [each.name for each in shown.differing]
    aged = [
        each.name
        for each in shown.facts
        if each.name in choices.taken
        and each.is_older
        and knowledge.vocabulary[each.name].fresh_for is not None
    ]
    if aged:
        raise AgedChoiceError(aged)
    missing = [name for name in open_ if name not in choices.taken | choices.left]
    if missing:
        raise ChoiceMissingError(missing)
    rows = list(_rows(row, shown, choices.taken, by, at))
    StatedFact.objects.bulk_create(rows)
    row.accepted_at, row.accepted_by = at, by
    row.save(update_fields=["accepted_at", "accepted_by"])
    _note(person, "accepted a record", by, at, record=str(row.pk), facts=len(rows))
    return len(rows)


@transaction.atomic
def leave(*, row: ImportedRecord, by: Staff, at: datetime) -> None:
    """
    Take nothing from a record; it stays, sealed.

    :raises ReviewedAlreadyError: if the record was accepted or left before.
    """
    row = _waiting(row)
    row.left_at = at
    row.save(update_fields=["left_at"])
    _note(row.person, "left a record", by, at, record=str(row.pk))


def _rows(
    row: ImportedRecord, shown: Review, taken: frozenset[str], by: Staff, at: datetime
) -> Iterator[StatedFact]:
    for each in shown.facts:
        if each.name not in taken or each.standing == "same":
            continue
        fact = shown.reading.facts[each.name]
        origin = f"{row.name}: {fact.origin or 'the document'}"
        yield StatedFact(
            id=uuid5(row.pk, each.name),
            person_id=row.person_id,
            name=each.name,
            value=held_value(fact.value),
            unknown=_unknown(fact),
            at=at if each.is_older else min(fact.at or row.at, at),
            origin=(f"{origin}, taken as right by {by.name}" if each.is_older else origin)[:300],
            by=by,
            recorded_at=at,
            imported=row,
        )


def _waiting(row: ImportedRecord) -> ImportedRecord:
    held = ImportedRecord.objects.select_for_update().get(pk=row.pk)
    if held.accepted_at or held.left_at:
        raise ReviewedAlreadyError("this record was reviewed already")
    return held


def _unknown(fact: Fact) -> str:
    if fact.unknown is None:
        return ""
    kept = {Unknown.NOT_ANSWERED, Unknown.CONFLICTING}
    return str(fact.unknown if fact.unknown in kept else Unknown.NOT_RECORDED)


def _standing(theirs: Fact, ours: Fact | None) -> str:
    if ours is None:
        return "new"
    return "same" if (theirs.value, theirs.unknown) == (ours.value, ours.unknown) else "differs"


def _is_older(theirs: Fact, ours: Fact | None) -> bool:
    if ours is None or ours.at is None or theirs.at is None:
        return False
    return theirs.at < ours.at


def _text(content: bytes) -> str:
    """Return the document as text, if it can be one that is read here."""
    if len(content) > MOST_BYTES:
        raise RecordRefusedError(
            f"It is larger than {MOST_BYTES // 1_000_000} MB. Ask for the part that is needed."
        )
    for start, why in OTHER_FORMS.items():
        if content.lstrip().startswith(start):
            raise RecordRefusedError(why)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise RecordRefusedError("It is not text in UTF-8. Choose a FHIR file in JSON.") from None


def _read(content: bytes, at: datetime, knowledge: Knowledge) -> Reading:
    try:
        return read(content, name="the file", at=at, knowledge=knowledge)
    except FhirError as error:
        raise RecordRefusedError(f"It cannot be read: {error}.") from None


class _Name(msgspec.Struct):
    text: str = ""
    family: str = ""
    given: list[str] = []


class _Patient(msgspec.Struct, rename="camel"):
    resource_type: str = ""
    birth_date: str = ""
    name: list[_Name] = []


class _Entry(msgspec.Struct):
    resource: _Patient = msgspec.field(default_factory=_Patient)


class _Whole(_Patient, rename="camel"):
    entry: list[_Entry] = []


def _subject(content: bytes, person: Person) -> Subject:
    """Return whom the document names; what it does not say does not speak against the person."""
    patient = _patient(content)
    names = patient.name[0] if patient.name else _Name()
    name = names.text or " ".join((*names.given, names.family)).strip()
    born = patient.birth_date
    ours = person.birth_date.isoformat() if person.birth_date else ""
    born_fits = not born or not ours or ours.startswith(born)
    words = set(name.casefold().split())
    known = set(f"{person.legal_name} {person.called}".casefold().split())
    return Subject(name, born, fits=born_fits and (not words or bool(words & known)))


def _patient(content: bytes) -> _Patient:
    try:
        whole = msgspec.json.decode(content, type=_Whole)
    except (msgspec.MsgspecError, RecursionError):
        return _Patient()
    every: list[_Patient] = [whole, *(each.resource for each in whole.entry)]
    return next((each for each in every if each.resource_type == "Patient"), _Patient())


def _note(person: Person, action: str, by: Staff | None, at: datetime, **more: Any) -> None:
    actor = f"staff:{by.pk}" if by else "system"
    held: Mapping[str, Any] = more
    record(Deed(person.clinic_id, at, actor, action, f"person:{person.pk}", held))
