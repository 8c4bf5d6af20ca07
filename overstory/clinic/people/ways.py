"""How a clinic works, where that is its own to choose and is not medicine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


class WayError(ValueError):
    """A setting of how the clinic works that is refused; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Ways:
    """
    Defaults of how a clinic works; a clinic's own stand in `Clinic.ways`.

    `patients_per_monitor` is how many people one member of staff watches at once after a dose; where the
    clinic says nothing it is one. `turnaround_minutes` stand between two people in a chair or device.
    """

    request_due_business_days: int = 1
    request_late_business_days: int = 2
    link_days: int = 14
    wrong_birth_dates: int = 5
    link_idle_minutes: int = 30
    questions_a_minute: int = 6
    calendar_reads_a_minute: int = 20
    invitation_days: int = 7
    worker_silent_minutes: int = 2
    visit_minutes: int = 60
    visit_step_minutes: int = 30
    visit_days_ahead: int = 21
    visit_notice_hours: int = 4
    patients_per_monitor: int = 1
    turnaround_minutes: int = 0
    expiring_days: int = 14


MAY_BE_ZERO = frozenset({"turnaround_minutes"})


def ways_of(held: Mapping[str, Any]) -> Ways:
    """
    Return how the clinic works: its own settings over the defaults.

    :raises WayError: if a setting is unknown or not a whole number above zero.
    """
    known = {each.name for each in fields(Ways)}
    for name, value in held.items():
        if name not in known:
            raise WayError(f"{name}: no such setting; there are {', '.join(sorted(known))}")
        least = 0 if name in MAY_BE_ZERO else 1
        if type(value) is not int or value < least:
            asked = "a whole number from zero on" if least == 0 else "a whole number above zero"
            raise WayError(f"{name}: {asked}, not {value!r}")
    return Ways(**held)
