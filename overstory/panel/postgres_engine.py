"""The SQL text in PostgreSQL, over a table that stands in the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import polars as pl

from overstory.panel.columns import ID
from overstory.panel.program import Program
from overstory.panel.sql_answers import Answering
from overstory.panel.sql_endings import Ending
from overstory.panel.sql_table import Dialect, facts_select

if TYPE_CHECKING:
    from psycopg import Connection

BATCH_ROWS = 10_000
MOMENTS = {"timestamptz", "timestamp"}
DIALECT = Dialect(
    types={
        "bool": "BOOLEAN",
        "number": "DOUBLE PRECISION",
        "code": "TEXT",
        "date": "DATE",
        "moment": "BIGINT",
    },
    quote=lambda name: f'"{name}"',
    is_moment=MOMENTS.__contains__,
    microseconds=lambda column: f"EXTRACT(EPOCH FROM {column}) * 1000000",
)


def run(
    program: Program,
    connection: Connection[Any],
    table: str,
    *,
    ending: Ending = "full",
    batch_rows: int = BATCH_ROWS,
) -> Iterator[pl.DataFrame]:
    """
    Yield the answers for a table of facts, batch by batch; nothing is written to its tables.

    `table` is its name as SQL has it, with its schema. A temporary view `facts` stands before it while the
    answers are read, and the transaction is open; planned code (`jit`) is off within it, as it would be
    made for each of thousands of columns.

    :raises FactsTableError: if the table has no column `id`.
    :raises SqlTextError: if the program cannot be said in one text.
    """
    answering = Answering(program, ending)
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(f"TABLE {table} LIMIT 0", prepare=False)
        columns = {each.name: _type_name(each) for each in cursor.description or ()}
        view = facts_select(program, table=table, columns=columns, dialect=DIALECT)
        cursor.execute(f"CREATE TEMPORARY VIEW facts AS {view}")
        yield from _batches(connection, answering, batch_rows)
        cursor.execute("DROP VIEW pg_temp.facts")


def _batches(
    connection: Connection[Any], answering: Answering, batch_rows: int
) -> Iterator[pl.DataFrame]:
    kinds: dict[str, pl.DataType] = {ID: pl.String()}
    kinds |= {
        name: pl.String() if isinstance(kind, pl.Enum) else kind
        for name, kind in answering.types.items()
    }
    schema = {name: kinds.get(name) for name in answering.query.columns}
    with connection.cursor(name="answers", binary=True) as answers:
        answers.execute(answering.query.text)
        rows = answers.fetchmany(batch_rows)
        while True:
            yield answering.frame(
                pl.DataFrame(rows, schema=schema, orient="row", infer_schema_length=None)
            )
            rows = answers.fetchmany(batch_rows)
            if not rows:
                return


def _type_name(column: Any) -> str:
    """The name of a column's type; empty if the driver does not know it."""
    return str(column.type_display or "")
