"""What a person in crisis is shown at a site: its own words first, then whom to call."""

from __future__ import annotations

from datetime import date

from overstory.clinic.people.clinics import Clinic, Site
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
    own = tuple(line.strip() for line in site.crisis_text.splitlines() if line.strip())
    return own + crisis_words(path=path, knowledge=knowledge, language=language)


def emergency_words(clinic: Clinic, on: date) -> str:
    """Return whom staff call in an emergency, as one sentence."""
    path = crisis(country=clinic.country, on=on, knowledge=load_knowledge())
    if path.emergency:
        return f"Call {' or '.join(path.emergency)}."
    return "Call the local emergency number."
