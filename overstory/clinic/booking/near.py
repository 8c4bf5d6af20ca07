"""Where an appointment could stand instead: the days that its plan allows, and what is free on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from overstory.clinic.booking.checking import Asked, At, Gate, Stands, gate_of
from overstory.clinic.booking.hours import works_of
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.booking.moving import session_of
from overstory.clinic.booking.needed import Needs, Session
from overstory.clinic.booking.occupying import taken_by
from overstory.clinic.booking.rostered import Roster
from overstory.clinic.booking.staffing import Teams, named, teams_of
from overstory.pathway.slots import Stretch, free, within

STEP = timedelta(minutes=10)
HALF_HOUR = 30
MOST_DAYS = 14
MOST_NEAR = 6
MOST_NEAR_A_DAY = 2
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time and place at which nothing stands against an appointment."""

    starts: datetime
    resource: Resource

    @property
    def key(self) -> str:
        """The time and place as a button of a form carries them."""
        return f"{self.starts:%Y-%m-%dT%H:%MZ}@{self.resource.pk}"


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day of the window, its free times, where it stands now among them, and why there is no other."""

    day: date
    times: tuple[FreeTime, ...]
    others: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """A session of the same course before or after, and the hours that lie between at least."""

    n: int
    starts: datetime
    hours: float


@dataclass(frozen=True, slots=True)
class Near:
    """
    Where an appointment could stand.

    `window` has the first and last day of its plan, none for an evaluation; `before` and `after` are
    the sessions that it keeps apart from; `nearest` are the free times nearest to the one asked for.
    `is_whole` tells whether every day of the window that is left was looked at, `of_course` which days
    have another session of the course, and `known_until` to which day the roster reaches, for each role
    that the session needs and of which a day that was looked at is not known; none where it has no shift.
    """

    window: tuple[date, date] | None
    before: Beside | None
    after: Beside | None
    days: tuple[FreeDay, ...]
    nearest: tuple[FreeTime, ...]
    looked: tuple[date, date]
    is_whole: bool = True
    of_course: frozenset[date] = frozenset()
    known_until: tuple[tuple[str, date | None], ...] = ()

    def on(self, day: date) -> FreeDay | None:
        """Return what was found of a day; none where it was not looked at."""
        return next((each for each in self.days if each.day == day), None)


def near(
    appointment: Appointment, *, resources: Sequence[Resource], aim: datetime, now: datetime
) -> Near:
    """
    Return where an appointment could stand, the nearest to `aim` first; a number of questions that is fixed.

    `resources` are the places or devices that would do, its own first. Times are looked at as a move is:
    those on each half hour, at the hour of `aim` and at the standing time of the course, or every ten
    minutes of a day where none of these is free. Who asks for no other hour is shown the standing time
    first, where it is free.
    """
    session = session_of(appointment)
    window = _window(session)
    first, last = _days(window, aim, now, appointment)
    zone = appointment.site.zone
    noon = (datetime.combine(each, time(0), tzinfo=zone) for each in (first, last))
    starts, ends = noon
    span = Stretch(starts, ends + ONE_DAY)
    look = _look(appointment, session, resources, span, now)
    clocks = {_standing(look), aim.astimezone(zone).time()}
    days = tuple(look.day(first + n * ONE_DAY, clocks) for n in range((last - first).days + 1))
    before, after = _beside(look.gate, session, appointment)
    today = now.astimezone(zone).date()
    return Near(
        window, before, after, days, _nearest(days, look, aim), (first, last),
        is_whole=window is None or (first <= max(window[0], today) and last >= window[1]),
        of_course=frozenset(each.starts.astimezone(zone).date() for each in _own_course(look.gate)),
        known_until=_known_until(look, last),
    )  # fmt: skip


def _nearest(days: Sequence[FreeDay], look: _Look, aim: datetime) -> tuple[FreeTime, ...]:
    """
    The times nearest to one, on more than one day: few of each.

    Where no other hour is asked for, the standing time of the course comes first, in its own place
    before another.
    """
    appointment, zone = look.appointment, look.gate.site.zone
    is_own_hour = aim.astimezone(zone).time() == appointment.wall_time
    standing, places = _standing(look), [each.pk for each in look.resources]

    def rank(at: FreeTime) -> tuple[int, timedelta, datetime]:
        is_standing = is_own_hour and at.starts.astimezone(zone).time() == standing
        place = places.index(at.resource.pk) if is_standing else len(places)
        return place, abs(at.starts - aim), at.starts

    found: list[FreeTime] = []
    for each in days:
        own = [at for at in each.times if at.starts != appointment.starts]
        found += sorted(own, key=rank)[:MOST_NEAR_A_DAY]
    return tuple(sorted(found, key=rank)[:MOST_NEAR])


def _standing(look: _Look) -> time:
    """The time of day of most other sessions of the course and treatment; without any, its own."""
    zone, own = look.gate.site.zone, look.appointment
    clocks = Counter(
        each.starts.astimezone(zone).time()
        for each in _own_course(look.gate)
        if each.treatment == own.treatment
    )
    most: time = max(
        clocks, key=lambda at: (clocks[at], at == own.wall_time), default=own.wall_time
    )
    return most


def _own_course(gate: Gate) -> list[Stands]:
    """The other appointments of the course that is looked at; none for an evaluation."""
    return [each for each in gate.stands if gate.plan and each.course == gate.plan.course]


def _known_until(look: _Look, last: date) -> tuple[tuple[str, date | None], ...]:
    """To which day the roster reaches, for each role that is needed and not known to the last day."""
    roster = look.gate.roster
    roles = {span.role for span in look.needs.staff} if look.needs is not None else set()
    return tuple(
        (named(each), roster.known_until.get(each))
        for each in sorted(roles)
        if not roster.knows(each, last)
    )


def _window(session: Session | None) -> tuple[date, date] | None:
    if session is None:
        return None
    return date.fromisoformat(session["earliest"]), date.fromisoformat(session["latest"])


def _days(
    window: tuple[date, date] | None, aim: datetime, now: datetime, appointment: Appointment
) -> tuple[date, date]:
    """The first and last day that is looked at: of the window, those round the day that is asked for."""
    zone = appointment.site.zone
    today, day = now.astimezone(zone).date(), aim.astimezone(zone).date()
    first, last = window or (today, max(day, today) + MOST_DAYS * ONE_DAY)
    first = max(first, today)
    last = max(last, first)
    if (last - first).days >= MOST_DAYS:
        first = min(max(first, day - MOST_DAYS // 2 * ONE_DAY), last - (MOST_DAYS - 1) * ONE_DAY)
        last = first + (MOST_DAYS - 1) * ONE_DAY
    return first, last


def _look(
    appointment: Appointment,
    session: Session | None,
    resources: Sequence[Resource],
    span: Stretch,
    now: datetime,
) -> _Look:
    site, own = appointment.site, appointment.pk
    at = At(site, appointment.whose, appointment.plan, resources, span, frozenset({own}))
    nobody = Roster(site, {}, {}) if session is None else None  # a visit needs its clinician alone
    gate = gate_of(at, now=now, roster=nobody)
    staff = next((each.staff for each in resources if each.staff is not None), None)
    return _Look(
        appointment=appointment,
        session=session,
        needs=gate.needs(session) if session is not None else None,
        resources=resources,
        gate=gate,
        taken=taken_by(resources, span, but=own),
        teams=teams_of(gate.roster, span, but=own) if session is not None else None,
        works=works_of(staff, site, span) if staff is not None else None,
        anywhere=Resource(site=site, kind="chair"),
    )


@dataclass(frozen=True)
class _Look:
    """What is read once to look at many times; `works` is when the clinician of a visit is there."""

    appointment: Appointment
    session: Session | None
    needs: Needs | None
    resources: Sequence[Resource]
    gate: Gate
    taken: Mapping[UUID, Mapping[int, Sequence[Stretch]]]
    teams: Teams | None
    works: Sequence[Stretch] | None
    anywhere: Resource

    def day(self, day: date, clocks: Container[time]) -> FreeDay:
        """Return what is free on a day, at these times of day and each half hour, or why nothing is."""
        opens = self.gate.hours.opens(day)
        if opens is None:
            return FreeDay(day, (), 0, f"{self.gate.site.name} is closed")
        seats = self._seats(Stretch(opens, self.gate.hours.closes(day)))
        if not seats:
            return FreeDay(day, (), 0, self._nothing(day))
        zone = self.gate.site.zone
        usual = [
            at for at in seats if at.minute % HALF_HOUR == 0 or at.astimezone(zone).time() in clocks
        ]
        found, why = self._fitting(usual, seats)
        if not found:
            found, why = self._fitting([each for each in seats if each not in usual], seats, why)
        others = sum(each.starts != self.appointment.starts for each in found)
        return FreeDay(day, found, others, "" if others else why)

    def _nothing(self, day: date) -> str:
        if self.works is not None and not any(
            each.starts.astimezone(self.gate.site.zone).date() == day for each in self.works
        ):
            return "no shift of the clinician"
        minutes = self.needs.place_minutes if self.needs else self.appointment.minutes
        return f"no {minutes} minutes free"

    def _seats(self, opening: Stretch) -> dict[datetime, Resource]:
        """The times of a day at which a place is free, in order, each with the first such place."""
        minutes = self.needs.place_minutes if self.needs else self.appointment.minutes
        open_: Any = [opening]
        if self.works is not None:
            open_ = list(within(self.works, open_))
        found: dict[datetime, Resource] = {}
        for each in self.resources:
            for seat in range(1, each.seats + 1):
                busy = [*self.taken[each.pk].get(seat, ()), *self.gate.outs.get(each.pk, ())]
                for at in free(
                    open_=open_, taken=busy, minutes=minutes, step=STEP, after=self.gate.now
                ):
                    found.setdefault(at, each)
        return dict(sorted(found.items()))

    def _fitting(
        self, times: Sequence[datetime], seats: Mapping[datetime, Resource], why: str = ""
    ) -> tuple[tuple[FreeTime, ...], str]:
        """Those of some times at which nothing stands against it; else why the first does not fit."""
        found = []
        for at in times:
            against = next(self._against(at), "")
            if not against:
                found.append(FreeTime(at, seats[at]))
            why = why or against
        return tuple(found), why

    def _against(self, at: datetime) -> Iterator[str]:
        own = self.appointment
        yield from self.gate.against(
            Asked(at, own.minutes, self.anywhere, own.treatment, self.session)
        )
        if self.teams is not None and self.needs is not None:
            yield from self.teams.short(self.needs, at)


def _beside(
    gate: Gate, session: Session | None, appointment: Appointment
) -> tuple[Beside | None, Beside | None]:
    """The sessions of the course before and after one, with the least hours to each."""
    if session is None or gate.plan is None:
        return None, None
    numbers = {each["n"]: each for each in gate.plan.content["sessions"]}
    mine = [each for each in _own_course(gate) if each.plan == gate.plan.pk and each.n in numbers]
    n = appointment.n or 0
    before = max((each for each in mine if (each.n or 0) < n), key=_number, default=None)
    after = min((each for each in mine if (each.n or 0) > n), key=_number, default=None)
    return (
        Beside(_number(before), before.starts, session["min_gap_hours"]) if before else None,
        Beside(_number(after), after.starts, numbers[_number(after)]["min_gap_hours"])
        if after
        else None,
    )


def _number(each: Stands) -> int:
    return each.n or 0
