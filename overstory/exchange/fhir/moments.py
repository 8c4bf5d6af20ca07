"""Dates of FHIR, which may be a year, a month, a day or an instant: the earliest and latest moment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

WRITTEN = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?P<time>T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?P<zone>Z|[+-]\d{2}:\d{2})?)?)?)?"
)
FIRST_YEAR, LAST_YEAR = 1850, 2300
INSTANT = timedelta(microseconds=1)


class MomentError(ValueError):
    """A text that is no date of FHIR; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Moment:
    """
    When something was, as precisely as it is written: between `earliest` and `latest`.

    A date without a time is read in the zone of the question. For being fresh, and for being later
    than the moment asked about, the earliest counts: what may be old is old, and what may be past
    is past.
    """

    earliest: datetime
    latest: datetime

    @property
    def is_a_day(self) -> bool:
        """Whether it is known to the day or better."""
        return self.latest - self.earliest < timedelta(hours=26)


def read_moment(text: str, *, zone: tzinfo | None) -> Moment:
    """
    Return the moment that a FHIR date, dateTime or instant says.

    :raises MomentError: if it is no such text, or has a time without a zone.
    """
    found = WRITTEN.fullmatch(text)
    if not found:
        raise MomentError(
            f"{text!r} is no date of FHIR (2026, 2026-11, 2026-11-22, or with a time)"
        )
    if not FIRST_YEAR <= int(found["year"]) <= LAST_YEAR:
        raise MomentError(f"{text!r}: its year is no year of a person's record")
    if found["time"]:
        return _instant(text, found)
    first = _first_day(text, found)
    after = _day_after(first, found)
    return Moment(
        datetime(first.year, first.month, first.day, tzinfo=zone),
        datetime(after.year, after.month, after.day, tzinfo=zone) - INSTANT,
    )


def _instant(text: str, found: re.Match[str]) -> Moment:
    if not found["zone"]:
        raise MomentError(f"{text!r} has a time without a zone (Z or +hh:mm)")
    try:
        at = datetime.fromisoformat(text.replace(":60", ":59"))
    except ValueError as error:
        raise MomentError(f"{text!r} is no date of FHIR: {error}") from None
    return Moment(at, at)


def _first_day(text: str, found: re.Match[str]) -> date:
    try:
        return date(int(found["year"]), int(found["month"] or 1), int(found["day"] or 1))
    except ValueError as error:
        raise MomentError(f"{text!r} is no date of FHIR: {error}") from None


def _day_after(first: date, found: re.Match[str]) -> date:
    if found["day"]:
        return first + timedelta(days=1)
    if found["month"]:
        return date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return date(first.year + 1, 1, 1)
