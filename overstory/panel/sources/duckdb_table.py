"""A table or view of a DuckDB file, named `FILE.duckdb::table`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from overstory.panel.sources.errors import SourceError, first_line, reading
from overstory.panel.sources.source import Piece, numbered

RIGHT = "a DuckDB file and one of its tables, such as clinic.duckdb::facts"
MOST = "512MB"
"""Memory that DuckDB may keep of the file."""


class DuckdbTable:
    """One table, read without a lock for writing, in the order in which the rows were put in."""

    is_text = False
    notes: Mapping[str, str] = {}

    def __init__(self, path: Path, table: str) -> None:
        self.name, self.path = f"{path}::{table}", path
        if not path.is_file():
            raise SourceError(f"{path}: there is no such file")
        self._table = ".".join(_quoted(each) for each in table.split("."))
        with self._connected() as connection:
            empty = connection.sql(f"SELECT * FROM {self._table} LIMIT 0")  # noqa: S608  # quoted
            self.columns: Sequence[tuple[str, pl.DataType | None]] = list(
                pl.scan_arrow_c_stream(empty).collect_schema().items()
            )
            count = f"SELECT count(*) FROM {self._table}"  # noqa: S608  # quoted
            self.rows: int | None = _number(connection, count)

    def pieces(self, *, columns: Sequence[str], size: int) -> Iterator[Piece]:
        """Yield a table's rows range by range, a view's as DuckDB streams them."""
        first = 0
        with self._connected() as connection:
            chosen = ", ".join(_quoted(each) for each in columns)
            query = f"SELECT {chosen} FROM {self._table}"  # noqa: S608  # quoted
            for table in self._tables(connection, query, size):
                yield Piece(table, numbered(self.name, first))
                first += table.height

    def _tables(
        self, connection: duckdb.DuckDBPyConnection, query: str, size: int
    ) -> Iterator[pl.DataFrame]:
        """The rows by their numbers, `size` at a time; those of a view, which has none, as one stream."""
        try:
            last = _number(connection, f"SELECT max(rowid) FROM {self._table}")  # noqa: S608
        except duckdb.BinderException:
            stream = pl.scan_arrow_c_stream(connection.sql(query))
            yield from stream.collect_batches(chunk_size=size)
            return
        for first in range(0, -1 if last is None else last + 1, size):
            some = f"{query} WHERE rowid BETWEEN {first} AND {first + size - 1}"
            yield pl.scan_arrow_c_stream(connection.sql(some)).collect()

    @contextmanager
    def _connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            with (
                reading(self.name, right=RIGHT),
                duckdb.connect(str(self.path), read_only=True) as connection,
            ):
                connection.execute(f"SET memory_limit = '{MOST}'")
                yield connection
        except duckdb.Error as error:
            raise SourceError(f"{self.name}: {first_line(error)}; expected {RIGHT}") from None


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int | None:
    """The one number that a query answers; all of its answer is taken, so that the next can be asked."""
    ((found,),) = connection.execute(query).fetchall()
    return found if found is None else int(found)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
