"""What a person in crisis is shown at a site: its own words first, then whom to call."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from overstory.clinic.people.clinics import Clinic, Site
from overstory.clinic.ui.reaching import FOUND
from overstory.knowledge.load import load_knowledge
from overstory.pathway.safety import crisis, crisis_words


def crisis_for(site: Site, language: str, on: date) -> tuple[str, ...]:
    """
    Return the crisis information of a site as sentences, in `en` or `es`.

    The site's own text stands first, a sentence a line. Once the lines of the country are too old
    to be trusted, the emergency number and a general way to a line take their place.
    """
    knowledge = load_knowledge()
    path = crisis(country=site.clinic.country, on=on, knowledge=knowledge)
    return _own(site) + crisis_words(path=path, knowledge=knowledge, language=language)


def first_of_crisis(site: Site, language: str, on: date) -> tuple[str, ...]:
    """
    Return what stands at the top of a page: whom to reach first, in a sentence or two.

    The first of the site's own sentences with a number or an address, and the first line of the
    country, which does not close where the site's own may; without lines what takes their place.
    """
    knowledge = load_knowledge()
    path = replace(crisis(country=site.clinic.country, on=on, knowledge=knowledge), emergency=())
    own = next((each for each in _own(site) if FOUND.search(each)), "")
    lines = crisis_words(path=path, knowledge=knowledge, language=language)
    return tuple(each for each in (own, *lines[:1]) if each)


def _own(site: Site) -> tuple[str, ...]:
    return tuple(line.strip() for line in site.crisis_text.splitlines() if line.strip())


def emergency_words(clinic: Clinic, on: date) -> str:
    """Return whom staff call in an emergency, as one sentence."""
    path = crisis(country=clinic.country, on=on, knowledge=load_knowledge())
    if path.emergency:
        return f"Call {' or '.join(path.emergency)}."
    return "Call the local emergency number."
