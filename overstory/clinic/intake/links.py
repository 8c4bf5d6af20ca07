"""All writes about questionnaires and links: made, opened with a birth date, locked, handed in."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.intake.filling import IntakeLink, Questionnaire
from overstory.clinic.people.messages import send
from overstory.clinic.people.models import Person, Staff
from overstory.clinic.people.ways import ways_of
from overstory.knowledge.load import load_knowledge

TOKEN_BYTES = 24


class LinkError(ValueError):
    """A link that cannot be made or opened; the message says why."""


class NoBirthDateError(LinkError):
    """A person without a birth date on record cannot open a link."""


class NotOpenError(LinkError):
    """A link that is over; `why` is revoked, locked, expired or submitted."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class OtherBrowserError(LinkError):
    """A link that another browser opened."""


class WrongBirthDateError(LinkError):
    """A birth date that is not the one on record; `left` is how many more tries there are."""

    def __init__(self, left: int) -> None:
        self.left = left
        super().__init__("not the birth date on record")


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link just made; its token is nowhere else."""

    link: IntakeLink
    token: str


def hashed(secret: str) -> str:
    """Return what is kept of a token or of a browser's key."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def begin(
    *, person: Person, pack: str, by: Staff, at: datetime, key: uuid.UUID | None = None
) -> Questionnaire:
    """
    Begin a questionnaire for a person; sent twice with the same `key`, there is one.

    :raises LinkError: if there is no such pack, or `key` began another one.
    """
    if pack not in {each.id for each in load_knowledge().sections["packs"]}:
        raise LinkError("there is no such questionnaire")
    held = Questionnaire.objects.filter(pk=key).first() if key else None
    if held is not None:
        if (held.person_id, held.pack) != (person.pk, pack):
            raise LinkError("this form was sent before, for something else")
        return held
    questionnaire = Questionnaire.objects.create(
        id=key or uuid.uuid4(),
        clinic=person.clinic,
        site=person.site,
        person=person,
        pack=pack,
        made_by=by,
        made_at=at,
    )
    _record(questionnaire, "began a questionnaire", by.actor, at)
    return questionnaire


@transaction.atomic
def make_link(*, questionnaire: Questionnaire, by: Staff, at: datetime) -> NewLink:
    """
    Make a link to a questionnaire; the one before is revoked.

    :raises NoBirthDateError: if the person has no birth date on record.
    :raises NotOpenError: if the questionnaire is submitted or withdrawn.
    """
    held = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    if held.submitted_at or held.withdrawn_at:
        raise NotOpenError("submitted" if held.submitted_at else "revoked")
    if questionnaire.person.birth_date is None:
        raise NoBirthDateError("set the birth date first: it opens the link")
    IntakeLink.objects.filter(questionnaire=held, revoked_at=None).update(revoked_at=at)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    days = ways_of(questionnaire.clinic.ways).link_days
    link = IntakeLink.objects.create(
        questionnaire=held,
        token_hash=hashed(token),
        made_by=by,
        made_at=at,
        expires_at=at + timedelta(days=days),
    )
    _record(held, "made a link", by.actor, at, link=link)
    return NewLink(link, token)


@transaction.atomic
def begin_with_link(
    *, person: Person, pack: str, by: Staff, at: datetime, key: uuid.UUID | None = None
) -> NewLink:
    """
    Begin a questionnaire together with its link; where there can be no link, there is neither.

    :raises LinkError: as `begin` and `make_link` do.
    """
    made = begin(person=person, pack=pack, by=by, at=at, key=key)
    return make_link(questionnaire=made, by=by, at=at)


def why_over(link: IntakeLink, at: datetime) -> str:
    """Return why a link is over: withdrawn, submitted, revoked, locked, expired; or empty."""
    form = link.questionnaire
    if form.submitted_at:
        return "submitted"
    if link.revoked_at or form.withdrawn_at:
        return "revoked"
    if link.locked_at:
        return "locked"
    return "expired" if link.expires_at <= at else ""


