"""The courses that wait, by the day of their first session to come, each with what it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from overstory.clinic.booking.holding import holds_of_plans
from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.holds.values import CourseHolds, Hold, age_days
from overstory.clinic.people.models import Clinic


@dataclass(frozen=True, slots=True)
class Waiting:
    """A course in the list: its plan, the day of its next session, what keeps it, for how many days."""

    plan: CarePlan
    first_day: date
    holds: CourseHolds
    age_days: int

    @property
    def keeping(self) -> tuple[Hold, ...]:
        """The open holds that keep its next session from being confirmed."""
        return self.holds.keeping


def courses_by_first_day(clinic: Clinic, *, at: datetime) -> QuerySet[CarePlan]:
    """
    Return the plans in force with a session to come, the first to take place first.

    `first_day` on each is the day of its next appointment; of a course that is not booked, its first day.
    """
    coming = Appointment.objects.filter(
        plan__course=OuterRef("course"), state="booked", starts__gte=at
    ).order_by("starts")
    rows: QuerySet[CarePlan] = clinic.plans.filter(signed_at__isnull=False, ended_at=None)
    return (
        rows.annotate(next_day=Subquery(coming.values("wall_date")[:1]))
        .filter(Q(next_day__isnull=False) | Q(starts_on__gte=at.date()))
        .annotate(first_day=Coalesce("next_day", "starts_on"))
        .select_related("person__site", "person__merged_into__site", "clinic")
        .order_by("first_day", "pk")
    )


def waiting(plans: list[CarePlan], *, at: datetime) -> list[Waiting]:
    """Return plans with their holds; the number of queries does not grow with them."""
    found = holds_of_plans(plans, at=at)
    return [
        Waiting(each, _first_day(each, found[each.pk]), found[each.pk], age_days(each, at=at))
        for each in plans
    ]


def _first_day(plan: CarePlan, holds: CourseHolds) -> date:
    return holds.next.coming.day if holds.next is not None else plan.starts_on
