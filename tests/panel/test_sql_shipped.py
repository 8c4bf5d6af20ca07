"""The shipped knowledge as SQL: DuckDB and PostgreSQL answer invented people as the bedside does."""

import math
from functools import cache

import polars as pl
import pytest

from overstory.knowledge.load import load_knowledge
from overstory.panel import duckdb_engine, postgres_engine
from overstory.panel.sql_table import FactsTableError
from tests.panel import postgres
from tests.panel.random_people import AT, random_rows
from tests.panel.sql_agreement import Asked, check_checksums, check_compact, check_full
from tests.people import CONTENT

CASES = [("US", False), ("US", True), ("EU", True)]
VERDICTS = {
    "contraindicated", "not-indicated", "not-now", "cannot-say-yet", "with-conditions", "suitable",
}  # fmt: skip


@cache
def asked_of(jurisdiction, dated):
    written = [{**CONTENT["base"], **each["change"]} for each in CONTENT["vignettes"]]
    rows = [
        *random_rows(60, seed=f"SQL {jurisdiction} {dated}", dated=dated),
        *({name: (value, None) for name, value in one.items()} for one in written),
    ]
    asked = Asked(rows, knowledge=load_knowledge(), jurisdiction=jurisdiction, at=AT, dated=dated)
    return asked, asked.bedside()


@pytest.fixture(scope="module")
def database():
    with postgres.cluster() as connection:
        yield connection


@pytest.mark.parametrize(("jurisdiction", "dated"), CASES)
def test_duckdb_gives_every_bedside_answer_in_each_ending(jurisdiction, dated, tmp_path):
    asked, expected = asked_of(jurisdiction, dated)
    file = asked.file(tmp_path)

    full, compact, sums = (
        list(duckdb_engine.run(asked.program, file, ending=ending, batch_rows=50))
        for ending in ("full", "compact", "checksums")
    )

    check_full(asked, full, expected)
    check_compact(compact, expected)
    check_checksums(asked, sums)


@pytest.mark.parametrize(("jurisdiction", "dated"), CASES)
def test_postgresql_gives_every_bedside_answer_in_each_ending(jurisdiction, dated, database):
    asked, expected = asked_of(jurisdiction, dated)
    postgres.put(database, asked.table, name="people")

    full, compact, sums = (
        list(postgres_engine.run(asked.program, database, "public.people", ending=ending))
        for ending in ("full", "compact", "checksums")
    )

    check_full(asked, full, expected)
    check_compact(compact, expected)
    check_checksums(asked, sums)


def test_the_people_asked_about_have_every_verdict():
    found = {
        verdict
        for case in CASES
        for answer in asked_of(*case)[1]
        for verdict in answer["verdicts"].values()
    }

    assert found == VERDICTS


def test_a_user_table_may_itself_be_called_facts(database):
    asked, expected = asked_of("US", True)
    postgres.put(database, asked.table, name="facts")

    first, again = (
        list(postgres_engine.run(asked.program, database, "facts", ending="compact"))
        for _ in range(2)
    )

    check_compact(first, expected)
    check_compact(again, expected)


def test_postgresql_is_left_as_it_was(database):
    asked, _ = asked_of("US", False)
    postgres.put(database, asked.table, name="people")
    jit = database.execute("SHOW jit").fetchone()

    frames = postgres_engine.run(asked.program, database, "people", batch_rows=1)
    next(frames)
    frames.close()

    assert database.execute("SHOW jit").fetchone() == jit
    left = database.execute("SELECT count(*) FROM pg_views WHERE viewname = 'facts'").fetchone()
    assert left == (0,)


def test_nan_that_the_statistics_of_a_file_leave_out_is_still_unknown(tmp_path):
    """A file whose least and greatest number are both 40 and that has NaN: DuckDB must look."""
    people = [{"systolic_bp": (40.0, None)}, {"systolic_bp": (math.nan, None)}]
    asked = Asked(people, knowledge=load_knowledge(), jurisdiction="US", at=AT, dated=False)

    (found,) = duckdb_engine.run(asked.program, asked.file(tmp_path))

    assert found["systolic_bp"].to_list() == [40.0, None]


def test_a_file_without_ids_is_refused(tmp_path):
    asked, _ = asked_of("US", False)
    file = tmp_path / "facts.parquet"
    asked.table.drop("id").write_parquet(file)

    with pytest.raises(FactsTableError, match="has no column id"):
        list(duckdb_engine.run(asked.program, file))


def test_an_empty_table_has_empty_answers_of_the_same_shape(tmp_path):
    asked, _ = asked_of("US", True)
    file = tmp_path / "facts.parquet"
    asked.table.head(0).write_parquet(file)

    found = pl.concat(duckdb_engine.run(asked.program, file))

    assert found.height == 0
    assert found.schema == asked.in_process.select(found.columns).schema


def test_an_empty_table_of_the_database_has_empty_answers_of_the_same_shape(database):
    asked, _ = asked_of("US", True)
    postgres.put(database, asked.table.head(0), name="nobody")

    found = pl.concat(postgres_engine.run(asked.program, database, "nobody"))

    assert found.height == 0
    assert found.schema == asked.in_process.select(found.columns).schema


def test_times_may_stand_as_microseconds_already(tmp_path):
    asked, expected = asked_of("US", True)
    file = tmp_path / "facts.parquet"
    times = [name for name in asked.table.columns if name.endswith(".at")]
    asked.table.with_columns(
        pl.col(name).dt.timestamp("us").alias(name.removesuffix(".at") + "_at") for name in times
    ).drop(times).write_parquet(file)

    found = list(duckdb_engine.run(asked.program, file))

    check_full(asked, found, expected)
