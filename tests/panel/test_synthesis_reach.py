"""Invented people reach everything that is to be tested: every value, unknown, every verdict."""

import numpy as np
import polars as pl
import pytest

from overstory.knowledge.load import load_knowledge
from overstory.panel.compiling import compile_program
from overstory.panel.door import enter
from overstory.panel.polars_engine import run
from overstory.panel.synthesis.people import people
from overstory.panel.synthesis.population import identity
from overstory.panel.synthesis.table import table, tables
from overstory.pathway.intake import person
from overstory.pathway.suitability import TREATMENTS, assess
from overstory.pathway.verdicts import ORDER
from tests.panel.invented import AT, groups, population

KNOWLEDGE = load_knowledge()
MANY = 200_000
SIX = {str(verdict) for verdict in ORDER}
OUT_OF_REACH = {
    # Never without a physician's decision: off-label wherever the patient is.
    ("ketamine-iv", "suitable"),
    ("kap", "suitable"),
    # Always said with a notice: off-label, of low certainty.
    ("ketamine-then-tms", "suitable"),
}


@pytest.mark.parametrize("missing", ["records", "intake"])
def test_every_fact_has_all_its_values_and_unknown_somewhere(missing):
    left = {name: {None} for name in KNOWLEDGE.vocabulary}
    for name, kind in KNOWLEDGE.vocabulary.items():
        left[name] |= {"bool": {True, False}, "code": set(kind.codes)}.get(kind.kind, {"number"})

    for frame in tables(population(MANY, missing=missing)):
        for name in [name for name, wanted in left.items() if wanted]:
            left[name] -= _seen(frame[name])

    assert {name: wanted for name, wanted in left.items() if wanted} == {}


def _seen(column):
    if column.dtype == pl.Float64:
        found = {"number"} if column.count() else set()
        return found | ({None} if column.null_count() else set())
    return set(column.unique().to_list())


def _verdicts(frame):
    entered = enter(frame, vocabulary=KNOWLEDGE.vocabulary, at=AT)
    program = compile_program(knowledge=KNOWLEDGE, jurisdiction="US", at=AT, dated=entered.dated)
    answers = run(program, entered.facts)
    return {each: answers[program.verdicts[each]].to_numpy() for each in TREATMENTS}


def test_every_verdict_is_reached_for_every_treatment_that_can_have_it():
    wanted = {(treatment, verdict) for treatment in TREATMENTS for verdict in SIX}
    examples = {}

    for group in groups(100_000, missing="intake"):
        found = _verdicts(table(population(100_000, missing="intake"), group))
        for treatment, verdicts in found.items():
            for place in np.unique(verdicts):
                number = group.first + int(np.flatnonzero(verdicts == place)[0])
                examples.setdefault((treatment, str(ORDER[place])), number)

    assert wanted - examples.keys() == OUT_OF_REACH
    assert _at_the_bedside(examples) == {key: key[1] for key in examples}


def _at_the_bedside(examples):
    """The verdict of each example by the code of one patient."""
    ids = {identity(number): [] for number in examples.values()}
    for key, number in examples.items():
        ids[identity(number)].append(key)
    found = {}
    for one in people(population(max(examples.values()) + 1, missing="intake")):
        for treatment, verdict in ids.get(one.id, ()):
            facts = person(given=one.given, trials=one.trials, at=AT, knowledge=KNOWLEDGE)
            answer = assess(patient=one.id, facts=facts, knowledge=KNOWLEDGE, jurisdiction="US")
            found[treatment, verdict] = str(
                next(each.verdict for each in answer.treatments if each.treatment == treatment)
            )
    return found


def test_a_health_record_holds_few_negatives_and_an_intake_most():
    vocabulary = KNOWLEDGE.vocabulary
    devices = ["cochlear_implant", "deep_brain_stimulator", "vagus_nerve_stimulator"]

    for missing, least, greatest in (("records", 0, 0.05), ("intake", 0.9, 1)):
        frame = pl.concat(tables(population(20_000, missing=missing)))
        for name in devices:
            assert least <= (frame[name] == False).fill_null(False).mean() <= greatest  # noqa: E712
        known = np.mean([frame[name].count() / len(frame) for name in vocabulary])
        assert known < 0.2 if missing == "records" else known > 0.8
