"""Who is there: on shift, on call, on leave; and the hours that nobody answers for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.db.models import Prefetch

from overstory.clinic.people.clinics import Clinic, Site
from overstory.clinic.people.staff import StaffRole
from overstory.clinic.people.times import DutyLeave, OnCall, Shift, between, leaves_of, shifts_of

Span = tuple[datetime, datetime]
AN_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A named person who answers now; on call, `rung` 1 is called first (a shift has rung 0)."""

    staff: UUID
    name: str
    phone: str
    roles: frozenset[str]
    way: Literal["shift", "on-call"]
    rung: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Roster:
    """The shifts, on-call times and leaves of a clinic that touch a time, read once."""

    first: datetime
    last: datetime
    shifts: tuple[Shift, ...]
    calls: tuple[OnCall, ...]
    leaves: tuple[DutyLeave, ...]

    def at(self, moment: datetime, *, site: Site | None = None) -> tuple[OnDuty, ...]:
        """
        Return who is there at a moment of the time, in the order in which they are asked.

        First those on shift (at the site, where one is given), by name; then those on call, by
        rung. Those on leave and those who no longer work here are left out.
        """
        away = {each.staff_id for each in self.leaves if _holds(each, moment)}
        found = [
            _duty(each, way="shift", rung=0)
            for each in self.shifts
            if _holds(each, moment) and (site is None or each.site_id == site.pk)
        ]
        found += [
            _duty(each, way="on-call", rung=each.rung)
            for each in self.calls
            if _holds(each, moment)
        ]
        there = (each for each in found if each.staff not in away)
        return tuple(sorted(there, key=lambda each: (each.rung, each.name)))

    def uncovered(self) -> list[Span]:
        """Return the spans of the time in which nobody at work is on call, leave taken off."""
        covered: list[Span] = []
        for call in self.calls:
            leaves = [(x.starts, x.ends) for x in self.leaves if x.staff_id == call.staff_id]
            covered += without((call.starts, call.ends), leaves)
        return without((self.first, self.last), covered)

    def clashes(self) -> list[tuple[OnCall, OnCall]]:
        """Return pairs on the same rung whose times overlap, so that two are called first."""
        return [
            (one, two)
            for place, one in enumerate(self.calls)
            for two in self.calls[place + 1 :]
            if one.rung == two.rung and one.starts < two.ends and two.starts < one.ends
        ]


def roster_of(clinic: Clinic, first: datetime, last: datetime) -> Roster:
    """Return a clinic's roster of a time; those who no longer work here are not on it."""
    return Roster(
        first=first,
        last=last,
        shifts=tuple(_with_staff(between(shifts_of(clinic), first, last)).select_related("site")),
        calls=tuple(_with_staff(between(clinic.on_calls.all(), first, last))),
        leaves=tuple(between(leaves_of(clinic), first, last).select_related("staff")),
    )


def on_duty(clinic: Clinic, site: Site | None, now: datetime) -> tuple[OnDuty, ...]:
    """Return who is there at a moment, in the order in which they are asked (see `Roster.at`)."""
    return roster_of(clinic, now, now + AN_INSTANT).at(now, site=site)


def uncovered(clinic: Clinic, first: datetime, last: datetime) -> list[Span]:
    """Return the spans of a time in which nobody at work is on call, leave taken off."""
    return roster_of(clinic, first, last).uncovered()


def clashes(clinic: Clinic, first: datetime, last: datetime) -> list[tuple[OnCall, OnCall]]:
    """Return pairs on the same rung whose times overlap, so that two are called first."""
    return roster_of(clinic, first, last).clashes()


def without(span: Span, taken: Iterable[Span]) -> list[Span]:
    """Return what is left of a span when others are taken off it."""
    left = [span]
    for start, end in sorted(taken):
        left = [
            piece
            for first, last in left
            for piece in ((first, min(last, start)), (max(first, end), last))
            if piece[0] < piece[1]
        ]
    return left


def _with_staff(spans: Any) -> Any:
    roles = Prefetch(
        "staff__roles", queryset=StaffRole.objects.filter(until=None), to_attr="roles_now"
    )
    return spans.filter(staff__is_active=True).select_related("staff").prefetch_related(roles)


def _holds(span: Shift | OnCall | DutyLeave, moment: datetime) -> bool:
    return span.starts <= moment < span.ends


def _duty(span: Shift | OnCall, *, way: Literal["shift", "on-call"], rung: int) -> OnDuty:
    staff: Any = span.staff
    return OnDuty(
        staff=staff.pk,
        name=staff.name,
        phone=staff.phone,
        roles=frozenset(each.role for each in staff.roles_now),
        way=way,
        rung=rung,
        until=span.ends,
    )
