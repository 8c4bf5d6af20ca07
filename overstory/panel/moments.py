"""Moments as numbers: microseconds since 1970 in UTC, which every engine compares alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Return a moment with a zone as microseconds since 1970 in UTC."""
    return (moment - EPOCH) // MICROSECOND


def length(time: timedelta) -> int:
    """Return a length of time in microseconds."""
    return time // MICROSECOND
