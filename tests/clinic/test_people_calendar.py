"""When a site is open, and when a business day ends: hours, closures, holidays, both changes of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from overstory.clinic.people.calendar import business_days_after, is_open
from overstory.clinic.people.models import Closure, SiteHours


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "days", "close"),
    [
        # New York is UTC-5 in winter, UTC-4 in summer; the site closes at 18:00.
        (utc(2026, 11, 23, 15), 1, utc(2026, 11, 24, 23)),  # Monday: Tuesday
        (utc(2026, 11, 23, 15), 2, utc(2026, 11, 25, 23)),
        (utc(2026, 11, 25, 15), 1, utc(2026, 11, 27, 23)),  # the day before Thanksgiving: Friday
        (utc(2026, 11, 27, 15), 1, utc(2026, 11, 30, 23)),  # Friday: Monday
        (utc(2026, 11, 28, 15), 1, utc(2026, 11, 30, 23)),  # Saturday: Monday
        (utc(2026, 12, 24, 15), 1, utc(2026, 12, 28, 23)),  # Christmas, then a weekend
        (
            utc(2026, 7, 2, 15),
            1,
            utc(2026, 7, 6, 22),
        ),  # 4 July 2026 is a Saturday, observed on the 3rd
        (utc(2026, 10, 30, 15), 1, utc(2026, 11, 2, 23)),  # clocks go back on 1 November
        (utc(2026, 3, 6, 15), 1, utc(2026, 3, 9, 22)),  # clocks go forward on 8 March
        (utc(2026, 11, 24, 4, 30), 1, utc(2026, 11, 24, 23)),  # still Monday in New York
    ],
)
def test_the_close_of_a_business_day(site, moment, days, close):
    assert business_days_after(site, moment, days) == close


def test_a_german_site_keeps_its_own_holidays(other_site):
    # 25 and 26 December are holidays in Germany; 28 December 2026 is a Monday; UTC+1.
    assert business_days_after(other_site, utc(2026, 12, 24, 10), 1) == utc(2026, 12, 28, 17)
    # 1 May 2026 is a Friday and a holiday; UTC+2.
    assert business_days_after(other_site, utc(2026, 4, 30, 10), 1) == utc(2026, 5, 4, 16)


def test_a_closure_is_no_business_day_until_it_is_taken_back(site, at):
    closure = Closure.objects.create(
        site=site, first_day=date(2026, 11, 24), last_day=date(2026, 11, 25), why="works"
    )
    monday = utc(2026, 11, 23, 15)

    assert business_days_after(site, monday, 1) == utc(2026, 11, 27, 23)
    assert not is_open(site, utc(2026, 11, 24, 15))

    closure.ended_at = at
    closure.save()
    assert business_days_after(site, monday, 1) == utc(2026, 11, 24, 23)


def test_a_site_without_hours_is_never_open_and_its_weekdays_end_at_midnight(site):
    site.hours.all().delete()

    assert not is_open(site, utc(2026, 11, 23, 15))
    assert business_days_after(site, utc(2026, 11, 27, 15), 1) == utc(2026, 12, 1, 5)


def test_a_site_that_never_opens_again_counts_plain_days(site):
    Closure.objects.create(
        site=site, first_day=date(2026, 1, 1), last_day=date(2030, 1, 1), why="closed for good"
    )

    assert business_days_after(site, utc(2026, 11, 23, 15), 1) == utc(2026, 11, 25, 5)


@pytest.mark.parametrize(
    ("moment", "opened"),
    [
        (utc(2026, 11, 23, 12, 59), False),
        (utc(2026, 11, 23, 13), True),
        (utc(2026, 11, 23, 22, 59), True),
        (utc(2026, 11, 23, 23), False),
        (utc(2026, 11, 22, 15), False),  # Sunday
        (utc(2026, 11, 26, 15), False),  # Thanksgiving
        (utc(2026, 10, 30, 12), True),  # 08:00 in summer time
        (utc(2026, 11, 2, 12), False),  # 07:00 in winter time
    ],
)
def test_a_site_is_open(site, moment, opened):
    assert is_open(site, moment) is opened


def test_a_night_clinic_on_the_nights_when_clocks_change(site):
    for day in (6,):
        SiteHours.objects.create(site=site, weekday=day, opens=time(0, 30), closes=time(4))

    # 1 November 2026, New York: 01:30 comes twice, 00:30 to 04:00 last four and a half hours.
    assert is_open(site, utc(2026, 11, 1, 4, 30))
    assert is_open(site, utc(2026, 11, 1, 8, 59))
    assert not is_open(site, utc(2026, 11, 1, 9))
    # 8 March 2026: 02:30 never comes, they last two and a half.
    assert is_open(site, utc(2026, 3, 8, 5, 30))
    assert not is_open(site, utc(2026, 3, 8, 8))
