"""The options side by side, for people in general: the decision aid of someone of whom nothing is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from overstory.clinic.people.models import Site
from overstory.exchange.aid.icons import sample
from overstory.exchange.aid.making import aid_input
from overstory.exchange.aid.page import Page, page
from overstory.knowledge.load import load_knowledge
from overstory.pathway.intake import person

ALWAYS = frozenset({"usual-care", "not-yet"})
MARKS = ("same", "extra", "fewer", "none")
"""What the pictures of the comparison are drawn with, as the legend names it."""
IN_TABLE = (1, 3, 4)
"""Which of an option's quantities stand in the first table: visits, weeks and days without driving."""


def compared(*, site: Site, at: datetime, language: str) -> Page:
    """Return the page of the options that a site shows, with sources; it says nothing of any person."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return _compared(site.clinic.jurisdiction, day, language, offered(site))


def told(page: Page) -> dict[str, Any]:
    """Return what the template of the comparison needs of a page of options."""
    cells = {id_: found for id_, _, found in page.glance}
    marks = [
        {"svg": sample(kind, title=says), "says": says}
        for kind in MARKS
        for says in (page.words(f"figure.legend_{kind}"),)
    ]
    return {
        "page": page,
        "glance": page.glance,
        "told": [(card, cells[card.id]) for card in page.cards],
        "in_table": IN_TABLE,
        "marks": marks,
        "harms": page.harms,
        "effect": page.words("harms.effect"),
        "aid_words": page.words.texts,
    }


def offered(site: Site) -> frozenset[str]:
    """Return the options that a site shows: what it offers, and those without a new treatment."""
    return frozenset(site.offers) | ALWAYS


@lru_cache(maxsize=32)
def _compared(jurisdiction: str, at: datetime, language: str, shown: frozenset[str]) -> Page:
    knowledge = load_knowledge()
    given = aid_input(
        patient="",
        facts=person(given={}, at=at, knowledge=knowledge),
        knowledge=knowledge,
        jurisdiction=jurisdiction,
        importance={},
    )
    options = [each for each in given.options if each.id in shown]
    weighing = replace(
        given.weighing,
        sums=tuple(each for each in given.weighing.sums if each.option in shown),
        not_ordered=tuple(each for each in given.weighing.not_ordered if each in shown),
    )
    return page(replace(given, options=options, weighing=weighing), language=language)
