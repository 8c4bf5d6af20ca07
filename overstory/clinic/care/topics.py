"""A person's facts by topic, as the vocabulary groups them."""

from __future__ import annotations

from dataclasses import dataclass

from overstory.clinic.care.wording import FactLine, fact_line
from overstory.engine.facts import Facts
from overstory.knowledge.load import Knowledge

STARTS = {
    "age_years": "Person",
    "has_major_depression": "Diagnoses",
    "failed_antidepressant_trials": "Treatment history",
    "phq9_total": "Scores",
    "suicidal_ideation_active": "Safety",
    "systolic_bp": "Vital signs",
    "aneurysmal_vascular_disease": "Heart and vessels",
    "ketamine_hypersensitivity": "Other medical",
    "metal_in_head_or_neck": "Metal and implants",
    "takes_oral_antidepressant": "Medicines",
    "agrees_not_to_drive": "Day of the session",
    "prefers_no_drug": "Preferences",
}
"""The fact with which each topic of the vocabulary begins, and the topic's title."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Facts of one topic."""

    title: str
    facts: tuple[FactLine, ...]


def topics_of(facts: Facts, knowledge: Knowledge, *, everything: bool) -> tuple[Topic, ...]:
    """Return the facts by topic, in the vocabulary's order; those never asked only if asked for."""
    found: dict[str, list[FactLine]] = {}
    title = ""
    for name in knowledge.vocabulary:
        title = STARTS.get(name, title)
        if everything or name in facts.given:
            found.setdefault(title, []).append(fact_line(facts, name, knowledge))
    return tuple(Topic(title, tuple(lines)) for title, lines in found.items())
