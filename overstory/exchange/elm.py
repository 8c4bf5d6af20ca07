"""The rules as one library of CQL-ELM (HL7, CQL 1.5, JSON), which any CQL engine can run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import reduce
from typing import Any

from overstory.engine.conditions import (
    And,
    AtLeast,
    Between,
    Compare,
    Condition,
    Holds,
    Leaf,
    Not,
    OneOf,
    Or,
)
from overstory.engine.facts import FactType, Vocabulary
from overstory.exchange.records import InputError
from overstory.knowledge.load import Knowledge
from overstory.knowledge.rules import ReadRule

Elm = dict[str, Any]
"""A node of ELM: what it is in `type`, and what it works on."""

NAME = "Overstory"
SCHEMA = {"id": "urn:hl7-org:elm", "version": "r1"}
TYPES = "urn:hl7-org:elm-types:r1"
TYPE_NAMES = {"bool": "Boolean", "number": "Decimal", "code": "String", "date": "Date"}
COMPARISONS = {"<": "Less", "<=": "LessOrEqual", "==": "Equal", ">=": "GreaterOrEqual",
               ">": "Greater"}  # fmt: skip
MOST_WHOLE_DIGITS = 20
MOST_DECIMALS = 8


class ElmNumberError(InputError):
    """A number that no CQL Decimal can be; the message says what one is."""


def elm_of_knowledge(knowledge: Knowledge, *, jurisdiction: str | None = None) -> Elm:
    """
    Return every rule as a statement of one library, and every fact as a parameter.

    A statement is named after its rule and gives what `answer_of` gives: true, false or null. With a
    jurisdiction, only the rules in force there. How old a fact is cannot be seen in a parameter: a
    fact that is no longer fresh is to be given as null.

    :raises ElmNumberError: if a cut-off is not a CQL Decimal.
    """
    rules = [
        rule for rule in knowledge.rules if jurisdiction is None or rule.holds_in(jurisdiction)
    ]
    found = elm_library(
        knowledge.vocabulary,
        {rule.id: elm_of_rule(rule) for rule in rules},
        version=knowledge.version,
    )
    library = found["library"]
    library["annotation"] = _tags(sha256=[knowledge.sha256], jurisdiction=[jurisdiction or ""])
    for statement, rule in zip(library["statements"]["def"], rules, strict=True):
        statement["annotation"] = _tags(**_told(rule, knowledge))
    return found


def elm_library(
    vocabulary: Vocabulary, statements: Mapping[str, Elm], *, version: str, name: str = NAME
) -> Elm:
    """Return a library: a parameter a fact, null unless given, and the statements by their names."""
    return {
        "library": {
            "identifier": {"id": name, "version": version},
            "schemaIdentifier": SCHEMA,
            "usings": {"def": [{"localIdentifier": "System", "uri": TYPES}]},
            "parameters": {"def": [_parameter(kind) for kind in vocabulary.values()]},
            "statements": {
                "def": [
                    {
                        "name": each,
                        "context": "Unfiltered",
                        "accessLevel": "Public",
                        "resultTypeName": _type("Boolean"),
                        "expression": expression,
                    }
                    for each, expression in statements.items()
                ]
            },
        }
    }


def elm_of_rule(rule: ReadRule) -> Elm:
    """Return the expression of a rule; for `requires` true is met and null is open."""
    if rule.kind == "requires":
        return _requirement(rule)
    return elm_of_condition(rule.when) if rule.when else _boolean(True)


def elm_of_condition(condition: Condition) -> Elm:
    """
    Return the expression of a condition: null where the condition is unknown.

    :raises ElmNumberError: if a cut-off is not a CQL Decimal.
    """
    if isinstance(condition, Not):
        return _node("Not", elm_of_condition(condition.part))
    if isinstance(condition, And | Or):
        parts = [elm_of_condition(part) for part in condition.parts]
        return _fold("And" if isinstance(condition, And) else "Or", parts)
    if isinstance(condition, AtLeast):
        parts = [elm_of_condition(part) for part in condition.parts]
        return _at_least(condition.count, parts)
    return _leaf(condition)


def _leaf(leaf: Leaf) -> Elm:
    fact = _fact(leaf.fact)
    if isinstance(leaf, Holds):
        return fact
    if isinstance(leaf, OneOf):
        # Not `In`: where null is looked for in a list, it answers false and not null.
        return _fold("Or", [_node("Equal", fact, _literal("String", c)) for c in leaf.codes])
    if isinstance(leaf, Between):
        low, high = _decimal(leaf.low), _decimal(leaf.high)
        return _node("And", _node("GreaterOrEqual", fact, low), _node("LessOrEqual", fact, high))
    if leaf.op == "!=":
        return _node("Not", _leaf(Compare(leaf.fact, "==", leaf.number)))
    return _node(COMPARISONS[leaf.op], fact, _decimal(leaf.number))


def _at_least(count: int, parts: list[Elm]) -> Elm:
    """Return true once enough are true, false once too few are left that are not false, else null."""
    too_many = len(parts) - count + 1
    return _choice(
        (_node("GreaterOrEqual", _number_that("IsTrue", parts), _whole(count)), _boolean(True)),
        (
            _node("GreaterOrEqual", _number_that("IsFalse", parts), _whole(too_many)),
            _boolean(False),
        ),
    )


def _requirement(rule: ReadRule) -> Elm:
    known = [
        _node("Not", _node("IsNull", _fact(name)))
        for name in (*rule.words.needs, *rule.words.needs_one_of)
    ]
    met = _fold("Or" if rule.words.needs_one_of else "And", known)
    if rule.only_if:
        met = _node("Or", met, _node("IsFalse", elm_of_condition(rule.only_if)))
    return _choice((met, _boolean(True)))


def _number_that(test: str, parts: Iterable[Elm]) -> Elm:
    """Return how many parts pass the test: `Count` leaves out what is null."""
    passed = [_choice((_node(test, part), _boolean(True))) for part in parts]
    return {"type": "Count", "source": {"type": "List", "element": passed}}


def _choice(*cases: tuple[Elm, Elm]) -> Elm:
    items = [{"when": when, "then": then} for when, then in cases]
    return {"type": "Case", "caseItem": items, "else": _null("Boolean")}


def _fold(operator: str, parts: list[Elm]) -> Elm:
    """Return the parts joined from the left: in ELM an operator has two operands."""
    return reduce(lambda left, right: _node(operator, left, right), parts)


def _node(operator: str, *operands: Elm) -> Elm:
    return {"type": operator, "operand": list(operands) if len(operands) > 1 else operands[0]}


def _fact(name: str) -> Elm:
    return {"type": "ParameterRef", "name": name}


def _boolean(value: bool) -> Elm:
    return _literal("Boolean", str(value).lower())


def _whole(number: int) -> Elm:
    return _literal("Integer", str(number))


def _decimal(number: float) -> Elm:
    """Return the shortest decimal that reads back as the same double; all engines read that one."""
    digits = format(Decimal(repr(float(number))), "f")
    whole, _, decimals = digits.lstrip("-").partition(".")
    if len(whole) > MOST_WHOLE_DIGITS or len(decimals) > MOST_DECIMALS:
        raise ElmNumberError(
            f"{number!r} is no CQL Decimal: at most {MOST_WHOLE_DIGITS} digits before the point and "
            f"{MOST_DECIMALS} after it"
        )
    return _literal("Decimal", digits)


def _literal(kind: str, value: str) -> Elm:
    return {"type": "Literal", "valueType": _type(kind), "value": value}


def _null(kind: str) -> Elm:
    return {"type": "As", "operand": {"type": "Null"}, "asType": _type(kind)}


def _type(name: str) -> str:
    return f"{{{TYPES}}}{name}"


def _parameter(kind: FactType) -> Elm:
    # The default is written out: without one, cql-execution 3.3.2 gives a parameter without a value
    # neither null nor false but its own definition, which its `And` takes for true.
    name = TYPE_NAMES[kind.kind]
    return {
        "name": kind.name,
        "accessLevel": "Public",
        "parameterTypeSpecifier": {"type": "NamedTypeSpecifier", "name": _type(name)},
        "default": _null(name),
        "annotation": _tags(label=[kind.label], unit=[kind.unit or ""], code=kind.codes),
    }


def _told(rule: ReadRule, knowledge: Knowledge) -> dict[str, Iterable[str]]:
    """Return what is said of a rule beside its condition, by the names of the tags."""
    words = rule.words
    return {
        "kind": [words.kind],
        "appliesTo": words.applies_to,
        "says": [words.says],
        "precaution": [words.precaution],
        "status": [words.status],
        "source": [
            f"{knowledge.sources[cite.id].title}{f', {cite.at}' if cite.at else ''} [{cite.id}]"
            for cite in rule.sources
        ],
        "jurisdiction": words.jurisdiction,
        "freshWithin": [words.fresh_within],
    }


def _tags(**values: Iterable[str]) -> list[Elm]:
    """Return an annotation of ELM: names with values, a name again for each value; none is empty."""
    found = [
        {"name": name, "value": value} for name, each in values.items() for value in each if value
    ]
    return [{"type": "Annotation", "t": found}]
