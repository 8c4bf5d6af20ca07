"""A private calendar that a person subscribes to (RFC 5545): when, and nothing of what, where or why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from overstory.exchange.icalendar_out import SUMMARY

PRODUCT = "-//Appointments//Calendar//EN"
A_YEAR = timedelta(days=366)
"""So far around the events time zones are told, so that both changes of the clocks stand in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEvent:
    """
    One event of a feed; `uid` is opaque and stays the same when it is moved.

    `starts` is the instant (aware), shown as the wall time of `zone`; `sequence` counts what changed
    its time or ended it; `changed_at` is when that was last.
    """

    uid: str
    starts: datetime
    minutes: int
    zone: str
    sequence: int
    changed_at: datetime
    is_cancelled: bool = False
    is_tentative: bool = False


def feed(events: Iterable[FeedEvent]) -> bytes:
    """Return a calendar of events; the same events give the same bytes."""
    found = Calendar()
    found.add("prodid", PRODUCT)
    found.add("version", "2.0")
    days = []
    for each in sorted(events, key=lambda one: (one.starts, one.uid)):
        event = _event(each)
        found.add_component(event)
        days.append(event["dtstart"].dt.date())
    if days:
        found.add_missing_timezones(min(days) - A_YEAR, max(days) + A_YEAR)
    written: bytes = found.to_ical()
    return written


def _event(given: FeedEvent) -> Any:
    event: Any = Event()
    event.add("uid", given.uid)
    event.add("summary", SUMMARY)
    event.add("dtstart", given.starts.astimezone(ZoneInfo(given.zone)))
    event.add("duration", timedelta(minutes=given.minutes))
    event.add("class", "PRIVATE")
    event.add("sequence", given.sequence)
    event.add("status", _status(given))
    event.add("dtstamp", given.changed_at)
    return event


def _status(given: FeedEvent) -> str:
    if given.is_cancelled:
        return "CANCELLED"
    return "TENTATIVE" if given.is_tentative else "CONFIRMED"
