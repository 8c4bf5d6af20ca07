"""Why a course has no place at a site, and the smallest changes with which it would, each found to work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from overstory.clinic.booking.needed import Session
from overstory.clinic.booking.offering import (
    MOST_WEEKS_LATER,
    Desk,
    changed_desk,
    desk_of,
    has_place,
    misplaced,
    with_coming,
)
from overstory.clinic.booking.offering_forms import as_query
from overstory.clinic.booking.offering_site import Changed, at_step
from overstory.clinic.booking.staffing import named
from overstory.clinic.booking.wishing import DAY_END, EVERY_DAY, MIDNIGHT, Coming
from overstory.clinic.care.planned import CarePlan

AS_IT_IS = Changed()
WIDER_MINUTES = (60, 120, 240)
MOST_CHANGES = 4
MOST_NAMED = 3
DAY_NAMES = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
PLACES = {"chair": "chair", "room": "room", "tms-device": "TMS device"}
ALL_TAKEN = (
    "At the hours when the person can come, everything is taken, or too few people are left, on days "
    "that the plan allows."
)
NOT_FREE = "The days or hours when the person can come do not hold this course."
NEVER = (
    "Even with nothing booked the site has no place for it on the days of the plan: its hours, what is "
    "out of use, or who is on duty stand in the way."
)

PASSED = (
    "The plan has sessions on days that have passed, so the whole course cannot be booked as it was "
    "signed. It has to be planned anew with a first day to come."
)


@dataclass(frozen=True, slots=True)
class Change:
    """
    Something that would be otherwise: what the person says, the site, or the plan.

    `coming` is what the form would say; `kind` what it is about.
    """

    kind: str
    says: str
    coming: Coming
    changed: Changed = AS_IT_IS
    weeks_later: int = 0


@dataclass(frozen=True, slots=True)
class WayOut:
    """A change with which the course has a place, and when it would begin."""

    change: Change
    begins: datetime

    @property
    def is_of_the_person(self) -> bool:
        """Whether the form can be set so."""
        return self.change.changed == AS_IT_IS and not self.change.weeks_later

    @property
    def query(self) -> str:
        """The end of an address that sets the form so."""
        return as_query(self.change.coming)


@dataclass(frozen=True, slots=True)
class NoPlace:
    """
    Why a course has no place, the sessions that have no time, and what would help.

    `passed` are the sessions whose last day is over; `anew` is the first day to plan the course for,
    None where its days can stay.
    """

    why: str
    sessions: tuple[Session, ...]
    ways_out: tuple[WayOut, ...]
    passed: tuple[Session, ...] = ()
    anew: date | None = None


def no_place(desk: Desk, *, now: datetime) -> NoPlace:
    """Return why the course of a desk has no place, and what would give it one, the smallest first."""
    course = desk.course
    wide = desk_of(
        course.plan, coming=course.coming, now=now, weeks_more=MOST_WEEKS_LATER, ground=desk
    )
    tried = _Tried(wide)
    today = now.astimezone(course.plan.person.site.zone).date()
    passed = tuple(
        each
        for each in course.plan.content["sessions"]
        if date.fromisoformat(each["latest"]) < today
    )
    ways = tuple(tried.ways_out())
    return NoPlace(
        why=PASSED if passed else tried.why(),
        sessions=() if passed else tuple(misplaced(desk)[:MOST_NAMED]),
        ways_out=ways,
        passed=passed,
        anew=_anew(course.plan, ways, today if passed else None),
    )


def _anew(plan: CarePlan, ways: Sequence[WayOut], today: date | None) -> date | None:
    """The first day to plan for: as a way out has it, else the same weekday to come after a passed one."""
    weeks = next((each.change.weeks_later for each in ways if each.change.weeks_later), 0)
    first: date = plan.starts_on + timedelta(weeks=weeks)
    while today is not None and first <= today:
        first += timedelta(weeks=1)
    return first if first > plan.starts_on else None


class _Tried:
    """Attempts at one course in a site that is otherwise; a site that was made ready is kept."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._plan: CarePlan = desk.course.plan
        self._ready: dict[tuple[Changed, int], Desk] = {(AS_IT_IS, 0): desk}

    def why(self) -> str:
        coming = self._desk.course.coming
        empty = Changed(emptied=True)
        if self._begins(Change("", "", coming, empty)) is not None:
            return ALL_TAKEN
        if self._begins(Change("", "", Coming(prefer=coming.prefer), empty)) is not None:
            return NOT_FREE
        return NEVER

    def ways_out(self) -> list[WayOut]:
        found: dict[str, WayOut] = {}
        for change in _changes(self._desk):
            if change.kind in found:
                continue
            begins = self._begins(change)
            if begins is not None:
                found[change.kind] = WayOut(change, begins)
            if len(found) == MOST_CHANGES:
                break
        return list(found.values()) or self._together()

    def _together(self) -> list[WayOut]:
        """Everything that the person could change at once, and with each change of site or plan."""
        free = Coming(prefer=self._desk.course.coming.prefer)
        every = "the person can come on every day at any hour"
        tries = [Change("all", every, free)]
        tries += [
            replace(each, says=f"{every}, and {each.says}", coming=free)
            for each in _changes(self._desk)
            if each.changed != AS_IT_IS or each.weeks_later
        ]
        for change in tries:
            begins = self._begins(change)
            if begins is not None:
                return [WayOut(change, begins)]
        return []

    def _begins(self, change: Change) -> datetime | None:
        """When the course would begin with a change; None where it has no place still."""
        desk = with_coming(self._made(change), change.coming)
        way = has_place(desk)
        if way is None:
            return None
        first = min(way.sittings, key=lambda each: each.at)
        return at_step(desk.grid.clock, first.day, first.tick)

    def _made(self, change: Change) -> Desk:
        key = (change.changed, change.weeks_later)
        if key not in self._ready:
            sessions = _later(self._plan, change.weeks_later)
            self._ready[key] = changed_desk(self._desk, change.changed, sessions)
        return self._ready[key]


