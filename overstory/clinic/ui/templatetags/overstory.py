"""What templates may call: times in the site's zone, words for values, pictures of scores."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template

register = template.Library()


@register.filter
def when(moment: datetime | None, zone: str) -> str:
    """Return a moment as people say it, in a zone: `Tue 24 Nov 2026, 09:40 EST`; nothing for none."""
    if moment is None:
        return ""
    return moment.astimezone(ZoneInfo(zone)).strftime("%a %-d %b %Y, %H:%M %Z")
