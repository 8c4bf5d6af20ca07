"""The link to a person's own decision aid: one at a time, for so many days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TypeAlias

from django.db import transaction

from overstory.clinic.care.choosing_rows import ChoiceLink
from overstory.clinic.care.own_links import Kind, NewLink, why_over
from overstory.clinic.people.models import Person, Staff
from overstory.clinic.people.ways import ways_of

__all__ = ["by_id", "by_token", "locked_open", "make_link", "open_link", "revoke", "why_over"]
KIND = Kind(ChoiceLink, leads_to="the options", page="Choice")
NewChoiceLink: TypeAlias = NewLink[ChoiceLink]
by_token, by_id = KIND.by_token, KIND.by_id
locked_open, revoke = KIND.held, KIND.revoke


@transaction.atomic
def make_link(*, person: Person, by: Staff, at: datetime) -> NewChoiceLink:
    """
    Make a link to a person's aid; the one before is revoked.

    :raises NoBirthDateError: if the person has no birth date on record.
    """
    held = Person.objects.select_for_update().get(pk=person.pk)
    ChoiceLink.objects.filter(person=held, revoked_at=None).update(revoked_at=at)
    until = at + timedelta(days=ways_of(person.clinic.ways).link_days)
    return KIND.make(person=held, by=by, at=at, until=until)


def open_link(*, link: ChoiceLink, birth_date: date, at: datetime) -> str:
    """
    Open a link with the birth date on record, and return the key of the browser that did.

    :raises LinkError: as `Kind.open` does.
    """
    return KIND.open(link=link, birth_date=birth_date, at=at)
