"""
A table of PostgreSQL is read as it stands, refused with its row and column, and never with its password.

Needs the programs of PostgreSQL 15 or later (`initdb`, `pg_ctl`), in the folder that
`OVERSTORY_POSTGRESQL` names, or else on the path or where Debian has them; a server of its own is
started in a temporary folder and stopped.
"""

import os
import shutil
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import polars as pl
import psycopg
import pytest
from polars.testing import assert_frame_equal

from overstory.panel.sources import open_source
from tests.panel.sources_made import VOCABULARY, long_table, read, refusal

PASSWORD = "pa/ss@wo#rd"  # noqa: S105  # of a server that lives for these tests


def programs():
    """The folder of the programs of PostgreSQL."""
    named = os.environ.get("OVERSTORY_POSTGRESQL")
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found = [Path(named)] if named else [Path(on_path).parent] if on_path else debian[-1:]
    assert found, "PostgreSQL is not here; name the folder of initdb in OVERSTORY_POSTGRESQL"
    return found[0]


def run(*words):
    """One program of the server, as a person that it accepts: it refuses root."""
    user = {"user": "postgres"} if os.geteuid() == 0 else {}
    subprocess.run([str(each) for each in words], check=True, stdout=subprocess.DEVNULL, **user)


@contextmanager
def server(folder):
    """A server that listens on a socket in the folder; yields the address of its database."""
    bin_, where = programs(), folder / "cluster"
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    run(
        bin_ / "initdb", "-D", where, "-U", "boss", "-A", "scram-sha-256", f"--pwfile={secret}",
        "-E", "UTF8", "--no-sync",
    )  # fmt: skip
    options = f"-k {folder} -p 54398 -c listen_addresses="
    run(bin_ / "pg_ctl", "-D", where, "-o", options, "-l", folder / "log", "-w", "start")
    try:
        yield f"postgresql://boss:{quote(PASSWORD, safe='')}@/postgres?host={folder}&port=54398"
    finally:
        run(bin_ / "pg_ctl", "-D", where, "-m", "immediate", "stop")


@pytest.fixture(scope="module")
def address():
    with TemporaryDirectory(prefix="pg") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        with server(folder) as found:
            yield found


def table(address, name, columns, *rows):
    """A table with these columns and rows of SQL text, named as a place."""
    with psycopg.connect(address) as connection:
        connection.execute(f"DROP TABLE IF EXISTS {name}")
        connection.execute(f"CREATE TABLE {name} ({columns})")
        for row in rows:
            connection.execute(f"INSERT INTO {name} VALUES ({row})")  # noqa: S608
    return f"{address}&table={name}"


def test_a_hundred_thousand_rows_are_read_as_they_are(address, tmp_path):
    given = long_table(100_000)
    given.write_csv(tmp_path / "f.csv")
    columns = 'id text, age_years float8, pregnant bool, cssrs_risk text, "pregnant.at" timestamptz'
    place = table(address, "many", columns)
    with (
        psycopg.connect(address) as connection,
        connection.cursor() as cursor,
        cursor.copy("COPY many FROM STDIN (FORMAT csv, HEADER)") as copying,
    ):
        copying.write((tmp_path / "f.csv").read_bytes())

    found = list(open_source(place, vocabulary=VOCABULARY).batches(33_333))

    assert [each.height for each in found] == [33_333, 33_333, 33_333, 1]
    whole = pl.concat(found).sort("id")
    assert_frame_equal(whole, given.sort("id").select(whole.columns))


def test_each_type_becomes_that_of_its_fact(address):
    place = table(
        address,
        "typed",
        "id int8, age_years numeric, weight_kg real, height_cm int, pregnant smallint,"
        ' cssrs_risk varchar(9), "pregnant.at" timestamptz',
        "1, 7.1, 0.5, 180, 1, 'high', '2026-11-22 10:00:00-05'",
        "2, 'NaN', 'Infinity', NULL, NULL, 'o,\"d', NULL",
        "3, NULL, NULL, NULL, 0, NULL, '2026-11-22 10:00:00.000001+00'",
    )

    found = read(place)

    assert found["id"].to_list() == ["1", "2", "3"]
    assert str(found["age_years"].to_list()) == "[7.1, nan, None]"
    assert found["weight_kg"].to_list() == [0.5, float("inf"), None]
    assert found["height_cm"].to_list() == [180.0, None, None]
    assert found["pregnant"].to_list() == [True, None, False]
    assert found["cssrs_risk"].to_list() == ["high", 'o,"d', None]
    assert found["pregnant.at"].to_list() == [
        datetime(2026, 11, 22, 15, tzinfo=UTC),
        None,
        datetime(2026, 11, 22, 10, 0, 0, 1, tzinfo=UTC),
    ]


def test_a_view_in_a_schema_may_be_named_either_way(address):
    with psycopg.connect(address) as connection:
        connection.execute('CREATE SCHEMA IF NOT EXISTS "s t"')
        connection.execute(
            """CREATE OR REPLACE VIEW "s t".facts AS SELECT 'a' AS id, true AS pregnant"""
        )
    path, _, options = address.partition("?")

    assert read(f"{address}&table=s t.facts").rows() == [("a", True)]
    assert read(f"{path}::s t.facts?{options}").rows() == [("a", True)]


def test_a_table_without_rows_and_one_with_ids_alone_are_read(address):
    assert read(table(address, "none", "id text")) is None
    assert read(table(address, "ids", "id text", "'a'", "'b'")).rows() == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("columns", "rows", "says"),
    [
        ("id text, pregnant int", ["'a', 1", "'b', 2"], "row 2: column pregnant: '2', where true or"),
        ("id text, pregnant bool", ["'a', true", "NULL, true"], "row 2: no id; each row needs its"),
        ("id text", ["'a'", "'b'", "'a'"], "row 3: the id 'a' stands before, at"),
        ("id text", ["NULL"], "row 1: no id; each row needs its own"),
        ("id text, pregnant text", [], "column pregnant is String, where true or false belongs"),
        ("id text, age_years json", [], "column age_years is json; facts are boolean, numbers"),
        ('id text, "pregnant.at" timestamp', [], "column pregnant.at is a time without a zone"),
        ('id text, "pregnant.at" timestamptz', ["'a', 'infinity'"], "row 1: column pregnant.at: 'inf"),
        ("id text, age_year int", [], "no fact is named 'age_year'; near it: age_years"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_row_and_column(address, columns, rows, says):
    place = table(address, "wrong", columns, *rows)

    assert refusal(place).startswith(f"postgresql:///postgres::wrong: {says}")


def test_a_table_that_is_not_there_is_refused(address):
    assert 'relation "nowhere" does not exist' in refusal(f"{address}&table=nowhere")


def test_a_password_is_never_shown(address):
    asked = f"{address.replace(quote(PASSWORD, safe=''), 'wrong-secret')}&table=many"

    said = refusal(asked)

    assert "password authentication failed" in said
    assert "secret" not in said
