"""Notes in rows: drafted from the facts, edited in versions, signed by who wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.care.adopted import InForce
from overstory.clinic.care.assessing import Assessed, assess_person
from overstory.clinic.care.models import Note, NoteVersion
from overstory.clinic.care.scores import score_pictures
from overstory.clinic.intake.models import CareRequest
from overstory.clinic.people.models import Person, Staff
from overstory.pathway.noting import Section, Sentence, Told, note, text_of


class ChangedMeanwhileError(ValueError):
    """Someone else saved the note since the page was opened; `newest` is theirs."""

    def __init__(self, newest: NoteVersion) -> None:
        self.newest = newest
        super().__init__("someone else saved this note since you opened it")


class NotTheAuthorError(ValueError):
    """Only who wrote a version signs it, and only the newest one."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A note as someone left it; `seen` is the number of the version that they started from."""

    key: UUID
    seen: int
    words: str


@transaction.atomic
def draft(*, person: Person, key: UUID, force: InForce, by: Staff, at: datetime) -> Note:
    """Write a note from the facts as its first version; sent twice, it is one note."""
    again = Note.objects.filter(pk=key, person=person).first()
    if again is not None:
        return again
    sections = sections_of(assess_person(person, at=at, force=force))
    row = Note.objects.create(
        id=key,
        person=person,
        draft=msgspec.to_builtins(sections),
        knowledge_sha256=force.knowledge.sha256,
        by=by,
        at=at,
    )
    NoteVersion.objects.create(note=row, number=1, words=text_of(sections), by=by, at=at)
    _note(person, "drafted a note", by, at, note=str(row.pk))
    return row


@transaction.atomic
def save(*, row: Note, edit: Edit, by: Staff, at: datetime) -> NoteVersion:
    """
    Keep the words of a note as its next version; sent twice, it is one version.

    :raises ChangedMeanwhileError: if another version is newest than the one that was edited.
    """
    Note.objects.select_for_update().get(pk=row.pk)
    again = NoteVersion.objects.filter(pk=edit.key, note=row).first()
    if again is not None:
        return again
    newest = row.versions.order_by("-number")[0]
    if newest.number != edit.seen:
        raise ChangedMeanwhileError(newest)
    made = NoteVersion.objects.create(
        id=edit.key, note=row, number=newest.number + 1, words=edit.words, by=by, at=at
    )
    _note(row.person, "edited a note", by, at, note=str(row.pk), number=made.number)
    return made


@transaction.atomic
def sign(*, version: NoteVersion, by: Staff, at: datetime) -> NoteVersion:
    """
    Sign the newest version of a note; signed before, it stays as it is.

    :raises NotTheAuthorError: if someone else wrote it, or it is not the newest.
    """
    Note.objects.select_for_update().get(pk=version.note_id)
    version = NoteVersion.objects.select_related("note__person").get(pk=version.pk)
    if version.signed_at is not None:
        return version
    newest = version.note.versions.order_by("-number")[0]
    if version.by_id != by.pk or newest.pk != version.pk:
        raise NotTheAuthorError("only who wrote the newest version signs it")
    version.signed_at = at
    version.save(update_fields=["signed_at"])
    person = version.note.person
    _note(person, "signed a note", by, at, note=str(version.note_id), number=version.number)
    return version


def sections_of(assessed: Assessed) -> tuple[Section, ...]:
    """Return the note that an assessment writes."""
    found, knowledge = assessed.gathered, assessed.in_force.knowledge
    zone = found.person.site.zone
    return note(
        told=Told(
            who=found.person.legal_name,
            reason=_reasons(found.ids),
            scores=_scores(assessed),
            trials=found.trials,
            trials_are_whole=found.trials_are_whole,
            when=lambda at: f"{at.astimezone(zone):%-d %b %Y, %H:%M %Z}",
        ),
        assessment=assessed.assessment,
        facts=found.facts,
        knowledge=knowledge,
    )


def _reasons(ids: Sequence[UUID]) -> list[str]:
    rows = CareRequest.objects.filter(person__in=list(ids)).order_by("received_at")
    return [
        f"Asked for care ({row.reason}, asked by {row.asker})"
        + (f": “{row.words.strip()}”" if row.words else ".")
        for row in rows
    ]


def _scores(assessed: Assessed) -> list[Sentence]:
    knowledge, found = assessed.in_force.knowledge, assessed.gathered
    scales = {each.id: each for each in knowledge.sections["scales"]}
    return [
        Sentence(each.says, tuple(sorted(set(scales[each.scale].fills.values()))))
        for each in score_pictures(
            found.scores, knowledge=knowledge, zone=found.person.site.time_zone
        )
    ]


def _note(person: Person, action: str, by: Staff, at: datetime, **more: Any) -> None:
    record(Deed(person.clinic_id, at, f"staff:{by.pk}", action, f"person:{person.pk}", more))
