"""Which treatments have a safety programme in which a person is enrolled, as the knowledge says."""

from __future__ import annotations

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocol_surroundings import SessionNeed

ENROLMENT = "enrolment"


def programmes(knowledge: Knowledge, jurisdiction: str) -> tuple[str, ...]:
    """Return the treatments that ask for an enrolment where the clinic is."""
    entries: tuple[SessionNeed, ...] = knowledge.sections["session_needs"]
    return tuple(
        dict.fromkeys(
            treatment
            for each in entries
            if each.kind == ENROLMENT and jurisdiction in each.jurisdictions
            for treatment in each.applies_to
        )
    )
