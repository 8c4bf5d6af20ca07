"""
How appointments fit a version of a plan.

Appointments belong to the course: each keeps the version that it was booked under, and fits a later one
where a session stands on its day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from overstory.clinic.booking.models import Appointment
from overstory.clinic.booking.needed import Session
from overstory.clinic.booking.proposing import day_of
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.care.standing import STANDING, matched


@dataclass(frozen=True, slots=True)
class Fit:
    """
    The sessions with their appointments, those without one, and appointments without a session.

    `coming` has the numbers of the sessions to come; `tentative` tells whether the first of them waits
    for a hold.
    """

    kept: tuple[tuple[Session, Appointment], ...]
    to_book: tuple[Session, ...]
    to_cancel: tuple[Appointment, ...]
    coming: frozenset[int]
    tentative: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether every session to come has its appointment, and no other is left."""
        return not (self.to_book or self.to_cancel)

    @property
    def seen(self) -> str:
        """What is compared with what the reader saw before cancelling."""
        return _hash(sorted(str(each.pk) for each in self.to_cancel))

    @property
    def to_settle(self) -> tuple[Appointment, ...]:
        """The appointments to come that are not tentative as the holds say."""
        return tuple(
            each
            for session, each in self.kept
            if session["n"] in self.coming and each.is_tentative != self.tentative
        )


def fit_now(plan: CarePlan, *, now: datetime) -> Fit:
    """Return how the appointments of a course fit a version of its plan; holds are not asked."""
    rows = Appointment.objects.filter(plan__course=plan.course, state__in=STANDING)
    return fit_from(plan, list(rows.select_related("site").order_by("starts", "pk")), now=now)


def fit_from(plan: CarePlan, rows: Sequence[Appointment], *, now: datetime) -> Fit:
    """Return how appointments of a course, in order, fit a version of its plan; holds are not asked."""
    today = now.astimezone(plan.person.site.zone).date()
    sessions: Sequence[Session] = plan.content["sessions"]
    pairs = matched(sessions, rows)
    with_session = {each.pk for each in pairs.values()}
    kept = tuple((each, pairs[each["n"]]) for each in sessions if each["n"] in pairs)
    to_book = tuple(each for each in sessions if each["n"] not in pairs and day_of(each) >= today)
    coming = [each["n"] for each, row in kept if row.state == "booked" and row.starts >= now]
    coming += [each["n"] for each in to_book]
    return Fit(
        kept=kept,
        to_book=to_book,
        to_cancel=tuple(
            each
            for each in rows
            if each.pk not in with_session and each.state == "booked" and each.starts >= now
        ),
        coming=frozenset(coming),
    )


def _hash(parts: Sequence[str]) -> str:
    return sha256(";".join(parts).encode()).hexdigest()
