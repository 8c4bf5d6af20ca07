"""Answers that are about the person and not one visit alone, until staff have asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from overstory.clinic.arriving.asked import arriving_number
from overstory.clinic.arriving.rows import ArrivalDeed, Readiness, Reminder
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.models import Person, Staff
from overstory.knowledge.load import Knowledge


@dataclass(frozen=True, slots=True)
class Again:
    """
    Something to be asked again: what was answered, of whom, by when.

    `owner` signed the plan of the visit; none where there is no plan.
    """

    row: Readiness
    person: Person
    labels: tuple[str, ...]
    owner: Staff | None
    due: datetime


def sent_to(person_ids: Sequence[UUID]) -> QuerySet[Reminder]:
    """Return the reminders that were written to a person, the newest first."""
    rows = Reminder.objects.filter(message__to_person__in=person_ids)
    return rows.select_related("message", "appointment", "link").order_by("-at", "pk")


def replies_of(person_ids: Sequence[UUID]) -> QuerySet[Readiness]:
    """Return what was answered before the visits of a person, the newest first, without the answers."""
    near = Q(appointment__person__in=person_ids)
    near |= Q(appointment__care_request__person__in=person_ids)
    rows = Readiness.objects.filter(near).select_related("appointment", "by")
    return rows.defer("answers").order_by("-at", "pk")


def waiting_of(clinic: Clinic) -> QuerySet[Readiness]:
    """Return the replies of a clinic that wait for review, the oldest first."""
    reviewed = ArrivalDeed.objects.filter(readiness=OuterRef("pk"))
    rows = Readiness.objects.filter(~Exists(reviewed), appointment__clinic=clinic, waits=True)
    return rows.select_related(
        "appointment__site", "appointment__person", "appointment__care_request__person",
        "appointment__plan__signed_by",
    ).defer("appointment__plan__content").order_by("at", "pk")  # fmt: skip


def labels_of(row: Readiness, knowledge: Knowledge) -> Again:
    """Return a reply that waits with what it told, in words."""
    labels = tuple(
        each.label
        for each in knowledge.sections["readiness"]
        if each.reviewed and row.answers.get(each.id, each.ready) != each.ready
    )
    person, plan = row.appointment.whose, row.appointment.plan
    assert person is not None, "nobody answers before a visit of nobody"
    hours = arriving_number(knowledge, "act-within-hours")
    owner = plan.signed_by if plan is not None else None
    return Again(row, person, labels, owner, row.at + timedelta(hours=hours))
