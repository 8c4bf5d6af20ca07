"""The one SQL text over a million people in DuckDB, PostgreSQL and Spark; its sums are those of Polars."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import polars as pl

from benchmarks.reporting import report
from overstory.knowledge.load import load_knowledge
from overstory.panel import duckdb_engine, polars_engine, postgres_engine, spark_engine
from overstory.panel.compiling import compile_program
from overstory.panel.door import enter
from overstory.panel.program import Program
from overstory.panel.sql_checksums import checksums_of, differences
from overstory.panel.sql_text import sql_text

AT = datetime(2026, 11, 22, 15, tzinfo=UTC)
PIECE = 100_000
Sums = Mapping[str, int]


class DisagreementError(AssertionError):
    """Two engines that do not answer alike; the message names the engine and some columns."""


@click.command()
@click.argument("parquet", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--people", default=1_000_000, help="How many to invent where no file is given.")
@click.option("--without", multiple=True, type=click.Choice(["postgresql", "spark"]))
@click.option("--postgresql", help="Where a PostgreSQL stands that a table may be written to.")
def main(
    parquet: Path | None, people: int, without: tuple[str, ...], postgresql: str | None
) -> None:
    """Time each engine on the sums of every answer for PARQUET, and prove that they agree."""
    with TemporaryDirectory(prefix="overstory-") as folder:
        compare(parquet or invented(people, Path(folder)), set(without), postgresql)


def compare(parquet: Path, without: set[str], postgresql: str | None) -> None:
    """
    Report each engine's time in one run, each beside that of Polars on the same work.

    :raises DisagreementError: if the sums of one are not those of Polars.
    """
    table = pl.scan_parquet(parquet)
    knowledge = load_knowledge()
    dated = enter(table.head(0).collect(), vocabulary=knowledge.vocabulary, at=AT).dated
    program = compile_program(knowledge=knowledge, jurisdiction="US", at=AT, dated=dated)
    letters = len(sql_text(program, ending="checksums"))
    expected, in_process = timed(lambda: polars_sums(program, table))
    report("every answer summed, Polars", [in_process], unit="s", budget=None,
           people=expected["people"], columns=len(expected))  # fmt: skip
    engines: dict[str, Callable[[], Sums]] = {
        "DuckDB": lambda: one(duckdb_engine.run(program, parquet, ending="checksums"))
    }
    if postgresql and "postgresql" not in without:
        engines["PostgreSQL"] = lambda: in_postgresql(program, table, postgresql)
    if "spark" not in without:
        engines["Spark, two threads"] = lambda: one(
            spark_engine.run(program, parquet, ending="checksums")
        )
    for name, work in engines.items():
        found, took = timed(work)
        if wrong := differences(found, expected):
            raise DisagreementError(f"{name}: {len(wrong)} sums differ: {list(wrong.items())[:5]}")
        report(f"every answer summed, {name}", [took], unit="s", budget=None, agrees=True,
               sums=len(found), sum_of_sums=sum(found.values()), letters=letters,
               times_polars=round(took / in_process, 1))  # fmt: skip


def polars_sums(program: Program, table: pl.LazyFrame) -> Counter[str]:
    """Return the sums from Polars, a piece of the table at a time, so that memory stays small."""
    rows = table.select(pl.len()).collect().item()
    found: Counter[str] = Counter()
    for start in range(0, rows, PIECE):
        piece = table.slice(start, PIECE).collect()
        entered = enter(piece, vocabulary=program.knowledge.vocabulary, at=AT)
        found.update(checksums_of(polars_engine.run(program, entered.facts), program))
    return found


def in_postgresql(program: Program, table: pl.LazyFrame, where: str) -> Sums:
    """Return the sums from PostgreSQL; the time includes the writing of the table."""
    import psycopg

    types = {"Boolean": "BOOLEAN", "Float64": "DOUBLE PRECISION", "String": "TEXT", "Date": "DATE"}
    schema = table.collect_schema()
    columns = ", ".join(f'"{n}" {types.get(str(k), "TIMESTAMPTZ")}' for n, k in schema.items())
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS invented_people")
        connection.execute(f"CREATE TABLE invented_people ({columns})")
        with connection.cursor().copy("COPY invented_people FROM STDIN (FORMAT csv)") as copy:
            rows = table.select(pl.len()).collect().item()
            for start in range(0, rows, PIECE):
                piece = table.slice(start, PIECE).collect()
                copy.write(piece.write_csv(include_header=False))
        start_time = time.perf_counter()
        found = one(postgres_engine.run(program, connection, "invented_people", ending="checksums"))
        report("  of which the query, PostgreSQL", [time.perf_counter() - start_time], unit="s",
               budget=None)  # fmt: skip
        connection.execute("DROP TABLE invented_people")
    return found


def one(frames: Iterator[pl.DataFrame]) -> Sums:
    """Return the one row of an answer."""
    return pl.concat(frames).row(0, named=True)


def timed(work: Callable[[], Sums]) -> tuple[Sums, float]:
    """Return what came out, and how long it took, in seconds."""
    start = time.perf_counter()
    found = work()
    return found, time.perf_counter() - start


def invented(people: int, folder: Path) -> Path:
    """Return the file of an invented population."""
    path = folder / "facts.parquet"
    command = [
        "synthesize",
        str(people),
        "--missing",
        "intake",
        "--at",
        AT.isoformat(),
        "--out",
        str(path),
    ]
    subprocess.run([sys.executable, "-m", "overstory", *command], check=True, capture_output=True)
    return path


if __name__ == "__main__":
    main()
