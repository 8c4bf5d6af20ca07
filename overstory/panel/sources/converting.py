"""From the columns of a source to the types of facts: exactly, or refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from overstory.engine.facts import Vocabulary
from overstory.panel.columns import ID, MOMENT, WHEN
from overstory.panel.sources.errors import SourceError
from overstory.panel.sources.written import WRITTEN

EXACT = 2**53
"""Whole numbers up to this one are exact as 64-bit floats."""

RIGHT = {
    "id": "an id belongs: text, or a whole number",
    "bool": "true or false belongs (true, false, 1 or 0; empty is unknown)",
    "number": "a number belongs (such as 37.5, with a point; empty is unknown)",
    "code": "a code belongs, as text",
    "date": "a date belongs, such as 2026-11-22",
    "moment": "a time with a zone belongs, such as 2026-11-22T10:00:00-05:00",
}


@dataclass(frozen=True, slots=True)
class Conversion:
    """How a column becomes typed: null where a value is none of its kind; `right` says what is."""

    value: pl.Expr
    right: str


def conversion(
    name: str, given: pl.DataType | None, *, vocabulary: Vocabulary, is_text: bool, source: str
) -> Conversion:
    """
    Return how a column of this type becomes that of its fact.

    With `is_text`, values come written out and are parsed, whatever type the source has or has not.

    :raises SourceError: if no value of the type could be one of the fact; it names the source.
    """
    kind = _kind(name, vocabulary)
    column = pl.col(name)
    if given == pl.Null:
        return Conversion(column.cast(TYPES[kind]), RIGHT[kind])
    typed = column if given is None else TYPED[kind](column, given)
    if typed is None:
        raise SourceError(f"{source}: column {name} is {_named(given)}, where {RIGHT[kind]}")
    value = WRITTEN[kind](column) if is_text else typed
    return Conversion(value.alias(name), RIGHT[kind])


def _kind(name: str, vocabulary: Vocabulary) -> str:
    if name == ID:
        return ID
    return "moment" if name.endswith(WHEN) else vocabulary[name].kind


def _named(given: pl.DataType | None) -> str:
    """A type as an error names it."""
    if given == pl.Datetime and getattr(given, "time_zone", None) is None:
        return "a time without a zone"
    return str(given)[:60]


def _identity(column: pl.Expr, given: pl.DataType) -> pl.Expr | None:
    return column.cast(pl.String) if given.is_integer() else _text(column, given)


def _text(column: pl.Expr, given: pl.DataType) -> pl.Expr | None:
    if given == pl.String:
        return column
    return column.cast(pl.String) if given in (pl.Categorical, pl.Enum) else None


def _boolean(column: pl.Expr, given: pl.DataType) -> pl.Expr | None:
    if given == pl.Boolean:
        return column
    if not given.is_integer():
        return None
    return pl.when(column.is_in([0, 1])).then(column == 1)


def _number(column: pl.Expr, given: pl.DataType) -> pl.Expr | None:
    if given.is_float():
        return column.cast(pl.Float64)
    if given.is_decimal():  # by way of its text: the nearest number, as a reader of text takes it
        return column.cast(pl.String).cast(pl.Float64, strict=False)
    if given.is_integer():
        return pl.when(column.is_between(-EXACT, EXACT)).then(column.cast(pl.Float64))
    return None


def _date(column: pl.Expr, given: pl.DataType) -> pl.Expr | None:
    return column if given == pl.Date else None


def _moment(column: pl.Expr, given: pl.DataType) -> pl.Expr | None:
    if not isinstance(given, pl.Datetime) or given.time_zone is None:
        return None
    return column.dt.convert_time_zone("UTC").cast(MOMENT)


TYPED: dict[str, Callable[[pl.Expr, pl.DataType], pl.Expr | None]] = {
    "id": _identity,
    "bool": _boolean,
    "number": _number,
    "code": _text,
    "date": _date,
    "moment": _moment,
}
TYPES: dict[str, pl.DataType] = {
    "id": pl.String(),
    "bool": pl.Boolean(),
    "number": pl.Float64(),
    "code": pl.String(),
    "date": pl.Date(),
    "moment": MOMENT,
}
