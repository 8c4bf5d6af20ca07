"""
An independent judge: the public CQL engine answers every exported rule as our own oracle does.

It runs `cql-execution` (Apache-2.0) in Node on the library of `overstory knowledge export --elm`; npm
fetches it once, by the hashes of `package-lock.json`. Run with
`pytest tests/outside/elm -s` to see what was compared.
"""

import copy
import math
import operator
from collections import Counter
from itertools import product
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from overstory.engine import truth
from overstory.engine.conditions import (
    And,
    AtLeast,
    Between,
    Compare,
    Holds,
    Not,
    OneOf,
    Or,
    parts_of,
)
from overstory.engine.evaluate import truth_of
from overstory.engine.facts import Fact, Facts, FactType, Vocabulary
from overstory.exchange.elm import elm_library, elm_of_condition, elm_of_knowledge
from overstory.knowledge.answering import answer_of
from overstory.knowledge.load import load_knowledge
from tests.generated.conditions import NOW, VOCABULARY, conditions
from tests.outside.elm.node import answers, install, why_absent
from tests.outside.elm.people import cut_offs, facts_of, random_people

if why_absent():
    pytest.skip(f"THE INDEPENDENT JUDGE DID NOT SIT: {why_absent()}", allow_module_level=True)

KNOWLEDGE = load_knowledge()
PEOPLE = 10_000
CONDITIONS = 2_000
SEED = 20261122
OPERATORS = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}


@pytest.fixture(scope="module", autouse=True)
def _judge():
    install()


@pytest.fixture(scope="module")
def people():
    return random_people(KNOWLEDGE, count=PEOPLE, seed=SEED)


@pytest.fixture(scope="module")
def ours(people):
    return [
        [answer_of(rule, facts).truth for rule in KNOWLEDGE.rules]
        for facts in (facts_of(person, KNOWLEDGE) for person in people)
    ]


@pytest.fixture(scope="module")
def judged(people):
    return answers(elm_of_knowledge(KNOWLEDGE), people)


def differences(names, theirs, ours):
    """How often each statement is answered otherwise than we answer."""
    return Counter(
        name
        for their_line, our_line in zip(theirs, ours, strict=True)
        for name, their_answer, our_answer in zip(names, their_line, our_line, strict=True)
        if their_answer is not our_answer
    )


def library_of(vocabulary, trees):
    return elm_library(
        vocabulary,
        {f"condition {n}": elm_of_condition(tree) for n, tree in enumerate(trees)},
        version="1",
    )


def known(person, vocabulary):
    given = {name: Fact(value) for name, value in person.items() if value is not None}
    return Facts(vocabulary, NOW, given)


def test_every_rule_answers_the_same_for_ten_thousand_people(judged, ours):
    names, theirs = judged

    found = differences(names, theirs, ours)

    print(f"\n{len(names)} rules x {len(theirs)} people, {found.total()} differences")
    assert names == [rule.id for rule in KNOWLEDGE.rules]
    assert len(theirs) == PEOPLE
    assert found == {}


def test_every_rule_was_seen_to_answer_all_that_it_can(judged):
    names, theirs = judged
    can = {"notice": {True}, "requires": {True, None}}

    seen = {name: {line[n] for line in theirs} for n, name in enumerate(names)}

    assert seen == {rule.id: can.get(rule.kind, {True, False, None}) for rule in KNOWLEDGE.rules}


def test_the_people_stand_at_just_below_and_just_above_every_cut_off(people):
    cuts = [(fact, cut) for fact, each in cut_offs(KNOWLEDGE).items() for cut in each]

    values = {fact: {person.get(fact) for person in people} for fact, _ in cuts}
    lacking = [
        (fact, near)
        for fact, cut in cuts
        for near in (cut, math.nextafter(cut, -math.inf), math.nextafter(cut, math.inf))
        if KNOWLEDGE.vocabulary[fact].least <= near <= KNOWLEDGE.vocabulary[fact].greatest
        and near not in values[fact]
    ]

    assert cuts
    assert lacking == []


def test_the_people_have_every_code_and_both_truths(people):
    lacking = [
        (kind.name, value)
        for kind in KNOWLEDGE.vocabulary.values()
        for value in (*kind.codes, *((True, False) if kind.kind == "bool" else ()), None)
        if not any(person.get(kind.name) is value for person in people)
        and not (
            isinstance(value, str) and any(person.get(kind.name) == value for person in people)
        )
    ]

    assert lacking == []


