"""Parquet, Arrow and DuckDB have types: they become those of facts exactly, or are refused."""

from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import polars as pl
import pytest

from overstory.panel.sources import open_source
from tests.panel.sources_made import VOCABULARY, long_table, read, refusal, write_duckdb, written


def parquet(folder, **columns):
    given = {"id": ["a", "b", "c"]} | columns
    pl.DataFrame(given).write_parquet(folder / "f.parquet")
    return folder / "f.parquet"


@pytest.mark.parametrize(
    ("values", "kind", "right"),
    [
        ([1, 0, None], pl.Int8, [True, False, None]),
        ([1, 0, None], pl.UInt64, [True, False, None]),
        ([True, None, False], pl.Boolean, [True, None, False]),
        ([None, None, None], pl.Null, [None, None, None]),
    ],
)
def test_a_truth_may_be_a_zero_or_a_one(values, kind, right, tmp_path):
    path = parquet(tmp_path, pregnant=pl.Series(values, dtype=kind))

    assert read(path)["pregnant"].to_list() == right


def test_a_two_is_no_truth(tmp_path):
    path = parquet(tmp_path, pregnant=[1, 0, 2])

    assert refusal(path).startswith(
        f"{path}: row 3: column pregnant: 2, where true or false belongs"
    )


@pytest.mark.parametrize(
    ("values", "kind", "right"),
    [
        ([44, -1, None], pl.Int16, [44.0, -1.0, None]),
        ([2**53, -(2**53), None], pl.Int64, [9007199254740992.0, -9007199254740992.0, None]),
        ([0.5, float("inf"), None], pl.Float32, [0.5, float("inf"), None]),
        ([Decimal("7.1"), Decimal("-0.3"), None], pl.Decimal(38, 20), [7.1, -0.3, None]),
        ([Decimal("0.1234567890123456789"), None, None], pl.Decimal(38, 19), [0.12345678901234568, None, None]),
        ([None, None, None], pl.Null, [None, None, None]),
    ],
)  # fmt: skip
def test_numbers_of_any_type_become_the_same_numbers(values, kind, right, tmp_path):
    path = parquet(tmp_path, age_years=pl.Series(values, dtype=kind))

    assert read(path)["age_years"].to_list() == right


def test_a_whole_number_too_large_to_be_exact_is_refused(tmp_path):
    path = parquet(tmp_path, age_years=[1, 2**53 + 1, 3])

    assert refusal(path).startswith(f"{path}: row 2: column age_years: 9007199254740993, where")


@pytest.mark.parametrize("kind", [pl.Categorical, pl.Enum(["high", "odd"]), pl.String])
def test_codes_may_be_dictionaries(kind, tmp_path):
    path = parquet(tmp_path, cssrs_risk=pl.Series(["high", None, "odd"], dtype=kind))

    assert read(path)["cssrs_risk"].to_list() == ["high", None, "odd"]


@pytest.mark.parametrize(
    ("ids", "right"),
    [
        (pl.Series([1, 22, -3]), ["1", "22", "-3"]),
        (pl.Series(["a", "b", "c"], dtype=pl.Categorical), ["a", "b", "c"]),
    ],
)
def test_ids_may_be_whole_numbers(ids, right, tmp_path):
    assert read(parquet(tmp_path, id=ids))["id"].to_list() == right


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_a_time_with_any_zone_becomes_utc(unit, zone, tmp_path):
    noon = pl.Series([datetime(2026, 11, 22, 12, tzinfo=UTC)] * 3)
    times = noon.dt.convert_time_zone(zone).dt.cast_time_unit(unit)

    table = read(parquet(tmp_path, **{"pregnant.at": times}))

    assert table.schema["pregnant.at"] == pl.Datetime("us", "UTC")
    assert table["pregnant.at"].to_list() == [datetime(2026, 11, 22, 12, tzinfo=UTC)] * 3


