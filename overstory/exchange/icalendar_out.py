"""Sessions as iCalendar (RFC 5545), for a person's own calendar: when, and nothing of what or why."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from overstory.pathway.timetable.instance import Clinic, Session

SUMMARY = "Appointment"
PRODUCT = "-//Overstory//Timetable//EN"
SHORTEST_SECRET = 16


class CalendarError(ValueError):
    """A calendar that must not be written; the message says what would be right."""


def calendar(
    sessions: Iterable[Session],
    *,
    clinic: Clinic,
    minutes: Mapping[str, int],
    secret: bytes,
    at: datetime,
    before: bytes = b"",
) -> bytes:
    """
    Return a calendar with one event a session, at the clinic's wall time, with its time zone.

    An event says when, and *Appointment*: no name, treatment, place or device. Its UID is made with
    `secret`, so that it stays the same when the calendar is written again and tells nobody who it is
    for. `minutes` is how long each visit takes; `at` is when the calendar is written. `before` is the
    calendar that was written last: an event that has moved since counts its SEQUENCE up, and one that
    is gone is kept as cancelled, so that it leaves the person's calendar.

    :raises CalendarError: if the secret is shorter than 16 bytes, `at` has no zone, or `before` is none
        of ours.
    """
    if len(secret) < SHORTEST_SECRET:
        raise CalendarError(f"the secret of a calendar has at least {SHORTEST_SECRET} bytes")
    if at.tzinfo is None:
        raise CalendarError("the time at which a calendar is written has a zone")
    zone = ZoneInfo(clinic.zone)
    told = _events(before)
    events = [_event(each, zone, minutes[each.visit], secret) for each in sessions]
    now = {str(each["uid"]) for each in events}
    gone = [each for uid, each in told.items() if uid not in now]
    found = Calendar()
    found.add("prodid", PRODUCT)
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    for event in events:
        found.add_component(_numbered(event, told.get(str(event["uid"])), at))
    for event in gone:
        found.add_component(_cancelled(event, at))
    days = [each["dtstart"].dt.date() for each in (*events, *gone)]
    if days:
        year = timedelta(days=366)  # so that both changes of the clocks are told
        found.add_missing_timezones(min(days) - year, max(days) + year)
    written: bytes = found.to_ical()
    return written


def _event(session: Session, zone: ZoneInfo, minutes: int, secret: bytes) -> Any:
    event: Any = Event()
    midnight = datetime(session.on.year, session.on.month, session.on.day)  # noqa: DTZ001
    begins = (midnight + timedelta(minutes=session.start)).replace(tzinfo=zone)
    event.add("uid", opaque_uid(session, secret=secret))
    event.add("summary", SUMMARY)
    event.add("dtstart", begins)
    event.add("duration", timedelta(minutes=minutes))
    event.add("class", "PRIVATE")
    return event


def _events(before: bytes) -> dict[str, Any]:
    """The events of a calendar that was written before, by their UID."""
    if not before.strip():
        return {}
    try:
        found: Any = Calendar.from_ical(before).walk("VEVENT")
        told = {str(each["uid"]): each for each in found}
        for each in told.values():
            each["dtstart"].dt.date(), each["duration"].dt, int(each.get("sequence", 0))
    except (ValueError, KeyError, AttributeError, TypeError, IndexError):
        raise CalendarError("the calendar before is not one that was written here") from None
    return told


def _numbered(event: Any, told: Any, at: datetime) -> Any:
    sequence = 0
    if told is not None:
        same = all(told[part].dt == event[part].dt for part in ("dtstart", "duration"))
        back = told.get("status") == "CANCELLED"
        sequence = int(told.get("sequence", 0)) + (not same or back)
    event.add("sequence", sequence)
    event.add("status", "CONFIRMED")
    event.add("dtstamp", at)
    return event


def _cancelled(told: Any, at: datetime) -> Any:
    if told.get("status") == "CANCELLED":
        return told
    event: Any = Event()
    for part in ("uid", "summary", "dtstart", "duration", "class"):
        if part in told:
            event[part] = told[part]
    event.add("sequence", int(told.get("sequence", 0)) + 1)
    event.add("status", "CANCELLED")
    event.add("dtstamp", at)
    return event


def opaque_uid(session: Session, *, secret: bytes) -> str:
    """Return an identifier that is always the same for a session and tells nothing about it."""
    named = f"{session.course}\x1f{session.n}".encode()
    return f"{hmac.new(secret, named, hashlib.sha256).hexdigest()[:32]}@overstory"
