"""`overstory panel` from outside: files in, files and figures out, and what is refused."""

import json
import subprocess
import sys

import polars as pl
import pytest

from overstory.knowledge.load import load_knowledge
from overstory.pathway.suitability import TREATMENTS
from tests.panel.oracle import bedside, table_of
from tests.panel.random_people import AT, random_rows
from tests.people import CONTENT

BASE = {name: (value, None) for name, value in CONTENT["base"].items() if value is not None}
PRESSURE = "esketamine.pressure-before-dose"


def overstory(*arguments):
    command = [sys.executable, "-m", "overstory.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def told(*arguments):
    done = overstory(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def people():
    return [*random_rows(60, seed="command", dated=True), *[BASE] * 12]


@pytest.fixture(scope="module")
def facts(people, tmp_path_factory):
    path = tmp_path_factory.mktemp("panel") / "facts.parquet"
    table = table_of(people, vocabulary=load_knowledge().vocabulary, dated=True)
    table.write_parquet(path, metadata={"overstory.at": AT.isoformat()})
    return path


@pytest.mark.parametrize("jurisdiction", ["US", "EU"])
def test_each_person_gets_the_bedside_answer(facts, people, tmp_path, jurisdiction):
    out = tmp_path / "answers.parquet"

    figures = told("panel", facts, "--jurisdiction", jurisdiction, "--out", out)

    answers = pl.read_parquet(out)
    columns = [f"{t}{part}" for t in TREATMENTS for part in ("", ".decided_by", ".asks")]
    assert answers.columns == ["id", *columns]
    for row, person in zip(answers.iter_rows(named=True), people, strict=True):
        expected = bedside(person, knowledge=load_knowledge(), jurisdiction=jurisdiction, at=AT)
        for treatment in TREATMENTS:
            assert row[treatment] == expected["verdicts"][treatment]
            assert row[f"{treatment}.decided_by"] == expected["decided"][treatment]
            assert row[f"{treatment}.asks"] == expected["asks"][treatment]
    assert figures["people"] == len(people)
    assert figures["at"] == AT.isoformat()
    assert pl.read_parquet_metadata(out)["overstory.jurisdiction"] == jurisdiction


def test_duckdb_gives_the_same_file_and_figures(facts, tmp_path):
    outs = [tmp_path / "polars.parquet", tmp_path / "duckdb.parquet"]

    figures = [
        told("panel", facts, "--engine", out.stem, "--out", out, "--with-safety") for out in outs
    ]

    assert figures[0] == figures[1]
    assert pl.read_parquet(outs[0]).equals(pl.read_parquet(outs[1]))
    assert "safety.level" in pl.read_parquet_schema(outs[0])


def test_where_keeps_those_for_whom_it_is_true_and_counts_the_others(facts, people):
    ages = [person.get("age_years", (None, None))[0] for person in people]

    figures = told("panel", facts, "--where", "age_years >= 65")

    source = figures["source"]
    assert figures["people"] == sum(age is not None and age >= 65 for age in ages)
    assert source["left_out_unknown"] == sum(age is None for age in ages)
    assert source["read"] == len(people)
    assert source["left_out"] + source["left_out_unknown"] + figures["people"] == len(people)


def test_small_cells_are_hidden_on_demand(facts):
    figures = told("panel", facts, "--hide-small")

    counts = [n for each in figures["treatments"] for n in each["verdicts"].values()]
    assert None in counts
    assert not [n for n in counts if n is not None and 0 < n < 11]
    assert "hidden" in overstory("panel", facts, "--hide-small").stdout


def test_a_rule_edited_on_the_command_line_says_who_would_move(facts, people, tmp_path):
    out = tmp_path / "moved.parquet"
    tried = f"{PRESSURE}: systolic_bp > 100 or diastolic_bp > 90"

    changes = told("panel", facts, "--what-if", tried, "--out", out)

    moved = pl.read_parquet(out)
    assert changes["tried"] == [tried]
    assert changes["rules"] == [PRESSURE]
    assert changes["changed"] == moved["id"].n_unique() >= 12  # those of the base, at 118
    assert {"id", "treatment", "from", "to", "rules"} == set(moved.columns)
    assert len(people) == changes["people"]


def test_two_releases_are_compared_person_by_person(facts, tmp_path):
    from shutil import copytree

    from overstory.knowledge.load import HOME

    old = tmp_path / "old"
    copytree(HOME, old)
    rules = old / "treatments" / "esketamine" / "rules.yaml"
    text = rules.read_text()
    assert "systolic_bp > 140" in text
    rules.write_text(text.replace("systolic_bp > 140", "systolic_bp > 100"))

    changes = told("knowledge", "diff", old, "--panel", facts)

    assert changes["rules"] == [PRESSURE]
    assert [each["id"] for each in changes["entries"]] == [PRESSURE]
    assert changes["changed"] >= 12
    assert changes["line"].startswith(f"Of {changes['people']} people {changes['changed']} change")


def test_the_report_stands_alone(facts, tmp_path):
    page = tmp_path / "report.html"

    done = overstory("panel", facts, "--html", page)

    text = page.read_text()
    assert done.returncode == 0
    assert "<svg" in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in text


def test_a_missing_column_is_unknown_for_everybody_and_said(people, tmp_path):
    csv = tmp_path / "facts.csv"
    table_of(
        people, vocabulary=load_knowledge().vocabulary, dated=False, missing=("cssrs_risk",)
    ).write_csv(csv)

    done = overstory("panel", csv, "--at", AT.isoformat(), "--json")

    figures = json.loads(done.stdout)
    assert "1 column is missing and unknown for everybody: cssrs_risk" in done.stderr
    assert figures["safety"]["none"] == 0
    assert any("cssrs_risk" in warning for warning in figures["warnings"])


def test_what_no_fact_can_be_is_counted(tmp_path):
    csv = tmp_path / "facts.csv"
    csv.write_text("id,systolic_bp,cssrs_risk\na,NaN,none\nb,999,awful\nc,120,low\n")

    done = overstory("panel", csv, "--json")

    warnings = json.loads(done.stdout)["warnings"]
    assert any("systolic_bp: 1 value made unknown (not a number" in each for each in warnings)
    assert any("systolic_bp: 1 value made unknown (out of range" in each for each in warnings)
    assert any("cssrs_risk: 1 value made unknown (no such code" in each for each in warnings)


@pytest.mark.parametrize(
    ("content", "more", "why"),
    [
        ("id,systolic\na,120\n", [], "systolic_bp"),
        ("systolic_bp\n120\n", [], "id"),
        ("id,systolic_bp\na,high\n", [], "facts.csv:2"),
        ("id,systolic_bp\na,120\na,121\n", [], "facts.csv:3"),
        ("id,systolic_bp\na,120\n", ["--where", "systolic > 3"], "no fact is named"),
        ("id,systolic_bp\na,120\n", ["--what-if", "nothing: systolic_bp > 3"], "no rule is named"),
        ("id,systolic_bp\na,120\n", ["--describe", "blood"], "no fact is named"),
        ("id,systolic_bp\na,120\n", ["--out", "/nowhere/at/all.parquet"], "/nowhere"),
        ("id,systolic_bp\na,120\n", ["--html", "/nowhere/at/all.html"], "/nowhere"),
    ],
)
def test_bad_input_ends_with_2_and_words(tmp_path, content, more, why):
    csv = tmp_path / "facts.csv"
    csv.write_text(content)

    done = overstory("panel", csv, *more)

    assert done.returncode == 2
    assert why in done.stderr
    assert "Traceback" not in done.stderr


def test_nobody_is_an_answer(tmp_path):
    csv = tmp_path / "facts.csv"
    csv.write_text("id,systolic_bp\n")

    figures = told("panel", csv)

    assert figures["people"] == 0
    assert overstory("panel", csv).returncode == 0


def test_invented_people_are_named_so_whatever_file_holds_them(tmp_path):
    csv, mixed = tmp_path / "invented.csv", tmp_path / "mixed.csv"
    csv.write_text("id,systolic_bp\ninvented-000001,120\ninvented-000002,130\n")
    mixed.write_text("id,systolic_bp\ninvented-000001,120\n4711,130\n")

    assert told("panel", csv)["invented"] is True
    assert told("panel", mixed)["invented"] is False
    assert "INVENTED PEOPLE" in overstory("panel", csv).stdout
