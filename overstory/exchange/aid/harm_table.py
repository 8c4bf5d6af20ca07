"""The table of side effects: the same rows for every option, one group size in each table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from overstory.exchange.aid.citing import Sources
from overstory.exchange.aid.words import Words
from overstory.pathway.choice import Option
from overstory.pathway.choice_figures import HarmFigure


@dataclass(frozen=True, slots=True)
class HarmCell:
    """One side effect of one option: its number in words, or none."""

    option: str
    shown: str
    is_empty: bool


@dataclass(frozen=True, slots=True)
class HarmRow:
    """One side effect over all options."""

    effect: str
    cells: tuple[HarmCell, ...]
    refs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HarmTable:
    """Side effects told of one group size."""

    caption: str
    options: tuple[str, ...]
    rows: tuple[HarmRow, ...]


def harm_tables(
    options: Sequence[Option], *, words: Words, sources: Sources
) -> tuple[HarmTable, ...]:
    """Return one table for each group size, the smaller group first."""
    sizes = sorted({harm.per for option in options for harm in option.harms})
    names = tuple(words.of(each.entry.words.short) for each in options)
    return tuple(
        HarmTable(
            caption=words("harms.common" if size == sizes[0] else "harms.rare", per=f"{size:,}"),
            options=names,
            rows=_rows(options, size, names, words, sources),
        )
        for size in sizes
    )


def _rows(
    options: Sequence[Option], size: int, names: tuple[str, ...], words: Words, sources: Sources
) -> tuple[HarmRow, ...]:
    lists = [[harm for harm in option.harms if harm.per == size] for option in options]
    rows = []
    for of_one_kind in zip(*lists, strict=True):
        text = words.of(of_one_kind[0].words)
        cells = tuple(
            HarmCell(name, *_shown(harm, words))
            for name, harm in zip(names, of_one_kind, strict=True)
        )
        refs = sources.refs(cite for harm in of_one_kind for cite in harm.sources)
        rows.append(HarmRow(text[:1].upper() + text[1:], cells, refs))
    return tuple(rows)


def _shown(harm: HarmFigure, words: Words) -> tuple[str, bool]:
    """What stands in the cell, and whether that is no number at all."""
    below = words("harms.below")
    if harm.number is not None:
        shown = below if harm.is_below_one else str(harm.number)
        if harm.compared is not None:
            shown += " " + words("harms.compared", compared=harm.compared)
        elif harm.range is not None:
            shown += f" ({words('harms.range', low=harm.range[0], high=harm.range[1])})"
    elif harm.range is not None:
        low = below if harm.is_below_one else str(harm.range[0])
        shown = words("units.range", low=low, high=harm.range[1])
    elif harm.is_as_parts:
        shown = words("harms.parts")
    elif harm.is_seen:
        shown = words("harms.seen")
    else:
        return words("harms.none"), True
    return shown + ("" if harm.is_verified else words("harms.unverified")), False
