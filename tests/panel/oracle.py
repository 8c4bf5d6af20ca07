"""What the bedside says of each row of a table, and what a compiled table says, in one form."""

import math
from datetime import timedelta

import polars as pl

from overstory.engine.evaluate import evaluate
from overstory.engine.facts import Fact, FactValueError, Unknown
from overstory.knowledge.answering import answer_of
from overstory.panel.columns import facts_schema
from overstory.panel.program import LEVELS
from overstory.pathway.deciding import deciding_rules
from overstory.pathway.intake import person
from overstory.pathway.suitability import assess
from overstory.pathway.verdicts import ORDER

__all__ = ["after_the_door", "bedside", "evaluate", "of_table", "table_of"]


def after_the_door(row, *, knowledge, at):
    """The facts of a row that come through: `row` has `(value, when)` by fact; a value may be wrong."""
    given = {}
    for name, (value, when) in row.items():
        if when is not None and when > at:
            continue
        if value is None:
            if when is not None:
                given[name] = Fact(unknown=Unknown.NOT_RECORDED, at=when)
            continue
        if isinstance(value, float) and math.isnan(value):
            continue
        try:
            knowledge.vocabulary[name].check(value)
        except FactValueError:
            continue
        given[name] = Fact(value, at=when)
    return given


def bedside(row, *, knowledge, jurisdiction, at):
    """What one patient's code answers for a row."""
    facts = person(
        given=after_the_door(row, knowledge=knowledge, at=at), at=at, knowledge=knowledge
    )
    found = assess(patient="row", facts=facts, knowledge=knowledge, jurisdiction=jurisdiction)
    answers = {
        rule.id: answer_of(rule, facts) for rule in knowledge.rules if rule.holds_in(jurisdiction)
    }
    return {
        "facts": {name: facts[name].value for name in knowledge.vocabulary},
        "truths": {rule: answer.truth for rule, answer in answers.items()},
        "rule asks": {rule: list(answer.asks) for rule, answer in answers.items()},
        "off-label": {
            each.rule.id: each.answer
            for one in found.treatments
            for each in one.rules
            if each.rule.id.endswith(".off-label")
        },
        "verdicts": {one.treatment: str(one.verdict) for one in found.treatments},
        "asks": {one.treatment: list(one.asks) for one in found.treatments},
        "decided": {one.treatment: list(deciding_rules(one)) for one in found.treatments},
        "safety": found.safety.level,
    }


def of_table(program, answers):
    """What a compiled table (the frame that an engine gives) answers for each row, in the same form."""
    found = []
    bedside_rules = {rule.id for rule in program.knowledge.rules}
    for row in answers.iter_rows(named=True):
        truths = {rule: row[column] for rule, column in program.rules.items()}
        found.append(
            {
                "facts": {name: row[name] for name in program.knowledge.vocabulary},
                "truths": {rule: truth for rule, truth in truths.items() if rule in bedside_rules},
                "rule asks": _names(program.rule_asks, row),
                "off-label": {
                    rule: truth for rule, truth in truths.items() if rule not in bedside_rules
                },
                "verdicts": {t: str(ORDER[row[c]]) for t, c in program.verdicts.items()},
                "asks": _names(program.asks, row),
                "decided": _names(program.decided, row),
                "safety": LEVELS[row[program.safety]],
            }
        )
    return found


def _names(columns, row):
    for masks in columns.values():
        assert all(row[column] is not None for column in masks.values())
    return {
        key: [name for name, column in masks.items() if row[column]]
        for key, masks in columns.items()
    }


def table_of(rows, *, vocabulary, dated, missing=()):
    """The rows as a facts table; `missing` names the columns left out."""
    schema = {
        name: kind
        for name, kind in facts_schema(vocabulary, dated=dated).items()
        if name not in missing and name.removesuffix(".at") not in missing
    }
    columns = {"id": [f"row-{number}" for number in range(len(rows))]}
    for name in schema:
        if name == "id":
            continue
        fact, part = (name[:-3], 1) if name.endswith(".at") else (name, 0)
        columns[name] = [row.get(fact, (None, None))[part] for row in rows]
    return pl.DataFrame(columns, schema=schema)


DAY = timedelta(days=1)
