"""The facts table of an invented population, written group by group, always marked as invented."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source

from overstory.engine.facts import FactType
from overstory.panel.columns import ID, INVENTED, MOMENT, facts_schema, when_column
from overstory.panel.synthesis.population import DIGITS, Group, Population
from overstory.panel.synthesis.recording import KNOWN, NOT_ASKED, OLD, Recorded

ROWS_A_PART = 131_072
"""Rows of one part of a Parquet file."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
A_DAY = timedelta(days=1) // timedelta(microseconds=1)


class TableError(ValueError):
    """A facts table that cannot be written; the message says why."""


def metadata(population: Population) -> dict[str, str]:
    """Return what a Parquet file says of itself: that it is invented, of when, and of which seed."""
    return {
        "overstory.invented": "true",
        "overstory.table": "facts/1",
        "overstory.at": population.at.isoformat(),
        "overstory.knowledge": population.knowledge.sha256,
        "overstory.seed": str(population.seed),
        "overstory.missing": population.missing,
    }


def schema(population: Population) -> dict[str, pl.DataType]:
    """
    Return the columns of the table.

    Every fact, and the time of those that are concluded from others: null with a time is unknown for
    a reason, so that nothing is concluded into it again.
    """
    vocabulary = population.knowledge.vocabulary
    columns = facts_schema(vocabulary, dated=False)
    return columns | {when_column(name): MOMENT for name in concluded(population)}


def concluded(population: Population) -> list[str]:
    """Return the facts that can be concluded from others, in the order of the vocabulary."""
    names = [name for each in population.knowledge.consequences for name in each.words.then]
    return population.knowledge.vocabulary.in_order(names)


def tables(population: Population) -> Iterator[pl.DataFrame]:
    """Yield the facts table of each group of people."""
    for group in population.groups():
        yield table(population, group)


def table(population: Population, group: Group) -> pl.DataFrame:
    """Return the facts table of one group of people."""
    numbers = pl.Series(ID, np.arange(group.first + 1, group.first + group.size + 1))
    columns = {ID: INVENTED + numbers.cast(pl.String).str.zfill(DIGITS)}
    for name, kind in population.knowledge.vocabulary.items():
        columns[name] = _values(kind, group.facts, group.size)
    for name in concluded(population):
        columns[when_column(name)] = _times(population, name, group)
    return pl.DataFrame(columns, schema=schema(population))


def write_facts(population: Population, path: Path) -> None:
    """
    Write the facts table as Parquet or CSV, by the ending of the path; it appears only when whole.

    :raises TableError: if the ending is another, or the file cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _write(population, path, part)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise TableError(f"{path}: {error}") from None
    except KeyboardInterrupt:
        part.unlink(missing_ok=True)
        raise


def _write(population: Population, path: Path, part: Path) -> None:
    rows = register_io_source(lambda *_: tables(population), schema=schema(population))
    try:
        if path.suffix == ".parquet":
            rows.sink_parquet(
                part, row_group_size=ROWS_A_PART, metadata=metadata(population), compression="zstd"
            )
        elif path.suffix == ".csv":
            rows.sink_csv(part)
        else:
            raise TableError(f"{path}: a facts table ends in .parquet or .csv")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)  # Python may interrupt here once more, after Polars did


def _values(kind: FactType, facts: Recorded, size: int) -> pl.Series:
    if kind.kind == "date":  # nothing draws dates
        return pl.repeat(None, size, dtype=pl.Date(), eager=True)
    values, known = facts.values[kind.name][:size], facts.states[kind.name][:size] == KNOWN
    if kind.kind == "code":
        found = pl.Series([*kind.codes, "not-a-code"]).gather(pl.Series(values).clip(0, None))
    else:
        found = pl.Series(values)
    return found.alias(kind.name).zip_with(pl.Series(known), found.clear(size))


def _times(population: Population, name: str, group: Group) -> pl.Series:
    """When a fact was true or looked for; null where it was never asked."""
    states = group.facts.states[name][: group.size]
    moment = (population.at - EPOCH) // timedelta(microseconds=1)
    times = np.full(group.size, moment, dtype=np.int64)
    if name in group.facts.days:
        old = states == OLD
        times[old] -= group.facts.days[name][: group.size][old] * A_DAY
    found = pl.Series(times).cast(MOMENT)
    return found.zip_with(pl.Series(states != NOT_ASKED), found.clear(group.size))
