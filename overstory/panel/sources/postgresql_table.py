"""A table or view of a PostgreSQL database, read by COPY; the password is never shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import polars as pl

from overstory.panel.sources.delimited import table_of
from overstory.panel.sources.errors import SourceError, first_line
from overstory.panel.sources.records import blocks
from overstory.panel.sources.source import Piece, numbered

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

SCHEMES = ("postgresql://", "postgres://")
RIGHT = "an address such as postgresql://user@host/database?table=schema.table"
WAIT = "10"
"""Seconds to wait for an answer to the first call."""
LAST = "end of row"
TYPES: Mapping[str, pl.DataType] = {
    "bool": pl.Boolean(),
    "int2": pl.Int16(), "int4": pl.Int32(), "int8": pl.Int64(),
    "float4": pl.Float32(), "float8": pl.Float64(), "numeric": pl.Decimal(),
    "text": pl.String(), "varchar": pl.String(), "bpchar": pl.String(), "uuid": pl.String(),
    "date": pl.Date(),
    "timestamptz": pl.Datetime("us", "UTC"), "timestamp": pl.Datetime("us"),
}  # fmt: skip
WRITTEN = {
    "bool": "({})::int",
    "float4": "({})::float8",
    "timestamptz": "CASE WHEN isfinite({0}) THEN"
    " to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') ELSE ({0})::text END",
}
"""How a type is written out where not as its own text."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a table is; `shown` is for people and has neither user nor password."""

    connection: str
    table: tuple[str, ...]
    shown: str
    secrets: tuple[str, ...]


def address_of(place: str) -> Address:
    """
    Return the parts of `postgresql://…/database?table=schema.table` or `…/database::schema.table`.

    :raises SourceError: if it is no such address; what was given is not repeated.
    """
    refused = f"the address of the database is not as it should be; expected {RIGHT}"
    try:
        parts = urlsplit(place)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise SourceError(refused) from None
    if parts.fragment or "@" in parts.path or "@" in parts.query:
        raise SourceError(f"{refused}; in a password, write @ as %40, / as %2F and # as %23")
    options = dict(parse_qsl(parts.query))
    path, _, named = parts.path.partition("::")
    table = options.pop("table", "") or unquote(named)
    if not table:
        raise SourceError(f"{refused}; it names no table")
    shown = f"postgresql://{parts.hostname or ''}{port}{path}::{table}"
    secrets = tuple(each for each in (parts.password, options.get("password")) if each)
    options.setdefault("connect_timeout", WAIT)
    connection = parts._replace(path=path, query=urlencode(options)).geturl()
    every = (*secrets, *map(unquote, secrets))
    return Address(connection, tuple(table.split(".")), shown, every)


class PostgresqlTable:
    """One table, in the order in which the database gives its rows."""

    is_text = True
    rows: int | None = None
    notes: Mapping[str, str] = {}

    def __init__(self, place: str) -> None:
        self._address = address_of(place)
        self.name = self._address.shown
        with self._connected() as connection:
            self._types = dict(self._described(connection))
        self.columns: Sequence[tuple[str, pl.DataType | None]] = [
            (name, TYPES[kind]) for name, kind in self._types.items()
        ]

    def pieces(self, *, columns: Sequence[str], size: int) -> Iterator[Piece]:
        """Yield the rows as the database copies them out."""
        first, names = 0, [*columns, LAST]
        with self._connected() as connection, connection.cursor() as cursor:
            with cursor.copy(self._copy(columns)) as copied:
                texts = (bytes(each) for each in copied)
                for block in blocks(texts, name=self.name, width=len(names)):
                    table = table_of(block, names, name=self.name).select(columns)
                    for start in range(0, table.height, size):
                        yield Piece(table.slice(start, size), numbered(self.name, first + start))
                    first += table.height
            if cursor.rowcount != first:
                raise SourceError(f"{self.name}: {first} rows came of {cursor.rowcount}")

    def _described(self, connection: psycopg.Connection) -> Iterator[tuple[str, str]]:
        """Each column and the name of its type."""
        from psycopg import sql

        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(self._table()))
            described = [(each.name, each.type_code) for each in cursor.description or ()]
            codes = [code for _, code in described]
            query = "SELECT oid, typname, typtype FROM pg_type WHERE oid = ANY(%s)"
            cursor.execute(query, (codes,))
            kinds = {oid: "text" if kind == "e" else name for oid, name, kind in cursor}
        for name, code in described:
            if kinds[code] not in TYPES:
                raise SourceError(
                    f"{self.name}: column {name} is {kinds[code]}; facts are boolean, numbers,"
                    " text, dates, or times with a zone"
                )
            yield name, kinds[code]

    def _table(self) -> sql.Identifier:
        from psycopg import sql

        return sql.Identifier(*self._address.table)

    def _copy(self, columns: Sequence[str]) -> sql.Composed:
        """The query; a last column of its own keeps a row of nulls from being an empty line."""
        from psycopg import sql

        chosen = [
            sql.SQL(WRITTEN.get(self._types[each], "({})::text")).format(sql.Identifier(each))
            for each in columns
        ]
        return sql.SQL(
            "COPY (SELECT {}, 1 FROM {}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')"
        ).format(sql.SQL(", ").join(chosen), self._table())

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        psycopg = _driver()
        try:
            with psycopg.connect(self._address.connection) as connection:
                connection.read_only = True
                connection.execute("SET datestyle TO ISO")
                connection.execute("SET extra_float_digits TO 1")
                connection.execute("SET synchronize_seqscans TO off")  # the same order again
                yield connection
        except psycopg.Error as error:
            raise SourceError(f"{self.name}: {self._said(error)}; expected {RIGHT}") from None

    def _said(self, error: BaseException) -> str:
        """What an error says, unless it has a secret in it."""
        text = first_line(error)
        told = any(each in str(error) for each in self._address.secrets)
        return type(error).__name__ if told else text


def _driver() -> ModuleType:
    try:
        import psycopg
    except ImportError:
        raise SourceError(
            "to read from PostgreSQL, install the driver: pip install 'overstory[postgresql]'"
        ) from None
    return psycopg
