"""How often a plan asks someone to come, beside how often they said that they can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from overstory.clinic.care.facts import RowsOf, gathered_from
from overstory.clinic.care.models import StatedFact
from overstory.clinic.intake.answers import answers_until
from overstory.clinic.people.models import Person
from overstory.engine.facts import Facts
from overstory.knowledge.load import Knowledge

DAYS, DAILY = "weekdays_available", "can_attend_daily"
WEEKDAYS = 5


def coming_facts(person: Person, at: datetime, knowledge: Knowledge) -> Facts:
    """Return what a person said of coming, answered or stated; past treatments are not read for it."""
    ids = person.ids
    stated = StatedFact.objects.of(ids).filter(name__in=[DAYS, DAILY]).known_at(at)
    rows = RowsOf(answers_until(ids, at), stated, ())
    return gathered_from(rows, person=person, ids=ids, at=at, knowledge=knowledge).facts


def coming_words(content: Mapping[str, Any], facts: Facts) -> str:
    """
    Return what the person said of coming where a week of the plan has more days; empty for nothing.

    It is shown beside the plan and decides nothing; what nobody said stands against nothing.
    """
    days = {date.fromisoformat(each["date"]) for each in content["sessions"]}
    weeks = Counter(each.isocalendar()[:2] for each in days)
    most = max(weeks.values(), default=0)
    can = facts[DAYS].value
    if isinstance(can, (int, float)) and can < most:
        return f"They said they can come {can:g} day{'' if can == 1 else 's'} a week; this plan has {most}."
    if facts[DAILY].value is False and most >= WEEKDAYS:
        return f"They said they cannot come on five weekdays a week; this plan has {most}."
    return ""
