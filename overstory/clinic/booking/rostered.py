"""Who is on duty at a site by role, at each step of the calendar; and until when that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, Q, Value

from overstory.clinic.booking.needed import ROLES
from overstory.clinic.people.models import DutyLeave, Site, StaffRole
from overstory.clinic.people.times import between
from overstory.pathway.slots import Stretch, merged, without

ONE_DAY = timedelta(days=1)
PRESCRIBER = "prescriber"


@dataclass(frozen=True, slots=True)
class Roster:
    """
    When people of each role are on duty at a site, leave taken off.

    `works` has for each role and day one tuple of stretches for each person; `known_until` the last day
    with a shift of a role. After it nobody knows yet who is there: neither someone nor no one.
    """

    site: Site
    works: Mapping[tuple[str, date], tuple[tuple[Stretch, ...], ...]]
    known_until: Mapping[str, date]

    def knows(self, role: str, day: date) -> bool:
        """Return whether the roster of a role reaches to a day."""
        return role in self.known_until and day <= self.known_until[role]

    def there(self, role: str, moment: datetime) -> int:
        """Return how many of a role are at work at a moment."""
        day = moment.astimezone(self.site.zone).date()
        return sum(
            any(each.starts <= moment < each.ends for each in works)
            for works in self.works.get((role, day), ())
        )

    def least(self, role: str, span: Stretch) -> int:
        """Return how many of a role are at work at the emptiest moment of a span."""
        day = span.starts.astimezone(self.site.zone).date()
        leaves = [each.ends for own in self.works.get((role, day), ()) for each in own]
        moments = [each for each in leaves if span.starts < each < span.ends]
        return min(self.there(role, each) for each in [span.starts, *moments])


def roster_of(site: Site, span: Stretch) -> Roster:
    """Return the roster of a site within a span, in two queries."""
    around = (span.starts - ONE_DAY, span.ends + ONE_DAY)
    leaves = between(DutyLeave.objects.filter(staff__clinic=site.clinic_id), *around)
    shifts = between(site.shifts.filter(staff__is_active=True), *around)
    rows = (
        each.order_by().values_list("staff", "starts", "ends", Value(is_leave))
        for each, is_leave in ((shifts, 0), (leaves, 1))
    )
    found: tuple[dict[Any, list[Stretch]], dict[Any, list[Stretch]]] = ({}, {})
    for staff, starts, ends, is_leave in next(rows).union(next(rows), all=True):
        found[is_leave].setdefault(staff, []).append(Stretch(starts, ends))
    return roster_from(site, *found)


def roster_from(
    site: Site,
    shifts: Mapping[Any, Sequence[Stretch]],
    leaves: Mapping[Any, Sequence[Stretch]],
) -> Roster:
    """Return the roster of a site from shifts and leaves by member of staff that were read; one query."""
    mine = Q(staff__shifts__site=site, staff__shifts__withdrawn_at=None)
    rows = (
        StaffRole.objects.filter(staff__clinic=site.clinic_id, staff__is_active=True, until=None)
        .values_list("staff", "role")
        .annotate(last=Max("staff__shifts__starts", filter=mine))
    )
    own: dict[Any, set[str]] = {}
    last: dict[str, datetime] = {}
    for staff, role, latest in rows:
        own.setdefault(staff, set()).add(role)
        if latest is not None:
            last[role] = max(last.get(role, latest), latest)
    by_staff = {
        staff: (_roles(own[staff]), list(works)) for staff, works in shifts.items() if staff in own
    }
    away = {staff: list(each) for staff, each in leaves.items()}
    return Roster(site, _by_day(site, by_staff, away), _until(site, last))


def _by_day(
    site: Site,
    by_staff: Mapping[Any, tuple[list[str], list[Stretch]]],
    away: Mapping[Any, list[Stretch]],
) -> dict[tuple[str, date], tuple[tuple[Stretch, ...], ...]]:
    found: dict[tuple[str, date], dict[Any, list[Stretch]]] = {}
    for staff, (roles, works) in by_staff.items():
        for stretch in without(merged(works), away.get(staff, [])):
            day = stretch.starts.astimezone(site.zone).date()
            for role in roles:
                found.setdefault((role, day), {}).setdefault(staff, []).append(stretch)
    return {key: tuple(tuple(each) for each in own.values()) for key, own in found.items()}


def _until(site: Site, last: Mapping[str, datetime]) -> dict[str, date]:
    found = {}
    for role, of in ROLES.items():
        ends = [last[each.value] for each in of if each.value in last]
        if ends:
            found[role] = max(ends).astimezone(site.zone).date()
    return found


def _roles(own: set[str]) -> list[str]:
    """What someone counts as: the first role of work in a room that is theirs, and a prescriber."""
    mine = [role for role, some in ROLES.items() if own & {each.value for each in some}]
    rooms = [role for role in mine if role != PRESCRIBER]
    return [*rooms[:1], *(role for role in mine if role == PRESCRIBER)]
