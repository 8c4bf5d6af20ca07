"""Facts tables for the tests of sources: small ones written out, and a long one of every kind of file."""

import duckdb
import polars as pl

from overstory.knowledge.load import load_knowledge
from overstory.panel.sources import SourceError, open_source

VOCABULARY = load_knowledge().vocabulary
"""Its facts `pregnant` (true or false), `age_years` (a number) and `cssrs_risk` (a code) are used here."""


def read(path, *, size=1000):
    """Everything that a place holds, as one table; None where it has no rows."""
    found = list(open_source(str(path), vocabulary=VOCABULARY).batches(size))
    return pl.concat(found) if found else None


def refusal(path, *, size=1000):
    """What is said when a place is refused."""
    try:
        read(path, size=size)
    except SourceError as error:
        return str(error)
    raise AssertionError(f"{path} was read")


def written(path, text):
    """A file with this text, byte for byte if it is bytes."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def long_table(rows):
    """So many people; every third value is unknown, and no two columns are null at the same rows."""
    number = pl.int_range(rows)
    return pl.select(
        id=pl.format("p{}", number),
        age_years=pl.when(number % 3 != 0).then(number % 97 + 0.5),
        pregnant=pl.when(number % 3 != 1).then(number % 2 == 0),
        cssrs_risk=pl.when(number % 3 != 2).then(
            pl.when(number % 5 == 0).then(pl.lit("high")).otherwise(pl.lit("none"))
        ),
    ).with_columns(
        pl.when(number % 4 != 0)
        .then(pl.datetime(2026, 1, 1, time_zone="UTC") + pl.duration(minutes=number))
        .alias("pregnant.at")
    )


def write_duckdb(path, query, *, table="facts"):
    """A DuckDB file with one table, named as a place."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE {table} AS {query}")
    return f"{path}::{table}"
