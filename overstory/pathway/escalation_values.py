"""What escalation works on: alerts with their acts, who is there, when a site is open; and what is due."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

UNSCREENED = "unscreened"
RANKS = ("none", "low", UNSCREENED, "moderate", "high", "imminent")
"""Tiers from the mildest; not screened stands above low, for it may be anything."""
URGENT = frozenset({"imminent", "high"})
"""The tiers for which those on call are told at once, at any hour."""
ONE_DAY = timedelta(days=1)
FARTHEST_DAYS = 60
"""A site that does not open in so many days has no business hours; its minutes count on any clock."""


@dataclass(frozen=True, slots=True)
class Act:
    """
    Something that was done about an alert, by a member of staff or (without `by`) otherwise.

    `kind` is raised-tier, acknowledged, contact-tried, handed-over, screened, assessed, lowered,
    closed, followed-up, appointed, or another that changes nothing. `screened` found a tier that
    someone else must now act on; `assessed` was by one who may.
    """

    kind: str
    at: datetime
    by: str = ""
    tier: str = ""
    outcome: str = ""
    to: str = ""
    any_hour: bool = False


@dataclass(frozen=True, slots=True)
class AlertState:
    """One alert as it stands in the rows; `acts` in the order in which they were done."""

    id: str
    kind: str
    site: str
    tier: str
    on_site: bool
    any_hour: bool
    raised_at: datetime
    acts: tuple[Act, ...] = ()
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """A span of time in which someone is `on-call` (with a rung), on `shift` (at a site) or on `leave`."""

    kind: str
    starts: datetime
    ends: datetime
    rung: int = 1
    site: str = ""

    def covers(self, moment: datetime) -> bool:
        """Return whether the moment is in the span; its end is not."""
        return self.starts <= moment < self.ends


@dataclass(frozen=True, slots=True)
class Member:
    """Someone who works in the clinic, with the roles held and the duties known."""

    id: str
    name: str
    roles: frozenset[str]
    duties: tuple[Duty, ...] = ()

    def away(self, moment: datetime) -> bool:
        """Return whether they are on leave, whatever else is planned."""
        return any(each.kind == "leave" and each.covers(moment) for each in self.duties)

    def on_call(self, moment: datetime) -> int | None:
        """Return the rung on which they are called at that moment; none if they are not."""
        if self.away(moment):
            return None
        held = [d.rung for d in self.duties if d.kind == "on-call" and d.covers(moment)]
        return min(held, default=None)

    def on_shift(self, moment: datetime, site: str = "") -> bool:
        """Return whether they are at work then, at that site if one is named."""
        return not self.away(moment) and any(
            d.kind == "shift" and d.covers(moment) and site in {"", d.site} for d in self.duties
        )


@dataclass(frozen=True, slots=True)
class OpenHours:
    """
    When a site is open: `week` from the day of the week (Monday is 0) to opening and closing.

    `closed` are the days on which it stays closed. All sums are of instants, so that a night on
    which clocks change is as long as it is.
    """

    zone: ZoneInfo
    week: Mapping[int, tuple[time, time]]
    closed: Collection[date] = field(default_factory=frozenset)

    def span(self, day: date) -> tuple[datetime, datetime] | None:
        """Return the instants of opening and closing on a day; none if it is closed."""
        if day in self.closed or day.weekday() not in self.week:
            return None
        opens, closes = self.week[day.weekday()]
        return (_instant(day, opens, self.zone), _instant(day, closes, self.zone))

    def span_of(self, moment: datetime) -> tuple[datetime, datetime] | None:
        """Return opening and closing on the day of an instant; none if it is closed."""
        return self.span(_on(moment, self.zone))

    def day_ends(self, moment: datetime) -> datetime:
        """Return the instant at which the day of another ends where the site is."""
        return _instant(_on(moment, self.zone) + ONE_DAY, time.min, self.zone)

    def after(self, start: datetime, minutes: float) -> datetime:
        """Return the instant so many open minutes after another."""
        left = timedelta(minutes=minutes)
        for opens, closes in self._spans(start):
            begin = max(opens, start)
            if begin >= closes:
                continue
            if begin + left <= closes:
                return begin + left
            left -= closes - begin
        return start + timedelta(minutes=minutes)

    def close_after(self, start: datetime, days: int) -> datetime:
        """Return the close of the day of opening that comes so many after the day of the start."""
        today = start.astimezone(self.zone).date()
        later = (closes for opens, closes in self._spans(start) if _on(opens, self.zone) > today)
        return next(islice(later, days - 1, None), start + days * ONE_DAY)

    def minutes_between(self, start: datetime, end: datetime) -> float:
        """Return the open minutes between two instants."""
        open_for = timedelta()
        opened = False
        for opens, closes in self._spans(start):
            opened = True
            if opens >= end:
                break
            open_for += max(min(closes, end) - max(opens, start), timedelta())
        if not opened or end - start > FARTHEST_DAYS * ONE_DAY:
            open_for = end - start
        return max(open_for / timedelta(minutes=1), 0.0)

    def _spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield opening and closing from the day of an instant on."""
        first = start.astimezone(self.zone).date()
        for ahead in range(FARTHEST_DAYS):
            span = self.span(first + ahead * ONE_DAY)
            if span is not None:
                yield span


@dataclass(frozen=True, slots=True)
class Due:
    """
    What is due about one alert (or, without `alert`, about the roster).

    `what` is answer (nobody has it in hand), assess, close, unclosed, follow-up, appointment, or
    nobody (no one is on call). `who` are the ids of the named people who must act now, by `by`.
    `step` counts how often it went further, from 1; with `everyone` the list is at its end. With
    `nobody` no one is on call, and `who` are those who must see to that. With `emergency` the
    emergency number is said. At `next_at` it goes further unless someone acknowledges. `key` names
    the step, so that each person is told of it once.
    """

    alert: str
    what: str
    tier: str
    rung: str
    by: datetime
    since: datetime
    who: tuple[str, ...]
    key: str
    step: int = 1
    everyone: bool = False
    nobody: bool = False
    overdue: bool = False
    emergency: bool = False
    must_do: tuple[str, ...] = ()
    acknowledged_by: str = ""
    transfer_by: datetime | None = None
    next_at: datetime | None = None
    tries: int = 0
    tries_needed: int = 0


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant of a time on the wall, in UTC, so that sums are of instants."""
    return datetime.combine(day, at, zone).astimezone(ZoneInfo("UTC"))


def _on(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
