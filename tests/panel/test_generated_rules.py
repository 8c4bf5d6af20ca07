"""The compiled table and the bedside agree on random rules of every kind over random nullable data."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overstory.engine.conditions import Condition, leaves_of, parts_of
from overstory.engine.facts import FactType, Vocabulary
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.rules import ReadConsequence
from overstory.knowledge.shapes.facts import Consequence
from overstory.panel.compiling import compile_program
from overstory.panel.door import enter
from overstory.panel.polars_engine import run
from tests.generated.conditions import NOW, conditions
from tests.generated.treatments import SAFETY, VOCABULARY, rules
from tests.panel.oracle import bedside, of_table, table_of

AGING = {"bool_0": timedelta(days=7), "number_0": timedelta(days=7), "code_1": timedelta(days=2)}
BODY = [
    FactType("weight_kg", "number", "weight", least=25, greatest=300, fresh_for=timedelta(days=7)),
    FactType("height_cm", "number", "height", least=90, greatest=240),
    FactType(
        "bmi", "number", "bmi", least=8, greatest=100, fresh_for=timedelta(days=2),
        roots=("weight_kg", "height_cm"),
    ),
    FactType("systolic_bp", "number", "upper", least=40, greatest=320),
    FactType("diastolic_bp", "number", "lower", least=20, greatest=220),
]  # fmt: skip
STILL = Vocabulary([*VOCABULARY.values(), *BODY])
AGED = Vocabulary(
    [*(replace(kind, fresh_for=AGING.get(name)) for name, kind in VOCABULARY.items()), *BODY]
)
VALUES = {
    "weight_kg": (25.0, 80.3, 300.0),
    "height_cm": (90.0, 171.7, 240.0),
    "bmi": (8.0, 31.1),
    "systolic_bp": (40.0, 120.0, 121.0),
    "diastolic_bp": (119.0, 120.0),
}
ODD_NUMBERS = (  # at the door: not a number, not finite, outside; and a zero with a sign, a tiny one
    float("nan"),
    float("inf"),
    float("-inf"),
    -0.0,
    1e308,
    -1.0,
    11.0,
    5e-324,
)
seen = Counter()


@st.composite
def knowledges(draw):
    """Shipped knowledge with random rules, consequences and ages instead of its own."""
    vocabulary = draw(st.sampled_from([STILL, AGED]))
    found = draw(rules())
    consequences = []
    for number in range(draw(st.integers(0, 3))):
        when = draw(conditions(most=1))
        if parts_of(when):
            continue
        (cause,) = leaves_of(when)
        names = [f"bool_{n}" for n in range(3) if f"bool_{n}" != cause.fact]
        then = draw(st.dictionaries(st.sampled_from(names), st.booleans(), min_size=1))
        words = Consequence(id=f"generated-{number}", when="", then=then, why="generated")
        consequences.append(ReadConsequence(words, when))
    return replace(
        load_knowledge(),
        vocabulary=vocabulary,
        rules=(*found, *SAFETY),
        consequences=tuple(consequences),
    )


@st.composite
def rows(draw, *, dated):
    """What stands in one row, wrong values included: `(value, when)` by fact."""
    found = {}
    for name, kind in STILL.items():
        if draw(st.integers(0, 2)) == 0:
            continue
        if kind.kind == "bool":
            value = draw(st.booleans() | st.none())
        elif kind.kind == "code":
            value = draw(st.sampled_from((*kind.codes, "elsewhere", "", None)))
        else:
            likely = st.sampled_from(VALUES.get(name, tuple(float(n) for n in range(11))))
            value = draw(likely | likely | st.sampled_from(ODD_NUMBERS) | st.none())
        when = draw(st.sampled_from(WHENS)) if dated else None
        found[name] = (value, when)
    return found


WHENS = (
    None,
    NOW,
    NOW + timedelta(seconds=1),
    *(NOW - timedelta(days=n) for n in (1, 2, 5, 7, 8, 10)),
    *(NOW - timedelta(days=n, microseconds=1) for n in (2, 5, 7)),
)


@st.composite
def cases(draw):
    dated = draw(st.booleans())
    missing = draw(st.lists(st.sampled_from(list(STILL)), max_size=3))
    people = draw(st.lists(rows(dated=dated), min_size=1, max_size=12))
    people = [{n: each for n, each in row.items() if n not in missing} for row in people]
    return Case(draw(knowledges()), people, dated, missing, draw(st.sampled_from(["US", "EU"])))


class Case:
    def __init__(self, knowledge, people, dated, missing, jurisdiction):
        self.knowledge, self.people, self.dated = knowledge, people, dated
        self.missing, self.jurisdiction = missing, jurisdiction

    def __repr__(self):
        rules = [
            (r.id, r.kind, r.words.applies_to, r.when, r.only_if) for r in self.knowledge.rules
        ]
        return f"{self.jurisdiction} {self.people} missing {self.missing} rules {rules}"


def count_nodes(condition: Condition):
    seen[type(condition).__name__] += 1
    for part in parts_of(condition):
        count_nodes(part)


@settings(
    max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(cases())
def agree(case):
    knowledge, people, jurisdiction = case.knowledge, case.people, case.jurisdiction
    table = table_of(
        people, vocabulary=knowledge.vocabulary, dated=case.dated, missing=case.missing
    )

    entered = enter(table, vocabulary=knowledge.vocabulary, at=NOW)
    program = compile_program(
        knowledge=knowledge, jurisdiction=jurisdiction, at=NOW, dated=entered.dated
    )
    answers = of_table(program, run(program, entered.facts))

    for rule in knowledge.rules:
        seen[rule.kind] += 1
        for condition in (rule.when, rule.only_if):
            if condition is not None:
                count_nodes(condition)
    for row, answer in zip(people, answers, strict=True):
        expected = bedside(row, knowledge=knowledge, jurisdiction=jurisdiction, at=NOW)
        seen.update(expected["verdicts"].values())
        seen[expected["safety"]] += 1
        assert answer == expected


def test_the_table_and_the_bedside_agree_and_every_kind_of_node_rule_and_verdict_was_met():
    seen.clear()

    agree()

    nodes = {"Holds", "Compare", "Between", "OneOf", "Not", "And", "Or", "AtLeast"}
    kinds = {
        "indication", "contraindication", "defer", "physician-decision", "caution", "requires",
        "notice", "gate", "criterion", "alert",
    }  # fmt: skip
    verdicts = {
        "contraindicated", "not-indicated", "not-now", "cannot-say-yet", "with-conditions",
        "suitable",
    }  # fmt: skip
    assert nodes | kinds | verdicts | {"none", "high", "unknown"} <= set(seen)
    assert all(seen[each] >= 20 for each in nodes | kinds)
