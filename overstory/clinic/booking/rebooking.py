"""
How the appointments of a course fit the version of its plan that is in force.

Appointments belong to the course: each keeps the version that it was booked under, and fits a later one
where a session stands on its day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from overstory.clinic.booking.hours import open_on
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.booking.occupying import out_of_use, taken_by
from overstory.clinic.booking.proposing import (
    STEP,
    Proposal,
    Proposals,
    Unplaced,
    Wanted,
    of_person,
)
from overstory.clinic.care.living_holds import waits
from overstory.clinic.care.planned import CarePlan
from overstory.pathway.slots import Stretch, WallTimeError, free, instant

STANDING = ("booked", "done", "no-show")
Session = Mapping[str, Any]


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
    tentative: bool

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


def fit_of(plan: CarePlan, *, now: datetime) -> Fit:
    """Return how the appointments of a course fit a version of its plan, from the day of now on."""
    rows = list(
        Appointment.objects.filter(plan__course=plan.course, state__in=STANDING)
        .select_related("site")
        .order_by("starts", "pk")
    )
    today = now.astimezone(plan.person.site.zone).date()
    sessions: Sequence[Session] = plan.content["sessions"]
    pairs = _matched(sessions, rows)
    with_session = {each.pk for each in pairs.values()}
    kept = tuple((each, pairs[each["n"]]) for each in sessions if each["n"] in pairs)
    to_book = tuple(each for each in sessions if each["n"] not in pairs and _day(each) >= today)
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
        tentative=waits(plan, n=min(coming, default=None)),
    )


def _matched(sessions: Sequence[Session], rows: Sequence[Appointment]) -> dict[int, Appointment]:
    """The appointment of each session: on its day, else one moved by hand within its window."""
    left = list(rows)
    found: dict[int, Appointment] = {}
    for by_hand in (False, True):
        for each in sessions:
            if each["n"] in found:
                continue
            row = next((row for row in left if _fits(each, row, by_hand=by_hand)), None)
            if row is not None:
                found[each["n"]] = row
                left.remove(row)
    return found


def _fits(session: Session, row: Appointment, *, by_hand: bool) -> bool:
    if row.treatment != session["treatment"]:
        return False
    if row.state == "booked" and row.minutes < session["minutes"]["chair"]:
        return False
    if by_hand:
        window = (date.fromisoformat(session["earliest"]), date.fromisoformat(session["latest"]))
        return row.instead_of_id is not None and window[0] <= row.wall_date <= window[1]
    return row.wall_date == _day(session)


def usual(plan: CarePlan, fit: Fit) -> dict[str, Any]:
    """Return the time of day and the places of the appointments that stay, as a form begins with."""
    rows = [row for _, row in fit.kept] or list(fit.to_cancel)
    times = [f"{each.wall_time:%H:%M}" for each in rows]
    places = dict(
        Appointment.objects.filter(
            plan__course=plan.course, state="booked", occupancies__resource__isnull=False
        )
        .order_by("treatment")
        .values_list("treatment", "occupancies__resource")
        .distinct()
    )
    return {"at": max(set(times), key=times.count, default="09:00"), **places}


def times_for(plan: CarePlan, fit: Fit, *, wanted: Wanted, now: datetime) -> Proposals:
    """
    Return where each session without an appointment could stand on its day.

    The least gaps to the sessions before and after it are kept in real hours.
    """
    calendar = _calendar(plan, fit, wanted, now)
    every = sorted([*(each for each, _ in fit.kept), *fit.to_book], key=lambda each: each["n"])
    stands = {each["n"]: row.starts for each, row in fit.kept}
    placed: list[Proposal] = []
    unplaced: list[Unplaced] = []
    for at, session in enumerate(every):
        if session["n"] in stands:
            continue
        found = _placed(session, every[:at], every[at + 1 :], stands, calendar)
        if isinstance(found, Proposal):
            placed.append(found)
            stands[session["n"]] = found.starts
        else:
            unplaced.append(found)
    return Proposals(tuple(placed), tuple(unplaced))


@dataclass(frozen=True, slots=True)
class _Calendar:
    """What is taken, out and open on the days that are looked for."""

    wanted: Wanted
    taken: Mapping[Any, Mapping[int, Sequence[Stretch]]]
    out: Mapping[Any, Sequence[Stretch]]
    open: Mapping[Any, Mapping[date, Stretch]]
    elsewhere: tuple[Stretch, ...]
    now: datetime


def _calendar(plan: CarePlan, fit: Fit, wanted: Wanted, now: datetime) -> _Calendar:
    resources = wanted.all
    days = [_day(each) for each in fit.to_book]
    by_site = {each.site: open_on(each.site, days) for each in resources}
    ends = [stretch.ends for found in by_site.values() for stretch in found.values()]
    span = Stretch(now, max(ends, default=now) + timedelta(days=1))
    return _Calendar(
        wanted,
        taken_by(resources, span),
        out_of_use(resources, span),
        by_site,
        of_person(plan, span),
        now,
    )


def _placed(
    session: Session,
    before: Sequence[Session],
    after: Sequence[Session],
    stands: Mapping[int, datetime],
    calendar: _Calendar,
) -> Proposal | Unplaced:
    found = [
        _placed_in(resource, session, before, after, stands, calendar)
        for resource in calendar.wanted.of(session["treatment"])
    ]
    placed = [each for each in found if isinstance(each, Proposal)]
    return min(placed, key=lambda each: abs(each.moved_minutes), default=found[0])


def _placed_in(
    resource: Resource,
    session: Session,
    before: Sequence[Session],
    after: Sequence[Session],
    stands: Mapping[int, datetime],
    calendar: _Calendar,
) -> Proposal | Unplaced:
    n, day, treatment = session["n"], _day(session), session["treatment"]
    minutes = session["minutes"]["chair"]
    opening = calendar.open[resource.site].get(day)
    if opening is None:
        return Unplaced(n, day, treatment, f"{resource.site.name} is closed on this day")
    least = [
        calendar.now,
        *(stands[each["n"]] + _gap(session) for each in before[-1:] if each["n"] in stands),
    ]
    most = [stands[each["n"]] - _gap(each) for each in after[:1] if each["n"] in stands]
    starts = [
        each
        for seat in range(1, resource.seats + 1)
        for each in free(
            open_=[opening],
            taken=[
                *calendar.taken[resource.pk].get(seat, ()),
                *calendar.out[resource.pk],
                *calendar.elsewhere,
            ],
            minutes=minutes,
            step=STEP,
            after=max(least) - timedelta(microseconds=1),
        )
        if not most or each <= most[0]
    ]
    if not starts:
        why = (
            f"{resource.name} has no {minutes} minutes free on this day, far enough from the others"
        )
        return Unplaced(n, day, treatment, why)
    aim = _aim(day, calendar.wanted.at, resource)
    best = min(starts, key=lambda each: (abs(each - aim), each))
    moved = round((best - aim).total_seconds() / 60)
    return Proposal(n, day, treatment, minutes, resource, best, moved)


def _aim(day: date, at: time, resource: Resource) -> datetime:
    """The instant of the wanted time; where clocks skip it, of an hour later."""
    try:
        return instant(on=day, at=at, zone=resource.site.zone)
    except WallTimeError:
        return instant(on=day, at=time(at.hour + 1, at.minute), zone=resource.site.zone)


def _gap(session: Session) -> timedelta:
    return timedelta(hours=session["min_gap_hours"])


def _day(session: Session) -> date:
    return date.fromisoformat(session["date"])


def _hash(parts: Sequence[str]) -> str:
    return sha256(";".join(parts).encode()).hexdigest()