def _changes(desk: Desk) -> Iterator[Change]:
    """Yield changes from what asks least of the person to what the clinic would have to add."""
    coming = desk.course.coming
    yield from _hours(coming)
    yield from _weekdays(desk)
    if coming.away:
        yield Change("away", "the person is not away", replace(coming, away=()))
    for resource in sorted({each.resource.name for own in desk.grid.seats.values() for each in own
                            if each.resource.pk in desk.gate.outs}):  # fmt: skip
        says = f"what is out of use, such as {resource}, is back"
        yield Change("outs", says, coming, Changed(without_outs=True))
        break
    for weeks in range(1, MOST_WEEKS_LATER + 1):
        says = f"the plan begins {weeks} week{'s' if weeks > 1 else ''} later"
        yield Change("later", says, coming, weeks_later=weeks)
    for kind in desk.grid.seats:
        yield Change(f"more {kind}", f"there is one more {PLACES[kind]}", coming,
                     Changed(one_more=kind))  # fmt: skip
    for role in sorted({span.role for each in desk.grid.visits for span in each.needs.staff}):
        says = f"one more {named(role)} is on duty while the site is open"
        yield Change(f"more {role}", says, coming, Changed(one_more=role))


def _hours(coming: Coming) -> Iterator[Change]:
    if (coming.begins, coming.ends) == (MIDNIGHT, DAY_END):
        return
    for minutes in WIDER_MINUTES:
        wider = timedelta(minutes=minutes)
        day = datetime.combine(date(2000, 1, 2), MIDNIGHT)
        begins = max(datetime.combine(day, coming.begins) - wider, day)
        ends = min(datetime.combine(day, coming.ends) + wider, datetime.combine(day, DAY_END))
        says = f"the person can come up to {minutes // 60} h earlier or later"
        yield Change("hours", says, replace(coming, begins=begins.time(), ends=ends.time()))
    yield Change("hours", "the person can come at any hour of these days", coming.at_any_hour())


def _weekdays(desk: Desk) -> Iterator[Change]:
    coming = desk.course.coming
    missing = sorted({day.weekday() for day in desk.grid.days} - set(coming.weekdays))
    for day in missing:
        says = f"the person can also come on {DAY_NAMES[day]}"
        yield Change("weekdays", says, _with_days(coming, {day}))
    if len(missing) > 1:
        says = f"the person can also come on {', '.join(DAY_NAMES[day] for day in missing)}"
        yield Change("weekdays", says, _with_days(coming, set(missing)))


def _with_days(coming: Coming, more: set[int]) -> Coming:
    days = (day for day in EVERY_DAY if day in coming.weekdays or day in more)
    return replace(coming, weekdays=tuple(days))


def _later(plan: CarePlan, weeks: int) -> list[Session]:
    """The sessions of a plan with every day so many weeks later."""
    sessions: list[Mapping[str, object]] = plan.content["sessions"]
    if not weeks:
        return list(sessions)
    more = timedelta(weeks=weeks)
    return [
        {
            **each,
            **{
                name: (date.fromisoformat(str(each[name])) + more).isoformat()
                for name in ("date", "earliest", "latest")
            },
        }
        for each in sessions
    ]
