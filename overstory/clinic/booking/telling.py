"""What is said once sessions were booked: how many, and whether they are held or confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from overstory.clinic.booking.holding import holds_of_plan
from overstory.clinic.booking.models import Appointment


def booked_words(booked: Sequence[Appointment], *, at: datetime) -> str:
    """Return how many sessions were booked, and what those wait for that are tentative, in words."""
    many = f"{len(booked)} session{'s' if len(booked) != 1 else ''}"
    is_are = "are" if len(booked) != 1 else "is"
    waiting = [each for each in booked if each.is_tentative]
    if not waiting or waiting[0].plan is None:
        return f"{many} {is_are} booked."
    keeping = holds_of_plan(waiting[0].plan, at=at).keeping
    kinds = ", ".join(dict.fromkeys(each.kind for each in keeping))
    holds = f"{len(keeping)} hold{'s' if len(keeping) != 1 else ''}"
    closes = "close" if len(keeping) != 1 else "closes"
    return f"{many} {is_are} held as tentative until {holds} {closes}: {kinds}."
