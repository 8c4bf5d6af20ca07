"""The options side by side, for people in general: the decision aid of someone of whom nothing is known."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from overstory.clinic.people.models import Site
from overstory.exchange.aid.making import aid_input
from overstory.exchange.aid.page import Page, page
from overstory.knowledge.load import load_knowledge
from overstory.pathway.intake import person

ALWAYS = frozenset({"usual-care", "not-yet"})


def compared(*, site: Site, at: datetime, language: str) -> Page:
    """Return the page of the options, with sources; it says nothing of any person."""
    return _compared(
        site.clinic.jurisdiction, at.replace(hour=0, minute=0, second=0, microsecond=0), language
    )


def offered(site: Site) -> frozenset[str]:
    """Return the options that a site shows: what it offers, and those without a new treatment."""
    return frozenset(site.offers) | ALWAYS


@lru_cache(maxsize=8)
def _compared(jurisdiction: str, at: datetime, language: str) -> Page:
    knowledge = load_knowledge()
    given = aid_input(
        patient="",
        facts=person(given={}, at=at, knowledge=knowledge),
        knowledge=knowledge,
        jurisdiction=jurisdiction,
        importance={},
    )
    return page(given, language=language)
