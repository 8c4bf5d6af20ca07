"""What templates of the evaluation may call: how old someone is at a moment."""

from __future__ import annotations

from datetime import datetime

from django import template

from overstory.clinic.people.models import Person

register = template.Library()


@register.filter
def age_at(person: Person, moment: str) -> int | None:
    """Return the age on the day that a moment (ISO 8601) is at the person's site; none if unknown."""
    return person.age(datetime.fromisoformat(moment).astimezone(person.site.zone).date())
