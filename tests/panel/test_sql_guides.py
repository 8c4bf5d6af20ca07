"""The guides to the SQL text: what they show is run, and the people in it are answered."""

import re
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from overstory.knowledge.load import load_knowledge
from overstory.panel import duckdb_engine, postgres_engine
from overstory.panel.sql_export import facts_table, sql_file
from tests.panel import postgres

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "panel-in-sql.md"
AT = datetime.fromisoformat("2026-11-22T15:00:00+00:00")
PEOPLE = pl.DataFrame(
    {
        "id": ["young", "pregnant", "unknown"],
        "age_years": [17.0, 34.0, None],
        "has_major_depression": [True, True, None],
        "cssrs_risk": ["high", "none", None],
        "pregnant": [False, True, None],
        "pregnant.at": [AT, AT, None],
    },
    schema_overrides={"pregnant.at": pl.Datetime("us", "UTC")},
)
ANSWERS = {  # rules esketamine.under-18 and tms.under-15; nothing is known of the third
    "young": ("contraindicated", "high"),
    "pregnant": ("cannot-say-yet", "none"),
    "unknown": ("cannot-say-yet", "unknown"),
}


def shown(engine):
    (found,) = re.findall(rf"^```sql {engine}\n(.*?)^```$", GUIDE.read_text(), re.M | re.S)
    return found


def text():
    return sql_file(load_knowledge(), jurisdiction="US", at=AT, ending="compact")


def answers_of(columns, rows):
    places = [columns.index(name) for name in ("id", "esketamine__verdict", "safety__level")]
    found = [tuple(row[place] for place in places) for row in rows]
    return {person: (verdict, level) for person, verdict, level in found}


def test_what_the_guide_shows_for_duckdb_answers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    PEOPLE.write_parquet("people.parquet")

    with duckdb.connect() as connection:
        connection.execute(facts_table(load_knowledge(), duckdb_engine.DIALECT))
        connection.execute(shown("duckdb"))
        found = connection.execute(text())
        columns, rows = [each[0] for each in found.description], found.fetchall()

    assert answers_of(columns, rows) == ANSWERS


@pytest.fixture
def database():
    with postgres.cluster() as connection:
        yield connection


def test_what_the_guide_shows_for_postgresql_answers(database):
    postgres.put(database, PEOPLE, name="people")

    database.execute(facts_table(load_knowledge(), postgres_engine.DIALECT))
    database.execute(shown("postgresql"))
    found = database.execute(text())

    columns = [each.name for each in found.description]
    assert answers_of(columns, found.fetchall()) == ANSWERS
