"""A person's private calendar: its address made, renewed and stopped, and what it holds."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from overstory.clinic.arriving.rows import CalendarFeed
from overstory.clinic.audit.record import Deed, record
from overstory.clinic.booking.calendar_events import event_of
from overstory.clinic.booking.models import Appointment
from overstory.clinic.intake.links import TOKEN_BYTES, hashed
from overstory.clinic.people.models import Person, Staff
from overstory.exchange.icalendar_feed import FeedEvent, feed

BACK = timedelta(days=30)
MOST = 1000


@transaction.atomic
def make_feed(*, person: Person, by: Staff | None, actor: str, at: datetime) -> str:
    """Make the address of a person's calendar and return its token; the one before stops."""
    held = Person.objects.select_for_update().get(pk=person.pk)
    _stop(held, actor, at)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = CalendarFeed.objects.create(person=held, token_hash=hashed(token), made_by=by, made_at=at)
    _note(row, "made a private calendar", actor, at)
    return token


@transaction.atomic
def stop_feed(*, person: Person, actor: str, at: datetime) -> None:
    """Stop a person's calendar, if one is in use."""
    _stop(Person.objects.select_for_update().get(pk=person.pk), actor, at)


def feed_of(token: str) -> CalendarFeed | None:
    """Return the calendar of a token; none for one that is none, or was stopped."""
    found = CalendarFeed.objects.select_related("person__clinic", "person__merged_into")
    row = found.filter(token_hash=hashed(token), revoked_at=None).first()
    return None if row is None or row.person.merged_into_id else row


def in_use(person: Person) -> CalendarFeed | None:
    """Return the calendar of a person that is in use, if any."""
    return CalendarFeed.objects.filter(person=person, revoked_at=None).first()


def calendar_of(person: Person, now: datetime) -> bytes:
    """
    Return a person's calendar: the visits to come and those of the last days, cancelled ones too.

    A visit that was moved is one event, whose sequence counts up.
    """
    rows = list(
        Appointment.objects.filter(clinic=person.clinic_id, starts__gte=now - BACK)
        .of(person)
        .order_by("-starts", "pk")
        .defer("place", "emergency_contact")[:MOST]
    )
    chains = _chains(rows)
    return feed(_event(each, chains) for each in rows if each.state != "moved")


def _chains(rows: list[Appointment]) -> Mapping[UUID, UUID]:
    """From each appointment that stands for a moved one to that one, to the beginning."""
    found = {each.pk: each.instead_of_id for each in rows if each.instead_of_id}
    missing = set(found.values()) - {each.pk for each in rows}
    while missing:
        older = Appointment.objects.filter(pk__in=missing).values_list("pk", "instead_of")
        new = {pk: before for pk, before in older if before is not None}
        found |= new
        missing = set(new.values())
    return found


def _event(visit: Appointment, chains: Mapping[UUID, UUID]) -> FeedEvent:
    root, moves = visit.pk, 0
    while root in chains:
        root, moves = chains[root], moves + 1
    return event_of(visit, root=root, moves=moves)


def _stop(person: Person, actor: str, at: datetime) -> None:
    for row in CalendarFeed.objects.filter(person=person, revoked_at=None):
        row.revoked_at = at
        row.save(update_fields=["revoked_at"])
        _note(row, "stopped a private calendar", actor, at)


def _note(row: CalendarFeed, action: str, actor: str, at: datetime) -> None:
    person = row.person
    more = {"feed": str(row.pk)}
    record(Deed(person.clinic_id, at, actor, action, f"person:{person.pk}", more))
