"""The text itself: one for every engine, in words that all of them have."""

import re
from datetime import UTC, datetime

import duckdb
import pytest
from click.testing import CliRunner

from overstory.cli import main
from overstory.engine.conditions import And, AtLeast, Between, Compare, Holds, Not, OneOf, Or
from overstory.knowledge.load import load_knowledge
from overstory.panel.compiling import compile_program
from overstory.panel.expressions import (
    UNKNOWN,
    Below,
    BodyMassIndex,
    Given,
    Keep,
    Least,
    Pick,
    Possibly,
    Surely,
    Unknown,
)
from overstory.panel.sql_expressions import WRITERS, SqlTextError, literal, sql_expression
from overstory.panel.sql_names import sql_names
from overstory.panel.sql_text import sql_query, sql_text

AT = datetime(2026, 11, 22, 15, tzinfo=UTC)
A, B, C = Holds("a"), Holds("b"), Holds("c")
EXPECTED = [
    (A, "a"),
    (Compare("n", ">=", 140.0), "n >= 140.0E0"),
    (Compare("n", "==", 3), "n = 3"),
    (Compare("n", "!=", 0.1), "n <> 0.1E0"),
    (Between("n", 0.5, 1e-07), "n BETWEEN 0.5E0 AND 1E-07"),
    (OneOf("k", ("x", "y-z")), "k IN ('x', 'y-z')"),
    (Not(And((A, B))), "NOT (a AND b)"),
    (And((A, Or((B, Not(C))))), "a AND (b OR (NOT c))"),
    (
        AtLeast(2, (A, B)),
        "CASE WHEN CASE WHEN a THEN 1 ELSE 0 END + CASE WHEN b THEN 1 ELSE 0 END >= 2 THEN TRUE"
        " WHEN CASE WHEN NOT a THEN 0 ELSE 1 END + CASE WHEN NOT b THEN 0 ELSE 1 END < 2"
        " THEN FALSE END",
    ),
    (Or((Not(A), B)), "(NOT a) OR b"),
    (UNKNOWN, "CAST(NULL AS BOOLEAN)"),
    (Unknown(Or((A, B))), "(a OR b) IS NULL"),
    (Surely(A), "COALESCE(a, FALSE)"),
    (Possibly(A), "COALESCE(a, TRUE)"),
    (Below("low", "high"), "low < high"),
    (Keep("n"), "n"),
    (Given(None), "NULL"),
    (Given("none"), "'none'"),
    (Pick(((A, Given(5)),), Keep("n")), "CASE WHEN a THEN 5 ELSE n END"),
    (Least(("n",)), "n"),
    (Least(("n", "m")), "LEAST(n, m)"),
    (BodyMassIndex("kg", "cm"), "kg * 10000.0E0 / (cm * cm)"),
]
WORDS = {
    "WITH", "AS", "SELECT", "FROM", "OFFSET", "CASE", "WHEN", "THEN", "ELSE", "END", "AND", "OR", "NOT",
    "IN", "IS", "NULL", "TRUE", "FALSE", "BETWEEN", "CAST", "BOOLEAN", "BIGINT", "COALESCE", "LEAST",
    "CONCAT_WS", "NULLIF", "SUM", "MD5", "SUBSTR", "ASCII",
}  # fmt: skip
SIGNS = set("(),.'=<>+-*/ \n")


def program(jurisdiction="US"):
    knowledge = load_knowledge()
    return compile_program(
        knowledge=knowledge, jurisdiction=jurisdiction, at=AT, dated=tuple(knowledge.vocabulary)
    )


@pytest.mark.parametrize(("node", "expected"), EXPECTED, ids=lambda each: type(each).__name__)
def test_each_node_has_its_sql(node, expected):
    found = sql_expression(node, lambda name: name)

    assert found == expected


def test_every_node_that_can_be_written_is_among_those():
    assert {type(node) for node, _ in EXPECTED} == set(WRITERS)


