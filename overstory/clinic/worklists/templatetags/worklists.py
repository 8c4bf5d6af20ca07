"""For how long something waits, said in one manner on every list of the day."""

from __future__ import annotations

from datetime import datetime

from django import template

from overstory.clinic.worklists.lines import age_words

register = template.Library()


@register.filter
def age(since: datetime, now: datetime) -> str:
    """Return for how long something waits: `12 min`, `5 h`, `3 days`; nothing for what is to come."""
    return age_words(since, now)
