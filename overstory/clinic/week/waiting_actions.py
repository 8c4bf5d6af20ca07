"""What is written on the waiting list: wishes, who looks after whom, and how a wait ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.booking import actions
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.people.models import Staff
from overstory.clinic.week.models import Waiting, WaitingOwner


class WaitingError(ValueError):
    """Something that cannot be on the list so; the message says why."""


@dataclass(frozen=True, slots=True)
class Wish:
    """That someone would come sooner: `id` is made by the form, so that twice is once."""

    id: UUID
    urgency: str
    reason: str


@transaction.atomic
def wish_sooner(*, appointment: Appointment, wish: Wish, by: Staff, at: datetime) -> Waiting:
    """
    Keep that the person of an appointment would come sooner.

    :raises WaitingError: if it is not to come, or stands on the list already.
    """
    held = Waiting.objects.filter(pk=wish.id, clinic=appointment.clinic).first()
    if held is not None:
        return held
    locked = Appointment.objects.select_for_update().get(pk=appointment.pk)
    if locked.state != "booked" or locked.starts <= at:
        raise WaitingError("Only an appointment to come can be wished sooner.")
    if Waiting.objects.filter(appointment=locked, kind="sooner", ended_at=None).exists():
        raise WaitingError("This appointment is on the waiting list already.")
    row = Waiting.objects.create(
        id=wish.id, clinic=locked.clinic, site=locked.site, person=locked.whose,
        appointment=locked, kind="sooner", course=locked.plan.course if locked.plan else None,
        n=locked.n, urgency=wish.urgency, reason=wish.reason, made_by=by, made_at=at,
    )  # fmt: skip
    _tell(row, "put on the waiting list", by, at)
    return row


@transaction.atomic
def take(*, waiting: Waiting, by: Staff, at: datetime) -> None:
    """Take someone who waits into one's own care."""
    newest = WaitingOwner.objects.filter(waiting=waiting).order_by("-at").first()
    if newest is not None and newest.owner_id == by.pk:
        return
    WaitingOwner.objects.create(id=uuid4(), waiting=waiting, owner=by, at=at)
    person = f"person:{waiting.person_id}"
    record(Deed(waiting.clinic_id, at, by.actor, "took someone who waits", person))


@transaction.atomic
def withdraw(*, waiting: Waiting, by: Staff, at: datetime) -> None:
    """End a wait because it is not wished any more; sent twice, it is once."""
    _end(waiting, "withdrawn", by, at)


@transaction.atomic
def give_place(
    *, waiting: Waiting, starts: datetime, resource: Resource, by: Staff, at: datetime
) -> Appointment:
    """
    Move, or book again, what someone waits about, and end the wait.

    :raises NotBookableError: if hours, the person or the plan stand against it, or nothing waits any more.
    :raises TakenError: if someone was quicker.
    """
    locked = Waiting.objects.select_for_update().get(pk=waiting.pk)
    if locked.ended_at is not None:
        raise actions.NotBookableError("They do not wait any more.")
    standing = _standing(locked)
    if standing is not None:
        new = actions.move(appointment=standing, to=starts, resource=resource, by=by, at=at)
        _end(locked, "moved", by, at)
        return new
    new = actions.stand_again(
        appointment=locked.appointment, to=starts, resource=resource, by=by, at=at
    )
    _end(locked, "booked", by, at)
    return new


def _standing(waiting: Waiting) -> Appointment | None:
    """The booked appointment that the wait is about now."""
    rows = Appointment.objects.filter(clinic=waiting.clinic, state="booked")
    if waiting.course is not None:
        rows = rows.filter(plan__course=waiting.course, n=waiting.n)
    else:
        rows = rows.filter(kind="evaluation").of(waiting.person) if waiting.person else (
            rows.filter(pk=waiting.appointment_id)
        )  # fmt: skip
    return rows.order_by("starts").first()


def _end(waiting: Waiting, how: str, by: Staff, at: datetime) -> None:
    still = Waiting.objects.filter(pk=waiting.pk, ended_at=None)
    if still.update(ended_at=at, ended_by=by, ended_as=how):
        _tell(waiting, f"wait {how}", by, at)


def _tell(waiting: Waiting, action: str, by: Staff, at: datetime) -> None:
    subject = f"person:{waiting.person_id}" if waiting.person_id else f"site:{waiting.site_id}"
    more = {"waiting": str(waiting.pk), "urgency": waiting.urgency}
    record(Deed(waiting.clinic_id, at, f"staff:{by.pk}", action, subject, more))