@pytest.mark.parametrize("ending", ["full", "compact", "checksums"])
@pytest.mark.parametrize("jurisdiction", ["US", "EU"])
def test_the_text_has_no_word_that_an_engine_lacks(jurisdiction, ending):
    text = sql_text(program(jurisdiction), ending=ending)

    bare = re.sub(r"'[^']*'", "", text)
    numbers = r"\b\d+(\.\d+)?(E[+-]?\d+)?\b"
    words = set(re.findall(r"[A-Za-z_]\w*", re.sub(numbers, "", bare)))
    assert {word for word in words if word.upper() == word and word.lower() != word} <= WORDS
    names = words - WORDS
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name) for name in names)
    assert set(re.sub(r"\w", "", text)) <= SIGNS


def test_the_text_is_the_same_each_time():
    assert sql_text(program()) == sql_text(program())


def test_what_stands_behind_each_name_is_kept():
    found = sql_query(program(), ending="compact")

    assert found.columns["ketamine_then_tms__decided_by"] == "ketamine-then-tms.decided_by"
    assert found.columns["safety__level"] == "safety.level"
    assert list(found.columns)[:4] == [
        "id",
        "esketamine__verdict",
        "esketamine__decided_by",
        "esketamine__asks",
    ]


def test_a_name_that_is_too_long_or_taken_ends_in_a_mark_of_its_own():
    long = "esketamine.asks." + "a" * 60

    found = sql_names(["bmi", "bmi.at", "a.b", "a__b", long, long + "b"])

    assert (found["bmi"], found["bmi.at"]) == ("bmi", "bmi_at")
    assert len(set(found.values())) == 6
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name) for name in found.values())
    assert sql_names([long])[long] == found[long]


@pytest.mark.parametrize("value", [0.1, 5e-324, 1e308, 1 / 3, 140.0, 1e22, -0.0])
def test_a_number_keeps_every_digit(value):
    assert float(literal(value)) == value


@pytest.mark.parametrize("text", ["it's", "back\\slash", "nul\x00"])
def test_a_text_that_an_engine_would_read_otherwise_is_refused(text):
    with pytest.raises(SqlTextError):
        literal(text)


def test_a_node_without_sql_is_refused():
    with pytest.raises(SqlTextError, match="no SQL for date"):
        sql_expression(AT.date(), lambda name: name)


def test_no_select_has_more_columns_than_a_postgresql_table():
    for ending in ("full", "compact", "checksums"):
        for select in re.findall(
            r"SELECT (.*?)\nFROM", sql_text(program(), ending=ending), re.DOTALL
        ):
            assert select.count(",\n") < 1600


def test_the_exported_file_says_what_it_is_and_is_read_whole_by_an_engine(tmp_path):
    knowledge = load_knowledge()
    command = ["knowledge", "export", "--sql", "--jurisdiction", "EU", "--at", AT.isoformat()]

    found = CliRunner().invoke(main, [*command, str(tmp_path / "rules.sql")])

    text = (tmp_path / "rules.sql").read_text()
    assert (found.exit_code, found.output) == (0, "")
    assert knowledge.sha256 in text.splitlines()[0] + text.splitlines()[1]
    assert "No clinician has reviewed this knowledge." in text
    assert "-- Labels of the EU. As of 2026-11-22T15:00:00+00:00" in text
    assert text.endswith(sql_text(program("EU"), ending="compact"))
    kinds = {"bool": "BOOLEAN", "number": "DOUBLE", "code": "VARCHAR"}
    columns = [
        f"{name} {kinds[kind.kind]}, {name}_at BIGINT"
        for name, kind in knowledge.vocabulary.items()
    ]
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE facts (id VARCHAR, {', '.join(columns)})")
        connection.execute("INSERT INTO facts (id, age_years) VALUES ('a', 17)")
        (answer,) = connection.execute(text).fetchall()
    assert answer[:2] == ("a", "contraindicated")  # esketamine: under 18 (rule esketamine.under-18)
