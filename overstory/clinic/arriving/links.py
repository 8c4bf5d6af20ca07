"""The link to a person's visits: made by staff for some days, or by a reminder until the visit is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from overstory.clinic.arriving.rows import ArrivalLink
from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.own_links import Kind, NewLink
from overstory.clinic.people.models import Person, Staff
from overstory.clinic.people.ways import ways_of

KIND = Kind(ArrivalLink, leads_to="visits", page="Visits")


@transaction.atomic
def make_link(*, person: Person, by: Staff, at: datetime) -> NewLink[ArrivalLink]:
    """
    Make a link that staff hand out; the one that was handed out before is revoked.

    :raises NoBirthDateError: if the person has no birth date on record.
    """
    held = Person.objects.select_for_update().get(pk=person.pk)
    ArrivalLink.objects.filter(person=held, appointment=None, revoked_at=None).update(revoked_at=at)
    until = at + timedelta(days=ways_of(person.clinic.ways).link_days)
    return KIND.make(person=held, by=by, at=at, until=until)


def reminder_link(
    *, appointment: Appointment, person: Person, at: datetime
) -> NewLink[ArrivalLink]:
    """
    Make the link of a reminder, in the running transaction; it works until the visit is over.

    :raises NoBirthDateError: if the person has no birth date on record.
    """
    until = appointment.starts + timedelta(minutes=appointment.minutes)
    return KIND.make(person=person, by=None, at=at, until=until, appointment=appointment)
