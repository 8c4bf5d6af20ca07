"""When reminders of a visit are due: worked out from the visit, the rules and now; no clock, no rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from overstory.knowledge.shapes.arriving import ReminderRule


def due_at(rule: ReminderRule, *, on: date, zone: ZoneInfo) -> datetime:
    """
    Return when a rule is due for a visit on a day, in UTC.

    It is an hour of the site's clock: the same on both sides of a change of clocks. An hour that is
    skipped is taken an hour later, of one that comes twice the first.
    """
    day = on - timedelta(days=rule.days_before)
    return datetime.combine(day, time(rule.at_hour), tzinfo=zone).astimezone(UTC)


def first_due(rules: Iterable[ReminderRule], *, on: date, zone: ZoneInfo) -> datetime | None:
    """Return when the first reminder of a visit on a day is due; none without rules."""
    return min((due_at(each, on=on, zone=zone) for each in rules), default=None)


def rule_due(
    rules: Iterable[ReminderRule],
    *,
    on: date,
    zone: ZoneInfo,
    starts: datetime,
    now: datetime,
) -> ReminderRule | None:
    """
    Return the rule under which a reminder is due now: the last one whose time has come.

    Rules before it are over, so that someone booked late is not told twice at once. Once the visit has
    begun nothing is due.
    """
    if now >= starts:
        return None
    passed = [each for each in rules if due_at(each, on=on, zone=zone) <= now]
    return max(passed, key=lambda each: due_at(each, on=on, zone=zone), default=None)
