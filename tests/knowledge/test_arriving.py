"""What is said and asked before a visit: every session is asked what its dossier rows ask, in both languages."""

from __future__ import annotations

import msgspec
import pytest

from overstory.knowledge.check_links import linked_problems
from overstory.knowledge.load import load_knowledge

KNOWLEDGE = load_knowledge()


def of(section: str, entry: str):
    return next(each for each in KNOWLEDGE.sections[section] if each.id == entry)


@pytest.mark.parametrize(
    ("treatment", "asked"),
    [
        # PS-01 to PS-04 and PS-06, WU-05 of the dossier on ketamine
        ("esketamine", {"ready.food", "ready.escort", "ready.medicines", "ready.alcohol"}),
        ("ketamine-iv", {"ready.food", "ready.escort", "ready.medicines", "ready.alcohol"}),
        ("kap", {"ready.food", "ready.escort", "ready.medicines", "ready.alcohol"}),
        # TMS_RF_04, TMS_RF_05, TMS_CI_01 to TMS_CI_04 and section 2.2 of the dossier on TMS
        ("tms", {"ready.medicines-tms", "ready.metal", "ready.sleep", "ready.alcohol-tms"}),
    ],
)
def test_each_treatment_asks_its_own_questions(treatment, asked):
    found = {each.id for each in KNOWLEDGE.sections["readiness"] if treatment in each.applies_to}

    assert found == asked


def test_what_is_about_the_body_or_medicines_waits_for_review_and_nothing_rests_on_memory():
    for each in KNOWLEDGE.sections["readiness"]:
        assert each.reviewed == ("medicines" in each.id or "metal" in each.id)
        assert each.status != "recalled"
        assert each.asks.en != each.asks.es


@pytest.mark.parametrize(
    ("section", "entry", "change", "says"),
    [
        ("readiness", "ready.food", {"needs": ["lunch"]}, "no need of a session is named"),
        ("readiness", "ready.food", {"rules": ["x.y"]}, "no rule is named"),
        ("readiness", "ready.metal", {"facts": ["horn"]}, "no fact is named"),
        ("reminders", "day-before", {"at_hour": 24}, "at an hour from 0 to 23"),
        ("reminders", "day-before", {"days_before": -1}, "on a day before or on the day"),
        ("preparations", "prepare.escort", {"status": "recalled"}, "tells patients nothing"),
        ("preparations", "prepare.sleep", {"status": "primary"}, "primary needs a label"),
    ],
)
def test_the_linter_refuses(section, entry, change, says):
    wrong = msgspec.structs.replace(of(section, entry), **change)

    assert [each for each in linked_problems(wrong, KNOWLEDGE) if says in each]
    assert not list(linked_problems(of(section, entry), KNOWLEDGE))
