"""The door of the panel: columns of any table to facts; what no fact can be becomes unknown, counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from overstory.engine.facts import FactType, Vocabulary
from overstory.panel.columns import ID, type_of, when_column
from overstory.panel.moments import microseconds


@dataclass(frozen=True, slots=True)
class Refused:
    """
    How many values of one column were made unknown at the door, and why.

    `why` is `not-a-number`, `out-of-range`, `no-such-code` or `later-than-asked`; `right` says what would be
    right.
    """

    column: str
    why: str
    count: int
    right: str


@dataclass(frozen=True)
class Entered:
    """The facts as programs read them, what was refused, and which facts have a time beside them."""

    facts: pl.DataFrame
    refused: tuple[Refused, ...]
    dated: frozenset[str]


def enter(table: pl.DataFrame, *, vocabulary: Vocabulary, at: datetime) -> Entered:
    """
    Return the table as programs read it, with every fact of the vocabulary.

    `table` has the types of `columns.facts_schema`; a missing column is unknown for everybody. NaN, a value
    outside its range, a code outside its list and a fact from after `at` become null, as if never
    recorded. Codes become `Enum`; times become microseconds since 1970 in UTC.
    """
    dated = frozenset(name for name in vocabulary if when_column(name) in table.columns)
    later, wrong = _later(dated, at), _wrong(table, vocabulary)
    clean = [pl.col(ID)] if ID in table.columns else []
    for name, kind in vocabulary.items():
        gone = [mask for _, mask in (*wrong.get(name, ()), *later.get(name, ()))]
        clean.append(_clean(name, kind, gone, given=name in table.columns))
        if name in dated:
            when = pl.col(when_column(name)).dt.timestamp("us")
            clean.append(pl.when(~_any(gone)).then(when) if gone else when)
    counts = table.lazy().select(
        mask.sum().alias(f"{why} {name}")
        for name in vocabulary
        for why, mask in (*wrong.get(name, ()), *later.get(name, ()))
    )
    facts = table.select(clean).rechunk()  # in one piece every step is twice as fast
    return Entered(facts, _told(counts.collect(), vocabulary, at), dated)


def together(parts: tuple[Refused, ...]) -> tuple[Refused, ...]:
    """Return the refusals of several pieces of one table, added up."""
    counts: dict[tuple[str, str, str], int] = {}
    for each in parts:
        key = (each.column, each.why, each.right)
        counts[key] = counts.get(key, 0) + each.count
    return tuple(Refused(column, why, n, right) for (column, why, right), n in counts.items())


def _later(dated: frozenset[str], at: datetime) -> dict[str, list[tuple[str, pl.Expr]]]:
    limit = pl.lit(microseconds(at))
    return {
        name: [
            (
                "later-than-asked",
                (pl.col(when_column(name)).dt.timestamp("us") > limit).fill_null(False),
            )
        ]
        for name in dated
    }


def _wrong(table: pl.DataFrame, vocabulary: Vocabulary) -> dict[str, list[tuple[str, pl.Expr]]]:
    """Where a column holds what its fact cannot be, by why; columns that can hold no such thing left out."""
    found: dict[str, list[tuple[str, pl.Expr]]] = {}
    for name, kind in vocabulary.items():
        if name not in table.columns:
            continue
        if kind.kind == "number":
            found[name] = [
                ("not-a-number", pl.col(name).is_nan().fill_null(False)),
                ("out-of-range", (~_in_range(name, kind)).fill_null(False)),
            ]
        elif kind.kind == "code":
            known = pl.col(name).cast(pl.Enum(kind.codes), strict=False)
            found[name] = [("no-such-code", pl.col(name).is_not_null() & known.is_null())]
    return found


def _in_range(name: str, kind: FactType) -> pl.Expr:
    """Whether a number is in its range, or finite where it has none; NaN passes, being counted apart."""
    column = pl.col(name)
    if kind.least is None or kind.greatest is None:
        return column.is_finite() | column.is_nan()
    return column.is_between(kind.least, kind.greatest) | column.is_nan()


def _clean(name: str, kind: FactType, gone: list[pl.Expr], *, given: bool) -> pl.Expr:
    wanted = pl.Enum(kind.codes) if kind.kind == "code" else type_of(kind)
    if not given:
        return pl.lit(None, dtype=wanted).alias(name)
    value = pl.col(name).cast(wanted, strict=False)
    return (pl.when(~_any(gone)).then(value) if gone else value).alias(name)


def _any(masks: list[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(masks)


def _told(counts: pl.DataFrame, vocabulary: Vocabulary, at: datetime) -> tuple[Refused, ...]:
    row = counts.row(0, named=True) if counts.width else {}
    found = [(*key.split(" ", 1), count) for key, count in row.items() if count]
    return tuple(
        Refused(name, why, count, _right(vocabulary[name], why, at)) for why, name, count in found
    )


def _right(kind: FactType, why: str, at: datetime) -> str:
    if why == "no-such-code":
        return f"one of {', '.join(kind.codes)}"
    if why == "later-than-asked":
        return f"not later than {at.isoformat()}"
    if kind.least is None or kind.greatest is None:
        return "a finite number"
    unit = f" {kind.unit}" if kind.unit else ""
    return f"between {kind.least:g} and {kind.greatest:g}{unit}"
