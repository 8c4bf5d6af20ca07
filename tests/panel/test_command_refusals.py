"""`overstory panel` says no before it spoils a table, and to what it would pass over in silence."""

import os
import shutil
from pathlib import Path

import polars as pl
import pytest

from overstory.knowledge.load import HOME, load_knowledge
from overstory.panel.columns import facts_schema
from overstory.panel.lists import write_answers
from overstory.panel.sources import SourceError, open_source
from tests.panel.test_command import PRESSURE, facts, overstory, people, told

__all__ = ["facts", "people"]
TRIED = f"{PRESSURE}: systolic_bp > 150 or diastolic_bp > 90"


def refused(*arguments):
    done = overstory("panel", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


@pytest.mark.parametrize("option", ["--out", "--html"])
def test_the_table_that_is_read_is_not_written_over(facts, tmp_path, option):
    table, link = tmp_path / "facts.parquet", tmp_path / "link.parquet"
    shutil.copy(facts, table)
    link.symlink_to(table)
    before = table.read_bytes()

    for place in (table, link):
        assert "is the table that is read" in refused(table, option, place)
    assert "is the table that is read" in refused(table, "--what-if", TRIED, "--out", table)
    assert table.read_bytes() == before


def test_a_part_of_a_folder_is_not_written_over(facts, tmp_path):
    part = tmp_path / "parts" / "a.parquet"
    part.parent.mkdir()
    shutil.copy(facts, part)

    assert "is the table that is read" in refused(part.parent, "--out", part)


@pytest.mark.parametrize("option", ["--out", "--html"])
def test_a_folder_that_is_not_there_is_told_before_the_work(facts, tmp_path, option):
    place = tmp_path / "no" / "answers.parquet"

    assert f"there is no folder {place.parent}" in refused(facts, option, place)


def test_answers_and_report_do_not_share_a_file(facts, tmp_path):
    place = tmp_path / "both"

    assert "is to hold two things" in refused(facts, "--out", place, "--html", place)
    assert not place.exists()


@pytest.mark.parametrize(
    "more",
    [["--where", "age_years > 60"], ["--hide-small"], ["--html", "report.html"], ["--with-safety"],
     ["--describe", "has_ptsd"], ["--engine", "duckdb"]],
)  # fmt: skip
def test_what_would_do_nothing_beside_a_question_is_refused(facts, more):
    said = refused(facts, "--what-if", TRIED, *more)

    assert said.startswith(f"overstory: {more[0]}: not with --what-if")


def test_a_fact_described_twice_is_counted_once(facts):
    told_of = told("panel", facts, "--describe", "has_ptsd", "--describe", "has_ptsd")

    (fact,) = told_of["treatments"][0]["characteristics"][0]["facts"]
    assert fact["known"] + fact["unknown"] == told_of["people"]


def test_a_table_asked_about_at_another_moment_says_that_undated_values_do_not_age(facts):
    said = overstory("panel", facts, "--at", "2027-11-22T10:00:00-05:00").stderr

    assert "asked about at 2027-11-22T10:00:00-05:00: its values without a time" in said
    assert "without a time" not in overstory("panel", facts).stderr


@pytest.mark.parametrize("more", [[], ["--what-if", TRIED]])
def test_what_is_no_file_is_not_replaced_by_one(facts, tmp_path, more):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    assert "is no file that can be replaced" in refused(facts, "--out", pipe, *more)
    assert pipe.is_fifo()


def test_one_rule_is_not_tried_twice_at_once(facts):
    said = refused(facts, "--what-if", TRIED, "--what-if", f"{PRESSURE}: systolic_bp > 160")

    assert f"{PRESSURE} stands twice" in said


def test_a_table_that_is_replaced_while_it_is_read_is_not_mixed(tmp_path):
    path, other = tmp_path / "facts.parquet", tmp_path / "other.parquet"
    for place, age in ((path, 40.0), (other, 80.0)):
        ids = [str(number) for number in range(20)]
        pl.DataFrame({"id": ids, "age_years": [age] * 20}).write_parquet(place)
    batches = open_source(str(path), vocabulary=load_knowledge().vocabulary).batches(5)

    first = next(batches)
    other.replace(path)

    assert first["age_years"].to_list() == [40.0] * 5
    with pytest.raises(SourceError, match=r"facts.parquet: was changed while it was read"):
        list(batches)


@pytest.mark.parametrize("more", [["--out", "moved.parquet"], ["--jurisdiction", "EU"]])
def test_releases_compared_without_people_take_no_option_that_needs_them(more):
    done = overstory("knowledge", "diff", HOME, *more)

    assert (done.returncode, done.stdout) == (2, "")
    assert "go with --panel TABLE" in done.stderr


def test_two_runs_into_one_file_do_not_mix(tmp_path):
    place, beside = tmp_path / "answers.parquet", []

    def frames():
        beside.extend(each.name for each in tmp_path.iterdir())
        yield from ()

    write_answers(place, frames(), schema=facts_schema({}, dated=False), metadata={})

    assert place.exists()
    assert beside
    assert ".answers.parquet.part" not in beside


def test_stopped_while_it_writes_it_leaves_nothing_behind(tmp_path, monkeypatch):
    place = tmp_path / "answers.parquet"
    place.write_bytes(b"of yesterday")
    unlink = Path.unlink

    def interrupted_once(path, **options):
        monkeypatch.setattr(Path, "unlink", unlink)
        raise KeyboardInterrupt

    def frames():
        monkeypatch.setattr(Path, "unlink", interrupted_once)
        raise KeyboardInterrupt
        yield

    with pytest.raises(KeyboardInterrupt):
        write_answers(place, frames(), schema=facts_schema({}, dated=False), metadata={})

    assert [each.name for each in tmp_path.iterdir()] == ["answers.parquet"]
    assert place.read_bytes() == b"of yesterday"
