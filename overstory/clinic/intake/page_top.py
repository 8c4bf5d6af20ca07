"""What stands around a page by a link: whom to reach in a crisis, and whether the phone is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from overstory.clinic.intake.showing import words
from overstory.clinic.people.calendar import hours_of
from overstory.clinic.people.models import Site
from overstory.clinic.safety.crisis import crisis_for, first_of_crisis


def page_top(site: Site, language: str, now: datetime) -> dict[str, Any]:
    """Return the crisis information of a page by a link, and whether the site's phone is answered."""
    today = now.astimezone(site.zone).date()
    return {
        "crisis": crisis_for(site, language, today),
        "top_crisis": first_of_crisis(site, language, today),
        "phone_closed": phone_closed(site, language, now),
    }


def phone_closed(site: Site, language: str, now: datetime) -> str:
    """Return the word for a phone that is not answered now; nothing where no hours are on record."""
    hours = hours_of(site)
    is_closed = site.phone and hours.hours and not hours.is_open(now)
    return words(language)("closed_now") if is_closed else ""
