"""What is due in a clinic now: the same answer for the worker and for every page of staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Subquery

from overstory.clinic.audit.models import Head
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.ways import ways_of
from overstory.clinic.safety.ladder import ladder
from overstory.clinic.safety.reading import Crew, crew, open_hours, pulse, watched
from overstory.pathway.escalation import escalate, nobody_on_call
from overstory.pathway.escalation_values import AlertState, Due, OpenHours

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
        """Staff by id: the full name, and in which roles they are known."""
        return {
            each.id: f"{each.name} ({', '.join(sorted(each.roles)).replace('-', ' ')})"
            if each.roles
            else each.name
            for each in self.crew.members
        }

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
    read = _Read(0, now, now, *_rows(clinic, now, now))
    return _watched(clinic, now, _work_out(read, now), read.crew)


def look_again(clinic: Clinic, now: datetime, *, changed: int | None = None) -> Watched:
    """
    Return what is due in a clinic, as `look` does; rows that no one has written since are not read again.

    Every action is recorded in the transaction that does it, so that `Head.changed` moves with it, in
    whichever process that was; who has just read it hands it in. What is due is worked out anew each
    second, and the worker's pulse is read as often, for silence leaves no record. Rows are read again
    after `WATCH_READ_AGAIN_S` all the same, so that nothing written without a record stays unseen for
    longer.
    """
    kept, second = _KEPT.get(clinic.pk), int(now.timestamp())
    if kept is not None and changed is not None and kept.serves(changed, now):
        worked = kept.worked
        if worked is not None and worked.second == second:
            return _watched(clinic, now, worked, replace(kept.crew, beat=worked.beat))
    marks = Head.objects.filter(pk=clinic.pk).values_list("changed", Subquery(pulse(now)))
    found = marks.first()
    if found is None:
        return look(clinic, now)
    changed, beat = found
    if kept is None or not kept.serves(changed, now):
        seconds = settings.WATCH_READ_AGAIN_S
        until = now + timedelta(seconds=seconds)
        kept = _Read(changed, now, until, *_rows(clinic, now, until))
        if seconds:
            _KEPT[clinic.pk] = kept
    if kept.worked is None or kept.worked.second != second:
        kept.worked = _work_out(kept, now)
    kept.worked = worked = replace(kept.worked, beat=beat)
    return _watched(clinic, now, worked, replace(kept.crew, beat=beat))


@dataclass(frozen=True, slots=True)
class _Worked:
    """What follows from the rows within one second, and the pulse that was read last in it."""

    second: int
    dues: tuple[Due, ...]
    nobody_on_call: bool
    beat: datetime | None = None


@dataclass(slots=True)
class _Read:
    """The rows that the watch rests on, at which change they were read, and until when they may serve."""

    changed: int
    read_at: datetime
    until: datetime
    alerts: tuple[AlertState, ...]
    hours: Mapping[str, OpenHours]
    crew: Crew
    worked: _Worked | None = None

    def serves(self, changed: int, now: datetime) -> bool:
        """Return whether the rows still stand as they were read."""
        return self.changed == changed and self.read_at <= now < self.until


_KEPT: dict[UUID, _Read] = {}
"""By clinic, in this process."""


def _rows(
    clinic: Clinic, now: datetime, until: datetime
) -> tuple[tuple[AlertState, ...], Mapping[str, OpenHours], Crew]:
    alerts = watched(clinic)
    hours = open_hours(clinic, now) if alerts else {}
    since = min((each.raised_at for each in alerts if not each.closed_at), default=now)
    return alerts, hours, crew(clinic, now, since=since, until=until)


def _work_out(read: _Read, now: datetime) -> _Worked:
    roster = read.crew.members
    dues = escalate(
        alerts=read.alerts, roster=roster, hours=read.hours, now=now, ladder=ladder().rungs
    )
    return _Worked(int(now.timestamp()), dues, nobody_on_call(roster=roster, now=now))


def _watched(clinic: Clinic, now: datetime, worked: _Worked, there: Crew) -> Watched:
    silent_after = timedelta(minutes=ways_of(clinic.ways).worker_silent_minutes)
    silent = there.beat is None or now - there.beat > silent_after
    return Watched(now, worked.dues, there, silent, worked.nobody_on_call)


def due(clinic: Clinic, now: datetime) -> tuple[Due, ...]:
    """Return what is due in a clinic, the most urgent first."""
    return look(clinic, now).dues