def open_link(*, link: IntakeLink, birth_date: date, at: datetime) -> str:
    """
    Open a link with the birth date on record, and return the key of the browser that did.

    :raises NotOpenError: if the link is over; one that five wrong birth dates locked, too.
    :raises OtherBrowserError: if another browser opened it before.
    :raises WrongBirthDateError: if the birth date is another; it is counted.
    """
    found = _try(link, birth_date, at)
    if isinstance(found, str):
        return found
    raise _wrong(found)


def open_again(*, link: IntakeLink, birth_date: date, at: datetime) -> None:
    """
    Let the browser that opened a link go on after it was left alone; it was asked once more.

    :raises NotOpenError: if the link is over; one that wrong birth dates lock now, too.
    :raises WrongBirthDateError: if the birth date is another; it is counted.
    """
    found = _try(link, birth_date, at, is_again=True)
    if not isinstance(found, str):
        raise _wrong(found)


def _wrong(left: int) -> LinkError:
    return NotOpenError("locked") if left <= 0 else WrongBirthDateError(left)


@transaction.atomic
def _try(given: IntakeLink, birth_date: date, at: datetime, *, is_again: bool = False) -> str | int:
    """Return the browser's key, or how many tries are left; the count is kept either way."""
    link = (
        IntakeLink.objects.select_for_update(of=("self",))
        .select_related("questionnaire__person", "questionnaire__clinic")
        .get(pk=given.pk)
    )
    if over := why_over(link, at):
        raise NotOpenError(over)
    if link.consumed_at and not is_again:
        raise OtherBrowserError("opened in another browser")
    form = link.questionnaire
    if form.person.birth_date == birth_date and is_again:
        _record(form, "opened a link again", f"link:{link.pk}", at, link=link)
        return ""
    if form.person.birth_date == birth_date:
        key = secrets.token_urlsafe(TOKEN_BYTES)
        link.consumed_at, link.browser_hash = at, hashed(key)
        link.save(update_fields=["consumed_at", "browser_hash"])
        _record(form, "opened a link", f"link:{link.pk}", at, link=link)
        return key
    most = ways_of(form.clinic.ways).wrong_birth_dates
    link.wrong_birth_dates += 1
    if link.wrong_birth_dates >= most:
        link.locked_at = at
    link.save(update_fields=["wrong_birth_dates", "locked_at"])
    _record(form, "gave a wrong birth date", f"link:{link.pk}", at, link=link)
    if link.locked_at:
        _tell_locked(link, at)
    return most - link.wrong_birth_dates


def _tell_locked(link: IntakeLink, at: datetime) -> None:
    """Tell who made the link that it is locked."""
    if link.made_by is not None:
        send(
            clinic=link.questionnaire.clinic,
            to=link.made_by,
            subject="A link to a questionnaire is locked",
            body=(
                "Wrong birth dates were given too often. Call the person, check the birth date on "
                "record, and make a new link under Questionnaires."
            ),
            at=at,
        )


@transaction.atomic
def submit(
    *, questionnaire: Questionnaire, by: Staff | None, actor: str, at: datetime
) -> Questionnaire:
    """Hand a questionnaire in; handed in twice, the first time holds."""
    form = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    if form.submitted_at is None and form.withdrawn_at is None:
        form.submitted_at, form.submitted_by = at, by
        form.save(update_fields=["submitted_at", "submitted_by"])
        _record(form, "handed a questionnaire in", actor, at)
    return form


@transaction.atomic
def withdraw(*, questionnaire: Questionnaire, by: Staff, at: datetime) -> None:
    """Take a questionnaire back that was sent by mistake; its answers stay and say nothing."""
    form = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    if form.withdrawn_at is None:
        form.withdrawn_at = at
        form.save(update_fields=["withdrawn_at"])
        IntakeLink.objects.filter(questionnaire=form, revoked_at=None).update(revoked_at=at)
        _record(form, "withdrew a questionnaire", by.actor, at)


def _record(
    form: Questionnaire, action: str, actor: str, at: datetime, link: IntakeLink | None = None
) -> None:
    more = {"questionnaire": str(form.pk), "pack": form.pack}
    if link is not None:
        more["link"] = str(link.pk)
    record(Deed(form.clinic_id, at, actor, action, f"person:{form.person_id}", more))
