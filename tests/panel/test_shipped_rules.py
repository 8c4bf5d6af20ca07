"""The compiled table and the bedside agree on the shipped knowledge, person by person."""

import pytest

from overstory.knowledge.load import load_knowledge
from overstory.panel.compiling import compile_program
from overstory.panel.door import enter
from overstory.panel.polars_engine import run
from tests.panel.oracle import bedside, of_table, table_of
from tests.panel.random_people import AT, random_rows
from tests.people import CONTENT


def answers_of(rows, *, jurisdiction, dated):
    knowledge = load_knowledge()
    entered = enter(
        table_of(rows, vocabulary=knowledge.vocabulary, dated=dated),
        vocabulary=knowledge.vocabulary,
        at=AT,
    )
    program = compile_program(
        knowledge=knowledge, jurisdiction=jurisdiction, at=AT, dated=entered.dated
    )
    return of_table(program, run(program, entered.facts))


@pytest.mark.parametrize("dated", [False, True])
@pytest.mark.parametrize("jurisdiction", ["US", "EU"])
def test_every_answer_of_the_table_is_the_bedside_answer(jurisdiction, dated):
    rows = random_rows(300, seed=f"{jurisdiction} {dated}", dated=dated)

    answers = answers_of(rows, jurisdiction=jurisdiction, dated=dated)

    for row, answer in zip(rows, answers, strict=True):
        knowledge = load_knowledge()
        assert answer == bedside(row, knowledge=knowledge, jurisdiction=jurisdiction, at=AT)


def test_the_vignettes_in_one_table_answer_as_they_are_written():
    told = [{**CONTENT["base"], **each["change"]} for each in CONTENT["vignettes"]]
    rows = [{name: (value, None) for name, value in one.items()} for one in told]

    answers = answers_of(rows, jurisdiction="US", dated=False)

    for vignette, answer in zip(CONTENT["vignettes"], answers, strict=True):
        expected = vignette
        for treatment, right in expected.get("verdicts", {}).items():
            assert answer["verdicts"][treatment] in right
        for treatment, facts in expected.get("asks", {}).items():
            assert set(facts) <= set(answer["asks"][treatment])
        assert answer["safety"] in expected.get("safety", [answer["safety"]])
