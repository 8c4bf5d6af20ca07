"""The table of an export says of each person what `overstory facts` says, whatever the order."""

import json
from datetime import date

import polars as pl
import pytest
from click.testing import CliRunner

from overstory.cli import main
from overstory.knowledge.load import load_knowledge
from overstory.panel.columns import facts_schema
from overstory.panel.facts_file import read_about
from tests.exchange.bulk_export import (
    WHEN,
    chance_of,
    facts_command,
    ingested,
    instant,
    referred_to,
    shuffled_export,
    some_people,
)
from tests.exchange.fhir.documents import bundle

PEOPLE = some_people(220, "agreement")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("bulk")


@pytest.fixture(scope="module")
def taken_in(home):
    shuffled_export(home / "export", PEOPLE, chance_of(7))
    return ingested(home / "export", home / "facts.parquet", "--piece-mb", "0.02")


def _value(shown, kind):
    value = shown.get("value")
    if value is None:
        return None
    return {"number": float, "date": date.fromisoformat}.get(kind, lambda each: each)(value)


def test_each_column_of_each_person_is_what_the_facts_command_shows(taken_in, home):
    table, _ = taken_in
    rows = {row["id"]: row for row in table.iter_rows(named=True)}
    kinds = {name: kind.kind for name, kind in load_knowledge().vocabulary.items()}
    assert set(rows) == set(PEOPLE)

    for name, resources in PEOPLE.items():
        chance = chance_of(name)
        mixed = chance.sample(resources, len(resources)) + referred_to(resources)
        shown = facts_command(mixed, home / "bundle.json")
        row = rows[name]
        assert shown["patient"] == name
        for fact, kind in kinds.items():
            said, where = shown["facts"][fact], (name, fact, shown["facts"][fact])
            assert row[fact] == _value(said, kind), where
            assert type(row[fact]) is type(_value(said, kind)), where
            if "value" in said:
                assert row[f"{fact}.at"] == instant(said["at"]), where
            else:
                assert (row[f"{fact}.at"] is None) == (said["unknown"] == "not-asked"), where


def test_the_invented_people_have_facts_of_every_standing(home):
    found = [
        said.get("unknown", "known")
        for resources in list(PEOPLE.values())[:60]
        for said in facts_command(resources + referred_to(resources), home / "b.json")[
            "facts"
        ].values()
    ]

    assert {"known", "not-asked", "stale", "conflicting"} <= set(found)


def test_the_report_counts_what_the_facts_command_did_not_understand(taken_in, home):
    _, report = taken_in
    own = 0
    for resources in PEOPLE.values():  # of two that are as new, the first is kept: the order counts
        mine = sorted(resources, key=json.dumps)
        bundled = mine + referred_to(mine)
        missed = facts_command(bundled, home / "bundle.json")["not_understood"]
        shared = [f"Bundle.entry[{index}]" for index in range(len(mine), len(bundled))]
        own += sum(1 for each in missed if not each["from"].startswith(tuple(shared)))

    assert report["not_understood"]["count"] == own


def test_the_order_of_files_and_lines_has_no_weight(taken_in, home):
    table, _ = taken_in
    shuffled_export(home / "again", PEOPLE, chance_of(8))

    again, _ = ingested(home / "again", home / "again.parquet", "--piece-mb", "1", "--jobs", "2")

    assert again.equals(table, null_equal=True)
    assert table["id"].to_list() == sorted(PEOPLE)


def test_a_panel_on_the_table_answers_for_each_person_as_for_one_patient(taken_in, home):
    out = home / "answers.parquet"
    words = ["panel", str(home / "facts.parquet"), "--at", WHEN, "--out", str(out)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    answers = {row["id"]: row for row in pl.read_parquet(out).iter_rows(named=True)}

    for name, resources in list(PEOPLE.items())[:80]:
        document = home / "bundle.json"
        document.write_text(json.dumps(bundle(*resources, *referred_to(resources))))
        told = CliRunner().invoke(main, ["assess", str(document), "--at", WHEN, "--json"])
        for each in json.loads(told.output)["treatments"]:
            treatment = each["treatment"]
            assert answers[name][treatment] == each["verdict"], (name, treatment)
            assert answers[name][f"{treatment}.asks"] == each["asks"], (name, treatment)


def test_the_table_has_the_columns_of_a_facts_table_and_says_what_it_is(taken_in, home):
    table, report = taken_in
    knowledge = load_knowledge()

    assert table.schema == pl.Schema(facts_schema(knowledge.vocabulary, dated=True))
    assert read_about(home / "facts.parquet") == {
        "overstory.table": "facts/1",
        "overstory.at": WHEN,
        "overstory.knowledge": knowledge.sha256,
    }
    assert report["people"] == len(PEOPLE)
    assert not (home / "facts.parquet.work").exists()


def test_a_person_without_a_patient_resource_has_a_row_and_is_listed(taken_in):
    table, report = taken_in
    without = [
        name for name, each in PEOPLE.items() if all(r["resourceType"] != "Patient" for r in each)
    ]

    (listed,) = [each for each in report["problems"] if each["problem"] == "patient-not-in-export"]

    assert without
    assert listed["count"] == len(without)
    assert set(without) <= set(table["id"])
    assert any(
        f"Patient/{without[0]} is not in the export" in each["why"] for each in listed["listed"]
    )
