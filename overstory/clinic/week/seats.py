"""What is booked at a site within a span, who comes, and on which seat: read in two questions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from overstory.clinic.booking.models import Use
from overstory.clinic.booking.staffing import TEAM
from overstory.clinic.care.standing import STANDING
from overstory.clinic.people.models import Site
from overstory.pathway.slots import Stretch

MOST = 5_000
"""More appointments than this of one site are not shown at once; the page says so."""


@dataclass(frozen=True, slots=True)
class Coming:
    """
    One appointment as a board shows it; `whose` is the person, none while only a request is known.

    `ends` is when the person leaves; what is occupied around it stands with the seats. `root` is the row
    that the person's was merged into.
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
    plan: UUID | None = None
    root: UUID | None = None
    site: UUID | None = None
    phone: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A seat of a resource that an appointment occupies, set-up and turnaround included."""

    appointment: UUID
    resource: UUID
    seat: int
    stretch: Stretch


@dataclass(frozen=True, slots=True)
class Work:
    """People of a role whom an appointment takes: one whole, or a share of one who watches others too."""

    appointment: UUID
    team: str
    stretch: Stretch
    is_whole: bool


PERSON = (
    "",
    "__legal_name",
    "__phone",
    "__language",
    "__merged_into",
    "__merged_into__merged_into",
)
COLUMNS = (
    "pk", "kind", "treatment", "n", "state", "is_tentative", "is_remote", "starts", "minutes",
    "site", "plan", "clinician__name", "care_request", "care_request__name", "care_request__phone",
    *(f"person{each}" for each in PERSON), *(f"care_request__person{each}" for each in PERSON),
)  # fmt: skip


def coming(
    site: Site, span: Stretch, *, most: int | None = MOST, also: Collection[UUID] = ()
) -> list[Coming]:
    """
    Return what stands at a site and begins within a span, the first first; at most so many and one.

    `also` are other appointments of the clinic that are told with them, whatever their state.
    """
    here = Q(site=site, starts__gte=span.starts, starts__lt=span.ends, state__in=STANDING)
    rows = site.clinic.appointments.filter(here | Q(pk__in=also) if also else here)
    found = rows.order_by("starts", "pk").values_list(*COLUMNS)
    return [_coming(row) for row in (found if most is None else found[: most + 1])]


def _coming(row: tuple[Any, ...]) -> Coming:
    pk, kind, treatment, n, state, tentative, remote, starts, minutes = row[:9]
    site, plan, clinician, request, asked_name, asked_phone = row[9:15]
    own, asked = row[15 : 15 + len(PERSON)], row[15 + len(PERSON) :]
    whose, name, phone, language, into, further = own if own[0] else asked
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
        whose=whose,
        request=request,
        name=name or asked_name or "",
        clinician=clinician or "",
        plan=plan,
        site=site,
        root=further or into or whose,
        phone=phone or asked_phone or "",
        language=language or "",
    )


def uses(site: Site, span: Stretch) -> tuple[list[Taken], list[Work]]:
    """
    Return the seats that the appointments of `coming` occupy, and the people by role whom they take.

    Seats of staff are told at whatever site they are.
    """
    rows = (
        Use.objects.filter(
            Q(appointment__site=site) | Q(resource__kind="staff", resource__staff__isnull=False),
            appointment__clinic=site.clinic,
            appointment__starts__gte=span.starts,
            appointment__starts__lt=span.ends,
            appointment__state__in=STANDING,
        )
        .order_by("starts", "appointment", "resource", "pk")
        .values_list(
            "appointment", "resource", "resource__kind", "resource__name", "seat",
            "starts", "ends", "is_whole",
        )
    )  # fmt: skip
    seats, works = [], []
    for appointment, resource, kind, name, seat, starts, ends, is_whole in rows:
        stretch = Stretch(starts, ends)
        if kind == "staff" and name.startswith(TEAM):
            works.append(Work(appointment, name, stretch, is_whole))
        else:
            seats.append(Taken(appointment, resource, seat, stretch))
    return seats, works
