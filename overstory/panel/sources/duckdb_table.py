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
            counted = connection.execute(f"SELECT count(*) FROM {self._table}")  # noqa: S608
            count = counted.fetchone()
        self.rows: int | None = count[0] if count else None

    def pieces(self, *, columns: Sequence[str], size: int) -> Iterator[Piece]:
        """Yield the rows as DuckDB streams them."""
        first = 0
        with self._connected() as connection:
            chosen = ", ".join(_quoted(each) for each in columns)
            stream = connection.sql(f"SELECT {chosen} FROM {self._table}")  # noqa: S608  # quoted
            for table in pl.scan_arrow_c_stream(stream).collect_batches(chunk_size=size):
                yield Piece(table, numbered(self.name, first))
                first += table.height

    @contextmanager
    def _connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            with (
                reading(self.name, right=RIGHT),
                duckdb.connect(str(self.path), read_only=True) as connection,
            ):
                yield connection
        except duckdb.Error as error:
            raise SourceError(f"{self.name}: {first_line(error)}; expected {RIGHT}") from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
