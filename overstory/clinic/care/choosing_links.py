"""The link to a person's own decision aid: made, opened with a birth date, locked, replaced."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.care.choosing_rows import ChoiceLink
from overstory.clinic.intake.links import (
    TOKEN_BYTES,
    NoBirthDateError,
    NotOpenError,
    OtherBrowserError,
    WrongBirthDateError,
    hashed,
)
from overstory.clinic.people.messages import send
from overstory.clinic.people.models import Person, Staff
from overstory.clinic.people.ways import ways_of


@dataclass(frozen=True, slots=True)
class NewChoiceLink:
    """A link just made; its token is nowhere else."""

    link: ChoiceLink
    token: str


@transaction.atomic
def make_link(*, person: Person, by: Staff, at: datetime) -> NewChoiceLink:
    """
    Make a link to a person's aid; the one before is revoked.

    :raises NoBirthDateError: if the person has no birth date on record.
    """
    held = Person.objects.select_for_update().get(pk=person.pk)
    if held.birth_date is None:
        raise NoBirthDateError("set the birth date first: it opens the link")
    ChoiceLink.objects.filter(person=held, revoked_at=None).update(revoked_at=at)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    days = ways_of(person.clinic.ways).link_days
    link = ChoiceLink.objects.create(
        person=held,
        token_hash=hashed(token),
        made_by=by,
        made_at=at,
        expires_at=at + timedelta(days=days),
    )
    _note(link, "made a link to the options", by.actor, at)
    return NewChoiceLink(link, token)


@transaction.atomic
def revoke(*, person: Person, by: Staff, at: datetime) -> None:
    """End the link to a person's aid, if one is open."""
    for link in ChoiceLink.objects.select_for_update().filter(person=person, revoked_at=None):
        link.revoked_at = at
        link.save(update_fields=["revoked_at"])
        _note(link, "revoked a link to the options", by.actor, at)


def by_token(token: str) -> ChoiceLink | None:
    """Return the link of a token; none for one that is none."""
    return _links().filter(token_hash=hashed(token)).first()


def by_id(link_id: UUID) -> ChoiceLink | None:
    """Return the link with an id, if there is one; who may go on by it is asked of the browser."""
    return _links().filter(pk=link_id).first()


def _links() -> QuerySet[ChoiceLink]:
    return ChoiceLink.objects.select_related("person__clinic", "person__site__clinic", "made_by")


def why_over(link: ChoiceLink, at: datetime) -> str:
    """Return why a link is over: revoked, locked, expired; or empty."""
    if link.revoked_at or link.person.merged_into_id:
        return "revoked"
    if link.locked_at:
        return "locked"
    return "expired" if link.expires_at <= at else ""


def open_link(*, link: ChoiceLink, birth_date: date, at: datetime) -> str:
    """
    Open a link with the birth date on record, and return the key of the browser that did.

    :raises NotOpenError: if the link is over; one that wrong birth dates locked, too.
    :raises OtherBrowserError: if another browser opened it before.
    :raises WrongBirthDateError: if the birth date is another; it is counted.
    """
    left = _try(link, birth_date, at)
    if isinstance(left, str):
        return left
    if left <= 0:
        raise NotOpenError("locked")
    raise WrongBirthDateError(left)


def locked_open(link: ChoiceLink, at: datetime) -> ChoiceLink:
    """
    Return the link, held until the transaction ends, so that nobody writes by one that is over.

    :raises NotOpenError: if it is over.
    """
    held = (
        ChoiceLink.objects.select_for_update(of=("self",)).select_related("person").get(pk=link.pk)
    )
    if over := why_over(held, at):
        raise NotOpenError(over)
    return held


@transaction.atomic
def _try(given: ChoiceLink, birth_date: date, at: datetime) -> str | int:
    """Return the browser's key, or how many tries are left; the count is kept either way."""
    link = locked_open(given, at)
    if link.consumed_at:
        raise OtherBrowserError("opened in another browser")
    if link.person.birth_date == birth_date:
        key = secrets.token_urlsafe(TOKEN_BYTES)
        link.consumed_at, link.browser_hash = at, hashed(key)
        link.save(update_fields=["consumed_at", "browser_hash"])
        _note(link, "opened a link to the options", f"link:{link.pk}", at)
        return key
    most = ways_of(given.person.clinic.ways).wrong_birth_dates
    link.wrong_birth_dates += 1
    if link.wrong_birth_dates >= most:
        link.locked_at = at
    link.save(update_fields=["wrong_birth_dates", "locked_at"])
    _note(link, "gave a wrong birth date", f"link:{link.pk}", at)
    if link.locked_at and given.made_by is not None:
        _tell_locked(given, given.made_by, at)
    return most - link.wrong_birth_dates


def _tell_locked(link: ChoiceLink, to: Staff, at: datetime) -> None:
    send(
        clinic=link.person.clinic,
        to=to,
        subject="A link to the options is locked",
        body=(
            "Wrong birth dates were given too often. Call the person, check the birth date on "
            "record, and make a new link under Choice."
        ),
        at=at,
    )


def _note(link: ChoiceLink, action: str, actor: str, at: datetime) -> None:
    person = link.person
    record(Deed(person.clinic_id, at, actor, action, f"person:{person.pk}", {"link": str(link.pk)}))
