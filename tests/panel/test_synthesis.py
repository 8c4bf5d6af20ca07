"""Invented people: the same for the same seed, refused nowhere, and alike one by one and as a table."""

from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from overstory.engine.facts import Facts, FactType, FactValueError, Unknown, Vocabulary
from overstory.exchange.patient_file import read_patient_file
from overstory.exchange.patient_writing import patient_file
from overstory.exchange.records import Record
from overstory.knowledge.load import load_knowledge
from overstory.panel.columns import facts_schema, when_column
from overstory.panel.compiling import compile_program
from overstory.panel.door import enter
from overstory.panel.polars_engine import run
from overstory.panel.synthesis.drawing import GROUP
from overstory.panel.synthesis.people import people
from overstory.panel.synthesis.table import concluded, schema, tables, write_facts
from overstory.pathway.intake import person
from overstory.pathway.suitability import assess
from overstory.pathway.verdicts import ORDER
from tests.panel.invented import AT, MISSING, population

KNOWLEDGE = load_knowledge()


def table(size, **options):
    return pl.concat(tables(population(size, **options)))


def facts_of(invented):
    """A person's facts by way of the text of their patient file."""
    record = Record(invented.id, AT, None, invented.given, invented.trials, ())
    read = read_patient_file(patient_file(record), name="file", knowledge=KNOWLEDGE)
    return person(given=read.given, trials=read.trials, at=read.at, knowledge=KNOWLEDGE)


@pytest.mark.parametrize("missing", MISSING)
def test_the_table_holds_what_the_patient_file_of_each_person_says(missing):
    invented = population(400, seed=11, missing=missing)

    rows = table(400, seed=11, missing=missing).iter_rows(named=True)

    for row, one in zip(rows, people(invented), strict=True):
        facts = facts_of(one)
        assert row["id"] == one.id
        assert {name: row[name] for name in facts.vocabulary} == {
            name: facts[name].value for name in facts.vocabulary
        }


@pytest.mark.parametrize("missing", MISSING)
def test_a_table_answers_what_each_patient_file_is_answered(missing):
    invented = population(120, seed=5, missing=missing)
    entered = enter(table(120, seed=5, missing=missing), vocabulary=KNOWLEDGE.vocabulary, at=AT)
    program = compile_program(knowledge=KNOWLEDGE, jurisdiction="US", at=AT, dated=entered.dated)

    answers = run(program, entered.facts)

    assert entered.refused == ()
    for row, one in zip(answers.iter_rows(named=True), people(invented), strict=True):
        assessed = assess(
            patient=one.id, facts=facts_of(one), knowledge=KNOWLEDGE, jurisdiction="US"
        )
        for each in assessed.treatments:
            asks = program.asks[each.treatment]
            assert str(ORDER[row[program.verdicts[each.treatment]]]) == str(each.verdict), one.id
            assert [name for name, mask in asks.items() if row[mask]] == list(each.asks), one.id


def test_a_fact_unknown_for_a_reason_has_a_time_where_others_conclude_into_it():
    invented = population(GROUP, missing="records")
    rows = table(GROUP, missing="records")
    names = concluded(invented)
    reasons = 0

    for row, one in zip(rows.iter_rows(named=True), people(invented), strict=True):
        facts = None
        for name in names:
            timed = row[name] is None and row[when_column(name)] is not None
            if timed and reasons < 200:
                facts = facts or facts_of(one)
                assert facts[name].unknown not in (None, Unknown.NOT_ASKED)
                reasons += 1

    assert reasons == 200


@pytest.mark.parametrize("missing", MISSING)
def test_the_same_seed_gives_the_same_people(missing):
    assert_frame_equal(table(500, seed=3, missing=missing), table(500, seed=3, missing=missing))


def test_another_seed_gives_other_people():
    assert not table(50, seed=3).equals(table(50, seed=4))


@pytest.mark.parametrize("size", [1, 2, GROUP - 1, GROUP, GROUP + 1])
def test_a_person_is_the_same_in_a_population_of_any_size(size):
    whole = table(GROUP + 3, seed=8, missing="records")

    part = table(size, seed=8, missing="records")

    assert_frame_equal(part, whole.head(size))


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_two_runs_write_the_same_bytes(tmp_path, ending):
    first, second = tmp_path / f"first.{ending}", tmp_path / f"second.{ending}"

    write_facts(population(GROUP + 50, seed=2, missing="intake"), first)
    write_facts(population(GROUP + 50, seed=2, missing="intake"), second)

    assert first.read_bytes() == second.read_bytes()


def test_the_file_says_that_it_is_invented(tmp_path):
    path = tmp_path / "facts.parquet"

    write_facts(population(3, seed=9), path)

    said = pl.read_parquet_metadata(path)
    assert said["overstory.invented"] == "true"
    assert said["overstory.table"] == "facts/1"
    assert said["overstory.at"] == "2026-11-22T10:00:00-05:00"
    assert said["overstory.seed"] == "9"
    assert said["overstory.knowledge"] == KNOWLEDGE.sha256
    assert pl.read_parquet(path)["id"].to_list() == [
        "invented-000001",
        "invented-000002",
        "invented-000003",
    ]


