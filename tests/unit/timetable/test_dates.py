"""The dates of a stage: weekdays, closed days, gaps, and the weeks of a taper."""

from __future__ import annotations

from datetime import date, timedelta

from overstory.pathway.timetable.dates import open_days, stage_dates
from overstory.pathway.timetable.instance import Block, Stage
from tests.unit.timetable import clinics

TAPER = Stage(
    tuple(Block(("tms",), sessions) for sessions in (30, 3, 2, 1)),
    ((clinics.FIVE, (0, 2, 4), (1, 3), (2,)),),
)


def dates_of(stage: Stage, start: date, *closed: date) -> tuple[date, ...] | None:
    open_ = frozenset(open_days(clinics.clinic(closed=frozenset(closed))))
    return stage_dates(
        stage=stage,
        pattern=stage.patterns[0],
        start=start,
        possible=open_,
        last=date(2027, 5, 28),
    )


def march(*days: int) -> tuple[date, ...]:
    return tuple(date(2027, 3, day) for day in days)


def test_thirty_weekdays_and_then_three_two_and_one_in_the_next_three_calendar_weeks():
    found = dates_of(TAPER, date(2027, 3, 1))

    assert found is not None
    assert len(found) == 36
    assert found[29] == date(2027, 4, 9)
    assert found[30:] == (
        date(2027, 4, 12), date(2027, 4, 14), date(2027, 4, 16),
        date(2027, 4, 20), date(2027, 4, 22), date(2027, 4, 28),
    )  # fmt: skip


def test_a_course_that_starts_midweek_has_its_taper_in_the_week_after_the_thirtieth_session():
    found = dates_of(TAPER, date(2027, 3, 3))

    assert found is not None
    assert found[29] == date(2027, 4, 13)
    assert found[30] == date(2027, 4, 19)


def test_a_daily_course_goes_on_after_a_closed_day_and_none_is_lost():
    found = dates_of(clinics.stage("tms", 6), date(2027, 3, 4), date(2027, 3, 8))

    assert found == march(4, 5, 9, 10, 11, 12)


def test_a_closed_day_moves_to_the_nearest_day_of_its_week_that_keeps_the_gap():
    twice = clinics.stage("infusion", 4, (0, 3), min_gap_days=2)

    found = dates_of(twice, date(2027, 3, 1), date(2027, 3, 8))

    assert found == march(1, 4, 9, 11)


def test_a_closed_day_without_a_neighbour_that_keeps_the_gap_makes_the_course_longer():
    twice = clinics.stage("infusion", 4, (0, 2), min_gap_days=2)

    found = dates_of(
        twice, date(2027, 3, 1), *march(8, 12)
    )  # Tuesday 9 and Thursday 11 are one day from Wednesday 10

    assert found == march(1, 3, 10, 15)


def test_a_course_starts_on_a_day_of_its_pattern_only():
    twice = clinics.stage("infusion", 2, (0, 3))

    assert dates_of(twice, date(2027, 3, 2)) is None
    assert dates_of(twice, date(2027, 3, 4)) == march(4, 8)


def test_a_course_that_would_not_end_within_the_timetable_has_no_dates():
    assert dates_of(clinics.stage("tms", 10), date(2027, 5, 17)) is not None
    assert dates_of(clinics.stage("tms", 10), date(2027, 5, 18)) is None


def test_the_week_in_which_the_clocks_change_has_its_five_days():
    found = dates_of(clinics.stage("tms", 10), date(2027, 3, 8))

    assert found == tuple(
        date(2027, 3, 8) + timedelta(days=n) for n in range(12) if n not in (5, 6)
    )