@pytest.mark.parametrize(
    ("column", "values", "says"),
    [
        ("pregnant", ["true", "false", None], "column pregnant is String, where true or false"),
        ("pregnant", [1.0, 0.0, None], "column pregnant is Float64, where true or false"),
        ("age_years", ["44", "45", None], "column age_years is String, where a number belongs"),
        ("age_years", [True, False, None], "column age_years is Boolean, where a number belongs"),
        ("age_years", [[1], [2], None], "column age_years is List(Int64), where a number belongs"),
        ("age_years", [{"v": 1}, None, None], "column age_years is Struct({'v': Int64}), where"),
        ("cssrs_risk", [1, 2, 3], "column cssrs_risk is Int64, where a code belongs"),
        ("cssrs_risk", [b"a", b"b", None], "column cssrs_risk is Binary, where a code belongs"),
        ("id", [1.0, 2.0, 3.0], "column id is Float64, where an id belongs"),
        ("pregnant.at", [datetime(2026, 1, 1)] * 3, "column pregnant.at is a time without a zone"),  # noqa: DTZ001
        ("pregnant.at", [date(2026, 1, 1)] * 3, "column pregnant.at is Date, where a time with"),
        ("pregnant.at", ["2026-01-01T00:00:00Z"] * 3, "column pregnant.at is String, where a time"),
    ],
)  # fmt: skip
def test_a_column_of_a_type_that_its_fact_has_not_is_refused(column, values, says, tmp_path):
    path = parquet(tmp_path, **{column: values})

    assert refusal(path).startswith(f"{path}: {says}")


@pytest.mark.parametrize("ids", [["a", None, "c"], ["a", "", "c"], ["a", "  ", "c"]])
def test_a_row_without_an_id_is_named(ids, tmp_path):
    path = parquet(tmp_path, id=ids)

    assert refusal(path) == f"{path}: row 2: no id; each row needs its own"


def test_a_file_of_another_kind_is_told_from_one_that_is_cut_off(tmp_path):
    whole = parquet(tmp_path).read_bytes()
    files = {
        "is it another kind of file?": b"id\na\n",
        "it is cut off": whole[:-10],
        "the file is empty; expected a Parquet file": b"",
        "is encrypted; write it without encryption": b"PARE" + whole[4:-4] + b"PARE",
    }

    for says, content in files.items():
        path = written(tmp_path / "g.parquet", content)
        assert says in refusal(path)


def test_an_arrow_stream_and_an_old_feather_are_refused_with_what_to_write(tmp_path):
    stream = tmp_path / "f.arrow"
    long_table(3).write_ipc_stream(stream)
    old = written(tmp_path / "g.feather", b"FEA1....FEA1")

    assert refusal(stream) == f"{stream}: is an Arrow stream; write an Arrow file"
    assert refusal(old) == f"{old}: is Feather of version 1; write version 2"


def test_what_a_parquet_file_says_of_itself_is_kept(tmp_path):
    path = tmp_path / "f.parquet"
    notes = {"overstory.at": "2026-11-22T10:00:00Z", "overstory.invented": "true", "else": "x"}
    long_table(3).write_parquet(path, metadata=notes)

    source = open_source(str(path), vocabulary=VOCABULARY)

    assert source.notes == {"overstory.at": "2026-11-22T10:00:00Z", "overstory.invented": "true"}
    assert source.rows == 3


def test_parts_of_several_moments_are_no_table(tmp_path):
    for number, moment in enumerate(["2026-11-21T10:00:00Z", "2026-11-22T10:00:00Z"]):
        part = long_table(10).slice(number * 5, 5)
        part.write_parquet(tmp_path / f"p{number}.parquet", metadata={"overstory.at": moment})

    assert refusal(tmp_path) == (
        f"{tmp_path / 'p1.parquet'}: of 2026-11-22T10:00:00Z,"
        " where another part is of 2026-11-21T10:00:00Z"
    )


def test_parts_have_the_same_columns_but_may_have_other_types(tmp_path):
    pl.DataFrame({"id": ["a"], "age_years": [44]}).write_parquet(tmp_path / "p0.parquet")
    pl.DataFrame({"age_years": [45.5], "id": ["b"]}).write_parquet(tmp_path / "p1.parquet")

    assert read(tmp_path).rows() == [("a", 44.0), ("b", 45.5)]

    pl.DataFrame({"id": ["c"]}).write_parquet(tmp_path / "p2.parquet")

    assert refusal(tmp_path) == (
        f"{tmp_path / 'p2.parquet'}: no column age_years, which {tmp_path / 'p0.parquet'} has"
    )


