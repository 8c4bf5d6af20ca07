"""An appointment as an event of a calendar that a person keeps: when, and nothing else."""

from __future__ import annotations

from uuid import UUID

from django.utils.crypto import salted_hmac

from overstory.clinic.booking.models import Appointment
from overstory.exchange.icalendar_feed import FeedEvent, feed

SALT = "overstory.arriving.uid"
"""Calendars that were given out know their events by it: it stays."""


def event_of(visit: Appointment, *, root: UUID, moves: int) -> FeedEvent:
    """Return a visit as an event; `root` is the first of those that it was moved from, `moves` how many."""
    is_cancelled = visit.state == "cancelled"
    return FeedEvent(
        uid=f"{salted_hmac(SALT, str(root), algorithm='sha256').hexdigest()[:32]}@calendar",
        starts=visit.starts,
        minutes=visit.minutes,
        zone=visit.zone,
        sequence=moves + is_cancelled,
        changed_at=(visit.ended_at if is_cancelled else None) or visit.made_at,
        is_cancelled=is_cancelled,
        is_tentative=visit.is_tentative and visit.state == "booked",
    )


def calendar_file(visit: Appointment) -> bytes:
    """Return a calendar of one visit that was never moved, to be kept once."""
    return feed([event_of(visit, root=visit.pk, moves=0)])
