"""`overstory synthesize`: what it writes, what it refuses, and nothing half written."""

import json
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from overstory.cli import main
from overstory.exchange.fhir import read
from overstory.knowledge.load import load_knowledge
from overstory.panel.synthesis.people import people
from overstory.pathway.intake import person
from tests.panel.invented import AT, population

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "invented-populations.md"
WHEN = "2026-11-22T10:00:00-05:00"
KNOWLEDGE = load_knowledge()


def run(*arguments):
    return CliRunner().invoke(
        main, ["synthesize", *(str(each) for each in arguments), "--at", WHEN]
    )


def test_a_facts_table_is_written_and_said_to_be_invented(tmp_path):
    out = tmp_path / "facts.parquet"

    done = run(30, "--seed", 3, "--missing", "intake", "--out", out)

    assert done.exit_code == 0
    assert "30 invented people (seed 3" in done.output
    assert "None of them exists" in done.output
    assert pl.read_parquet(out).height == 30
    assert list(tmp_path.iterdir()) == [out]


def test_a_csv_has_the_same_people_as_a_parquet_file(tmp_path):
    run(25, "--out", tmp_path / "facts.parquet")
    run(25, "--out", tmp_path / "facts.csv")

    table, text = pl.read_parquet(tmp_path / "facts.parquet"), pl.read_csv(
        tmp_path / "facts.csv", infer_schema=False
    )  # fmt: skip
    assert text["id"].to_list() == table["id"].to_list()
    assert text["age_years"].cast(pl.Float64).to_list() == table["age_years"].to_list()
    assert text["takes_maoi"].to_list() == table["takes_maoi"].cast(pl.String).to_list()


def test_patient_files_stand_in_folders_of_a_thousand_and_are_assessed(tmp_path):
    out = tmp_path / "people"

    run(1001, "--as", "patients", "--missing", "intake", "--jurisdiction", "EU", "--out", out)

    folders = sorted(each.name for each in out.iterdir())
    assert folders == ["000001-001000", "001001-002000"]
    assert len(list((out / "000001-001000").iterdir())) == 1000
    only = out / "001001-002000" / "invented-001001.yaml"
    assert [*(out / "001001-002000").iterdir()] == [only]
    assert only.read_text().startswith("# Invented: no such person exists.")
    done = CliRunner().invoke(main, ["assess", str(only), "--json"])
    assert json.loads(done.stdout)["patient"] == "invented-001001"
    assert json.loads(done.stdout)["jurisdiction"] == "EU"


@pytest.mark.parametrize("missing", ["records", "intake", "none"])
def test_bundles_read_back_to_the_facts_of_the_person(tmp_path, missing):
    out = tmp_path / "bundles"

    run(40, "--as", "fhir-bundles", "--missing", missing, "--out", out)

    files = sorted(out.rglob("*.json"))
    assert len(files) == 40
    for path, one in zip(files, people(population(40, missing=missing)), strict=True):
        content = path.read_bytes()
        told = read(content, name=path.name, at=AT, knowledge=KNOWLEDGE)
        found = person(given=told.facts, trials=told.trials, at=AT, knowledge=KNOWLEDGE)
        facts = person(given=one.given, trials=one.trials, at=AT, knowledge=KNOWLEDGE)
        assert path.stem == one.id
        assert json.loads(content)["meta"]["tag"][0]["code"] == "invented"
        for name in KNOWLEDGE.vocabulary:
            assert found[name].value == facts[name].value, (one.id, name)


def test_ndjson_has_a_file_of_each_type_with_everybody_in_it(tmp_path):
    out = tmp_path / "export"

    run(50, "--as", "ndjson", "--out", out)

    for path in out.iterdir():
        lines = [json.loads(line) for line in path.read_bytes().splitlines()]
        assert {line["resourceType"] for line in lines} == {path.stem}
        assert all(line["meta"]["tag"][0]["code"] == "invented" for line in lines)
    patients = (out / "Patient.ndjson").read_bytes().splitlines()
    assert [json.loads(line)["id"] for line in patients] == [
        f"invented-{number:06d}" for number in range(1, 51)
    ]


