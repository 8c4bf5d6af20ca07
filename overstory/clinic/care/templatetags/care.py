"""What templates of the evaluation may call: an age, and facts in words."""

from __future__ import annotations

from datetime import datetime

from django import template

from overstory.clinic.care.wording import origin_words, plain_value
from overstory.clinic.people.models import Person
from overstory.knowledge.load import Knowledge

register = template.Library()


@register.filter
def age_at(person: Person, moment: str) -> int | None:
    """Return the age on the day that a moment (ISO 8601) is at the person's site; none if unknown."""
    return person.age(datetime.fromisoformat(moment).astimezone(person.site.zone).date())


@register.filter
def fact_label(name: str, knowledge: Knowledge) -> str:
    """Return what people call a fact; its name where the knowledge of now has no such fact."""
    return knowledge.facts[name].label if name in knowledge.facts else name


@register.simple_tag
def fact_said(knowledge: Knowledge, name: str, value: object) -> str:
    """Return a value that was kept of a fact as people say it."""
    if name not in knowledge.facts or not isinstance(value, bool | int | float | str):
        return str(value)
    return plain_value(value, name, knowledge)


@register.filter
def from_words(origin: str | None, knowledge: Knowledge) -> str:
    """Return where a fact is from, in words."""
    return origin_words(origin, knowledge)
