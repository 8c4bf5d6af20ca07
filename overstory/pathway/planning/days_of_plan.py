"""The days of a whole plan: one course, or an induction and TMS after it, from the first open day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocols import Combination
from overstory.pathway.planning.combined import (
    Continuing,
    between_of,
    tms_after,
    with_ketamine,
)
from overstory.pathway.planning.courses import Course
from overstory.pathway.planning.layout import (
    FURTHEST_START_DAYS,
    WEEK,
    WORKING_DAYS,
    Layout,
    Rhythm,
    first_day,
    lay_out,
)
from overstory.pathway.planning.numbers import constraint_number, rhythm_of
from overstory.pathway.planning.open_days import ONE_DAY, OpenDays
from overstory.pathway.planning.placing import CannotPlaceError, Placed


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is laid out: the components, how they are combined, to which week, on which days."""

    courses: tuple[Course, ...]
    days: OpenDays
    knowledge: Knowledge
    weeks: int | None = None
    combination: Combination | None = None
    continue_ketamine: bool = False


@dataclass(frozen=True, slots=True)
class PlanDays:
    """The days of each component, in the order of the components; how many sessions were left out."""

    start: date
    placed: tuple[tuple[Placed, ...], ...]
    left_out: int


def days_of_plan(*, wanted: Wanted, start: date) -> PlanDays:
    """
    Return the days of a plan that begins on the first open day on or after a start.

    :raises CannotPlaceError: if it does not fit on open days.
    """
    courses, days = wanted.courses, wanted.days
    begin = first_day(phases=courses[0].phases, start=start, days=days)
    first = _layout(wanted, courses[0], begin)
    if wanted.combination is None:
        return PlanDays(begin, (first.placed,), first.left_out)
    parts = _then_tms(wanted, first)
    end = begin + wanted.weeks * WEEK if wanted.weeks else date.max
    kept = tuple(tuple(each for each in part if each.date < end) for part in parts)
    return PlanDays(begin, kept, sum(map(len, parts)) - sum(map(len, kept)))


def nearest_start(*, wanted: Wanted, after: date) -> date | None:
    """Return the first later day from which a plan fits, looked for over a year; None if none does."""
    tried = after
    last = after + FURTHEST_START_DAYS * ONE_DAY
    while tried < last:
        try:
            begin = first_day(
                phases=wanted.courses[0].phases, start=tried + ONE_DAY, days=wanted.days
            )
            if begin > last:
                return None
            days_of_plan(wanted=wanted, start=begin)
        except CannotPlaceError:
            tried += ONE_DAY
            continue
        return begin
    return None


def _layout(wanted: Wanted, course: Course, start: date) -> Layout:
    weeks = wanted.weeks if wanted.combination is None else None
    return lay_out(
        phases=course.phases, start=start, days=wanted.days, rhythm=_rhythm(wanted, course, weeks)
    )


def _rhythm(wanted: Wanted, course: Course, weeks: int | None = None) -> Rhythm:
    return rhythm_of(
        visit=course.visit,
        horizon_weeks=course.horizon_weeks,
        knowledge=wanted.knowledge,
        weeks=weeks,
    )


def _then_tms(wanted: Wanted, first: Layout) -> tuple[tuple[Placed, ...], tuple[Placed, ...]]:
    """The days of the induction and of TMS after it, with ketamine beside it where that was asked."""
    tms = wanted.courses[1]
    rhythm, knowledge = _rhythm(wanted, tms), wanted.knowledge
    several = any((each.per_day or 1) > 1 for each in tms.phases)
    second = tms_after(
        phases=tms.phases,
        last_dose=first.last,
        between=between_of(knowledge=knowledge, several_a_day=several),
        days=wanted.days,
        rhythm=rhythm,
    )
    induction = first.placed
    if wanted.continue_ketamine:
        doses, second = with_ketamine(
            layout=second,
            phases=tms.phases,
            days=wanted.days,
            rhythm=rhythm,
            more=_continuing(wanted, first),
            last_dose=first.last,
        )
        induction = (*induction, *doses)
    gap = constraint_number(knowledge, "CMB_06", "least_hours")
    opening = replace(second.placed[0], min_gap_hours=gap)
    return induction, (opening, *second.placed[1:])


def _continuing(wanted: Wanted, first: Layout) -> Continuing:
    combination, knowledge = wanted.combination, wanted.knowledge
    assert combination is not None
    assert combination.continuing is not None
    ketamine = _rhythm(wanted, wanted.courses[0])
    begin = first.placed[0].date
    horizon = ketamine.horizon_weeks
    return Continuing(
        tms_days_per_week=combination.continuing.tms_days_per_week,
        first_dose=begin,
        until=begin + horizon * WEEK - ONE_DAY if horizon else date.max,
        gap_hours=ketamine.gap_hours,
        after_tms_hours=constraint_number(knowledge, "CMB_07", "least_hours"),
        after_ketamine_hours=constraint_number(knowledge, "CMB_06", "least_hours"),
    )


def closed_within(*, days: OpenDays, first: date, last: date) -> dict[date, str]:
    """Return the closed days of a stretch with their reasons, weekends left out."""
    return {
        day: why
        for day, why in days.closed.items()
        if first <= day <= last and day.weekday() < WORKING_DAYS
    }
