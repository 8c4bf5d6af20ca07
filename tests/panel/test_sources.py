"""Every kind of source gives the same facts, row for row, and none of its rows is lost."""

import gzip
import itertools

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from overstory.panel.columns import facts_schema
from overstory.panel.door import enter
from overstory.panel.sources import SourceError, open_source
from overstory.panel.sources.errors import reading
from overstory.panel.sources.identities import Identities
from tests.panel.random_people import AT
from tests.panel.sources_made import (
    VOCABULARY,
    long_table,
    read,
    refusal,
    write_duckdb,
    written,
)


def as_parquet(folder, table):
    table.write_parquet(folder / "facts.parquet", row_group_size=7_001)
    return folder / "facts.parquet"


def as_parts(folder, table):
    parts = folder / "parts"
    parts.mkdir()
    table.head(12_345).write_parquet(parts / "part-0.parquet")
    table.slice(12_345).write_parquet(parts / "part-1.parquet")
    (parts / "_SUCCESS").touch()
    return parts


def as_pattern(folder, table):
    return as_parts(folder, table) / "part-?.parquet"


def as_arrow(folder, table):
    table.write_ipc(folder / "facts.arrow")
    return folder / "facts.arrow"


def as_feather(folder, table):
    table.write_ipc(folder / "facts.feather", compression="lz4")
    return folder / "facts.feather"


def as_csv(folder, table):
    table.write_csv(folder / "facts.csv")
    return folder / "facts.csv"


def as_quoted_csv(folder, table):
    table.write_csv(folder / "facts.csv", quote_style="always", line_terminator="\r\n")
    return folder / "facts.csv"


def as_packed_csv(folder, table):
    plain = as_csv(folder, table)
    return written(folder / "facts.csv.gz", gzip.compress(plain.read_bytes(), compresslevel=1))


def as_duckdb(folder, table):
    parquet = as_parquet(folder, table)
    return write_duckdb(folder / "clinic.duckdb", f"FROM read_parquet('{parquet}')")


