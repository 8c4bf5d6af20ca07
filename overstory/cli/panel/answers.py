"""The answers for a table by any engine, and the file that holds them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from overstory.cli.panel.reading import BATCH, FactsTable
from overstory.panel.columns import facts_schema
from overstory.panel.lists import write_answers
from overstory.panel.program import Program
from overstory.panel.running import PanelRun, compact, compact_schema

PIECE = 50_000
SQL_ENGINES = {"duckdb": "overstory.panel.duckdb_engine", "spark": "overstory.panel.spark_engine"}


def answers_by(engine: str, table: FactsTable, run: PanelRun) -> Iterator[pl.DataFrame]:
    """
    Yield the answers to a table, counted by the run: `polars` in process, else by the SQL text.

    For SQL the table is first copied to a file with the types of a facts table; what the door refuses is
    counted on the way.
    """
    if engine == "polars":
        yield from run.answered(table.batches(label="answering"))
        return
    with TemporaryDirectory(prefix="overstory-") as folder:
        copy = Path(folder) / "facts.parquet"
        schema = facts_schema(run.program.knowledge.vocabulary, dated=True)
        kept = {name: schema[name] for name in table.source.columns}
        write_answers(copy, _passed(table, run), schema=kept, metadata={})
        run_sql = import_module(SQL_ENGINES[engine]).run
        yield from run.counted(run_sql(run.program, copy))


def written(
    path: Path,
    answers: Iterator[pl.DataFrame],
    program: Program,
    *,
    table: FactsTable,
    with_safety: bool,
) -> None:
    """Write one row a person; the file appears when it is whole."""
    notes = {
        "overstory.at": program.at.isoformat(),
        "overstory.knowledge": program.knowledge.sha256,
        "overstory.jurisdiction": program.jurisdiction,
        "overstory.table": "answers/1",
    }
    if table.is_invented:
        notes["overstory.invented"] = "true"
    pieces = (
        compact(piece, program, with_safety=with_safety)
        for batch in answers
        for piece in batch.iter_slices(PIECE)
    )
    schema = compact_schema(program, with_safety=with_safety)
    write_answers(path, pieces, schema=schema, metadata=notes)


def _passed(table: FactsTable, run: PanelRun) -> Iterator[pl.DataFrame]:
    """The table as it is, while the door counts what it refuses."""
    for piece in table.source.batches(BATCH):
        for _ in run.entered([piece]):
            yield piece
