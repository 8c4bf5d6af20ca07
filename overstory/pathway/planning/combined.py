"""Ketamine, then TMS: the days of both in one plan, and what holds between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocol_parts import Phase
from overstory.knowledge.shapes.protocols import Combination
from overstory.knowledge.shapes.shared import cites
from overstory.pathway.planning.layout import (
    WEEK,
    WEEK_DAYS,
    WORKING_DAYS,
    Layout,
    Rhythm,
    check_pause,
    daily_session,
    lay_out,
    monday_of,
)
from overstory.pathway.planning.numbers import constraint_number
from overstory.pathway.planning.open_days import HOURS_A_DAY, ONE_DAY, OpenDays
from overstory.pathway.planning.placing import CannotPlaceError, Placed
from overstory.pathway.planning.values import Constraint, Need

BEFORE_TMS = ("CMB_06", "CMB_08", "CMB_09", "CMB_11")
"""Constraints that are looked at before a TMS session after ketamine."""
BEFORE_KETAMINE = ("CMB_12",)
CONTINUED = "beside-tms"


@dataclass(frozen=True, slots=True)
class Between:
    """
    The time from the last dose of the induction to the first TMS session, in days.

    `least` to `greatest` is allowed, `target_from` to `target_to` aimed at.
    """

    least: int
    greatest: int
    target_from: int
    target_to: int


@dataclass(frozen=True, slots=True)
class Continuing:
    """Ketamine that goes on during TMS: TMS days a week, to which day, the least hours between doses."""

    tms_days_per_week: int
    first_dose: date
    until: date
    gap_hours: float
    after_tms_hours: float
    after_ketamine_hours: float


def between_of(*, knowledge: Knowledge, several_a_day: bool) -> Between:
    """Return the days between the two; accelerated TMS has a longer least time."""
    number = {
        name: int(constraint_number(knowledge, "CMB_04", name))
        for name in ("least_days", "greatest_days", "target_from_days", "target_to_days")
    }
    least = number["least_days"]
    if several_a_day:
        least = int(constraint_number(knowledge, "CMB_15", "least_days_before_accelerated"))
    return Between(
        least=least,
        greatest=number["greatest_days"],
        target_from=max(least, number["target_from_days"]),
        target_to=max(least, number["target_to_days"]),
    )


def tms_after(
    *, phases: Sequence[Phase], last_dose: date, between: Between, days: OpenDays, rhythm: Rhythm
) -> Layout:
    """
    Return the days of TMS after an induction, from the day nearest to the target that fits.

    :raises CannotPlaceError: if it fits from none of the allowed days; it names why.
    """
    why: CannotPlaceError | None = None
    for start in _starts(phases, last_dose, between, days):
        try:
            return lay_out(phases=phases, start=start, days=days, rhythm=rhythm)
        except CannotPlaceError as error:
            why = why or error
    if why is not None:
        raise why
    first, last = last_dose + between.least * ONE_DAY, last_dose + between.greatest * ONE_DAY
    raise CannotPlaceError(
        f"TMS starts {between.least} to {between.greatest} days after the last dose of the induction, "
        f"and no day from {first.isoformat()} to {last.isoformat()} is open for it"
    )


def _starts(
    phases: Sequence[Phase], last_dose: date, between: Between, days: OpenDays
) -> Iterator[date]:
    def distance(after: int) -> tuple[int, int]:
        outside = max(between.target_from - after, after - between.target_to, 0)
        return outside, after

    in_a_row = phases[0].days or 1
    for after in sorted(range(between.least, between.greatest + 1), key=distance):
        row = [last_dose + (after + more) * ONE_DAY for more in range(in_a_row)]
        if all(days.is_working(day) for day in row):
            yield row[0]


def with_ketamine(
    *, layout: Layout, phases: Sequence[Phase], days: OpenDays, rhythm: Rhythm, more: Continuing,
    last_dose: date,
) -> tuple[list[Placed], Layout]:  # fmt: skip
    """
    Return the doses that go on and the days of TMS around them, in the weeks of the daily phase.

    A week has one dose, on its last open day, and TMS on at most so many other days; a week with one
    open day has TMS alone.

    :raises CannotPlaceError: if the rest of the course does not fit after it.
    """
    daily, rest = phases[0], phases[1:]
    start = layout.placed[0].date
    doses: list[Placed] = []
    tms: list[Placed] = []
    monday, shut = monday_of(start), 0
    while len(tms) < (daily.sessions or 0):
        week = [monday + ahead * ONE_DAY for ahead in range(WORKING_DAYS)]
        open_ = [day for day in week if day >= start and days.is_working(day)]
        shut = 0 if open_ else shut + WORKING_DAYS
        check_pause(shut, week[-1], days, rhythm.greatest_pause)
        dose = _dose_day(open_, doses[-1].date if doses else last_dose, more, days)
        left = (daily.sessions or 0) - len(tms)
        free = [day for day in open_ if day != dose][:left]
        free = free[: more.tms_days_per_week] if dose else free
        before = doses[-1].date if doses else last_dose
        tms += [_tms(daily_session(daily, day, start, rhythm), before, dose, more) for day in free]
        if dose and free:
            doses.append(_dose(dose, more))
        monday += WEEK
    placed = [*tms, *_rest(rest, tms[-1].date, start, days, rhythm)]
    return doses, Layout(tuple(placed))


def _rest(
    rest: Sequence[Phase], last: date, start: date, days: OpenDays, rhythm: Rhythm
) -> Iterator[Placed]:
    """The phases after the daily one, in the calendar weeks after its last session."""
    if not rest:
        return
    monday = monday_of(last) + WEEK
    shift = (monday - monday_of(start)).days // WEEK_DAYS
    for each in lay_out(phases=rest, start=monday, days=days, rhythm=rhythm, before=last).placed:
        yield replace(each, week=each.week + shift)


def _dose_day(open_: Sequence[date], before: date, more: Continuing, days: OpenDays) -> date | None:
    """The last open day of a week, where a dose may still be given and leaves a day for TMS."""
    if len(open_) < 2 or open_[-1] > more.until or monday_of(before) == monday_of(open_[-1]):
        return None
    return open_[-1] if days.hours_between(before, open_[-1]) >= more.gap_hours else None


def _dose(day: date, more: Continuing) -> Placed:
    week = (day - more.first_dose).days // WEEK_DAYS + 1
    return Placed(CONTINUED, week, day, day, day, more.after_tms_hours)


def _tms(placed: Placed, before: date, dose: date | None, more: Continuing) -> Placed:
    """A TMS session of a week with ketamine: after the dose before by its gap, before the next."""
    near = HOURS_A_DAY * (placed.date - before).days <= more.after_ketamine_hours
    return replace(
        placed,
        earliest=max(placed.earliest, before + ONE_DAY),
        latest=min(placed.latest, dose - ONE_DAY) if dose else placed.latest,
        min_gap_hours=more.after_ketamine_hours if near else placed.min_gap_hours,
    )


def constraints_of(*, combination: Combination, knowledge: Knowledge) -> tuple[Constraint, ...]:
    """Return what holds between ketamine and TMS, with its certainty."""
    return tuple(
        Constraint(
            id=each.id,
            says=each.says,
            strength=each.strength,
            grade=each.grade,
            override=each.override,
            status=each.status,
            sources=cites(each.source),
            numbers={name: amount.value for name, amount in each.numbers.items()},
            note=each.note,
        )
        for each in knowledge.sections.get("combination_constraints", ())
        if each.id in combination.constraints
    )


def between_needs(*, constraints: Sequence[Constraint], wanted: Sequence[str]) -> tuple[Need, ...]:
    """Return constraints of the combination as needs of a session."""
    return tuple(
        Need(
            id=each.id,
            kind="check",
            says=each.says,
            status=each.status,
            blocks=each.strength == "hard",
            numbers=each.numbers,
            sources=each.sources,
        )
        for each in constraints
        if each.id in wanted
    )
