"""A facts table that can be read piece by piece: its columns, its notes and its typed batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from overstory.engine.facts import Vocabulary
from overstory.panel.columns import ID, facts_schema
from overstory.panel.sources.converting import Conversion, conversion
from overstory.panel.sources.errors import SourceError, shown
from overstory.panel.sources.heading import check_names
from overstory.panel.sources.identities import Identities

__all__ = ["Piece", "Reader", "Source", "SourceError", "numbered", "source_of"]


AT_ONCE = 1_000_000
"""Rows of which only the ids are read at once."""
AT = "overstory.at"


@dataclass(frozen=True)
class Piece:
    """Some rows as they stand in the source, and what an error calls one of them."""

    table: pl.DataFrame
    place: Callable[[int], str]


def numbered(name: str, before: int) -> Callable[[int], str]:
    """Return what an error calls a row of a piece that has `before` rows before it."""
    return lambda row: f"{name}: row {before + row + 1}"


class Reader(Protocol):
    """
    What every kind of source gives: its columns as they are stored, and its rows in order.

    `rows` is None where the count is not known before the end. A column's type is None where the
    source has none, as in CSV. `is_text` tells that values come written out and are parsed.
    """

    name: str
    rows: int | None
    columns: Sequence[tuple[str, pl.DataType | None]]
    notes: Mapping[str, str]
    is_text: bool

    def pieces(self, *, columns: Sequence[str], size: int) -> Iterator[Piece]:
        """Yield the rows in order with these columns, in pieces of at most `size` rows."""


@dataclass(frozen=True)
class Part:
    """One reader of a source, and how its columns become typed."""

    reader: Reader
    conversions: Mapping[str, Conversion]

    def typed(self, columns: Sequence[str], *, size: int) -> Iterator[tuple[Piece, pl.DataFrame]]:
        """Yield each piece and the same rows with the types of facts."""
        for piece in self.reader.pieces(columns=columns, size=size):
            found = piece.table.select(self.conversions[name].value for name in columns)
            for name in columns:
                if found[name].null_count() != piece.table[name].null_count():
                    self._refuse(piece, name, found[name])
            yield piece, found

    def _refuse(self, piece: Piece, name: str, found: pl.Series) -> None:
        given = piece.table[name]
        row = (given.is_not_null() & found.is_null()).arg_max() or 0
        right = self.conversions[name].right
        raise SourceError(f"{piece.place(row)}: column {name}: {shown(given[row])}, where {right}")


@dataclass(frozen=True)
class Source:
    """
    A facts table: one row a person.

    `rows` is their count, None where it is known only at the end. `columns` are those it has, in the
    order of the vocabulary; `missing` are the facts it has no column for, unknown for everybody.
    `notes` are what the file says of itself, such as `overstory.at` and `overstory.invented`.
    """

    name: str
    rows: int | None
    columns: tuple[str, ...]
    missing: tuple[str, ...]
    notes: Mapping[str, str]
    parts: tuple[Part, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are read; none where a server gives the rows."""
        named = (Path(each.reader.name) for each in self.parts)
        places = (each if each.exists() else Path(str(each).rpartition("::")[0]) for each in named)
        return tuple(each for each in places if each.is_file())

    def batches(self, size: int) -> Iterator[pl.DataFrame]:
        """
        Yield all rows in order with the types of `columns.facts_schema`, `size` at a time.

        The last table may have fewer rows; of no rows there is none. Null is unknown. NaN, numbers
        outside their range and odd codes pass: the door is for those.

        :raises SourceError: at the first value that cannot be one of its column, the first row
            without an id or with one that stood before, and where the source cannot be read on.
        """
        if size < 1:
            raise ValueError(f"a batch has at least one row, not {size}")
        yield from _of_size(self._checked(size), size)

    def _checked(self, size: int) -> Iterator[pl.DataFrame]:
        """The rows piece by piece; each has an id of its own."""
        identities, count = Identities(), 0
        for part in self.parts:
            for piece, table in part.typed(self.columns, size=size):
                ids = table.get_column(ID)
                _refuse_empty(ids, piece)
                for row in identities.repeated(ids):
                    self._refuse_if_before(ids[row], piece.place(row), count + row)
                count += table.height
                yield table
        if self.rows is not None and count != self.rows:
            raise SourceError(
                f"{self.name}: {count} rows could be read of the {self.rows} that it has"
            )

    def _refuse_if_before(self, identity: str, place: str, row: int) -> None:
        """Refuse an id whose hash stood before if the id itself did; the ids are read again."""
        count = 0
        for part in self.parts:
            for piece, table in part.typed((ID,), size=AT_ONCE):
                same = table.get_column(ID) == identity
                first = same.arg_max() or 0
                if same.any() and count + first < row:
                    raise SourceError(
                        f"{place}: the id {shown(identity)} stands before, at {piece.place(first)};"
                        " a table has one row a person"
                    )
                count += table.height
                if count > row:
                    return


