"""What is written when someone asks for care, and when staff work on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID, uuid4

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.intake.asking import CareRequest, Letter, RequestStep, Upload
from overstory.clinic.intake.asking_recognising import details_told, take_over
from overstory.clinic.intake.uploads import TakenFile
from overstory.clinic.people.actions import register_person
from overstory.clinic.people.calendar import business_days_after
from overstory.clinic.people.models import Person, Site, Staff
from overstory.clinic.people.ways import ways_of
from overstory.clinic.safety.actions import Told, raise_alert


class RequestClosedError(ValueError):
    """A request that is closed already, and by whom."""


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What someone told when they asked for care; `id` is made by the form, so that twice is once.

    `place` and `emergency_contact` are told for a visit by video, `is_agreed` by who refers.
    """

    id: UUID
    asker: str
    reason: str
    name: str
    called: str = ""
    birth_date: date | None = None
    phone: str = ""
    email: str = ""
    prefers: str = "phone"
    language: str = "en"
    asker_name: str = ""
    asker_phone: str = ""
    asker_relation: str = ""
    is_agreed: bool | None = None
    words: str = ""
    emergency_contact: str = ""
    place: str = ""


@transaction.atomic
def ask(
    *,
    site: Site,
    asked: Asked,
    files: Sequence[TakenFile] = (),
    at: datetime,
    actor: str = "public",
) -> CareRequest:
    """
    Keep a request; the same form sent twice is kept once.

    Who tells of self-harm or thoughts of suicide raises an alert in the same transaction.
    """
    kept = CareRequest.objects.filter(pk=asked.id, clinic=site.clinic).first()
    if kept is not None:
        return kept
    request = _kept(site, asked, at)
    for file in files:
        keep_upload(site=site, file=file, care_request=request, person=None, at=at)
    _tell(request, at=at, actor=actor, action="asked for care", more={"files": len(files)})
    if asked.reason == "self-harm":
        _alert_of(request, asked, at, actor)
    return request


def _kept(site: Site, asked: Asked, at: datetime) -> CareRequest:
    """The row of a request, with when it is due and when late."""
    due, late = _times(site, at)
    return CareRequest.objects.create(
        id=asked.id,
        clinic=site.clinic,
        site=site,
        asker=asked.asker,
        reason=asked.reason,
        name=asked.name,
        called=asked.called,
        birth_date=asked.birth_date,
        phone=asked.phone,
        email=asked.email,
        prefers=asked.prefers,
        language=asked.language,
        asker_name=asked.asker_name,
        asker_phone=asked.asker_phone,
        asker_relation=asked.asker_relation,
        is_agreed=asked.is_agreed,
        words=asked.words or None,
        emergency_contact=asked.emergency_contact or None,
        place=asked.place or None,
        received_at=at,
        due_at=due,
        late_at=late,
    )


def _alert_of(request: CareRequest, asked: Asked, at: datetime, actor: str) -> None:
    """Raise the alert of a request that tells of self-harm or thoughts of suicide."""
    raise_alert(
        person=None,
        site=request.site,
        kind="request-text",
        tier="unscreened",
        source=f"request:{request.pk}",
        says="A request for care names self-harm or thoughts of suicide as its reason.",
        at=at,
        actor=actor,
        told=Told(phone=asked.phone or asked.asker_phone),
    )


def keep_upload(
    *,
    site: Site,
    file: TakenFile,
    care_request: CareRequest | None,
    person: Person | None,
    at: datetime,
) -> Upload:
    """Keep a file, sealed; the caller's transaction keeps or drops it with the rest."""
    return Upload.objects.create(
        id=uuid4(),
        clinic=site.clinic,
        care_request=care_request,
        person=person,
        kind=file.kind,
        name=file.name,
        content=file.content,
        bytes=len(file.content),
        sha256=sha256(file.content).hexdigest(),
        at=at,
    )


@transaction.atomic
def give(*, care_request: CareRequest, to: Staff, by: Staff, at: datetime) -> None:
    """Make someone the owner of a request."""
    locked = _open(care_request)
    locked.owner = to
    locked.save(update_fields=["owner"])
    _step(locked, "taken" if to == by else "given", by=by, at=at, to=to)


@transaction.atomic
def note(*, care_request: CareRequest, what: str, words: str, by: Staff, at: datetime) -> None:
    """Write down a call that was tried (`tried`) or anything else (`noted`)."""
    locked = _open(care_request)
    if locked.owner is None:
        locked.owner = by
        locked.save(update_fields=["owner"])
    _step(locked, what, by=by, at=at, words=words)


