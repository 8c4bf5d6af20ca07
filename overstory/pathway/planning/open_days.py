"""The days on which a clinic is open: weekends, public holidays, and what a site says instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import holidays

ONE_DAY = timedelta(days=1)
SATURDAY = 5
SUNDAY = 6
HOURS_A_DAY = 24
SPRING = {"US": (3, 2), "EU": (3, -1)}
"""Month, and which Sunday of it, on which clocks go forward: the second in the US, the last in the EU."""
YEARS_OF_A_PLAN = 6
CALENDARS = {
    "US": "weekends and the federal public holidays of the United States, on the days observed",
    "EU": "weekends and the closing days of the euro area's payment system (T2), for the Union has "
    "no public holidays of its own; give those of your country with --closed",
}


@dataclass(frozen=True, slots=True)
class OpenDays:
    """
    Which days are open.

    `closed` has single closed days with the reason; `says` tells in words what is closed, `kind`
    whether these are the usual days, days that were given, or none. On `paused` days the clinic is open
    and the person does not come.
    """

    kind: str
    says: str
    spring: tuple[int, int]
    weekends_closed: bool = True
    closed: Mapping[date, str] = field(default_factory=dict)
    paused: frozenset[date] = frozenset()

    def why_closed(self, day: date) -> str:
        """Return why a day is closed; empty if it is open."""
        if day in self.closed:
            return self.closed[day]
        if self.weekends_closed and day.weekday() >= SATURDAY:
            return day.strftime("%A")
        return "the plan pauses" if day in self.paused else ""

    def is_open(self, day: date) -> bool:
        """Return whether a day is open."""
        return not self.why_closed(day)

    def is_working(self, day: date) -> bool:
        """Return whether a day is open and no Saturday or Sunday."""
        return day.weekday() < SATURDAY and self.is_open(day)

    def next_open(self, day: date, *, within_days: int) -> date | None:
        """Return the first open day on or after a day; None if there is none within so many days."""
        for ahead in range(within_days + 1):
            if self.is_open(day + ahead * ONE_DAY):
                return day + ahead * ONE_DAY
        return None

    def last_open(self, day: date, *, not_before: date) -> date:
        """Return the last open day on or before a day, and not before another; else that other."""
        while day > not_before and not self.is_open(day):
            day -= ONE_DAY
        return max(day, not_before)

    def hours_between(self, first: date, second: date) -> int:
        """
        Return the hours from one day to another at the same time of day, at least.

        An hour is lost where clocks go forward between them.
        """
        lost = any(
            first < clocks_forward(year, self.spring) <= second
            for year in range(first.year, second.year + 1)
        )
        return HOURS_A_DAY * (second - first).days - lost


def usual_days(*, jurisdiction: str, start: date) -> OpenDays:
    """Return the days open where a site says nothing: no weekends, no public holidays."""
    years = range(start.year, start.year + YEARS_OF_A_PLAN)
    return OpenDays(
        kind="usual",
        says=CALENDARS[jurisdiction],
        spring=SPRING[jurisdiction],
        closed=public_holidays(jurisdiction=jurisdiction, years=years),
    )


def site_days(*, jurisdiction: str, closed: Iterable[date]) -> OpenDays:
    """Return the days open at a site: its own closed days instead of public holidays, no weekends."""
    return OpenDays(
        kind="given",
        says="weekends and the days that were given; public holidays only where they are among them",
        spring=SPRING[jurisdiction],
        closed=dict.fromkeys(sorted(closed), "closed by the clinic"),
    )


def every_day(*, jurisdiction: str) -> OpenDays:
    """Return a calendar without closed days; a protocol for working days still keeps to them."""
    return OpenDays(kind="none", says="no day", spring=SPRING[jurisdiction], weekends_closed=False)


def public_holidays(*, jurisdiction: str, years: Iterable[int]) -> dict[date, str]:
    """
    Return the public holidays of some years with their names.

    US: the eleven federal holidays and the days on which they are observed. EU: the closing days of
    the euro area's payment system, which are the same in every member state that takes part.
    """
    wanted = list(years)
    found = (
        holidays.country_holidays("US", years=wanted, observed=True)
        if jurisdiction == "US"
        else holidays.financial_holidays("XECB", years=wanted)
    )
    return dict(sorted(found.items()))


def clocks_forward(year: int, spring: tuple[int, int]) -> date:
    """Return the Sunday of a year on which clocks go forward; `spring` is a month and which Sunday."""
    month, which = spring
    first = date(year, month, 1)
    sundays = [
        day
        for day in (first + ahead * ONE_DAY for ahead in range(31))
        if day.month == month and day.weekday() == SUNDAY
    ]
    return sundays[which - 1 if which > 0 else which]