KINDS = [
    as_parquet, as_parts, as_pattern, as_arrow, as_feather, as_csv, as_quoted_csv, as_packed_csv, as_duckdb,
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_hundred_thousand_rows_are_read_as_they_are(kind, tmp_path):
    given = long_table(100_000)
    place = kind(tmp_path, given)

    found = list(open_source(str(place), vocabulary=VOCABULARY).batches(33_333))

    assert [table.height for table in found] == [33_333, 33_333, 33_333, 1]
    assert_frame_equal(pl.concat(found), given.select(found[0].columns))


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_without_people_is_an_answer(kind, tmp_path):
    place = kind(tmp_path, long_table(0))

    source = open_source(str(place), vocabulary=VOCABULARY)

    assert list(source.batches(10)) == []
    assert source.rows in {0, None}


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_can_be_read_twice(kind, tmp_path):
    source = open_source(str(kind(tmp_path, long_table(20_000))), vocabulary=VOCABULARY)

    counts = [sum(table.height for table in source.batches(999)) for _ in range(2)]

    assert counts == [20_000, 20_000]


@pytest.mark.parametrize("kind", KINDS)
def test_an_id_that_stands_twice_is_found_across_batches(kind, tmp_path):
    given = long_table(20_000)
    place = kind(tmp_path, pl.concat([given, given.slice(17, 1)]))

    said = refusal(place, size=300)

    assert "the id 'p17' stands before" in said
    assert said.endswith("a table has one row a person")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_missing_is_told_and_columns_have_the_order_of_the_vocabulary(kind, tmp_path):
    given = long_table(10).select("pregnant.at", "cssrs_risk", "id", "pregnant", "age_years")

    source = open_source(str(kind(tmp_path, given)), vocabulary=VOCABULARY)

    assert source.columns == ("id", "age_years", "pregnant", "cssrs_risk", "pregnant.at")
    assert "weight_kg" in source.missing
    assert "pregnant" not in source.missing
    assert len(source.missing) == len(VOCABULARY) - 3


@pytest.mark.parametrize("kind", KINDS)
def test_the_door_takes_what_a_source_gives(kind, tmp_path):
    table = read(kind(tmp_path, long_table(50)))

    entered = enter(table, vocabulary=VOCABULARY, at=AT)

    assert entered.facts.height == 50
    schema = facts_schema(VOCABULARY, dated=True)
    assert dict(table.schema) == {name: schema[name] for name in table.columns}


def test_the_row_of_the_first_one_is_named_where_an_id_stands_twice(tmp_path):
    path = written(tmp_path / "f.csv", "id\na\nb\nc\nb\n")

    assert refusal(path) == (
        f"{path}:5: the id 'b' stands before, at {path}:3; a table has one row a person"
    )


def test_an_id_whose_hash_alone_stood_before_is_no_duplicate(tmp_path):
    source = open_source(str(written(tmp_path / "f.csv", "id\na\nb\nc\n")), vocabulary=VOCABULARY)

    source._refuse_if_before("c", "the third row", 2)

    with pytest.raises(SourceError, match="the id 'b' stands before"):
        source._refuse_if_before("b", "the third row", 2)


def test_identities_finds_each_id_that_stood_before_and_no_other():
    identities = Identities()
    batches = [[f"{n}" for n in range(start, start + 100)] for start in range(0, 5_000, 100)]

    found = [identities.repeated(pl.Series(batch)) for batch in batches]
    again = identities.repeated(pl.Series(["x", "4999", "y", "0", "x"]))

    assert list(itertools.chain(*found)) == []
    assert again == [1, 3, 4]


def test_a_batch_has_at_least_one_row(tmp_path):
    source = open_source(str(written(tmp_path / "f.csv", "id\n")), vocabulary=VOCABULARY)

    with pytest.raises(ValueError, match="at least one row"):
        next(source.batches(0))


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("id,age_year", "no fact is named 'age_year'; near it: age_years"),
        ("id,pregnnt.at", "no fact is named 'pregnnt.at'; near it: pregnant.at"),
        ("id,zzz", "no fact is named 'zzz'; columns are id, facts, and facts with .at"),
        ("id,pregnant.when", "no fact is named 'pregnant.when'; near it: pregnant"),
        ("id,id.at", "no fact is named 'id.at'"),
        ("ID,age_years", "no fact is named 'ID'; near it: id"),
        ("id, age_years", "no fact is named ' age_years'; near it: age_years"),
        ("age_years,pregnant", "no column is named id"),
        ("id,age_years,age_years", "column 'age_years' stands twice"),
        ("id,,age_years", "column 2 has no name"),
    ],
)
def test_a_header_that_is_not_one_of_a_facts_table_is_refused(header, says, tmp_path):
    path = written(tmp_path / "f.csv", header + "\n")

    assert refusal(path).startswith(f"{path}: {says}")


@pytest.mark.parametrize(
    "place", ["facts.txt", "facts", "s3://bucket/facts", "x.duckdb", "facts.xlsx"]
)
def test_a_place_of_no_known_kind_is_refused_with_the_kinds(place):
    assert refusal(place).startswith(f"{place}: a facts table is a file that ends in .parquet,")


@pytest.mark.parametrize("name", ["f.parquet", "f.arrow", "f.csv", "f.csv.gz", "f.duckdb::facts"])
def test_a_file_that_is_not_there_is_refused(name, tmp_path):
    assert "there is no such file" in refusal(tmp_path / name)


@pytest.mark.parametrize("name", ["f.parquet", "f.arrow", "f.csv", "f.csv.gz"])
def test_a_file_that_vanishes_while_it_is_read_is_an_error(name, tmp_path):
    kind = {
        "f.parquet": as_parquet,
        "f.arrow": as_arrow,
        "f.csv": as_csv,
        "f.csv.gz": as_packed_csv,
    }
    path = kind[name](tmp_path, long_table(10))
    source = open_source(str(path), vocabulary=VOCABULARY)
    path.unlink()

    with pytest.raises(ValueError, match=r"there is no such file|cannot be read"):
        list(source.batches(5))


@pytest.mark.parametrize("name", ["f.parquet", "f.csv"])
def test_a_name_with_a_nul_is_refused(name):
    assert refusal(f"a\0{name}") == "the name of a file has no NUL in it"


def test_a_file_that_may_not_be_read_is_an_error():
    """Raised as the file system does, since the tests may run as one who may read everything."""
    with (
        pytest.raises(SourceError, match=r"^f\.csv: may not be read; its permissions forbid it$"),
        reading("f.csv", right="a CSV file"),
    ):
        raise PermissionError(13, "Permission denied")
