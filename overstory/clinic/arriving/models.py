"""The rows of arriving, for Django to find."""

from overstory.clinic.arriving.rows import (
    ArrivalDeed,
    ArrivalLink,
    CalendarFeed,
    Readiness,
    Reminder,
)

__all__ = ["ArrivalDeed", "ArrivalLink", "CalendarFeed", "Readiness", "Reminder"]