def test_the_columns_are_those_of_a_facts_table():
    invented = population(10)

    frame = table(10)

    contract = facts_schema(KNOWLEDGE.vocabulary, dated=True)
    assert dict(frame.schema) == dict(schema(invented))
    assert all(contract[name] == kind for name, kind in frame.schema.items())
    assert set(facts_schema(KNOWLEDGE.vocabulary, dated=False)) <= set(frame.columns)


def test_nobody_is_a_table_all_the_same(tmp_path):
    path = tmp_path / "nobody.parquet"

    write_facts(population(0), path)

    assert pl.read_parquet(path).shape == (0, len(schema(population(0))))


@pytest.mark.parametrize("seed", [0, -1, 2**64, -(10**80)])
def test_any_whole_number_is_a_seed(seed):
    assert len(table(3, seed=seed)) == 3


@pytest.mark.parametrize("missing", MISSING)
def test_every_person_comes_through_the_door(missing):
    for one in people(population(1000, seed=6, missing=missing)):
        Facts(KNOWLEDGE.vocabulary, AT, one.given)


def test_errors_that_are_asked_for_are_refused_when_read():
    refused = 0

    for one in people(population(3000, missing="none", with_errors=True)):
        try:
            Facts(KNOWLEDGE.vocabulary, AT, one.given)
        except FactValueError:
            refused += 1
    entered = enter(
        table(3000, missing="none", with_errors=True), vocabulary=KNOWLEDGE.vocabulary, at=AT
    )

    # Three slips of 0.002, one of them among the depressed only: about 15 of 3,000.
    assert 5 <= refused <= 35
    assert {each.column for each in entered.refused} >= {"age_years", "weight_kg"}


def test_slips_of_the_record_are_found_as_contradictions():
    found = set()

    for one in people(population(GROUP, seed=2)):
        given = {name: fact.value for name, fact in one.given.items()}
        if given["sex_at_birth"] == "male" and given["pregnant"]:
            assert facts_of(one)["pregnant"].unknown is Unknown.CONFLICTING
            found.add("male and pregnant")
        if given["diastolic_bp"] >= given["systolic_bp"]:
            facts = facts_of(one)
            assert facts["systolic_bp"].unknown is Unknown.CONFLICTING
            assert facts["diastolic_bp"].unknown is Unknown.CONFLICTING
            found.add("pressures")

    assert found == {"male and pregnant", "pressures"}


def test_the_counts_of_a_person_are_those_of_their_ledger():
    counted = 0

    for one in people(population(1200, seed=4, missing="intake")):
        if one.trials and "failed_antidepressant_trials" not in one.given:
            alone = person(given={}, trials=one.trials, at=AT, knowledge=KNOWLEDGE)
            whole = facts_of(one)
            for name in (
                "failed_antidepressant_trials",
                "failed_antidepressant_classes",
                "failed_augmentation_trials",
                "intolerable_antidepressant_trials",
            ):
                if name not in one.given:
                    assert whole[name].value == alone[name].value
            counted += 1

    assert counted > 300


@pytest.mark.parametrize("missing", MISSING)
@pytest.mark.parametrize(
    "kind",
    [
        FactType("new_fact", "bool", "new"),
        FactType("new_fact", "number", "new", least=0, greatest=9),
        FactType("new_fact", "code", "new", codes=("none", "some")),
        FactType("new_fact", "date", "new"),
    ],
    ids=lambda kind: kind.kind,
)
def test_a_fact_that_no_entry_draws_is_never_asked(missing, kind):
    wider = replace(KNOWLEDGE, vocabulary=Vocabulary([*KNOWLEDGE.vocabulary.values(), kind]))
    invented = replace(population(20, missing=missing), knowledge=wider)

    frame = pl.concat(tables(invented))

    assert frame["new_fact"].null_count() == 20
    assert_frame_equal(frame.drop("new_fact"), table(20, missing=missing))
    assert all("new_fact" not in one.given for one in people(invented))


def test_histories_are_messy():
    trials = [trial for one in people(population(1500)) for trial in one.trials]

    assert {trial.outcome for trial in trials} == {
        "no-response", "partial-response", "response", "remission", "intolerance", "unknown",
    }  # fmt: skip
    assert any(trial.weeks is None for trial in trials)
    assert any(trial.dose_mg is None for trial in trials)
    assert any(trial.episode is None for trial in trials)
    assert any(trial.augmentation for trial in trials)
    assert {"sertraline", "Zoloft"} <= {trial.medicine for trial in trials}
    assert any(trial.weeks is not None and trial.weeks < 4 for trial in trials)
