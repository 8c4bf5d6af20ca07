"""What is due in a clinic now: the same answer for the worker and for every page of staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.ways import ways_of
from overstory.clinic.safety.ladder import ladder
from overstory.clinic.safety.reading import Crew, crew, open_hours, watched
from overstory.pathway.escalation import escalate, nobody_on_call
from overstory.pathway.escalation_values import Due

OPEN = frozenset({"answer", "assess", "close"})
"""What can be due about an alert that is open; each open one has exactly one of them."""


@dataclass(frozen=True, slots=True)
class Watched:
    """
    A clinic under watch: what is due, who works there, and since when the worker is silent.

    `silent_since` is the last beat where the worker is silent; with `never_beat` there was none.
    """

    now: datetime
    dues: tuple[Due, ...]
    crew: Crew
    is_silent: bool
    nobody_on_call: bool

    @property
    def names(self) -> Mapping[str, str]:
        """Staff by id, as colleagues name them."""
        return {each.id: each.name for each in self.crew.members}

    @property
    def open(self) -> tuple[Due, ...]:
        """One line for each open alert."""
        return tuple(due for due in self.dues if due.what in OPEN)

    def of(self, alert: str) -> tuple[Due, ...]:
        """Return what is due about one alert."""
        return tuple(due for due in self.dues if due.alert == alert)

    def mine(self, staff: str) -> tuple[Due, ...]:
        """Return what someone is named for, about alerts."""
        return tuple(due for due in self.dues if due.alert and staff in due.who)


def look(clinic: Clinic, now: datetime) -> Watched:
    """Return what is due in a clinic, in at most three queries."""
    alerts = watched(clinic)
    hours = open_hours(clinic, now) if alerts else {}
    since = min((each.raised_at for each in alerts if not each.closed_at), default=now)
    there = crew(clinic, now, since=since)
    dues = escalate(
        alerts=alerts, roster=there.members, hours=hours, now=now, ladder=ladder().rungs
    )
    silent_after = timedelta(minutes=ways_of(clinic.ways).worker_silent_minutes)
    silent = there.beat is None or now - there.beat > silent_after
    alone = nobody_on_call(roster=there.members, now=now)
    return Watched(now, dues, there, silent, alone)


def due(clinic: Clinic, now: datetime) -> tuple[Due, ...]:
    """Return what is due in a clinic, the most urgent first."""
    return look(clinic, now).dues