def test_unknown_given_as_null_or_not_given_at_all_is_the_same(people, judged):
    _, theirs = judged
    some = people[:1000]

    _, with_null = answers(
        elm_of_knowledge(KNOWLEDGE),
        [{name: person.get(name) for name in KNOWLEDGE.vocabulary} for person in some],
    )

    assert with_null == theirs[:1000]


@pytest.mark.parametrize("jurisdiction", ["US", "EU"])
def test_the_library_of_one_jurisdiction_has_its_rules_alone(people, ours, jurisdiction):
    here = [n for n, rule in enumerate(KNOWLEDGE.rules) if rule.holds_in(jurisdiction)]

    names, theirs = answers(elm_of_knowledge(KNOWLEDGE, jurisdiction=jurisdiction), people[:500])

    assert names == [KNOWLEDGE.rules[n].id for n in here]
    assert theirs == [[line[n] for n in here] for line in ours[:500]]


def test_a_cut_off_moved_by_one_is_found_and_nothing_else(people, ours):
    library = copy.deepcopy(elm_of_knowledge(KNOWLEDGE))
    statement = next(
        each
        for each in library["library"]["statements"]["def"]
        if each["name"] == "esketamine.pressure-before-dose"
    )
    cut_off = statement["expression"]["operand"][0]["operand"][1]
    assert cut_off["value"] == "140.0"  # mmHg systolic, Spravato label 5.7

    cut_off["value"] = "141.0"
    names, theirs = answers(library, people)

    assert set(differences(names, theirs, ours)) == {"esketamine.pressure-before-dose"}


SWAPPED = {
    "Greater": "GreaterOrEqual", "GreaterOrEqual": "Greater", "Less": "LessOrEqual",
    "LessOrEqual": "Less", "And": "Or", "Or": "And", "IsFalse": "IsTrue",
}  # fmt: skip


def slips(elm):
    """Every way to write an expression wrongly in one place, each as a whole expression."""
    if isinstance(elm, list):
        for n, each in enumerate(elm):
            yield from ([*elm[:n], wrong, *elm[n + 1 :]] for wrong in slips(each))
        return
    if not isinstance(elm, dict):
        return
    if elm.get("valueType", "").endswith("}Decimal"):
        yield from ({**elm, "value": str(float(elm["value"]) + step)} for step in (-1, 1))
    if elm.get("type") in SWAPPED:
        yield {**elm, "type": SWAPPED[elm["type"]]}
    if elm.get("type") == "Not":
        yield elm["operand"]
    for key, each in elm.items():
        yield from ({**elm, key: wrong} for wrong in slips(each))


def test_every_slip_in_any_rule_is_found(people, ours):
    statements = {
        f"{each['name']} {n}": wrong
        for each in elm_of_knowledge(KNOWLEDGE)["library"]["statements"]["def"]
        for n, wrong in enumerate(slips(each["expression"]))
    }
    place = {rule.id: n for n, rule in enumerate(KNOWLEDGE.rules)}
    expected = [[line[place[name.split()[0]]] for name in statements] for line in ours]

    names, theirs = answers(elm_library(KNOWLEDGE.vocabulary, statements, version="1"), people)
    found = differences(names, theirs, expected)

    print(f"\n{len(statements)} wrong rules, {len(found)} of them found")
    assert len(statements) > len(KNOWLEDGE.rules)
    assert set(statements) - set(found) == set()


