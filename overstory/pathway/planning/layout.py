"""The days of one course: from the phases of its protocol to a day and a window for each session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from overstory.knowledge.shapes.protocol_parts import Phase
from overstory.pathway.planning.open_days import ONE_DAY, OpenDays
from overstory.pathway.planning.placing import CannotPlaceError, Placed, Slot, place

WEEK_DAYS = 7
WORKING_DAYS = 5
WEEK = WEEK_DAYS * ONE_DAY
FURTHEST_START_DAYS = 366
OFFSETS = {1: (0,), 2: (0, 3), 3: (0, 2, 4)}
"""Days from the start of a week of the course on which its sessions stand."""
WEEKDAYS = {1: (2,), 2: (1, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4)}
"""Weekdays, Monday is 0, for so many sessions of a calendar week."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """
    What lays out a course beside its phases.

    `gap_hours` is the least time between two sessions on different days, `greatest_pause` how many
    working days in a row a daily course may lose to closed days, `horizon_weeks` to which week an
    open-ended phase is planned, `only_weeks` where the plan stops before its course does.
    """

    gap_hours: float
    greatest_pause: int
    horizon_weeks: int | None = None
    only_weeks: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The sessions of a course with their days; `left_out` are those after the last week planned."""

    placed: tuple[Placed, ...]
    left_out: int = 0

    @property
    def last(self) -> date:
        """The day of the last session."""
        return self.placed[-1].date


def lay_out(
    *,
    phases: Sequence[Phase],
    start: date,
    days: OpenDays,
    rhythm: Rhythm,
    before: date | None = None,
) -> Layout:
    """
    Return the days of a course that begins on an open day.

    Sessions by the week stand on the same days of each week of the course, counted from its start;
    daily ones on working days in a row; a taper in the calendar weeks after them.

    :raises CannotPlaceError: if it does not fit on the open days.
    """
    found: list[Placed] = []
    slots: list[Slot] = []
    first, week = start, 0
    for phase in phases:
        if phase.days is not None:
            found += _days_in_a_row(phase, start, days)
        elif _daily(phase):
            found += _every_working_day(phase, start, days, rhythm)
        elif phase.weekdays:
            slots = [
                *slots,
                *_calendar_weeks(phase, _next_week(found, slots, start), start, rhythm),
            ]
        else:
            added = list(_course_weeks(phase, first, week, rhythm))
            slots += added
            week += _weeks_of(phase, len(added))
    placed = [*found, *place(slots=slots, days=days, before=found[-1].date if found else before)]
    end = start + rhythm.only_weeks * WEEK if rhythm.only_weeks else date.max
    kept = [each for each in placed if each.date < end]
    return Layout(tuple(kept), len(placed) - len(kept))


def first_day(*, phases: Sequence[Phase], start: date, days: OpenDays) -> date:
    """
    Return the first day on or after a start on which a course may begin.

    :raises CannotPlaceError: if there is none within a year.
    """
    in_a_row = next((each.days for each in phases[:1] if each.days is not None), 1)
    working = phases[0].weekdays
    for ahead in range(FURTHEST_START_DAYS + 1):
        row = [start + (ahead + more) * ONE_DAY for more in range(in_a_row)]
        if all(days.is_working(day) if working else days.is_open(day) for day in row):
            return row[0]
    wanted = f"{in_a_row} open days in a row" if in_a_row > 1 else "open day"
    raise CannotPlaceError(f"there is no {wanted} within a year from {start.isoformat()}")


def monday_of(day: date) -> date:
    """Return the Monday of the week of a day."""
    return day - day.weekday() * ONE_DAY


def friday_of(day: date) -> date:
    """Return the Friday of the week of a day."""
    return monday_of(day) + (WORKING_DAYS - 1) * ONE_DAY


def _daily(phase: Phase) -> bool:
    """Whether its sessions stand on every working day; a last week with fewer ends it."""
    each = phase.per_week
    most = max(each) if isinstance(each, list) else each
    return phase.weekdays and most == WORKING_DAYS


