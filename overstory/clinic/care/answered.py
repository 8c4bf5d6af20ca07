"""What patients and staff answered in questionnaires, as the seam takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from overstory.engine.facts import Fact
from overstory.knowledge.load import Knowledge
from overstory.pathway.ledger import Trial


@dataclass(frozen=True)
class Given:
    """Facts, trials and scores from answers."""

    facts: Mapping[str, Fact] = field(default_factory=dict)
    trials: tuple[Trial, ...] = ()
    scores: tuple[Any, ...] = ()


def given(person_ids: Sequence[UUID], at: datetime, knowledge: Knowledge) -> Given:
    """Return nothing: no questionnaire is answered yet."""
    del person_ids, at, knowledge
    return Given()
