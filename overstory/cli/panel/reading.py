"""What the commands of the panel share: the table, its warnings, the engine, the bar of progress."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
import polars as pl
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from overstory.cli.input import bad_input_ends, printable
from overstory.engine.facts import Vocabulary
from overstory.exchange.patient_file import read_time
from overstory.exchange.records import InputError
from overstory.panel.changes import WhatIfError
from overstory.panel.columns import when_column
from overstory.panel.door import Refused
from overstory.panel.lists import AnswersError
from overstory.panel.population.hiding import TooFewError
from overstory.panel.sources import Source, SourceError, open_source

BATCH = 250_000
SHORTEST_SHOWN = 100_000
SHOWN_MISSING = 8

engine_option = click.option(
    "--engine",
    type=click.Choice(["polars", "duckdb", "spark"]),
    default="polars",
    show_default=True,
    help="What works the rules out; all give the same answers.",
)


@dataclass(frozen=True)
class FactsTable:
    """A table of facts that was opened, and the moment that its answers are for."""

    source: Source
    at: datetime

    @property
    def dated(self) -> frozenset[str]:
        """The facts that have a time beside them."""
        columns = set(self.source.columns)
        return frozenset(name for name in columns if when_column(name) in columns)

    @property
    def is_invented(self) -> bool:
        """Whether the table says that nobody in it exists."""
        return self.source.notes.get("overstory.invented") == "true"

    def batches(self, *, label: str) -> Iterator[pl.DataFrame]:
        """Yield the pieces of the table, with a bar of progress on long work in a terminal."""
        yield from progress(self.source.batches(BATCH), total=self.source.rows, label=label)


@contextmanager
def panel_input_ends() -> Iterator[None]:
    """End the command with exit status 2 and the message when the table or a question is refused."""
    with bad_input_ends():
        try:
            yield
        except (SourceError, WhatIfError, AnswersError, TooFewError) as error:
            raise InputError(str(error)) from None


def open_table(place: str, *, vocabulary: Vocabulary, at: datetime | None) -> FactsTable:
    """
    Return the table at a place, asked about at a moment: the one given, the table's own, or now.

    :raises SourceError: if it cannot be read.
    """
    source = open_source(place, vocabulary=vocabulary)
    return FactsTable(source, at or _own_moment(source) or datetime.now().astimezone())


def refuse_places(table: FactsTable, *outs: Path | None) -> None:
    """
    Refuse, before the work, to write where nothing can be written or over the table that is read.

    :raises InputError: naming the place.
    """
    places = [(each, each.absolute()) for each in outs if each is not None]
    for shown, place in places:
        if not place.parent.is_dir():
            raise InputError(f"{shown}: there is no folder {place.parent}")
        if place.exists() and not place.is_file():
            raise InputError(f"{shown}: is no file that can be replaced; name another")
        if place.exists() and any(place.samefile(each) for each in table.source.files):
            raise InputError(f"{shown}: is the table that is read; name another file")
    if len({place.resolve() for _, place in places}) < len(places):
        raise InputError(f"{places[0][0]}: is to hold two things; name two files")


def warnings_of(
    table: FactsTable, refused: Sequence[Refused], *, hidden_below: int | None = None
) -> list[str]:
    """Return what a reader of the figures has to know of the table; small counts may be hidden."""
    said = []
    own = _own_moment(table.source)
    if own is not None and own != table.at:
        said.append(
            f"the table is of {own.isoformat()} and asked about at {table.at.isoformat()}: its values "
            "without a time are taken as true then, however old they are; make a table for that moment"
        )
    missing = table.source.missing
    if missing:
        more = f" and {len(missing) - SHOWN_MISSING} more" if len(missing) > SHOWN_MISSING else ""
        columns = "column is" if len(missing) == 1 else "columns are"
        said.append(
            f"{len(missing)} {columns} missing and unknown for everybody: "
            f"{', '.join(missing[:SHOWN_MISSING])}{more}"
        )
    for each in refused:
        is_hidden = hidden_below is not None and each.count < hidden_below
        count = f"fewer than {hidden_below}" if is_hidden else f"{each.count:,}"
        values = "value" if each.count == 1 and not is_hidden else "values"
        said.append(
            f"{each.column}: {count} {values} made unknown ({each.why.replace('-', ' ')}; "
            f"right is {each.right})"
        )
    return said


def warn(said: Sequence[str]) -> None:
    """Say the warnings on standard error."""
    for each in said:
        click.echo(f"overstory: {printable(each)}", err=True)


def progress(
    pieces: Iterator[pl.DataFrame], *, total: int | None, label: str
) -> Iterator[pl.DataFrame]:
    """Yield the pieces; on a terminal, and where there is much, show how many people are done."""
    if not sys.stderr.isatty() or (total is not None and total < SHORTEST_SHOWN):
        yield from pieces
        return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(label, total=total)
        for piece in pieces:
            yield piece
            bar.advance(task, piece.height)


def _own_moment(source: Source) -> datetime | None:
    told = source.notes.get("overstory.at")
    if told is None:
        return None
    try:
        return read_time(told)
    except ValueError:
        raise SourceError(f"{source.name}: its note overstory.at is no moment: {told!r}") from None