def _refuse_empty(ids: pl.Series, piece: Piece) -> None:
    empty = ids.str.strip_chars().str.len_bytes().fill_null(0) == 0
    if empty.any():
        raise SourceError(f"{piece.place(empty.arg_max() or 0)}: no id; each row needs its own")


def _of_size(tables: Iterable[pl.DataFrame], size: int) -> Iterator[pl.DataFrame]:
    """The same rows, `size` at a time; the last table may have fewer."""
    waiting: list[pl.DataFrame] = []
    for table in tables:
        waiting.append(table)
        if sum(each.height for each in waiting) < size:
            continue
        joined = waiting[0] if len(waiting) == 1 else pl.concat(waiting)
        whole = joined.height // size * size
        for first in range(0, whole, size):
            yield joined.slice(first, size)
        waiting = [joined.slice(whole)] if whole < joined.height else []
    if waiting:
        yield pl.concat(waiting)


def source_of(name: str, readers: Sequence[Reader], *, vocabulary: Vocabulary) -> Source:
    """
    Return the source over readers, each with the columns of a facts table, all with the same ones.

    :raises SourceError: for an unknown, missing or doubled column, one of a type that no value of its
        fact has, and parts that differ in their columns or their moment.
    """
    parts = []
    for reader in readers:
        names = [column for column, _ in reader.columns]
        check_names(names, name=reader.name, vocabulary=vocabulary)
        _refuse_other_columns(reader, readers[0])
        parts.append(Part(reader, _conversions(reader, vocabulary)))
    has = parts[0].conversions
    return Source(
        name=name,
        rows=_together([reader.rows for reader in readers]),
        columns=tuple(each for each in facts_schema(vocabulary, dated=True) if each in has),
        missing=tuple(fact for fact in vocabulary if fact not in has),
        notes=_notes(readers),
        parts=tuple(parts),
    )


def _conversions(reader: Reader, vocabulary: Vocabulary) -> dict[str, Conversion]:
    return {
        column: conversion(
            column, given, vocabulary=vocabulary, is_text=reader.is_text, source=reader.name
        )
        for column, given in reader.columns
    }


def _refuse_other_columns(reader: Reader, first: Reader) -> None:
    has, wanted = ({column for column, _ in each.columns} for each in (reader, first))
    for column in sorted(has ^ wanted):
        without, other = (reader, first) if column in wanted else (first, reader)
        raise SourceError(f"{without.name}: no column {column}, which {other.name} has")


def _together(counts: Sequence[int | None]) -> int | None:
    known = [each for each in counts if each is not None]
    return sum(known) if len(known) == len(counts) else None


def _notes(readers: Sequence[Reader]) -> dict[str, str]:
    """What all parts say; several answers to one thing stand side by side, but for the moment."""
    notes: dict[str, str] = {}
    for reader in readers:
        for key, value in reader.notes.items():
            if key == AT and notes.get(key, value) != value:
                raise SourceError(
                    f"{reader.name}: of {value}, where another part is of {notes[key]}"
                )
            if value not in notes.get(key, "").split(", "):
                notes[key] = f"{notes[key]}, {value}" if key in notes else value
    return notes
