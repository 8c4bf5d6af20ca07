"""Links to a person's own pages: made, opened with a birth date by one browser, locked, revoked."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import models, transaction

from overstory.clinic.audit.record import Deed, record
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


class OwnLink(models.Model):
    """
    A link to pages of one `person`: the hash of its token, and of its browser's key.

    Wrong birth dates are counted until it locks.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    consumed_at = models.DateTimeField(null=True, blank=True)
    browser_hash = models.CharField(max_length=64, blank=True)
    wrong_birth_dates = models.PositiveSmallIntegerField(default=0)
    locked_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    person: Any

    class Meta:
        abstract = True


LinkT = TypeVar("LinkT", bound=OwnLink)


@dataclass(frozen=True, slots=True)
class NewLink(Generic[LinkT]):
    """A link just made; its token is nowhere else."""

    link: LinkT
    token: str


@dataclass(frozen=True, slots=True)
class Kind(Generic[LinkT]):
    """
    One kind of link: its rows, to what it leads in the words of the record, and under which page
    staff make a new one.
    """

    model: type[LinkT]
    leads_to: str
    page: str

    def by_token(self, token: str) -> LinkT | None:
        """Return the link of a token; none for one that is none."""
        return self._links().filter(token_hash=hashed(token)).first()

    def by_id(self, link_id: UUID) -> LinkT | None:
        """Return the link with an id, if there is one; who may go on by it is asked of the browser."""
        return self._links().filter(pk=link_id).first()

    def make(
        self, *, person: Person, by: Staff | None, at: datetime, until: datetime, **more: Any
    ) -> NewLink[LinkT]:
        """
        Make a link in the running transaction; `more` is what its row holds besides.

        :raises NoBirthDateError: if the person has no birth date on record.
        """
        if person.birth_date is None:
            raise NoBirthDateError("set the birth date first: it opens the link")
        token = secrets.token_urlsafe(TOKEN_BYTES)
        link: LinkT = self.model._default_manager.create(
            person=person, token_hash=hashed(token), made_by=by, made_at=at, expires_at=until,
            **more,
        )  # fmt: skip
        self._note(link, f"made a link to {self.leads_to}", by.actor if by else "system", at)
        return NewLink(link, token)

    @transaction.atomic
    def revoke(self, *, person: Person, by: Staff, at: datetime) -> int:
        """End the links of a person that are open; return how many there were."""
        rows = self.model._default_manager.select_for_update()
        found = list(rows.filter(person=person, revoked_at=None))
        for link in found:
            link.revoked_at = at
            link.save(update_fields=["revoked_at"])
            self._note(link, f"revoked a link to {self.leads_to}", by.actor, at)
        return len(found)

    def open(self, *, link: LinkT, birth_date: date, at: datetime) -> str:
        """
        Open a link with the birth date on record, and return the key of the browser that did.

        :raises NotOpenError: if the link is over; one that wrong birth dates locked, too.
        :raises OtherBrowserError: if another browser opened it before.
        :raises WrongBirthDateError: if the birth date is another; it is counted.
        """
        left = self._try(link, birth_date, at)
        if isinstance(left, str):
            return left
        if left <= 0:
            raise NotOpenError("locked")
        raise WrongBirthDateError(left)

    def held(self, link: LinkT, at: datetime) -> LinkT:
        """
        Return the link, held until the transaction ends, so that nobody writes by one that is over.

        :raises NotOpenError: if it is over.
        """
        rows = self.model._default_manager.select_for_update(of=("self",))
        held: LinkT = rows.select_related("person").get(pk=link.pk)
        if over := why_over(held, at):
            raise NotOpenError(over)
        return held

    @transaction.atomic
    def _try(self, given: LinkT, birth_date: date, at: datetime) -> str | int:
        """Return the browser's key, or how many tries are left; the count is kept either way."""
        link = self.held(given, at)
        if link.consumed_at:
            raise OtherBrowserError("opened in another browser")
        if link.person.birth_date == birth_date:
            key = secrets.token_urlsafe(TOKEN_BYTES)
            link.consumed_at, link.browser_hash = at, hashed(key)
            link.save(update_fields=["consumed_at", "browser_hash"])
            self._note(link, f"opened a link to {self.leads_to}", f"link:{link.pk}", at)
            return key
        most = ways_of(given.person.clinic.ways).wrong_birth_dates
        link.wrong_birth_dates += 1
        if link.wrong_birth_dates >= most:
            link.locked_at = at
        link.save(update_fields=["wrong_birth_dates", "locked_at"])
        self._note(link, "gave a wrong birth date", f"link:{link.pk}", at)
        if link.locked_at and given.made_by is not None:
            self._tell_locked(given, given.made_by, at)
        return most - link.wrong_birth_dates

    def _tell_locked(self, link: LinkT, to: Staff, at: datetime) -> None:
        send(
            clinic=link.person.clinic,
            to=to,
            subject=f"A link to {self.leads_to} is locked",
            body=(
                "Wrong birth dates were given too often. Call the person, check the birth date on "
                f"record, and make a new link under {self.page}."
            ),
            at=at,
        )

    def _note(self, link: LinkT, action: str, actor: str, at: datetime) -> None:
        person = link.person
        more = {"link": str(link.pk)}
        record(Deed(person.clinic_id, at, actor, action, f"person:{person.pk}", more))

    def _links(self) -> models.QuerySet[LinkT]:
        return self.model._default_manager.select_related(
            "person__clinic", "person__site__clinic", "made_by"
        )


def why_over(link: OwnLink, at: datetime) -> str:
    """Return why a link is over: revoked, locked, expired; or empty."""
    if link.revoked_at or link.person.merged_into_id:
        return "revoked"
    if link.locked_at:
        return "locked"
    return "expired" if link.expires_at <= at else ""
