"""Whose verdict changes between two releases is what asking everybody twice would say."""

from collections import Counter
from dataclasses import replace

import polars as pl
import pytest

from overstory.knowledge.load import load_knowledge
from overstory.panel.changes import Changes, WhatIfError, changed_rules, what_if
from overstory.panel.compiling import compile_program
from overstory.pathway.intake import person
from overstory.pathway.suitability import TREATMENTS, assess
from tests.panel.oracle import after_the_door, table_of
from tests.panel.random_people import AT, random_rows
from tests.people import CONTENT

OLD = load_knowledge()
PRESSURE = "esketamine.pressure-before-dose"
BASE = {name: (value, None) for name, value in CONTENT["base"].items() if value is not None}


def compared(old, new, rows):
    programs = [compile_program(knowledge=each, jurisdiction="US", at=AT) for each in (old, new)]
    changes = Changes(*programs)
    table = table_of(rows, vocabulary=OLD.vocabulary, dated=False)
    pieces = pl.concat(list(changes.pieces(table.iter_slices(40))))
    return changes, pieces


def verdicts(knowledge, row):
    facts = person(
        given=after_the_door(row, knowledge=knowledge, at=AT), at=AT, knowledge=knowledge
    )
    found = assess(patient="one", facts=facts, knowledge=knowledge)
    return {each.treatment: str(each.verdict) for each in found.treatments}


def with_pressure(upper, lower):
    return {**BASE, "systolic_bp": (upper, None), "diastolic_bp": (lower, None)}


def test_a_cut_off_moved_on_the_command_line_moves_those_between_the_two():
    rows = [with_pressure(upper, 85.0) for upper in (139.0, 140.0, 141.0, 150.0, 151.0)]
    new = what_if(OLD, f"{PRESSURE}: systolic_bp > 150 or diastolic_bp > 90")

    changes, pieces = compared(OLD, new, rows)

    esketamine = pieces.filter(pl.col("treatment") == "esketamine")
    assert esketamine["id"].to_list() == ["row-2", "row-3"]
    assert set(esketamine["from"]) == {"not-now"}
    assert esketamine["rules"].to_list() == [[PRESSURE], [PRESSURE]]
    assert (changes.people, changes.changed) == (5, 2)
    assert changes.figures()["line"].startswith(
        "Of 5 people 2 change a verdict: esketamine not-now"
    )


def test_moves_are_what_asking_everybody_twice_says():
    rows = [*random_rows(150, seed="changes", dated=False), *[with_pressure(145.0, 80.0)] * 5]
    new = what_if(what_if(OLD, f"{PRESSURE}: systolic_bp > 150"), "shared.under-18: age_years < 21")
    expected = Counter()
    for row in rows:
        before, after = verdicts(OLD, row), verdicts(new, row)
        expected.update(
            (name, before[name], after[name]) for name in TREATMENTS if before[name] != after[name]
        )

    changes, pieces = compared(OLD, new, rows)

    assert changes.moves == expected
    assert pieces.height == sum(expected.values()) > 5
    assert all(pieces["rules"].list.len() > 0)


def test_a_rule_added_or_left_out_tells_why_a_verdict_moved():
    rows = [{**BASE, "age_years": (16.0, None)}]
    without = replace(OLD, rules=tuple(rule for rule in OLD.rules if rule.id != "shared.under-18"))

    _, lost = compared(OLD, without, rows)
    _, gained = compared(without, OLD, rows)

    for pieces, column in ((lost, "from"), (gained, "to")):
        told = pieces.filter(pl.col("treatment") == "ketamine-iv").row(0, named=True)
        assert told[column] == "contraindicated"
        assert "shared.under-18" in told["rules"]


def test_a_changed_rule_that_is_in_force_elsewhere_changes_nobody_here():
    new = what_if(OLD, "esketamine.older-adult-eu: age_years > 30")

    changes, pieces = compared(OLD, new, [BASE])

    assert changes.figures()["rules"] == ["esketamine.older-adult-eu"]
    assert (pieces.height, changes.changed) == (0, 0)


def test_the_same_knowledge_changes_nobody():
    changes, pieces = compared(OLD, OLD, random_rows(20, seed="same", dated=False))

    assert changed_rules(OLD, OLD) == ()
    assert (pieces.height, changes.changed) == (0, 0)
    assert changes.figures()["line"] == "Of 20 people nobody changes a verdict."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("systolic_bp > 150", "RULE: condition"),
        ("esketamine.pressure: systolic_bp > 150", "no rule is named"),
        (f"{PRESSURE}: systolic > 150", "no fact is named"),
        (f"{PRESSURE}: systolic_bp >", "column"),
        (f"{PRESSURE}:", "RULE: condition"),
        ("ketamine-then-tms.low-certainty: age_years > 3", "no rule|notice"),
    ],
)
def test_a_change_that_cannot_be_tried_is_refused_in_words(text, why):
    with pytest.raises(WhatIfError, match=why):
        what_if(OLD, text)
