"""Who waits: rows that are still true, by urgency and age; each with the appointment that stands now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.people.models import Clinic
from overstory.clinic.week.models import URGENCIES, Waiting, WaitingOwner


def open_waitings(clinic: Clinic, *, now: datetime) -> QuerySet[Any]:
    """
    Return who waits at a clinic, the most urgent and then the longest first.

    One who lost a place waits until the session has another, or its course has ended; one who wishes to
    come sooner waits while there is an appointment to come. `stands` is that appointment, `owner_name`
    who looks after it.
    """
    rank = Case(
        *(When(urgency=each, then=Value(n)) for n, each in enumerate(URGENCIES)),
        default=Value(len(URGENCIES)),
    )
    return (
        Waiting.objects.filter(clinic=clinic, ended_at=None)
        .annotate(
            stands=Subquery(_standing(clinic, now).values("pk")[:1]),
            stands_at=Subquery(_standing(clinic, now).values("starts")[:1]),
            owner_name=_owner(),
            rank=rank,
        )
        .filter(
            Q(kind="sooner", stands__isnull=False)
            | Q(Exists(_plan_in_force()) | Q(course=None), kind="lost", stands=None)
        )
        .select_related("site", "person", "made_by", "appointment__care_request")
        .order_by("rank", "made_at", "pk")
    )


def _standing(clinic: Clinic, now: datetime) -> QuerySet[Appointment]:
    """The appointment to come of the session or visit that someone waits about."""
    same = Q(plan__course=OuterRef("course"), n=OuterRef("n")) | Q(pk=OuterRef("appointment"))
    visits = Q(kind="evaluation", person=OuterRef("person")) & ~Q(person=None)
    asked = Q(kind="evaluation", care_request__person=OuterRef("person"))
    of_visits = Exists(
        Appointment.objects.filter(pk=OuterRef(OuterRef("appointment")), kind="evaluation")
    )
    return Appointment.objects.filter(
        same | (of_visits & (visits | asked)), clinic=clinic, state="booked", starts__gt=now
    ).order_by("starts")


def _plan_in_force() -> QuerySet[CarePlan]:
    return CarePlan.objects.filter(
        course=OuterRef("course"), signed_at__isnull=False, ended_at=None
    )


def _owner() -> Any:
    rows = WaitingOwner.objects.filter(waiting=OuterRef("pk")).order_by("-at", "-pk")
    return Subquery(rows.values(name=F("owner__name"))[:1])
