"""The guide to facts tables says what is so: its table is read, and its query makes one."""

import re
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from tests.panel.sources_made import read, refusal, written

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "facts-tables.md"


def example(kind):
    """The one example of a kind in the guide."""
    (found,) = re.findall(
        rf"^```{kind} facts\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL
    )
    return found


def test_the_table_of_the_guide_is_read(tmp_path):
    table = read(written(tmp_path / "facts.csv", example("csv")))

    assert table["id"].to_list() == ["p001", "p002", "p003"]
    assert table["age_years"].to_list() == [44.0, 71.0, 35.0]
    assert table["pregnant"].to_list() == [False, None, None]
    assert table["pregnant.at"].to_list() == [
        datetime(2026, 11, 20, 14, tzinfo=UTC),
        datetime(2026, 11, 21, 21, 30, tzinfo=UTC),
        None,
    ]


def test_the_query_of_the_guide_makes_a_table(tmp_path):
    path = tmp_path / "clinic.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """CREATE TABLE patients AS
            SELECT 7 AS patient_id, DATE '1980-05-01' AS born, 128 AS last_pressure,
                TIMESTAMPTZ '2026-11-22 09:00:00-05' AS last_pressure_at, 'refuted' AS mdd_status
            UNION ALL SELECT 8, DATE '1955-05-01', NULL, NULL, NULL"""
        )
        connection.execute(f"CREATE VIEW facts AS {example('sql')}")

    table = read(f"{path}::facts").sort("id")

    assert table.select("id", "age_years", "has_major_depression", "systolic_bp").rows() == [
        ("7", 46.0, False, 128.0),
        ("8", 71.0, None, None),
    ]
    assert table["systolic_bp.at"].to_list() == [datetime(2026, 11, 22, 14, tzinfo=UTC), None]


def test_the_words_that_the_guide_refuses_are_refused(tmp_path):
    for word in ("yes", "NA", "null", "t", "f"):
        path = written(tmp_path / "facts.csv", f"id,pregnant\na,{word}\n")
        assert refusal(path).startswith(f"{path}:2: column pregnant: {word!r}")
