"""The SQL text in DuckDB, over a Parquet file and without a copy of it in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from overstory.panel.program import Program
from overstory.panel.sql_answers import BATCH_ROWS, Answering
from overstory.panel.sql_endings import Ending
from overstory.panel.sql_expressions import literal
from overstory.panel.sql_table import Dialect, facts_select

DIALECT = Dialect(
    types={
        "bool": "BOOLEAN",
        "number": "DOUBLE",
        "code": "VARCHAR",
        "date": "DATE",
        "moment": "BIGINT",
    },
    quote=lambda name: f'"{name}"',
    is_moment=lambda kind: kind.startswith("TIMESTAMP"),
    microseconds=lambda column: f"epoch_us({column})",
)


def run(
    program: Program, parquet: Path, *, ending: Ending = "full", batch_rows: int = BATCH_ROWS
) -> Iterator[pl.DataFrame]:
    """
    Yield the answers for a Parquet file of facts, batch by batch, in the file's order.

    With the ending `full`, the columns are those of `polars_engine.run` that answer something.

    :raises FactsTableError: if the file has no column `id`.
    :raises SqlTextError: if the program cannot be said in one text.
    """
    answering = Answering(program, ending)
    with (
        TemporaryDirectory(prefix="overstory-") as folder,
        duckdb.connect(config={"temp_directory": folder}) as connection,
    ):
        table = f"read_parquet({literal(str(parquet))})"
        described = connection.execute(f"DESCRIBE FROM {table}").fetchall()
        columns = {name: kind for name, kind, *_ in described}
        view = facts_select(program, table=table, columns=columns, dialect=DIALECT)
        connection.execute(f"CREATE VIEW facts AS {view}")
        answers = Path(folder) / "answers.parquet"
        connection.execute(
            f"COPY ({answering.query.text}) TO {literal(str(answers))} (FORMAT parquet)"
        )
        yield from answering.frames([answers], batch_rows=batch_rows)
