"""What the worker does for the calendar in each round: courses are brought in line with their holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from overstory.clinic.booking.holding import holds_of_plans, settle_course
from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.people.models import Clinic

ACTOR = "system:holds"
AT_ONCE = 20
"""Courses a round: a clinic of two hundred is looked through within a minute."""


class Sweep:
    """
    Course after course of a clinic, from where its last round ended.

    A hold that opens or closes by time alone, or by what was written elsewhere (a consent withdrawn, an
    authorization that ran out, a fact that grew too old), changes the course without anyone's hand. It is
    worked out from rows and now, so a round that is missed loses nothing.
    """

    def __init__(self) -> None:
        self.after: dict[UUID, UUID] = {}

    def __call__(self, clinic: Clinic, now: datetime) -> int:
        """Look at the next courses of a clinic; return how many appointments were changed."""
        plans = self._next(clinic, now)
        self.after.pop(clinic.pk, None)
        if len(plans) == AT_ONCE:
            self.after[clinic.pk] = plans[-1].pk
        for each in plans:
            each.clinic = clinic
        return settle_what_differs(plans, at=now)

    def _next(self, clinic: Clinic, now: datetime) -> list[CarePlan]:
        coming = Appointment.objects.filter(
            plan__course=OuterRef("course"), state="booked", starts__gte=now
        )
        rows = (
            clinic.plans.filter(Exists(coming), signed_at__isnull=False, ended_at=None)
            .select_related("person__site", "person__merged_into__site")
            .order_by("pk")
        )
        after = self.after.get(clinic.pk)
        return list((rows.filter(pk__gt=after) if after else rows)[:AT_ONCE])


sweep = Sweep()
"""The round of this process (`settings.WORKER_ROUNDS`)."""


def settle_what_differs(plans: Sequence[CarePlan], *, at: datetime) -> int:
    """Settle those courses of one clinic whose appointments are not as their holds say."""
    found = holds_of_plans(plans, at=at)
    wanted = {
        each.appointment: holds.is_tentative
        for holds in found.values()
        for each in holds.course.coming
        if each.appointment is not None
    }
    rows = Appointment.objects.filter(pk__in=list(wanted), state="booked")
    differing = {pk for pk, now in rows.values_list("pk", "is_tentative") if wanted[pk] != now}
    return sum(
        settle_course(holds.course.plan, actor=ACTOR, at=at)
        for holds in found.values()
        if any(each.appointment in differing for each in holds.course.coming)
    )
