"""Several appointments moved at once: all leave their places first, so that they may change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from overstory.clinic.booking import actions
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.people.models import Staff


@dataclass(frozen=True, slots=True)
class To:
    """Where an appointment goes."""

    appointment: Appointment
    starts: datetime
    resource: Resource


@transaction.atomic
def move_together(*, moves: Sequence[To], by: Staff, at: datetime) -> tuple[Appointment, ...]:
    """
    Move appointments, all of them or none; each is looked at as one that is moved alone.

    :raises NotBookableError: if one is not booked any more, or something stands against its new time.
    :raises TakenError: if a new time is taken.
    """
    ordered = sorted(moves, key=lambda each: str(each.appointment.pk))
    left = [actions.leave(appointment=each.appointment, at=at) for each in ordered]
    return tuple(
        actions.stand_again(appointment=row, to=each.starts, resource=each.resource, by=by, at=at)
        for row, each in zip(left, ordered, strict=True)
    )