def _every_working_day(
    phase: Phase, start: date, days: OpenDays, rhythm: Rhythm
) -> Iterator[Placed]:
    day, left, shut = start, phase.sessions or 0, 0
    while left:
        if days.is_working(day):
            yield daily_session(phase, day, start, rhythm)
            left, shut = left - 1, 0
        elif day.weekday() < WORKING_DAYS:
            shut += 1
            check_pause(shut, day, days, rhythm.greatest_pause)
        day += ONE_DAY


def daily_session(phase: Phase, day: date, start: date, rhythm: Rhythm) -> Placed:
    """Return a session of a daily course on a day; its window is the working week."""
    monday = monday_of(day)
    return Placed(
        phase=phase.name,
        week=(monday - monday_of(start)).days // WEEK_DAYS + 1,
        date=day,
        earliest=max(start, monday),
        latest=max(day, friday_of(day)),
        min_gap_hours=rhythm.gap_hours,
    )


def check_pause(shut: int, day: date, days: OpenDays, most: int) -> None:
    """
    Refuse a daily course that would pause too long.

    :raises CannotPlaceError: if more working days in a row are closed than it may lose.
    """
    if shut > most:
        raise CannotPlaceError(
            f"a daily course may lose {most} working days in a row to closed days, "
            f"and {shut} are closed up to {day.isoformat()} ({days.why_closed(day)})"
        )


def _days_in_a_row(phase: Phase, start: date, days: OpenDays) -> Iterator[Placed]:
    del days
    pitch_hours = phase.pitch_minutes.value / 60 if phase.pitch_minutes else 0.0
    for ahead in range(phase.days or 0):
        day = start + ahead * ONE_DAY
        for number in range(1, (phase.per_day or 1) + 1):
            yield Placed(phase.name, 1, day, day, day, pitch_hours, number)


def _calendar_weeks(phase: Phase, monday: date, start: date, rhythm: Rhythm) -> Iterator[Slot]:
    for ahead in range(phase.weeks or 0):
        first = monday + ahead * WEEK
        for offset in WEEKDAYS[_per_week(phase, ahead)]:
            yield Slot(
                phase=phase.name,
                week=(first - monday_of(start)).days // WEEK_DAYS + 1,
                nominal=first + offset * ONE_DAY,
                earliest=max(first, start),
                latest=friday_of(first),
                min_gap_hours=rhythm.gap_hours,
                weekdays=True,
            )


def _course_weeks(phase: Phase, start: date, week: int, rhythm: Rhythm) -> Iterator[Slot]:
    gap = phase.min_gap_hours.value if phase.min_gap_hours else rhythm.gap_hours
    for at in _weeks(phase, week, rhythm):
        first = start + at * WEEK
        per_week = 1 if phase.every_weeks else _per_week(phase, at - week)
        for offset in OFFSETS[per_week]:
            yield Slot(
                phase=phase.name,
                week=at + 1,
                nominal=first + offset * ONE_DAY,
                earliest=first,
                latest=first + WEEK - ONE_DAY,
                min_gap_hours=gap,
            )


def _weeks(phase: Phase, week: int, rhythm: Rhythm) -> Iterator[int]:
    """The weeks of the course, from 0, in which a phase has sessions."""
    if not phase.every_weeks:
        yield from range(week, week + (phase.weeks or 0))
        return
    every = phase.every_weeks[-1]
    if phase.times is not None:
        yield from range(week, week + every * phase.times, every)
        return
    until = rhythm.only_weeks or rhythm.horizon_weeks or week
    yield from range(week, max(until, week), every)


def _weeks_of(phase: Phase, sessions: int) -> int:
    """How many weeks a phase takes."""
    return sessions * phase.every_weeks[-1] if phase.every_weeks else phase.weeks or 0


def _per_week(phase: Phase, week: int) -> int:
    each = phase.per_week or 1
    return each[week] if isinstance(each, list) else each


def _next_week(found: Sequence[Placed], slots: Sequence[Slot], start: date) -> date:
    """The Monday after the week of the last session so far; of the start where there is none."""
    last = slots[-1].nominal if slots else found[-1].date if found else None
    return monday_of(last) + WEEK if last else monday_of(start)
