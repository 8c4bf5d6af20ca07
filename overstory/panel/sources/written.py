"""Values that are written out, as in CSV: each kind has its few spellings, and anything else is wrong."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

TRUTHS = {
    "true": True, "false": False, "True": True, "False": False, "TRUE": True, "FALSE": False,
    "1": True, "0": False,
}  # fmt: skip
DATE = r"^\d{4}-\d\d-\d\d$"
MOMENT = r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(\.\d{1,9})?(Z|[+-]\d\d)(?::?(\d\d))?$"


def _same(column: pl.Expr) -> pl.Expr:
    return column


def _boolean(column: pl.Expr) -> pl.Expr:
    return column.replace_strict(TRUTHS, default=None, return_dtype=pl.Boolean)


def _number(column: pl.Expr) -> pl.Expr:
    return column.cast(pl.Float64, strict=False)


def _date(column: pl.Expr) -> pl.Expr:
    return pl.when(column.str.contains(DATE)).then(column).str.to_date("%Y-%m-%d", strict=False)


def _moment(column: pl.Expr) -> pl.Expr:
    parts = column.str.extract_groups(MOMENT).struct
    seconds = parts.field("3").fill_null(":00") + parts.field("4").fill_null("")
    zone = parts.field("5").replace("Z", "+00") + parts.field("6").fill_null("00")
    text = parts.field("1") + "T" + parts.field("2") + seconds + zone
    return text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_unit="us", strict=False)


WRITTEN: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "id": _same,
    "bool": _boolean,
    "number": _number,
    "code": _same,
    "date": _date,
    "moment": _moment,
}
