"""When a site is open: its hours, its closures, public holidays; wall time turned into instants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import holidays
from django.db.models import FilteredRelation, Q

from overstory.clinic.people.clinics import Site
from overstory.pathway.planning.open_days import public_holidays

ONE_DAY = timedelta(days=1)
FRIDAY = 4
FARTHEST_DAYS = 400


@dataclass(frozen=True, slots=True)
class OpenHours:
    """
    The hours of one site, for many questions at once.

    `hours` has opening and closing wall time by day of the week (Monday is 0), `closed` the first
    and last days of closures. A site that gives no hours is never open; its business days are
    Monday to Friday, each until its end.
    """

    zone: ZoneInfo
    jurisdiction: str
    country: str
    hours: Mapping[int, tuple[time, time]]
    closed: tuple[tuple[date, date], ...] = field(default=())

    def is_business_day(self, day: date) -> bool:
        """Return whether the site works on a day."""
        weekday = day.weekday()
        if weekday not in self.hours and (self.hours or weekday > FRIDAY):
            return False
        if any(first <= day <= last for first, last in self.closed):
            return False
        return day not in holidays_of(self.jurisdiction, self.country, day.year)

    def opens(self, day: date) -> datetime | None:
        """Return the instant at which the site opens on a day; None if it does not."""
        if day.weekday() not in self.hours or not self.is_business_day(day):
            return None
        return self._instant(day, self.hours[day.weekday()][0])

    def closes(self, day: date) -> datetime:
        """Return the instant at which a business day ends."""
        if day.weekday() in self.hours:
            return self._instant(day, self.hours[day.weekday()][1])
        return self._instant(day + ONE_DAY, time.min)

    def is_open(self, moment: datetime) -> bool:
        """Return whether the site is open at a moment."""
        day = moment.astimezone(self.zone).date()
        opens = self.opens(day)
        return opens is not None and opens <= moment < self.closes(day)

    def business_days_after(self, moment: datetime, days: int) -> datetime:
        """
        Return the close of the `days`-th business day after the day of a moment.

        Where the site has none within about a year, the same number of plain days counts.
        """
        today = moment.astimezone(self.zone).date()
        left = days
        for ahead in range(1, FARTHEST_DAYS):
            day = today + ahead * ONE_DAY
            left -= self.is_business_day(day)
            if left == 0:
                return self.closes(day)
        return self._instant(today + (days + 1) * ONE_DAY, time.min)

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)


def hours_of(site: Site) -> OpenHours:
    """Return the hours of a site as they stand, in one question; none where they were fetched with it."""
    hours, closed = _fetched(site) if "hours" in _prefetched(site) else _asked(site)
    return OpenHours(
        zone=site.zone,
        jurisdiction=site.clinic.jurisdiction,
        country=site.clinic.country,
        hours=hours,
        closed=closed,
    )


Hours: TypeAlias = dict[int, tuple[time, time]]
Closed: TypeAlias = tuple[tuple[date, date], ...]


def _prefetched(site: Site) -> Mapping[str, Any]:
    held: Mapping[str, Any] = getattr(site, "_prefetched_objects_cache", {})
    return held


def _fetched(site: Site) -> tuple[Hours, Closed]:
    """The hours and the closures that hold, of rows that were fetched with the site."""
    return (
        {each.weekday: (each.opens, each.closes) for each in site.hours.all()},
        tuple((each.first_day, each.last_day) for each in site.closures.all() if not each.ended_at),
    )


def _asked(site: Site) -> tuple[Hours, Closed]:
    """The same, read at once: each day of the week beside each closure that holds."""
    holds = FilteredRelation("closures", condition=Q(closures__ended_at=None))
    rows = (
        Site.objects.filter(pk=site.pk)
        .annotate(holds=holds)
        .values_list(
            "hours__weekday", "hours__opens", "hours__closes", "holds__first_day", "holds__last_day"
        )
    )
    hours: Hours = {}
    closed: dict[tuple[date, date], None] = {}
    for weekday, opens, closes, first, last in rows:
        if weekday is not None:
            hours[weekday] = (opens, closes)
        if first is not None:
            closed[first, last] = None
    return hours, tuple(closed)


def is_open(site: Site, moment: datetime) -> bool:
    """Return whether a site is open at a moment."""
    return hours_of(site).is_open(moment)


def business_days_after(site: Site, moment: datetime, days: int) -> datetime:
    """Return the close of the `days`-th business day of a site after the day of a moment, in UTC."""
    return hours_of(site).business_days_after(moment, days)


@lru_cache(maxsize=64)
def holidays_of(jurisdiction: str, country: str, year: int) -> frozenset[date]:
    """
    Return the public holidays of a year.

    In the Union each country has its own; where the country is not known, the closing days of the
    euro area's payment system.
    """
    if jurisdiction == "EU" and country in holidays.list_supported_countries():
        return frozenset(holidays.country_holidays(country, years=[year]))
    return frozenset(public_holidays(jurisdiction=jurisdiction, years=[year]))
