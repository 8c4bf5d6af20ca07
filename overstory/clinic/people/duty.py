"""Who is there: on shift, on call, on leave; and the hours that nobody answers for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import Prefetch

from overstory.clinic.people.clinics import Clinic, Site
from overstory.clinic.people.staff import Staff, StaffRole
from overstory.clinic.people.times import (
    DutyLeave,
    OnCall,
    Shift,
    between,
    leaves_of,
    shifts_of,
    then,
)

Span = tuple[datetime, datetime]


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


def on_duty(clinic: Clinic, site: Site | None, now: datetime) -> tuple[OnDuty, ...]:
    """
    Return who is there at a moment, in the order in which they are asked.

    First those on shift (at the site, where one is given), by name; then those on call, by rung.
    Those on leave and those who no longer work here are left out.
    """
    leaves = then(leaves_of(clinic), now)
    away = set(leaves.values_list("staff_id", flat=True))
    shifts = shifts_of(clinic)
    if site is not None:
        shifts = shifts.filter(site=site)
    found = [
        *(_duty(each, way="shift", rung=0) for each in _with_staff(then(shifts, now))),
        *(
            _duty(each, way="on-call", rung=each.rung)
            for each in _with_staff(then(clinic.on_calls.all(), now))
        ),
    ]
    return tuple(sorted((x for x in found if x.staff not in away), key=lambda x: (x.rung, x.name)))


def uncovered(clinic: Clinic, first: datetime, last: datetime) -> list[Span]:
    """Return the spans of a time in which nobody at work is on call, leave taken off."""
    covered = []
    for call in _calls(clinic, first, last):
        leaves = [(each.starts, each.ends) for each in call.staff.leaves_then]  # type: ignore[attr-defined] # prefetched
        covered += without((call.starts, call.ends), leaves)
    return without((first, last), covered)


def clashes(clinic: Clinic, first: datetime, last: datetime) -> list[tuple[OnCall, OnCall]]:
    """Return pairs on the same rung whose times overlap, so that two are called first."""
    calls = _calls(clinic, first, last)
    return [
        (one, two)
        for place, one in enumerate(calls)
        for two in calls[place + 1 :]
        if one.rung == two.rung and one.starts < two.ends and two.starts < one.ends
    ]


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


def _calls(clinic: Clinic, first: datetime, last: datetime) -> list[OnCall]:
    leaves = Prefetch(
        "staff__leaves",
        queryset=between(DutyLeave.objects.all(), first, last),
        to_attr="leaves_then",
    )
    calls = between(clinic.on_calls.filter(staff__is_active=True), first, last)
    return list(calls.select_related("staff").prefetch_related(leaves))


def _with_staff(spans: Any) -> Any:
    roles = Prefetch(
        "staff__roles", queryset=StaffRole.objects.filter(until=None), to_attr="roles_now"
    )
    return spans.filter(staff__is_active=True).select_related("staff").prefetch_related(roles)


def _duty(span: Shift | OnCall, *, way: Literal["shift", "on-call"], rung: int) -> OnDuty:
    staff: Staff = span.staff
    return OnDuty(
        staff=staff.pk,
        name=staff.name,
        phone=staff.phone,
        roles=frozenset(each.role for each in staff.roles_now),  # type: ignore[attr-defined] # prefetched
        way=way,
        rung=rung,
        until=span.ends,
    )
