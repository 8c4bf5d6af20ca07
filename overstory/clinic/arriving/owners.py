"""Who is there for what has to be done before a visit, where nobody took it yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from overstory.clinic.booking.models import Appointment
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.models import Staff
from overstory.clinic.people.permissions import Role
from overstory.clinic.people.times import between, shifts_of

FOR = {
    "tms": (Role.TECHNICIAN, Role.NURSE, Role.COORDINATOR),
    "": (Role.COORDINATOR, Role.NURSE),
}
"""The roles that see to someone before a visit of a treatment, the first of them first; of no treatment."""
OTHERWISE = (Role.NURSE, Role.COORDINATOR)


@dataclass(frozen=True, slots=True)
class There:
    """Someone who is at a site for a while, in a role."""

    staff: Staff
    role: str
    site: UUID
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Owners:
    """Who is where from now on, the first first."""

    there: tuple[There, ...]
    now: datetime

    def of(self, visit: Appointment, due: datetime) -> Staff | None:
        """
        Return who is at the site of a visit before it is due, by role; else who signed its plan.

        None where there is neither: then it is everybody's.
        """
        for role in FOR.get(visit.treatment, OTHERWISE):
            for each in self.there:
                is_there = each.ends > self.now and each.starts <= max(due, self.now)
                if each.role == role and each.site == visit.site_id and is_there:
                    return each.staff
        return visit.plan.signed_by if visit.plan is not None else None


def owners_of(clinic: Clinic, visits: Sequence[Appointment], now: datetime) -> Owners:
    """Return who could see to the people of these visits."""
    last = max((each.starts for each in visits), default=now)
    rows = (
        between(shifts_of(clinic), now, last)
        .filter(staff__roles__until=None, staff__roles__isnull=False)
        .select_related("staff")
        .annotate(role=F("staff__roles__role"))
    )
    return Owners(
        tuple(There(each.staff, each.role, each.site_id, each.starts, each.ends) for each in rows),
        now,
    )
