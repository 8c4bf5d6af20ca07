"""When a clinician or a place could be booked: hours, shifts, leave, outages, what stands already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from overstory.clinic.booking.models import Resource
from overstory.clinic.booking.occupying import out_of_use, taken_by
from overstory.clinic.people.calendar import hours_of
from overstory.clinic.people.models import DutyLeave, Site, Staff
from overstory.clinic.people.permissions import Role
from overstory.clinic.people.times import between
from overstory.clinic.people.ways import ways_of
from overstory.pathway.slots import Stretch, free, within, without

EVALUATORS = (Role.PSYCHIATRIST, Role.MEDICAL_DIRECTOR)


@dataclass(frozen=True, slots=True)
class Offer:
    """A time at which an evaluation visit could begin, and with whom."""

    starts: datetime
    clinician: Staff


def visit_offers(site: Site, *, now: datetime) -> tuple[Offer, ...]:
    """Return the evaluation visits that could be booked at a site from now on, the first first."""
    ways = ways_of(site.clinic.ways)
    span = Stretch(now, now + timedelta(days=ways.visit_days_ahead))
    clinicians = {
        each.pk: each
        for each in site.clinic.staff.filter(
            is_active=True, roles__role__in=EVALUATORS, roles__until=None
        ).distinct()
    }
    shifts = _by_staff(site.shifts.filter(staff__in=clinicians), span)
    leaves = _by_staff(DutyLeave.objects.filter(staff__in=clinicians), span)
    open_ = tuple(open_stretches(site, span))
    taken = _taken(site, list(clinicians.values()), span)
    found = [
        Offer(starts, clinicians[key])
        for key, works in shifts.items()
        for starts in free(
            open_=within(without(works, leaves.get(key, [])), open_),
            taken=taken.get(key, []),
            minutes=ways.visit_minutes,
            step=timedelta(minutes=ways.visit_step_minutes),
            after=now + timedelta(hours=ways.visit_notice_hours),
        )
    ]
    return tuple(sorted(found, key=lambda offer: (offer.starts, offer.clinician.name)))


def is_there(staff: Staff, site: Site, wanted: Stretch) -> bool:
    """Return whether a member of staff works at a site all through a stretch, and is not on leave."""
    return list(within(works_of(staff, site, wanted), [wanted])) == [wanted]


def works_of(staff: Staff, site: Site, span: Stretch) -> list[Stretch]:
    """Return when a member of staff works at a site around a span, leave taken off."""
    shifts = _by_staff(site.shifts.filter(staff=staff), span)
    leaves = _by_staff(DutyLeave.objects.filter(staff=staff), span)
    return list(without(shifts.get(staff.pk, []), leaves.get(staff.pk, [])))


def open_stretches(site: Site, span: Stretch) -> Iterable[Stretch]:
    """Yield when a site is open within a span."""
    hours = hours_of(site)
    day = span.starts.astimezone(site.zone).date()
    last = span.ends.astimezone(site.zone).date()
    while day <= last:
        opens = hours.opens(day)
        if opens is not None:
            yield Stretch(opens, hours.closes(day))
        day += timedelta(days=1)


def _by_staff(spans: Any, span: Stretch) -> dict[UUID, list[Stretch]]:
    """When each member of staff is there, or away, within a span."""
    found: dict[UUID, list[Stretch]] = {}
    for row in between(spans, span.starts, span.ends):
        found.setdefault(row.staff_id, []).append(Stretch(row.starts, row.ends))
    return found


def _taken(site: Site, clinicians: Sequence[Staff], span: Stretch) -> dict[UUID, list[Stretch]]:
    resources = list(
        Resource.objects.filter(site__clinic=site.clinic, staff__in=clinicians, kind="staff")
    )
    seats = taken_by(resources, span)
    outs = out_of_use(resources, span)
    return {
        each.staff_id: [*(row for rows in seats[each.pk].values() for row in rows), *outs[each.pk]]
        for each in resources
        if each.staff_id
    }