@pytest.mark.parametrize("shape", ["patients", "fhir-bundles", "ndjson"])
def test_two_runs_write_the_same_files(tmp_path, shape):
    for name in ("first", "second"):
        run(20, "--as", shape, "--out", tmp_path / name)

    first, second = (
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*.*")
        }
        for name in ("first", "second")
    )
    assert first
    assert first == second


@pytest.mark.parametrize("shape", ["facts", "patients", "fhir-bundles", "ndjson"])
def test_nobody_can_be_asked_for(tmp_path, shape):
    out = tmp_path / ("nobody.parquet" if shape == "facts" else "nobody")

    done = run(0, "--as", shape, "--out", out)

    assert done.exit_code == 0
    assert out.exists()


def test_an_empty_folder_may_be_filled(tmp_path):
    (tmp_path / "people").mkdir()

    done = run(2, "--as", "patients", "--out", tmp_path / "people")

    assert done.exit_code == 0
    assert len(list((tmp_path / "people").rglob("*.yaml"))) == 2


def test_the_folder_one_stands_in_may_be_filled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    done = run(2, "--as", "ndjson", "--out", ".")

    assert done.exit_code == 0
    assert (tmp_path / "Patient.ndjson").exists()


@pytest.mark.parametrize("shape", ["facts", "patients"])
def test_a_run_that_is_stopped_leaves_nothing_behind(tmp_path, shape):
    out = tmp_path / ("facts.parquet" if shape == "facts" else "people")
    code = "import sys; from overstory.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "synthesize", "100000000", "--as", shape, "--out", str(out)],
        stderr=subprocess.DEVNULL,
    ) as running:
        while not any(tmp_path.iterdir()):
            assert running.poll() is None
            time.sleep(0.1)
        time.sleep(1)
        running.send_signal(signal.SIGINT)
        ended = running.wait(timeout=60)

    assert ended == 130
    assert list(tmp_path.iterdir()) == []


def _taken(tmp_path):
    (tmp_path / "taken.parquet").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    (tmp_path / "loose.parquet").symlink_to(tmp_path / "nowhere")


REFUSED = {
    "a file that stands there": (["--out", "taken.parquet"], "already"),
    "a folder with something in it": (["--as", "patients", "--out", "full"], "already"),
    "a link that leads nowhere": (["--out", "loose.parquet"], "already"),
    "a file where a folder is to be": (["--as", "ndjson", "--out", "taken.parquet"], "already"),
    "a folder that is not there": (["--out", "not/there.parquet"], "there is no folder"),
    "another ending": (["--out", "facts.xlsx"], ".parquet or .csv"),
    "errors that FHIR cannot hold": (["--as", "ndjson", "--with-errors", "--out", "x"], "FHIR"),
    "a jurisdiction of a table": (["--jurisdiction", "EU", "--out", "f.csv"], "jurisdiction"),
    "an unknown shape": (["--as", "novels", "--out", "x"], "novels"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_done_is_said_and_nothing_is_touched(tmp_path, monkeypatch, case):
    _taken(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    options, why = REFUSED[case]

    done = run(5, *options)

    assert done.exit_code == 2
    assert why in done.output
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "taken.parquet").read_text() == "mine"


def test_the_commands_of_the_guide_do_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (commands,) = re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    lines = [line.split() for line in commands.splitlines()]

    for line in lines:
        assert line[:2] == ["overstory", "synthesize"]
        done = CliRunner().invoke(main, ["synthesize", "5", *line[3:]])
        assert done.exit_code == 0, done.output

    written = {line[line.index("--out") + 1] for line in lines}
    assert {path.name for path in tmp_path.iterdir()} == written
    assert len(written) == len(lines) == 5


def test_fewer_than_nobody_is_refused(tmp_path):
    assert run("-1", "--out", tmp_path / "x.csv").exit_code == 2


@pytest.mark.parametrize("shape", ["facts", "patients", "fhir-bundles", "ndjson"])
def test_a_full_disk_leaves_nothing_half_written(tmp_path, shape):
    """A limit on the size of files stands for the disk; 4 KiB is less than any of them."""
    out = tmp_path / ("facts.parquet" if shape == "facts" else "people")
    code = "import sys; from overstory.cli import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", code, "synthesize", "300", "--as", shape, "--missing", "none",
         "--out", str(out)],
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048)),
    )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr.startswith(b"overstory: ")
    assert b"Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
