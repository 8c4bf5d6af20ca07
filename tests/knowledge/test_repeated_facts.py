"""A rule names a fact once, in its `if` and in what it needs together."""

import pytest

from overstory.knowledge.load import load_knowledge
from overstory.knowledge.rules import RuleError, read_rule
from overstory.knowledge.shapes.rules import Rule
from overstory.knowledge.shapes.shared import Cite

VOCABULARY = load_knowledge().vocabulary


def requirement(only_if, *needs):
    return Rule(
        id="tms.test",
        kind="requires",
        applies_to=["tms"],
        says="A test.",
        source=Cite(id="overstory-site-policy"),
        status="site-policy",
        if_=only_if,
        needs=list(needs),
    )


@pytest.mark.parametrize(
    ("only_if", "needs"),
    [
        ("pregnant or takes_maoi", ["pregnant"]),
        ("", ["pregnant", "pregnant"]),
        ("weight_kg > 100", ["bmi"]),
    ],
)
def test_a_requirement_that_names_a_fact_twice_is_refused(only_if, needs):
    with pytest.raises(RuleError, match=r"^tms\.test: it names .* where it names .* already$"):
        read_rule(requirement(only_if, *needs), VOCABULARY)


def test_a_requirement_that_names_each_fact_once_is_read():
    rule = read_rule(requirement("takes_maoi", "pregnant", "bmi"), VOCABULARY)

    assert rule.fact_names == ("takes_maoi", "pregnant", "bmi")
