"""The linter refuses packs that name what is not there, or show what may not be shown."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import msgspec
import pytest

from overstory.knowledge.check_packs import pack_problems
from overstory.knowledge.load import load_knowledge


def with_entry(section: str, entry_id: str, **changes):
    """The shipped knowledge with one entry changed."""
    knowledge = load_knowledge()
    entries = tuple(
        msgspec.structs.replace(each, **changes) if each.id == entry_id else each
        for each in knowledge.sections[section]
    )
    return replace(knowledge, sections=MappingProxyType({**knowledge.sections, section: entries}))


def test_the_shipped_packs_are_whole():
    assert list(pack_problems(load_knowledge())) == []


@pytest.mark.parametrize(
    ("section", "entry", "changes", "why"),
    [
        ("packs", "phq9", {"parts": ["phq99"]}, "no part 'phq99'"),
        ("packs", "phq9", {"parts": ["cssrs"]}, "asked by staff"),
        ("packs", "phq9", {"parts": ["phq9", "phq9"]}, "phq9 is asked twice"),
        ("pack_parts", "phq9", {"scale": "cssrs_screen"}, "may not be shown"),
        ("pack_parts", "phq9", {"scale": "phq10"}, "no scale 'phq10'"),
        ("pack_parts", "heart", {"asks": ["hart"]}, "no fact or question 'hart'"),
        ("pack_parts", "heart", {"scale": "phq9"}, "one of scale, asks"),
        ("pack_parts", "trials", {"outcomes": []}, "outcomes to choose"),
        ("pack_parts", "medicines-now", {"opens": None}, "opened by words"),
        ("left_out", "male-at-birth", {"asks": ["sex_at_birth"]}, "cannot leave itself out"),
        (
            "answer_alerts",
            "item-9",
            {"finding": "major_depressive_syndrome"},
            "no critical finding",
        ),
        ("answer_alerts", "item-9", {"asks": "self-injury-now"}, "one of finding, triage and asks"),
        ("answer_alerts", "cssrs", {"from_tier": "imminent"}, "no tier of this triage"),
        ("scale_wordings", "phq9-es", {"items": {}}, "item 9 is not there"),
        ("scale_wordings", "phq9-es", {"answers": {}}, "not those of the scale"),
        ("screen_facts", "cssrs-intent", {"any_of": ["q7"]}, "no item 'q7'"),
        ("screen_facts", "cssrs-intent", {"any_of": []}, "its triage, or some"),
    ],
)
def test_a_pack_that_cannot_be_asked_is_refused(section, entry, changes, why):
    found = list(pack_problems(with_entry(section, entry, **changes)))

    assert any(why in each for each in found), found
