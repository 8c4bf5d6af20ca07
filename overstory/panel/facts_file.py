"""The facts table as a Parquet file: rows from persons' facts, parts, and the parts as one whole."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from glob import escape
from pathlib import Path

import polars as pl

from overstory.engine.facts import Fact, Facts, Unknown, Vocabulary
from overstory.panel.columns import ID, facts_schema, when_column

TABLE = "facts/1"
FRAME_ROWS = 4096
GROUP_ROWS = 16_384
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
Cell = bool | int | float | str | object | None


class FactsFileError(ValueError):
    """A facts table that cannot be written; the message has its path and why."""


class FactsRows:
    """Collects persons, one row each, and gives them as a table; the memory follows what is known."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._schema = facts_schema(vocabulary, dated=True)
        self._numbers = {name for name, kind in vocabulary.items() if kind.kind == "number"}
        self._frames: list[pl.DataFrame] = []
        self._ids: list[str] = []
        self._columns: dict[str, list[Cell]] = {}

    def add(self, person: str, facts: Facts) -> None:
        """
        Add one person's row.

        A known fact has its value and its time. A fact unknown for a reason has null with a time:
        its own, else the moment of the facts. What was not asked has null in both.
        """
        row = len(self._ids)
        self._ids.append(person)
        for name in facts.given:
            fact = facts[name]
            if fact.is_known:
                value = float(fact.value) if name in self._numbers else fact.value  # type: ignore[arg-type]  # a number fact
                self._set(name, row, value)
            elif fact.unknown is Unknown.NOT_ASKED:
                continue
            at = _time(fact, facts)
            if at is not None:
                self._set(when_column(name), row, (at - EPOCH) // MICROSECOND)
        if len(self._ids) >= FRAME_ROWS:
            self._close_frame()

    def table(self) -> pl.DataFrame:
        """Return all rows in the order in which they were added."""
        if self._ids or not self._frames:
            self._close_frame()
        return pl.concat(self._frames)

    def _set(self, column: str, row: int, value: Cell) -> None:
        cells = self._columns.setdefault(column, [])
        cells.extend([None] * (row - len(cells)))
        cells.append(value)

    def _close_frame(self) -> None:
        rows = len(self._ids)
        columns = [pl.Series(ID, self._ids, dtype=pl.String())]
        for name, kind in self._schema.items():
            if name == ID:
                continue
            cells = self._columns.get(name, [])
            cells.extend([None] * (rows - len(cells)))
            if isinstance(kind, pl.Datetime):
                columns.append(pl.Series(name, cells, dtype=pl.Int64()).cast(kind))
            else:
                columns.append(pl.Series(name, cells, dtype=kind))
        self._frames.append(pl.DataFrame(columns))
        self._ids, self._columns = [], {}


def _time(fact: Fact, facts: Facts) -> datetime | None:
    if fact.at is not None or fact.is_known:
        return fact.at
    return facts.at


def write_part(table: pl.DataFrame, path: Path) -> None:
    """
    Write a part of a facts table; the file appears when it is whole.

    :raises FactsFileError: if it cannot be written.
    """
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        table.write_parquet(aside, compression="zstd", compression_level=1)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise FactsFileError(f"{path}: {error}") from None
    aside.replace(path)


def join_parts(parts: Sequence[Path], *, into: Path, about: Mapping[str, str]) -> None:
    """
    Write the parts one after the other as one file, which appears when it is whole.

    What an earlier join left half done beside it is removed. `about` are the file's own words
    (key-value metadata), to which the kind of table is added.

    :raises FactsFileError: if it cannot be written, or a part cannot be read.
    """
    for left in into.parent.glob(f".{escape(into.name)}.*.part"):
        left.unlink(missing_ok=True)
    aside = into.with_name(f".{into.name}.{os.getpid()}.part")
    try:
        pl.scan_parquet(list(parts), glob=False).sink_parquet(
            aside,
            compression="zstd",
            row_group_size=GROUP_ROWS,
            maintain_order=True,
            metadata={"overstory.table": TABLE, **about},
        )
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
        aside.replace(into)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise FactsFileError(f"{into}: {error}") from None
    finally:
        aside.unlink(missing_ok=True)


def read_about(path: Path) -> dict[str, str]:
    """Return a facts table's own words: `overstory.table`, `overstory.at` and the others."""
    found = pl.read_parquet_metadata(path)
    return {name: text for name, text in found.items() if name.startswith("overstory.")}
