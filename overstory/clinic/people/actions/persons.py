"""Persons: registered, edited, reached, merged without losing a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from overstory.clinic.people.actions.recording import keep
from overstory.clinic.people.clinics import Clinic, Site
from overstory.clinic.people.persons import ChannelConsent, Contact, Cover, Person
from overstory.clinic.people.staff import Staff


class SentBeforeError(ValueError):
    """A form that was sent before with other content."""


class MergeError(ValueError):
    """Two rows that cannot be one person's; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDetails:
    """Who someone is and how they are reached, as they said it; unknown is None or empty."""

    legal_name: str
    called: str = ""
    birth_date: date | None = None
    phone: str = ""
    email: str = ""
    language: str = "en"


def details_of(person: Person) -> PersonDetails:
    """Return the details of a person as they stand."""
    return PersonDetails(
        **{each.name: getattr(person, each.name) for each in fields(PersonDetails)}
    )


@transaction.atomic
def register_person(
    *,
    clinic: Clinic,
    site: Site,
    details: PersonDetails,
    by: Staff | None,
    at: datetime,
    key: UUID | None = None,
) -> Person:
    """
    Register a person; sent twice with the same `key`, there is one.

    :raises SentBeforeError: if `key` was sent before with other details.
    """
    if key is not None:
        held = Person.objects.filter(pk=key).first()
        if held is not None:
            if held.clinic_id != clinic.pk or details_of(held) != details:
                raise SentBeforeError("this form was sent before, with other details")
            return held
    person = Person(clinic=clinic, site=site, made_at=at, **asdict(details))
    if key is not None:
        person.pk = key
    person.save(force_insert=True)
    keep(clinic, "registered a person", f"person:{person.pk}", by=by, at=at)
    return person


@transaction.atomic
def edit_person(
    *, person: Person, details: PersonDetails, site: Site, by: Staff | None, at: datetime
) -> list[str]:
    """Change who someone is and how they are reached; return the names of what changed."""
    held = Person.objects.select_for_update().get(pk=person.pk)
    wanted = {**asdict(details), "site_id": site.pk}
    changed = sorted(name for name, value in wanted.items() if getattr(held, name) != value)
    if not changed:
        return []
    for name in changed:
        setattr(held, name, wanted[name])
    held.save(update_fields=changed)
    keep(person.clinic, "edited a person", f"person:{person.pk}", by=by, at=at, fields=changed)
    return changed


@transaction.atomic
def merge(*, kept: Person, other: Person, by: Staff | None, at: datetime) -> None:
    """
    Say that two rows are one person: `other` points at `kept`, and nothing is moved or lost.

    :raises MergeError: if they are of two clinics, the same row, or one is merged already.
    """
    rows = {
        row.pk: row
        for row in Person.objects.select_for_update()
        .filter(clinic=kept.clinic_id, pk__in=[kept.pk, other.pk])
        .order_by("pk")
    }
    if len(rows) != 2:
        raise MergeError("these are not two persons of one clinic")
    if any(row.merged_into_id for row in rows.values()):
        raise MergeError("one of them is merged into another already")
    Person.objects.filter(pk=other.pk).update(merged_into=kept.pk)
    other.merged_into = kept
    subject = f"person:{kept.pk}"
    keep(kept.clinic, "merged persons", subject, by=by, at=at, other=str(other.pk))


@transaction.atomic
def unmerge(*, other: Person, by: Staff | None, at: datetime) -> None:
    """
    Take a merge back: the row stands for itself again, with all that hung on it.

    :raises MergeError: if it is not merged.
    """
    row = Person.objects.select_for_update().get(pk=other.pk)
    if row.merged_into_id is None:
        raise MergeError("it is not merged")
    subject = f"person:{row.merged_into_id}"
    Person.objects.filter(pk=row.pk).update(merged_into=None)
    other.merged_into = None
    keep(row.clinic, "took a merge back", subject, by=by, at=at, other=str(row.pk))


def say_channel(
    *,
    person: Person,
    channel: str,
    is_given: bool,
    by: Staff | None,
    at: datetime,
    origin: str = "",
) -> bool:
    """
    Note whether someone may be reached by a channel; return whether that is new.

    `origin` says where they said it, if it was not to `by`.
    """
    given = {channel: is_given}
    return bool(say_channels(person=person, given=given, by=by, at=at, origin=origin))


@transaction.atomic
def say_channels(
    *,
    person: Person,
    given: Mapping[str, bool],
    by: Staff | None,
    at: datetime,
    origin: str = "",
) -> list[str]:
    """Note by which channels someone may be reached, as `say_channel` does one; return the new ones."""
    rows = ChannelConsent.objects.filter(person=person, channel__in=given).order_by("at", "pk")
    last = dict(rows.values_list("channel", "is_given"))
    new = [each for each, is_given in given.items() if last.get(each) != is_given]
    ChannelConsent.objects.bulk_create(
        ChannelConsent(
            person=person, channel=each, is_given=given[each], at=at, by=by, origin=origin
        )
        for each in new
    )
    for each in new:
        said = "allowed" if given[each] else "forbade"
        keep(person.clinic, f"{said} a channel", f"person:{person.pk}", by=by, at=at, channel=each)
    return new


@transaction.atomic
def add_contact(
    *,
    person: Person,
    kind: str,
    name: str,
    phone: str,
    relation: str,
    by: Staff | None,
    at: datetime,
    call_first: bool = False,
) -> Contact:
    """Add someone near to a person; the same one twice is one."""
    contact, is_new = Contact.objects.get_or_create(
        person=person,
        kind=kind,
        name=name,
        phone=phone,
        relation=relation,
        until=None,
        defaults={"since": at, "call_first": call_first},
    )
    if is_new:
        keep(person.clinic, "added a contact", f"person:{person.pk}", by=by, at=at, kind=kind)
    return contact


@transaction.atomic
def end_contact(*, contact: Contact, by: Staff | None, at: datetime) -> None:
    """End that someone is a contact."""
    if Contact.objects.filter(pk=contact.pk, until=None).update(until=at):
        person = contact.person
        keep(person.clinic, "ended a contact", f"person:{person.pk}", by=by, at=at)


@transaction.atomic
def add_cover(
    *, person: Person, insurer: str, member_id: str, by: Staff | None, at: datetime
) -> Cover:
    """Add a person's insurer; the same card twice is one."""
    for held in Cover.objects.filter(person=person, insurer=insurer, until=None):
        if (held.member_id or "") == member_id:
            return held
    cover = Cover.objects.create(
        person=person, insurer=insurer, member_id=member_id or None, since=at
    )
    keep(person.clinic, "added a cover", f"person:{person.pk}", by=by, at=at)
    return cover


@transaction.atomic
def end_cover(*, cover: Cover, by: Staff | None, at: datetime) -> None:
    """End a cover."""
    if Cover.objects.filter(pk=cover.pk, until=None).update(until=at):
        person = cover.person
        keep(person.clinic, "ended a cover", f"person:{person.pk}", by=by, at=at)
