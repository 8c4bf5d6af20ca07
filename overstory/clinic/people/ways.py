"""How a clinic works, where that is its own to choose and is not medicine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


class WayError(ValueError):
    """A setting of how the clinic works that is refused; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Defaults of how a clinic works; a clinic's own stand in `Clinic.ways`."""

    request_due_business_days: int = 1
    request_late_business_days: int = 2
    link_days: int = 14
    wrong_birth_dates: int = 5
    link_idle_minutes: int = 30
    questions_a_minute: int = 6
    invitation_days: int = 7
    worker_silent_minutes: int = 2
    visit_minutes: int = 60
    visit_step_minutes: int = 30
    visit_days_ahead: int = 21
    visit_notice_hours: int = 4


def ways_of(held: Mapping[str, Any]) -> Ways:
    """
    Return how the clinic works: its own settings over the defaults.

    :raises WayError: if a setting is unknown or not a whole number above zero.
    """
    known = {each.name for each in fields(Ways)}
    for name, value in held.items():
        if name not in known:
            raise WayError(f"{name}: no such setting; there are {', '.join(sorted(known))}")
        if type(value) is not int or value < 1:
            raise WayError(f"{name}: a whole number above zero, not {value!r}")
    return Ways(**held)
