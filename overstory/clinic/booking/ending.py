"""Ending a signed plan that is not carried on: its reason, and what stands in the calendar for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from overstory.clinic.booking.actions import NotBookableError, end_row
from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.planned import CarePlan, PlanEnded
from overstory.clinic.care.planning_actions import tell
from overstory.clinic.people.models import Staff


class NotEndableError(NotBookableError):
    """A plan that cannot be ended so; the message says why."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a plan ends; `id` is made by the form, `seen` is the hash of what it would cancel."""

    id: UUID
    words: str
    seen: str


def to_cancel(plan: CarePlan, *, now: datetime) -> list[Appointment]:
    """Return the appointments to come of the course of a plan, which end with it."""
    rows = Appointment.objects.filter(plan__course=plan.course, state="booked", starts__gt=now)
    return list(rows.select_related("site").order_by("starts", "pk"))


def fingerprint(rows: Sequence[Appointment]) -> str:
    """Return what is compared with what the reader saw."""
    return sha256(";".join(sorted(str(each.pk) for each in rows)).encode()).hexdigest()


@transaction.atomic
def end_plan(*, plan: CarePlan, ending: Ending, by: Staff, at: datetime) -> PlanEnded:
    """
    End the course of a signed plan, drafts of it included, and cancel its appointments to come.

    What was given stays as it is. The same form sent twice ends it once.

    :raises NotEndableError: if it is not in force, or others would be cancelled than were shown.
    """
    course = list(CarePlan.objects.select_for_update().filter(course=plan.course))
    kept = PlanEnded.objects.filter(pk=ending.id, plan__in=course).first()
    if kept is not None:
        return kept
    locked = next(each for each in course if each.pk == plan.pk)
    if not locked.is_in_force:
        raise NotEndableError("Only the version in force is ended; this one is not.")
    rows = to_cancel(locked, now=at)
    if fingerprint(rows) != ending.seen:
        raise NotEndableError("The calendar has changed since you read this; look at it again.")
    for each in rows:
        end_row(appointment=each, state="cancelled", by=by, at=at)
    CarePlan.objects.filter(course=plan.course, ended_at=None).update(ended_at=at)
    row = PlanEnded.objects.create(id=ending.id, plan=locked, words=ending.words, by=by, at=at)
    tell(locked, "ended a plan", by, at)
    return row
