"""What is booked at a site within a span, who comes, and on which seat: read in two questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Min

from overstory.clinic.booking.models import Occupancy
from overstory.clinic.people.models import Site
from overstory.pathway.slots import TICK, Stretch

STANDING = ("booked", "done", "no-show")
MOST = 5_000
"""More appointments than this of one site are not shown at once; the page says so."""


@dataclass(frozen=True, slots=True)
class Coming:
    """
    One appointment as a board shows it; `whose` is the person, none while only a request is known.

    `ends` is when the person leaves; what is occupied around it stands with the seats.
    """

    id: UUID
    kind: str
    treatment: str
    n: int | None
    state: str
    is_tentative: bool
    is_remote: bool
    starts: datetime
    ends: datetime
    whose: UUID | None
    request: UUID | None
    name: str
    clinician: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A seat of a resource that an appointment occupies, set-up and turnaround included."""

    appointment: UUID
    resource: UUID
    seat: int
    stretch: Stretch


COLUMNS = (
    "pk", "kind", "treatment", "n", "state", "is_tentative", "is_remote", "starts", "minutes",
    "person", "person__legal_name", "care_request", "care_request__name", "care_request__person",
    "care_request__person__legal_name", "clinician__name",
)  # fmt: skip


def coming(site: Site, span: Stretch) -> list[Coming]:
    """Return what stands at a site and begins within a span, the first first; at most `MOST` and one."""
    rows = (
        site.clinic.appointments.standing()
        .filter(site=site, starts__gte=span.starts, starts__lt=span.ends)
        .order_by("starts", "pk")
    )
    return [_coming(row) for row in rows.values_list(*COLUMNS)[: MOST + 1]]


def _coming(row: tuple[Any, ...]) -> Coming:
    pk, kind, treatment, n, state, tentative, remote, starts, minutes, *who = row
    person, name, request, asked_as, asker, asker_name, clinician = who
    return Coming(
        id=pk,
        kind=kind,
        treatment=treatment,
        n=n,
        state=state,
        is_tentative=tentative,
        is_remote=remote,
        starts=starts,
        ends=starts + timedelta(minutes=minutes),
        whose=person or asker,
        request=request,
        name=name or asker_name or asked_as or "",
        clinician=clinician or "",
    )


def taken(site: Site, span: Stretch) -> list[Taken]:
    """Return the seats that the appointments of `coming` occupy."""
    rows = (
        Occupancy.objects.filter(
            appointment__clinic=site.clinic,
            appointment__site=site,
            appointment__starts__gte=span.starts,
            appointment__starts__lt=span.ends,
            appointment__state__in=STANDING,
        )
        .values_list("appointment", "resource", "seat")
        .annotate(first=Min("tick"), last=Max("tick"))
        .order_by("first", "appointment", "resource", "seat")
    )
    return [
        Taken(appointment, resource, seat, Stretch(first, last + TICK))
        for appointment, resource, seat, first, last in rows
    ]
