"""Sessions as iCalendar (RFC 5545), for a person's own calendar: when, and nothing of what or why."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
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
) -> bytes:
    """
    Return a calendar with one event a session, at the clinic's wall time, with its time zone.

    An event says when, and *Appointment*: no name, treatment, place or device. Its UID is made with
    `secret`, so that it stays the same when the calendar is written again and tells nobody who it is
    for. `minutes` is how long each visit takes; `at` is when the calendar is written.

    :raises CalendarError: if the secret is shorter than 16 bytes, or `at` has no zone.
    """
    if len(secret) < SHORTEST_SECRET:
        raise CalendarError(f"the secret of a calendar has at least {SHORTEST_SECRET} bytes")
    if at.tzinfo is None:
        raise CalendarError("the time at which a calendar is written has a zone")
    found = Calendar()
    found.add("prodid", PRODUCT)
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    zone = ZoneInfo(clinic.zone)
    listed = list(sessions)
    for session in listed:
        event = Event()
        midnight = datetime(session.on.year, session.on.month, session.on.day)  # noqa: DTZ001
        begins = (midnight + timedelta(minutes=session.start)).replace(tzinfo=zone)
        event.add("uid", opaque_uid(session, secret=secret))
        event.add("summary", SUMMARY)
        event.add("dtstamp", at)
        event.add("dtstart", begins)
        event.add("duration", timedelta(minutes=minutes[session.visit]))
        event.add("class", "PRIVATE")
        found.add_component(event)
    if listed:
        days = [session.on for session in listed]
        year = timedelta(days=366)  # so that both changes of the clocks are told
        found.add_missing_timezones(min(days) - year, max(days) + year)
    written: bytes = found.to_ical()
    return written


def opaque_uid(session: Session, *, secret: bytes) -> str:
    """Return an identifier that is always the same for a session and tells nothing about it."""
    named = f"{session.course}\x1f{session.n}".encode()
    return f"{hmac.new(secret, named, hashlib.sha256).hexdigest()[:32]}@overstory"
