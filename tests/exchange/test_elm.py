"""The rules as CQL-ELM: what each condition becomes, what stands beside it, and the command."""

import json
import re
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from overstory.cli import main
from overstory.engine.conditions import (
    And,
    AtLeast,
    Between,
    Compare,
    Holds,
    Not,
    OneOf,
)
from overstory.engine.evaluate import truth_of
from overstory.engine.facts import Fact, Facts
from overstory.exchange.elm import (
    ElmNumberError,
    elm_of_condition,
    elm_of_knowledge,
    elm_of_rule,
)
from overstory.knowledge.answering import answer_of
from overstory.knowledge.load import load_knowledge
from tests.generated.conditions import NOW, conditions, people

JUDGE = Path(__file__).parents[1] / "outside" / "elm"
KNOWLEDGE = load_knowledge()
LIBRARY = elm_of_knowledge(KNOWLEDGE)["library"]
TYPE = "{urn:hl7-org:elm-types:r1}"
POLICY = """
clinic: An example clinic
adopted_by: the medical director
adopted_on: "2026-11-22"
rules:
  shared.food: {when: hours_since_food < 6, reason: One rule for every day is safer.}
"""
NULL = {"type": "As", "operand": {"type": "Null"}, "asType": f"{TYPE}Boolean"}


def fact(name):
    return {"type": "ParameterRef", "name": name}


def literal(kind, value):
    return {"type": "Literal", "valueType": TYPE + kind, "value": value}


def node(kind, *operands):
    return {"type": kind, "operand": list(operands)}


WRITTEN = {
    "a boolean": (Holds("pregnant"), fact("pregnant")),
    "above": (
        Compare("systolic_bp", ">", 140),
        node("Greater", fact("systolic_bp"), literal("Decimal", "140.0")),
    ),
    "at most": (
        Compare("bmi", "<=", 17.5),
        node("LessOrEqual", fact("bmi"), literal("Decimal", "17.5")),
    ),
    "not equal": (
        Compare("phq9_item9", "!=", 0),
        {"type": "Not", "operand": node("Equal", fact("phq9_item9"), literal("Decimal", "0.0"))},
    ),
    "between": (
        Between("ymrs_total", 6, 11),
        node(
            "And",
            node("GreaterOrEqual", fact("ymrs_total"), literal("Decimal", "6.0")),
            node("LessOrEqual", fact("ymrs_total"), literal("Decimal", "11.0")),
        ),
    ),
    "codes": (
        OneOf("cssrs_risk", ("low", "high")),
        node(
            "Or",
            node("Equal", fact("cssrs_risk"), literal("String", "low")),
            node("Equal", fact("cssrs_risk"), literal("String", "high")),
        ),
    ),
    "three parts, from the left": (
        And((Holds("a"), Holds("b"), Not(Holds("c")))),
        node("And", node("And", fact("a"), fact("b")), {"type": "Not", "operand": fact("c")}),
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_condition_is_written_so(name):
    condition, expected = WRITTEN[name]

    assert elm_of_condition(condition) == expected


def counted(test, *names):
    one = literal("Boolean", "true")
    element = [
        {
            "type": "Case",
            "caseItem": [{"when": {"type": test, "operand": fact(name)}, "then": one}],
            "else": NULL,
        }
        for name in names
    ]
    return {"type": "Count", "source": {"type": "List", "element": element}}


def test_at_least_counts_what_is_true_and_what_is_false():
    two_of_three = AtLeast(2, (Holds("a"), Holds("b"), Holds("c")))
    two = literal("Integer", "2")

    assert elm_of_condition(two_of_three) == {
        "type": "Case",
        "caseItem": [
            {
                "when": node("GreaterOrEqual", counted("IsTrue", "a", "b", "c"), two),
                "then": literal("Boolean", "true"),
            },
            {
                "when": node("GreaterOrEqual", counted("IsFalse", "a", "b", "c"), two),
                "then": literal("Boolean", "false"),
            },
        ],
        "else": NULL,
    }


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0.0"),
        (0.1, "0.1"),
        (-3.25, "-3.25"),
        (1e-8, "0.00000001"),
        (10**19, "10000000000000000000"),
    ],
)
def test_a_cut_off_is_a_plain_decimal_that_reads_back_the_same(number, text):
    found = elm_of_condition(Compare("n", ">", number))["operand"][1]["value"]

    assert found == text
    assert float(found) == number


