"""Where an export, its table, its report and its unfinished work may stand."""

import os

import pytest
from click.testing import CliRunner

from overstory.cli.ingest import ingest
from tests.exchange.bulk_export import (
    ANNA,
    HER_WEIGHT,
    ingested,
    refused,
    run_ingest,
    taken,
    write_lines,
)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "export"
    path.mkdir()
    write_lines(path / "Patient.ndjson", [ANNA])
    return path


def test_an_export_without_people_makes_an_empty_table(tmp_path):
    (tmp_path / "export").mkdir()
    write_lines(tmp_path / "export" / "g.ndjson", [{"resourceType": "Group", "id": "g"}])

    table, report = taken(tmp_path / "export", tmp_path)

    assert table.height == 0
    assert table.width > 200
    assert report["people"] == 0


def test_a_folder_without_an_export_is_refused(tmp_path):
    (tmp_path / "export").mkdir()
    empty = refused(tmp_path / "export", tmp_path)
    (tmp_path / "export" / "bundle.json").touch()
    others = refused(tmp_path / "export", tmp_path)
    a_file = refused(tmp_path / "export" / "bundle.json", tmp_path)
    missing = refused(tmp_path / "nowhere", tmp_path)

    assert "no FHIR bulk export; its files end in .ndjson" in empty
    assert "it holds bundle.json" in others
    assert "is a file; give the folder of the export" in a_file
    assert "nowhere: is not there" in missing


def test_files_of_other_kinds_are_named_in_the_report(folder, tmp_path):
    (folder / "manifest.json").touch()
    (folder / "more").mkdir()
    write_lines(folder / "more" / "o.ndjson", [HER_WEIGHT])

    table, report = taken(folder, tmp_path)

    assert report["other_files"] == {"count": 1, "first": ["manifest.json"]}
    assert table["weight_kg"].to_list() == [70.0]


def test_a_file_that_cannot_be_read_is_named(folder, tmp_path):
    (folder / "o.ndjson").symlink_to("/proc/self/mem")

    assert "o.ndjson: " in refused(folder, tmp_path)


def test_an_out_path_that_cannot_be_is_refused_before_any_work(folder, tmp_path):
    status, said = run_ingest(folder, tmp_path / "nowhere" / "facts.parquet")

    assert status == 2
    assert "its folder is not there" in said


def test_a_folder_that_is_not_a_work_folder_is_left_alone(folder, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")

    said = refused(folder, tmp_path, "--work", str(tmp_path / "mine"))

    assert "not a work folder" in said
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_a_work_folder_given_by_mistake_loses_nothing(folder, tmp_path):
    (folder / "manifest.json").write_text("{}")

    said = refused(folder, tmp_path, "--work", str(folder))

    assert "not a work folder" in said
    assert {each.name for each in folder.iterdir()} == {"manifest.json", "Patient.ndjson"}


def test_a_strangers_file_in_the_work_folder_stays(folder, tmp_path):
    (folder / "o.ndjson").write_text("not JSON")
    refused(folder, tmp_path)
    work = tmp_path / "facts.parquet.work"
    (work / "notes.txt").write_text("mine")

    taken(folder, tmp_path, "--skip-bad")

    assert [each.name for each in work.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("option", ["--out", "--report"])
def test_nothing_is_written_where_it_would_be_removed(folder, tmp_path, option):
    places = {"--out": tmp_path / "facts.parquet", "--report": tmp_path / "r.json"}
    places |= {"--work": tmp_path / "w", option: tmp_path / "w" / "f"}
    (tmp_path / "w").mkdir()

    status, said = run_ingest(
        folder, places.pop("--out"), *[str(each) for pair in places.items() for each in pair]
    )

    assert status == 2
    assert "stands in the work folder" in said


def test_the_table_and_the_report_are_two_files(folder, tmp_path):
    said = refused(folder, tmp_path, "--report", str(tmp_path / "facts.parquet"))

    assert "cannot be one file" in said


def test_work_inside_the_export_is_no_part_of_it(folder):
    _, report = ingested(folder, folder / "facts.parquet")

    assert report["other_files"]["count"] == 0


def test_a_moment_must_be_given(folder, tmp_path):
    result = CliRunner().invoke(ingest, [str(folder), "--out", str(tmp_path / "f.parquet")])

    assert result.exit_code == 2
    assert "give --at" in result.output


@pytest.mark.parametrize("name", ["Patient.ndjson", "facts.ndjson.gz"])
def test_a_table_among_the_files_of_the_export_is_refused_and_the_export_kept(folder, name):
    before = (folder / "Patient.ndjson").read_bytes()

    status, said = run_ingest(folder, folder / name)

    assert status == 2
    assert "would be a file of the export" in said
    assert [each.name for each in folder.iterdir()] == ["Patient.ndjson"]
    assert (folder / "Patient.ndjson").read_bytes() == before


def test_what_is_no_file_is_not_replaced_by_a_table(folder, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    status, said = run_ingest(folder, pipe)

    assert (status, pipe.is_fifo()) == (2, True)
    assert "is no file that can be replaced" in said
