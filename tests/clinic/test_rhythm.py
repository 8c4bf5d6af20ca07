"""What a person said of how often they can come, beside how often a plan has them come."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from overstory.clinic.care.rhythm import coming_words
from overstory.engine.facts import Fact, Facts
from overstory.knowledge.load import load_knowledge

DAILY = {"sessions": [{"date": f"2026-11-{day}"} for day in (23, 24, 25, 26, 27, 30)]}
"""Monday to Friday, and the Monday after."""


@pytest.mark.parametrize(
    ("known", "says"),
    [
        ({"weekdays_available": 3.0}, "They said they can come 3 days a week; this plan has 5."),
        ({"weekdays_available": 5.0}, ""),
        (
            {"can_attend_daily": False},
            "They said they cannot come on five weekdays a week; this plan has 5.",
        ),
        ({}, ""),
    ],
)
def test_a_plan_that_asks_for_more_days_than_they_can_come_says_so(known, says):
    given = {name: Fact(value) for name, value in known.items()}
    facts = Facts(load_knowledge().vocabulary, datetime(2026, 11, 22, tzinfo=UTC), given)

    assert coming_words(DAILY, facts) == says