@transaction.atomic
def register(
    *, care_request: CareRequest, existing: Person | None, by: Staff, at: datetime
) -> Person:
    """
    Make the one who asked a person in care, or recognise a person who is; close the request.

    What is missing in the person's details is filled in, those who are near become contacts, and
    what was said about being reached counts; nothing on record is overwritten.
    """
    locked = _open(care_request)
    person = existing or register_person(
        clinic=locked.clinic, site=locked.site, details=details_told(locked), by=by, at=at
    )
    take_over(locked, person, by=by, at=at)
    locked.uploads.filter(person=None).update(person=person)
    locked.person = person
    _close(locked, outcome="registered", by=by, at=at, step="registered")
    return person


@transaction.atomic
def close(*, care_request: CareRequest, outcome: str, words: str, by: Staff, at: datetime) -> None:
    """Close a request with what came of it."""
    _close(_open(care_request), outcome=outcome, by=by, at=at, words=words)


@transaction.atomic
def open_again(*, care_request: CareRequest, words: str, by: Staff, at: datetime) -> None:
    """
    Open a closed request once more, due anew; one that is open stays as it is.

    :raises RequestClosedError: if the one who asked was registered from it.
    """
    locked = CareRequest.objects.select_for_update().get(pk=care_request.pk)
    if locked.outcome == "registered":
        raise RequestClosedError("the one who asked is registered")
    if locked.closed_at is None:
        return
    locked.outcome, locked.closed_at = "", None
    locked.due_at, locked.late_at = _times(locked.site, at)
    locked.save(update_fields=["outcome", "closed_at", "due_at", "late_at"])
    _step(locked, "opened-again", by=by, at=at, words=words)


@transaction.atomic
def add_where(*, care_request: CareRequest, place: str, emergency_contact: str) -> CareRequest:
    """
    Add to an open request where the person is during a visit and whom to call, and return it held.

    :raises RequestClosedError: if it was closed meanwhile.
    """
    locked = CareRequest.objects.select_for_update().get(pk=care_request.pk)
    if locked.closed_at is not None:
        raise RequestClosedError("it was closed meanwhile")
    locked.place = place or locked.place
    locked.emergency_contact = emergency_contact or locked.emergency_contact
    locked.save(update_fields=["place", "emergency_contact"])
    return locked


@transaction.atomic
def note_visit(
    *, care_request: CareRequest, words: str, at: datetime, by: Staff | None = None
) -> None:
    """Write down that a visit was booked; without `by` those who asked did it themselves."""
    _step(care_request, "visit", by=by, at=at, words=words)


@transaction.atomic
def write_letter(
    *, person: Person, to: str, subject: str, text: str, by: Staff, at: datetime, id_: UUID
) -> Letter:
    """Keep a referral to someone else as it will be printed; the same form sent twice is kept once."""
    kept = Letter.objects.filter(pk=id_, person=person).first()
    if kept is not None:
        return kept
    letter = Letter.objects.create(
        id=id_, person=person, to=to, subject=subject, text=text, by=by, at=at
    )
    record(
        Deed(
            person.clinic.pk, at, f"staff:{by.pk}", "wrote a referral letter",
            f"person:{person.pk}", {"letter": str(letter.pk)},
        )
    )  # fmt: skip
    return letter


def _times(site: Site, at: datetime) -> tuple[datetime, datetime]:
    """Return when a request is due and when it is late."""
    ways = ways_of(site.clinic.ways)
    return (
        business_days_after(site, at, ways.request_due_business_days),
        business_days_after(site, at, ways.request_late_business_days),
    )


def _open(care_request: CareRequest) -> CareRequest:
    locked = CareRequest.objects.select_for_update().get(pk=care_request.pk)
    if locked.closed_at is not None:
        raise RequestClosedError("this request is closed")
    return locked


def _close(
    request: CareRequest,
    *,
    outcome: str,
    by: Staff,
    at: datetime,
    words: str = "",
    step: str = "closed",
) -> None:
    request.outcome, request.closed_at = outcome, at
    request.owner = request.owner or by
    request.save(update_fields=["outcome", "closed_at", "owner", "person"])
    _step(request, step, by=by, at=at, words=words)


def _step(
    request: CareRequest,
    what: str,
    *,
    by: Staff | None,
    at: datetime,
    to: Staff | None = None,
    words: str = "",
) -> None:
    RequestStep.objects.create(
        care_request=request, what=what, by=by, to=to, at=at, words=words or None
    )
    actor = f"staff:{by.pk}" if by else "public"
    _tell(request, at=at, actor=actor, action=f"request {what}", more={})


def _tell(
    request: CareRequest, *, at: datetime, actor: str, action: str, more: dict[str, object]
) -> None:
    subject = f"person:{request.person.pk}" if request.person else f"request:{request.pk}"
    record(Deed(request.clinic.pk, at, actor, action, subject, more))
