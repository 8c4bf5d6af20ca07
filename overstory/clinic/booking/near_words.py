"""What is said where a session has no other day: why in one sentence, and whose it is to change that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from overstory.clinic.booking.models import Appointment
from overstory.clinic.booking.near import FreeDay, Near
from overstory.clinic.people.permissions import ROLES, May
from overstory.clinic.ui.templatetags.overstory import day as day_in_words
from overstory.clinic.ui.templatetags.overstory import short_day

WHO_MAY = " or ".join(
    role.value.replace("-", " ") for role, own in ROLES.items() if May.DRAFT_PLAN in own
)
"""The roles that may change a plan, in words."""


def no_other_day(near: Near, appointment: Appointment) -> str:
    """
    Return why a session has no other day of its window, in one sentence; empty where it may have one.

    Days of the window that have passed are not told; one of which nothing is known is never said to be
    impossible.
    """
    if near.window is None or not near.is_whole:
        return ""
    own, last = appointment.wall_date, near.window[1]
    others = [each for each in near.days if each.day != own and each.day <= last]
    if any(each.others for each in others):
        return ""
    if near.window[0] == near.window[1]:
        return f"the plan has it on {day_in_words(near.window[0])} alone."
    if not others:
        return "the other days that the plan allows have passed."
    taken = [each for each in others if each.day in near.of_course]
    if len(taken) == len(others):
        return (
            f"on each other day that the plan allows ({_days(taken)}) another session of this course "
            "is booked already."
        )
    parts = [f"another session of this course is booked already on {_days(taken)}"] if taken else []
    rest = [each for each in others if each.day not in near.of_course]
    for why in dict.fromkeys(each.why for each in rest):
        same = [each for each in rest if each.why == why]
        parts.append(f"on {_days(same)} it would not fit ({(why or 'no time').rstrip('.')})")
    return f"{'; '.join(parts)}."


def in_window(window: tuple[date, date], at: datetime, appointment: Appointment) -> bool:
    """Return whether the plan has a session on the day of a moment."""
    return window[0] <= at.astimezone(appointment.site.zone).date() <= window[1]


def _days(found: Sequence[FreeDay]) -> str:
    *first, last = (short_day(each.day) for each in found)
    return f"{', '.join(first)} and {last}" if first else last
