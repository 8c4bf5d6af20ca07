"""When a person can come: the wishes that they said last, and what counts where they said nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.booking.models import ComingWish
from overstory.clinic.people.models import Person, Staff

EVERY_DAY = tuple(range(7))
WEEKDAYS = EVERY_DAY[:5]
MIDNIGHT = time(0)
DAY_END = time(23, 59)


@dataclass(frozen=True, slots=True)
class Coming:
    """
    When a person can come and would like to, in wall times of their site.

    On each of the `weekdays` (Monday is 0) between `begins` and `ends`, but for the days of `away`;
    `prefer` is the time of day that they would like best.
    """

    weekdays: tuple[int, ...] = EVERY_DAY
    begins: time = MIDNIGHT
    ends: time = DAY_END
    prefer: time = time(9)
    away: tuple[tuple[date, date], ...] = ()

    def is_away(self, day: date) -> bool:
        """Return whether they cannot come on a day."""
        return day.weekday() not in self.weekdays or any(
            first <= day <= last for first, last in self.away
        )

    def at_any_hour(self) -> Coming:
        """Return the same days at any hour."""
        return replace(self, begins=MIDNIGHT, ends=DAY_END)


def coming_of(person: Person) -> Coming | None:
    """Return what a person said last of when they can come; none where they said nothing."""
    row = ComingWish.objects.filter(person__in=person.ids).order_by("-at", "-pk").first()
    return None if row is None else _coming(row)


def from_record(days_a_week: Any) -> Coming:
    """Return the days with which one begins where only their number is known: no day is guessed away."""
    if days_a_week is None or days_a_week > len(WEEKDAYS):
        return Coming()
    return Coming(weekdays=WEEKDAYS)


def record_words(days_a_week: Any) -> str:
    """Return what a record has of coming and what to ask, in words; empty where it has nothing."""
    if days_a_week is None:
        return ""
    if days_a_week > len(WEEKDAYS):
        return "Their record says: they can come on every day of the week."
    if days_a_week == len(WEEKDAYS):
        return (
            "Their record says: they can come on 5 weekdays a week, so Monday to Friday are ticked."
        )
    days = "1 weekday" if days_a_week == 1 else f"{days_a_week:g} weekdays"
    if not days_a_week:
        return "Their record says: they can come on no weekday. Ask them before anything is booked."
    return (
        f"Their record says: they can come on {days} a week, and not on which. Monday to Friday are "
        "ticked: ask, and take away the others."
    )


@transaction.atomic
def keep_coming(*, key: UUID, person: Person, coming: Coming, by: Staff, at: datetime) -> None:
    """Keep when a person can come as a row of its own; the same form sent twice is one row."""
    if ComingWish.objects.filter(pk=key).exists():
        return
    ComingWish.objects.create(
        id=key,
        person=person,
        free=[
            {"weekday": day, "from": f"{coming.begins:%H:%M}", "until": f"{coming.ends:%H:%M}"}
            for day in coming.weekdays
        ],
        away=[[first.isoformat(), last.isoformat()] for first, last in coming.away],
        prefer=coming.prefer,
        by=by,
        at=at,
    )
    deed = Deed(person.clinic_id, at, f"staff:{by.pk}", "noted when someone can come",
                f"person:{person.pk}")  # fmt: skip
    record(deed)


def _coming(row: ComingWish) -> Coming:
    free: list[Mapping[str, Any]] = row.free
    return Coming(
        weekdays=tuple(each["weekday"] for each in free),
        begins=min((time.fromisoformat(each["from"]) for each in free), default=MIDNIGHT),
        ends=max((time.fromisoformat(each["until"]) for each in free), default=DAY_END),
        prefer=row.prefer,
        away=tuple((date.fromisoformat(a), date.fromisoformat(b)) for a, b in row.away),
    )