def test_an_id_in_two_parts_is_refused_with_both_places(tmp_path):
    pl.DataFrame({"id": ["a", "b"]}).write_parquet(tmp_path / "p0.parquet")
    pl.DataFrame({"id": ["c", "b"]}).write_parquet(tmp_path / "p1.parquet")

    assert refusal(tmp_path) == (
        f"{tmp_path / 'p1.parquet'}: row 2: the id 'b' stands before, at"
        f" {tmp_path / 'p0.parquet'}: row 2; a table has one row a person"
    )


def test_a_folder_holds_parts_and_nothing_else(tmp_path):
    (tmp_path / ".hidden").touch()

    assert refusal(tmp_path) == f"{tmp_path}: no part that ends in .parquet stands there"
    assert "no part that ends in .parquet" in refusal(tmp_path / "*.parquet")

    pl.DataFrame({"id": ["a"]}).write_parquet(tmp_path / "p0.parquet")
    (tmp_path / "p1.csv").touch()

    assert refusal(tmp_path) == f"{tmp_path}: p1.csv is no part; all parts end in .parquet"

    (tmp_path / "p1.csv").unlink()
    (tmp_path / "year=2026").mkdir()

    assert "year=2026 is a folder; name the parts with a pattern" in refusal(tmp_path)


def test_a_file_whose_name_looks_like_a_pattern_is_read_as_itself(tmp_path):
    path = tmp_path / "f[1].parquet"
    pl.DataFrame({"id": ["a"]}).write_parquet(path)

    assert read(path).rows() == [("a",)]


def test_a_duckdb_view_in_a_schema_is_read_with_its_types(tmp_path):
    path = tmp_path / "clinic.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute('CREATE SCHEMA "s t"')
        connection.execute(
            """CREATE VIEW "s t".facts AS SELECT 'a' AS id, 7.1::DECIMAL(5, 2) AS age_years,
            'high'::ENUM ('none', 'high') AS cssrs_risk, 1::UTINYINT AS pregnant,
            TIMESTAMPTZ '2026-11-22 10:00:00+00' AS "pregnant.at" """
        )

    table = read(f"{path}::s t.facts")

    moment = datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert table.rows() == [("a", 7.1, True, "high", moment)]


def test_a_duckdb_table_with_deleted_rows_loses_no_other(tmp_path):
    place = write_duckdb(tmp_path / "c.duckdb", "SELECT 'p' || i AS id FROM range(5000) t(i)")
    with duckdb.connect(str(tmp_path / "c.duckdb")) as connection:
        connection.execute("DELETE FROM facts WHERE id LIKE '%7'")

    found = read(place, size=97)

    assert found["id"].to_list() == [f"p{number}" for number in range(5000) if number % 10 != 7]


def test_a_duckdb_table_that_is_not_there_is_refused(tmp_path):
    place = write_duckdb(tmp_path / "c.duckdb", "SELECT 'a' AS id")

    said = refusal(place.replace("::facts", "::fact"))

    assert said.startswith(f"{tmp_path / 'c.duckdb'}::fact: Catalog Error: Table with name fact")


def test_a_duckdb_query_in_place_of_a_table_is_no_table(tmp_path):
    place = write_duckdb(tmp_path / "c.duckdb", "SELECT 'a' AS id")

    assert "Catalog Error" in refusal(f'{place}"; DROP TABLE facts; --')
    assert read(place).rows() == [("a",)]


def test_what_is_no_duckdb_file_is_refused(tmp_path):
    path = written(tmp_path / "c.duckdb", b"x" * 10_000)

    assert refusal(f"{path}::facts").startswith(f"{path}::facts: ")


def test_a_value_that_a_duckdb_column_may_not_have_is_named_by_its_row(tmp_path):
    place = write_duckdb(
        tmp_path / "c.duckdb", "SELECT 'p' || i AS id, i AS pregnant FROM range(3) t(i)"
    )

    assert refusal(place).startswith(f"{place}: row 3: column pregnant: 2, where true or false")
