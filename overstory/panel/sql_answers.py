"""Answers of an SQL engine as the frames that `polars_engine.run` gives: same names, same types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from overstory.panel.columns import MOMENT, WHEN, type_of
from overstory.panel.door import enter
from overstory.panel.polars_engine import run
from overstory.panel.program import Program
from overstory.panel.sql_endings import Ending
from overstory.panel.sql_text import SqlQuery, sql_query

BATCH_ROWS = 50_000


class Answering:
    """The text of a program for one ending, and how its answers become frames."""

    def __init__(self, program: Program, ending: Ending) -> None:
        self.query: SqlQuery = sql_query(program, ending=ending)
        made = types_of(program) if ending == "full" else {}
        self.types = {
            name: made[column] for name, column in self.query.columns.items() if column in made
        }

    def frame(self, found: pl.DataFrame) -> pl.DataFrame:
        """Return what an engine gave under the names of the program, in the types of Polars."""
        typed = found.with_columns(pl.col(name).cast(kind) for name, kind in self.types.items())
        return typed.rename(dict(self.query.columns))

    def frames(self, parquet: list[Path], *, batch_rows: int) -> Iterator[pl.DataFrame]:
        """Yield the answers that an engine wrote to files, batch by batch."""
        for path in parquet:
            rows = pl.scan_parquet(path).select(pl.len()).collect().item()
            for start in range(0, max(rows, 1), batch_rows):
                yield self.frame(pl.scan_parquet(path).slice(start, batch_rows).collect())


def types_of(program: Program) -> Mapping[str, pl.DataType]:
    """Return the type of every column that a program makes in Polars."""
    vocabulary = program.knowledge.vocabulary
    schema = {
        name: MOMENT if name.endswith(WHEN) else type_of(vocabulary[name])
        for name in program.inputs
    }
    entered = enter(pl.DataFrame(schema=schema), vocabulary=vocabulary, at=program.at)
    return run(program, entered.facts).schema