@pytest.mark.parametrize("number", [1e308, 1e-9, 0.1 + 0.2, 10**20])
def test_a_number_that_no_decimal_of_cql_can_be_is_refused(number):
    with pytest.raises(ElmNumberError, match="no CQL Decimal"):
        elm_of_condition(Compare("n", ">", number))


# A reader of the few nodes that the export writes, after the CQL reference (cql.hl7.org, 1.5.3,
# appendix B): null in, null out for comparisons; Kleene's tables for And, Or and Not.


def executed(elm, given):
    return READERS[elm["type"]](elm, given)


def of_operands(answer):
    def read(elm, given):
        found = elm["operand"]
        operands = [
            executed(each, given) for each in (found if isinstance(found, list) else [found])
        ]
        return answer(*operands)

    return read


def strict(answer):
    return of_operands(lambda *values: None if None in values else answer(*values))


def both(left, right):
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def either(left, right):
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def case(elm, given):
    for item in elm["caseItem"]:
        if executed(item["when"], given) is True:
            return executed(item["then"], given)
    return executed(elm["else"], given)


READ = {"Boolean": lambda text: text == "true", "Decimal": float, "Integer": int, "String": str}
READERS = {
    "ParameterRef": lambda elm, given: given.get(elm["name"]),
    "Literal": lambda elm, _: READ[elm["valueType"].removeprefix(TYPE)](elm["value"]),
    "Null": lambda _, __: None,
    "As": of_operands(lambda value: value),
    "And": of_operands(both),
    "Or": of_operands(either),
    "Not": strict(lambda value: not value),
    "IsNull": of_operands(lambda value: value is None),
    "IsTrue": of_operands(lambda value: value is True),
    "IsFalse": of_operands(lambda value: value is False),
    "Equal": strict(lambda a, b: a == b),
    "Less": strict(lambda a, b: a < b),
    "LessOrEqual": strict(lambda a, b: a <= b),
    "Greater": strict(lambda a, b: a > b),
    "GreaterOrEqual": strict(lambda a, b: a >= b),
    "Case": case,
    "Count": lambda elm, given: sum(
        executed(each, given) is not None for each in elm["source"]["element"]
    ),
}


def values_of(facts):
    return {name: fact.value for name, fact in facts.given.items()}


@given(st.data())
def test_a_generated_condition_answers_as_the_oracle_does(data):
    condition = data.draw(conditions(most=8))
    facts = data.draw(people(condition))

    answer = executed(elm_of_condition(condition), values_of(facts))

    assert answer is truth_of(condition, facts)


def examples():
    return [(rule, example) for rule in KNOWLEDGE.rules for example in rule.words.examples]


def test_every_example_of_every_rule_answers_as_it_says():
    words = {"unknown": None, "open": None, "met": True}

    wrong = [
        (rule.id, example.given)
        for rule, example in examples()
        if executed(elm_of_rule(rule), example.given)
        is not (example.answer if isinstance(example.answer, bool) else words[example.answer])
    ]

    assert len(examples()) > len(KNOWLEDGE.rules)
    assert wrong == []


REQUIREMENTS = [rule for rule in KNOWLEDGE.rules if rule.kind == "requires"]


def values(kind):
    """Unknown, and the values at both ends: zero and false are known."""
    if kind.kind == "bool":
        return (None, False, True)
    return (None, *((kind.codes[0], kind.codes[-1]) if kind.codes else (kind.least, kind.greatest)))


@pytest.mark.parametrize("rule", REQUIREMENTS, ids=lambda rule: rule.id)
def test_a_requirement_is_met_or_open_and_never_false(rule):
    kinds = [KNOWLEDGE.vocabulary[name] for name in rule.fact_names]
    ways = [values(kind) if n < 6 else values(kind)[1:2] for n, kind in enumerate(kinds)]

    seen = set()
    for chosen in product(*ways):
        person = {
            kind.name: value for kind, value in zip(kinds, chosen, strict=True) if value is not None
        }
        facts = Facts(KNOWLEDGE.vocabulary, NOW, {name: Fact(v) for name, v in person.items()})
        answer = executed(elm_of_rule(rule), person)
        assert answer is answer_of(rule, facts).truth, person
        seen.add(answer)

    assert seen == {True, None}


