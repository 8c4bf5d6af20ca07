"""What a reader has to be told of the days of a plan: moves, closed days, what is not planned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from overstory.pathway.planning.courses import Course
from overstory.pathway.planning.days_of_plan import PlanDays, Wanted, closed_within
from overstory.pathway.planning.layout import WORKING_DAYS, monday_of
from overstory.pathway.planning.open_days import OpenDays
from overstory.pathway.planning.placing import Placed

LOW_CERTAINTY = (
    "Order, gaps and thresholds of the combination are cautious defaults of low certainty: no trial of "
    "it exists."
)


def notes_of(*, wanted: Wanted, placed: PlanDays, asked: date) -> tuple[str, ...]:
    """Return what has to be told of the days, in the order in which a reader meets it."""
    return tuple(_notes(wanted, placed, asked))


def _notes(wanted: Wanted, placed: PlanDays, asked: date) -> Iterator[str]:
    days = wanted.days
    if placed.start != asked:
        why = days.why_closed(asked)
        said = f"that day is closed ({why})" if why else "the course needs another first day"
        yield f"The start moved from {_day(asked)} to {_day(placed.start)}: {said}."
    for course, part in zip(wanted.courses, placed.placed, strict=True):
        yield from _moves(course, part, days)
        yield from _lost(course, part, days)
        yield from _crowded(course, part)
    if wanted.combination is not None:
        yield LOW_CERTAINTY
        yield from _gap(placed, wanted)
    if placed.left_out:
        yield (
            f"The plan stops after week {wanted.weeks}; {placed.left_out} sessions of the course are "
            "not in it."
        )


def _moves(course: Course, part: tuple[Placed, ...], days: OpenDays) -> Iterator[str]:
    for number, each in enumerate(part, 1):
        weekend = each.nominal is not None and each.nominal.weekday() >= WORKING_DAYS
        if each.nominal is not None and each.nominal != each.date and not weekend:
            why = days.why_closed(each.nominal) or "to keep the least gap"
            yield (
                f"{course.protocol.treatment} session {number} moved from {_day(each.nominal)} to "
                f"{_day(each.date)} ({why})."
            )


def _lost(course: Course, part: tuple[Placed, ...], days: OpenDays) -> Iterator[str]:
    """The working days that a daily course loses to closed days; it ends so many later."""
    daily = [each.date for each in part if each.nominal is None and each.of_day == 1]
    if not daily or course.phases[0].days is not None or not course.phases[0].weekdays:
        return
    shut = closed_within(days=days, first=daily[0], last=daily[-1])
    if shut:
        named = ", ".join(f"{_day(day)} ({why})" for day, why in shut.items())
        yield f"The daily {course.protocol.treatment} sessions go on after what is closed: {named}."


def _crowded(course: Course, part: tuple[Placed, ...]) -> Iterator[str]:
    """Calendar weeks that have more sessions than a week of the course, which closed days can bring."""
    most = {
        each.name: each.per_week
        for each in course.phases
        if isinstance(each.per_week, int) and not each.weekdays and each.days is None
    }
    weeks: dict[date, list[Placed]] = {}
    for each in part:
        if each.phase in most:
            weeks.setdefault(monday_of(each.date), []).append(each)
    for within in weeks.values():
        if len(within) > max(most[each.phase] for each in within):
            listed = ", ".join(_day(each.date) for each in within)
            yield (
                f"{len(within)} {course.protocol.treatment} sessions stand in one calendar week ({listed}), "
                f"at least {within[-1].min_gap_hours:g} hours apart, because of closed days; no week of the "
                "course, counted from its first day, has more than its number. The prescriber accepts "
                "this, or takes another start."
            )


def _gap(placed: PlanDays, wanted: Wanted) -> Iterator[str]:
    ketamine, tms = placed.placed
    if not tms:
        return
    last = max(each.date for each in ketamine if each.date < tms[0].date)
    yield f"TMS starts {(tms[0].date - last).days} days after the last dose of the induction."
    if wanted.continue_ketamine:
        yield (
            "Ketamine goes on beside TMS, one dose a week on a day without TMS; the certainty of this is "
            "low."
        )


def _day(day: date) -> str:
    return day.strftime("%a %Y-%m-%d")
