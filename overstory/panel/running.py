"""A run over a table: pieces of facts in; answers out, counted as they pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from overstory.engine.conditions import Condition
from overstory.panel.columns import ID, INVENTED
from overstory.panel.door import Refused, enter, together
from overstory.panel.lists import names_of
from overstory.panel.polars_engine import expression, run
from overstory.panel.population.blocking import Blocking, blocking_of
from overstory.panel.population.figures import Table, population_figures
from overstory.panel.population.tally import CHARACTERISTICS, Tally, tally
from overstory.panel.program import LEVELS, Program
from overstory.pathway.verdicts import ORDER

DECIDED_BY, ASKS = ".decided_by", ".asks"
SAFETY_COLUMN = "safety.level"


@dataclass
class PanelRun:
    """
    One run of a program over the pieces of a table.

    With `where`, only people for whom it is true are answered for; how many were left out, and for how
    many it is unknown, is counted. `only_invented` tells that every id is that of an invented person. The
    figures are right once every piece has passed.
    """

    program: Program
    where: Condition | None = None
    characteristics: Sequence[str] = CHARACTERISTICS
    read: int = 0
    left_out: int = 0
    left_out_unknown: int = 0
    refused: tuple[Refused, ...] = ()
    only_invented: bool = True
    _tally: Tally = field(default_factory=Tally)
    _blocking: Blocking | None = None

    def answered(self, pieces: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Yield the answers to each piece of a facts table, worked out in process, and count them."""
        yield from self.counted(run(self.program, facts) for facts in self.entered(pieces))

    def entered(self, pieces: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Yield each piece as it is after the door, and keep what the door refused."""
        for piece in pieces:
            entered = enter(piece, vocabulary=self.program.knowledge.vocabulary, at=self.program.at)
            self.refused = together((*self.refused, *entered.refused))
            yield entered.facts

    def counted(self, answers: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Yield the answers, which any engine gave, of those whom `where` keeps, and count them."""
        for piece in answers:
            kept = self._kept(piece)
            if self._blocking is None:
                self._blocking = blocking_of(self.program, kept)
            self._tally.add(
                tally(
                    kept,
                    self.program,
                    blocking=self._blocking,
                    characteristics=self.characteristics,
                )
            )
            yield kept

    def figures(self, *, name: str, where: str | None, **more: Any) -> dict[str, Any]:
        """Return the figures of the population so far; `name` is that of the table."""
        table = Table(
            name=name,
            read=self.read,
            where=where,
            left_out=self.left_out,
            left_out_unknown=self.left_out_unknown,
            **more,
        )
        blocking = self._blocking or Blocking({name: {} for name in self.program.verdicts}, ())
        return population_figures(
            self._tally,
            program=self.program,
            blocking=blocking,
            characteristics=self.characteristics,
            table=table,
        )

    def _kept(self, piece: pl.DataFrame) -> pl.DataFrame:
        self.read += piece.height
        self.only_invented &= bool(piece[ID].str.starts_with(INVENTED).all())
        if self.where is None:
            return piece
        truth = piece.select(expression(self.where)).to_series()
        self.left_out_unknown += truth.null_count()
        self.left_out += int((~truth).sum())
        return piece.filter(truth)


def compact(answers: pl.DataFrame, program: Program, *, with_safety: bool = False) -> pl.DataFrame:
    """
    Return one row a person: `id`, and by treatment the verdict, what decided it, and what it asks.

    The columns are `<treatment>`, `<treatment>.decided_by` (ids of rules) and `<treatment>.asks` (names of
    facts), the last two lists of text; with `with_safety`, `safety.level` too.
    """
    columns = [answers[ID]]
    for treatment, place in program.verdicts.items():
        columns.append(_words(answers[place], [str(each) for each in ORDER]).alias(treatment))
        lists: Mapping[str, Mapping[str, str]] = {
            DECIDED_BY: program.decided[treatment],
            ASKS: program.asks[treatment],
        }
        columns += [names_of(answers, lists[name]).alias(treatment + name) for name in lists]
    if with_safety:
        columns.append(_words(answers[program.safety], LEVELS).alias(SAFETY_COLUMN))
    return pl.DataFrame(columns)


def compact_schema(program: Program, *, with_safety: bool = False) -> dict[str, pl.DataType]:
    """Return the columns that `compact` gives, with their types."""
    schema: dict[str, pl.DataType] = {ID: pl.String()}
    for treatment in program.verdicts:
        schema[treatment] = pl.String()
        schema[treatment + DECIDED_BY] = pl.List(pl.Enum(list(program.decided[treatment])))
        schema[treatment + ASKS] = pl.List(pl.Enum(list(program.asks[treatment])))
    if with_safety:
        schema[SAFETY_COLUMN] = pl.String()
    return schema


def _words(places: pl.Series, words: Sequence[str]) -> pl.Series:
    return places.replace_strict(list(range(len(words))), list(words), return_dtype=pl.String())
