"""A facts table that can be read piece by piece: its columns, its notes and its typed batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from overstory.engine.facts import Vocabulary
from overstory.panel.columns import ID, facts_schema
from overstory.panel.sources.converting import Conversion, conversion
from overstory.panel.sources.errors import SourceError, shown
from overstory.panel.sources.heading import check_names
from overstory.panel.sources.identities import Identities

__all__ = ["Piece", "Reader", "Source", "SourceError", "numbered", "source_of"]


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

    `rows` is None where the count is not known before the end. `is_text` tells that values are
    written out, so that a number is text to be parsed; where it is not, text is no number.
    """

    name: str
    rows: int | None
    columns: Sequence[tuple[str, pl.DataType]]
    notes: Mapping[str, str]
    is_text: bool

    def pieces(self, *, columns: Sequence[str], size: int) -> Iterator[Piece]:
        """Yield the rows in order with these columns, in pieces of at most `size` rows."""


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
    reader: Reader
    conversions: Mapping[str, Conversion]

    def batches(self, size: int) -> Iterator[pl.DataFrame]:
        """
        Yield all rows in order with the types of `columns.facts_schema`, at most `size` at a time.

        Null is unknown. NaN, numbers outside their range and odd codes pass: the door is for those.

        :raises SourceError: at the first value that cannot be one of its column, the first row
            without an id or with one that stood before, and where the source cannot be read on.
        """
        identities, count = Identities(), 0
        for piece in self.reader.pieces(columns=self.columns, size=size):
            table = self._typed(piece)
            repeated = identities.repeated(table.get_column(ID))
            for row in repeated:
                self._refuse_if_before(table.get_column(ID)[row], piece.place(row), count + row)
            count += table.height
            yield table
        if self.rows is not None and count != self.rows:
            raise SourceError(
                f"{self.name}: {count} rows could be read of the {self.rows} that it has"
            )

    def _typed(self, piece: Piece) -> pl.DataFrame:
        """The rows of a piece with the types of facts."""
        given = piece.table
        found = given.select(self.conversions[name].value for name in self.columns)
        for name in self.columns:
            if found[name].null_count() != given[name].null_count():
                self._refuse(piece, name, given[name].is_not_null() & found[name].is_null())
        empty = found[ID].str.strip_chars().str.len_bytes().fill_null(0) == 0
        if empty.any():
            row = empty.arg_max() or 0
            raise SourceError(f"{piece.place(row)}: no id; every row needs its own")
        return found

    def _refuse(self, piece: Piece, name: str, wrong: pl.Series) -> None:
        row = wrong.arg_max() or 0
        value = shown(piece.table[name][row])
        raise SourceError(
            f"{piece.place(row)}: column {name}: {value}, where {self.conversions[name].right}"
        )

    def _refuse_if_before(self, identity: str, place: str, row: int) -> None:
        """Refuse an id whose hash stood before if the id itself did; the source is read again."""
        number = 0
        for piece in self.reader.pieces(columns=(ID,), size=1_000_000):
            ids = piece.table.select(self.conversions[ID].value).get_column(ID)
            found = (ids == identity).arg_max() if (ids == identity).any() else None
            if found is not None and number + found < row:
                before = piece.place(found).removeprefix(f"{self.name}:").removeprefix(" ")
                raise SourceError(
                    f"{place}: the id {shown(identity)} stands at {before} already;"
                    " one row a person"
                )
            number += ids.len()
            if number > row:
                return


def source_of(reader: Reader, *, vocabulary: Vocabulary) -> Source:
    """
    Return the source over a reader whose columns are those of a facts table.

    :raises SourceError: for an unknown, missing or doubled column, or one of a type that none of its
        values could be right in.
    """
    names = [name for name, _ in reader.columns]
    check_names(names, name=reader.name, vocabulary=vocabulary)
    kinds = dict(reader.columns)
    wanted = [name for name in facts_schema(vocabulary, dated=True) if name in kinds]
    return Source(
        name=reader.name,
        rows=reader.rows,
        columns=tuple(wanted),
        missing=tuple(name for name in vocabulary if name not in kinds),
        notes=reader.notes,
        reader=reader,
        conversions={
            name: conversion(
                name, kinds[name], vocabulary=vocabulary, is_text=reader.is_text, source=reader.name
            )
            for name in wanted
        },
    )