def generated_conditions(count):
    found = []

    @settings(
        max_examples=2 * count, phases=[Phase.generate], database=None, deadline=None,
        derandomize=True, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(conditions(most=8))
    def collect(condition):
        found.append(condition)

    collect()
    return list(dict.fromkeys(found))[:count]


def anyone(random):
    """A person of the generated conditions; half of the values, or fewer, are unknown."""
    unknown = random.choice((0, 0.2, 0.5))
    values = {
        "bool": [True, False],
        "number": [step / 2 for step in range(21)],
        "code": ["a", "b", "c"],
    }
    return {
        name: random.choice(values[kind.kind])
        for name, kind in VOCABULARY.items()
        if random.random() >= unknown
    }


def kinds_of(condition):
    return {type(condition)}.union(*(kinds_of(part) for part in parts_of(condition)))


def test_two_thousand_generated_conditions_answer_the_same():
    trees = generated_conditions(CONDITIONS)
    random = Random(SEED)  # noqa: S311
    people = [anyone(random) for _ in range(200)]
    ours = [[truth_of(tree, known(each, VOCABULARY)) for tree in trees] for each in people]

    names, theirs = answers(library_of(VOCABULARY, trees), people)
    found = differences(names, theirs, ours)

    print(f"\n{len(trees)} conditions x {len(people)} people, {found.total()} differences")
    assert len(trees) == CONDITIONS
    assert set().union(*map(kinds_of, trees)) == {
        Holds, Compare, Between, OneOf, Not, And, Or, AtLeast,
    }  # fmt: skip
    assert found == {}
    assert {each for line in theirs for each in line} == {True, False, None}


def completed(line):
    return product(*([each] if each is not None else [True, False] for each in line))


def test_at_least_is_what_it_is_for_every_way_to_fill_in_the_unknown():
    names = [f"bool_{n}" for n in range(5)]
    vocabulary = Vocabulary([FactType(name, "bool", name) for name in names])
    trees = [AtLeast(count, tuple(map(Holds, names))) for count in range(1, 6)]
    lines = list(product((True, False, None), repeat=5))

    _, theirs = answers(
        library_of(vocabulary, trees), [dict(zip(names, line, strict=True)) for line in lines]
    )

    for line, found in zip(lines, theirs, strict=True):
        for tree, answer in zip(trees, found, strict=True):
            ways = {sum(each) >= tree.count for each in completed(line)}
            assert answer is (ways.pop() if len(ways) == 1 else None), (tree.count, line)


def test_the_tables_of_three_valued_logic_are_those_of_the_engine():
    vocabulary = Vocabulary([FactType(name, "bool", name) for name in ("a", "b")])
    trees = [And((Holds("a"), Holds("b"))), Or((Holds("a"), Holds("b"))), Not(Holds("a"))]
    pairs = list(product((True, False, None), repeat=2))

    _, theirs = answers(library_of(vocabulary, trees), [{"a": a, "b": b} for a, b in pairs])

    assert theirs == [[truth.AND[pair], truth.OR[pair], truth.NOT[pair[0]]] for pair in pairs]


def test_numbers_compare_as_the_same_doubles():
    vocabulary = Vocabulary([FactType("n", "number", "n")])
    cuts = [0, 1, 140, -3, 0.1, 0.3, 2.5, 37.5, 99999999.12345678, 2**53]
    values = [
        *cuts, -0.0, 0.1 + 0.2, 1e308, -1e308, 5e-324, 139.99999999999997, 140.00000000000003,
        2**53 + 2, None,
    ]  # fmt: skip
    trees = [Compare("n", sign, cut) for cut in cuts for sign in OPERATORS]
    trees += [Between("n", low, low + 1) for low in cuts]

    _, theirs = answers(library_of(vocabulary, trees), [{"n": value} for value in values])

    expected = [
        [
            None if value is None
            else OPERATORS[tree.op](value, tree.number) if isinstance(tree, Compare)
            else tree.low <= value <= tree.high
            for tree in trees
        ]
        for value in values
    ]  # fmt: skip
    assert theirs == expected


def test_two_traps_of_the_engine_are_there_so_the_export_goes_round_them():
    vocabulary = Vocabulary(
        [FactType("a", "bool", "a"), FactType("b", "bool", "b"), FactType("c", "code", "c")]
    )
    text = {"type": "Literal", "valueType": "{urn:hl7-org:elm-types:r1}String", "value": "x"}
    listed = {
        "type": "In",
        "operand": [{"type": "ParameterRef", "name": "c"}, {"type": "List", "element": [text]}],
    }
    ours = elm_library(
        vocabulary,
        {
            "both": elm_of_condition(And((Holds("a"), Holds("b")))),
            "one of": elm_of_condition(OneOf("c", ("x", "y"))),
        },
        version="1",
    )
    theirs = elm_library(
        vocabulary,
        {"both": elm_of_condition(And((Holds("a"), Holds("b")))), "in": listed},
        version="1",
    )
    for parameter in theirs["library"]["parameters"]["def"]:
        del parameter["default"]
    person = {"a": True, "c": None}

    _, wrong = answers(theirs, [person])
    _, right = answers(ours, [person])

    assert wrong == [[True, False]]
    assert right == [[None, None]]
