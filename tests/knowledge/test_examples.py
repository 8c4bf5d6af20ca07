"""Every rule answers its own examples, and cites what exists."""

from datetime import UTC, datetime

import pytest

from overstory.engine.facts import Fact, Facts
from overstory.knowledge.answering import answer_of
from overstory.knowledge.load import load_knowledge

KNOWLEDGE = load_knowledge()
NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
TRUTHS = {True: True, False: False, "unknown": None, "open": None, "met": True}
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}-{number}")
    for rule in KNOWLEDGE.rules
    for number, example in enumerate(rule.words.examples, 1)
]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_rule_answers_its_example(rule, example):
    given = {name: Fact(value) for name, value in example.given.items()}

    answer = answer_of(rule, Facts(KNOWLEDGE.vocabulary, NOW, given))

    assert answer.truth is TRUTHS[example.answer]
    if example.asks is not None:
        assert answer.asks == example.asks


def test_every_rule_but_a_notice_has_examples():
    assert [r.id for r in KNOWLEDGE.rules if not r.words.examples and r.kind != "notice"] == []