def statement(rule_id):
    return next(each for each in LIBRARY["statements"]["def"] if each["name"] == rule_id)


def tags(annotated):
    return [(tag["name"], tag["value"]) for tag in annotated["annotation"][0]["t"]]


def test_every_rule_is_a_statement_and_every_fact_a_parameter_that_may_be_null():
    named = [each["name"] for each in LIBRARY["statements"]["def"]]
    parameters = {each["name"]: each for each in LIBRARY["parameters"]["def"]}

    assert LIBRARY["identifier"] == {"id": "Overstory", "version": KNOWLEDGE.version}
    assert LIBRARY["schemaIdentifier"] == {"id": "urn:hl7-org:elm", "version": "r1"}
    assert named == [rule.id for rule in KNOWLEDGE.rules]
    assert list(parameters) == list(KNOWLEDGE.vocabulary)
    assert {each["default"]["operand"]["type"] for each in parameters.values()} == {"Null"}
    kinds = {
        name: each["parameterTypeSpecifier"]["name"].removeprefix(TYPE)
        for name, each in parameters.items()
    }
    assert (kinds["pregnant"], kinds["systolic_bp"], kinds["cssrs_risk"]) == (
        "Boolean", "Decimal", "String",
    )  # fmt: skip


def test_a_statement_carries_what_the_rule_says_and_where_it_stands():
    told = tags(statement("esketamine.pressure-before-dose"))

    assert ("kind", "defer") in told
    assert ("status", "primary") in told
    assert any(name == "says" and "140/90" in value for name, value in told)
    assert any(name == "source" and "[spravato-label-us]" in value for name, value in told)
    assert ("freshWithin", "30 d") in tags(statement("shared.vital-signs-known"))
    assert ("sha256", KNOWLEDGE.sha256) in tags(LIBRARY)


@pytest.mark.parametrize("jurisdiction", ["US", "EU"])
def test_with_a_jurisdiction_only_the_rules_in_force_there_are_written(jurisdiction):
    found = elm_of_knowledge(KNOWLEDGE, jurisdiction=jurisdiction)["library"]

    named = [each["name"] for each in found["statements"]["def"]]

    assert named == [rule.id for rule in KNOWLEDGE.rules if rule.holds_in(jurisdiction)]
    assert len(named) < len(KNOWLEDGE.rules)
    assert ("jurisdiction", jurisdiction) in tags(found)


def run(*arguments):
    return CliRunner().invoke(main, ["knowledge", "export", *map(str, arguments)])


def test_the_command_writes_to_standard_output_or_a_file(tmp_path):
    file = tmp_path / "rules.json"

    printed = run("--elm")
    written = run("--elm", "--jurisdiction", "EU", file)

    assert json.loads(printed.stdout)["library"] == LIBRARY
    assert (written.exit_code, written.stdout) == (0, "")
    assert json.loads(file.read_bytes()) == elm_of_knowledge(KNOWLEDGE, jurisdiction="EU")


def test_the_command_exports_the_rules_as_a_site_has_them(tmp_path):
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)

    done = run("--elm", "--policy", policy)
    statements = json.loads(done.stdout)["library"]["statements"]["def"]

    food = next(each["expression"] for each in statements if each["name"] == "shared.food")
    assert food == node("Less", fact("hours_since_food"), literal("Decimal", "6.0"))
    assert food != statement("shared.food")["expression"]


def test_the_command_asks_for_a_form_and_refuses_a_folder_that_is_not_there(tmp_path):
    formless = run()
    nowhere = run("--elm", tmp_path / "none" / "rules.json")

    assert (formless.exit_code, nowhere.exit_code) == (2, 2)
    assert "--elm" in formless.stderr
    assert "none" in nowhere.stderr


def test_the_judge_is_pinned_by_hash_and_names_no_address():
    package = json.loads((JUDGE / "package.json").read_text())
    lock = json.loads((JUDGE / "package-lock.json").read_text())["packages"]

    inside = {name: each for name, each in lock.items() if name}

    assert all(re.fullmatch(r"\d+\.\d+\.\d+", each) for each in package["dependencies"].values())
    assert lock[""]["dependencies"] == package["dependencies"]
    assert all(each["integrity"].startswith("sha512-") for each in inside.values())
    assert "://" not in (JUDGE / "package.json").read_text() + json.dumps(lock)
