"""Notes in rows: drafted from the facts, edited in versions, signed by who wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.care.adopted import InForce, in_force
from overstory.clinic.care.assessing import Assessed, assess_person
from overstory.clinic.care.models import CarePlan, Note, NoteVersion
from overstory.clinic.care.scores import score_pictures
from overstory.clinic.care.wording import fact_line
from overstory.clinic.intake.models import CareRequest
from overstory.clinic.people.models import Person, Staff
from overstory.pathway.noting import TREATMENT_WORDS, Section, Sentence, Told, note, text_of


class ChangedMeanwhileError(ValueError):
    """Someone else saved the note since the page was opened; `newest` is theirs."""

    def __init__(self, newest: NoteVersion) -> None:
        self.newest = newest
        super().__init__("someone else saved this note since you opened it")


class NotTheAuthorError(ValueError):
    """Only who wrote a version signs it, and only the newest one."""


class NotReadyError(ValueError):
    """A note that something is missing of; the message says what, in sentences."""


PLAN = "PLAN"
UNSCREENED = "SIGNED WITHOUT A C-SSRS"
HEADINGS = frozenset({
    "REASON FOR COMING", "HISTORY", "PAST MEDICINES", "MENTAL STATE", "SCORES", "SAFETY",
    "SUITABILITY", "STILL UNKNOWN", PLAN, UNSCREENED,
})  # fmt: skip
NO_PLAN = "The PLAN section is empty: write what happens next before you sign."
NOT_SCREENED = (
    "The C-SSRS is not done: this visit cannot be signed off. Enter it, or sign the note anyway "
    "with a reason."
)


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
    :raises NotReadyError: if its plan is empty, or nobody asked the C-SSRS and it does not say why.
    """
    Note.objects.select_for_update().get(pk=version.note_id)
    version = NoteVersion.objects.select_related("note__person__clinic").get(pk=version.pk)
    if version.signed_at is not None:
        return version
    newest = version.note.versions.order_by("-number")[0]
    if version.by_id != by.pk or newest.pk != version.pk:
        raise NotTheAuthorError("only who wrote the newest version signs it")
    person = version.note.person
    missing = against_signing(person=person, words=version.words, at=at)
    if missing:
        raise NotReadyError(" ".join(missing))
    version.signed_at = at
    version.save(update_fields=["signed_at"])
    _note(person, "signed a note", by, at, note=str(version.note_id), number=version.number)
    return version


def against_signing(*, person: Person, words: str, at: datetime) -> tuple[str, ...]:
    """Return what stands against signing these words of a person now, in sentences."""
    found = []
    if not _under(PLAN, words):
        found.append(NO_PLAN)
    if not _under(UNSCREENED, words) and is_unscreened(person, at):
        found.append(NOT_SCREENED)
    return tuple(found)


def is_unscreened(person: Person, at: datetime) -> bool:
    """Return whether the person counts as not screened for suicide at a moment."""
    assessed = assess_person(person, at=at, force=in_force(person.clinic))
    return assessed.assessment.safety.level == "unknown"


def with_reason(words: str, reason: str) -> str:
    """Return the words with why they are signed without a screen, if that is given."""
    if not reason.strip():
        return words
    return f"{words.rstrip()}\n\n{UNSCREENED}\n{reason.strip()}\n"


def _under(heading: str, words: str) -> str:
    """Return what stands under a heading of a note, up to the next line in capitals."""
    found, is_under = [], False
    for line in words.splitlines():
        text = line.strip()
        named, _, rest = text.partition(":")
        if named.casefold() == heading.casefold():
            is_under = True
            found.append(rest.strip())
        elif is_under and text and text.rstrip(":") in HEADINGS:
            is_under = False
        elif is_under:
            found.append(text)
    return " ".join(found).strip()


def sections_of(assessed: Assessed) -> tuple[Section, ...]:
    """Return the note that an assessment writes."""
    found, knowledge = assessed.gathered, assessed.in_force.knowledge
    zone = found.person.site.zone
    return note(
        told=Told(
            who=found.person.legal_name,
            reason=_reasons(found.ids),
            plans=_plans(found.ids, zone),
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
    """Say the scores of questionnaires, and totals that were stated without their answers."""
    knowledge, found = assessed.in_force.knowledge, assessed.gathered
    scales = {each.id: each for each in knowledge.sections["scales"]}
    pictures = score_pictures(found.scores, knowledge=knowledge, zone=found.person.site.time_zone)
    said = [
        Sentence(each.says, tuple(sorted(set(scales[each.scale].fills.values()))))
        for each in pictures
    ]
    told = {name for each in said for name in each.facts}
    for scale in scales.values():
        name = scale.fills.get("total")
        if name in told or name not in found.facts.given:
            continue
        line = fact_line(found.facts, name, knowledge)
        if line.value:
            stale = f", {line.why}" if line.is_stale else ""
            origin = f" ({line.age}, {line.origin}{stale})" if line.origin else ""
            said.append(Sentence(f"{scale.short}: total {line.value}{origin}.", (name,)))
            told.add(name)
    return said


def _plans(ids: Sequence[UUID], zone: ZoneInfo) -> list[str]:
    """Say which plans are signed and in force, as a proposal for the plan of the note."""
    rows = CarePlan.objects.filter(person__in=list(ids), signed_at__isnull=False, ended_at=None)
    return [
        f"As in the signed plan: {TREATMENT_WORDS.get(row.treatment, row.treatment)}, "
        f"{len(row.content['sessions'])} sessions from {row.starts_on:%-d %b %Y} (version {row.n}, "
        f"signed by {row.signed_by.name if row.signed_by else ''} on "
        f"{row.signed_at.astimezone(zone) if row.signed_at else row.drafted_at:%-d %b %Y})."
        for row in rows.select_related("signed_by").order_by("starts_on")
    ]


def _note(person: Person, action: str, by: Staff, at: datetime, **more: Any) -> None:
    record(Deed(person.clinic_id, at, f"staff:{by.pk}", action, f"person:{person.pk}", more))
