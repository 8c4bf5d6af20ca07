"""The values exercise on the page: what may matter, how much, and the sum written out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_uppercase

from overstory.exchange.aid.words import Words
from overstory.knowledge.shapes.choices import AidPolicy
from overstory.pathway.choice_values import Line, Weighing

UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One value with its letter and scale; `chosen` is the importance given, None where nothing was said."""

    letter: str
    label: str
    counted: str
    scale: tuple[int, ...]
    chosen: int | None
    origin: str


@dataclass(frozen=True, slots=True)
class SumRow:
    """An option's sum; `terms` has letter, importance × fit for each value that matters."""

    place: str
    option: str
    terms: str
    total: str


def value_rows(weighing: Weighing, *, words: Words, policy: AidPolicy) -> tuple[ValueRow, ...]:
    """Return the values in order, each with its scale from 0 to the most."""
    scale = tuple(range(policy.most_important + 1))
    return tuple(
        ValueRow(
            letter=letter,
            label=words.of(each.value.label),
            counted=words.of(each.value.counts),
            scale=scale,
            chosen=each.importance if each.origin else None,
            origin=words("values.from_record") if each.origin == "record" else "",
        )
        for letter, each in zip(ascii_uppercase, weighing.importance, strict=False)
    )


def sum_rows(weighing: Weighing, *, words: Words, short: Mapping[str, str]) -> tuple[SumRow, ...]:
    """Return the sums in order with their arithmetic; none where nothing matters yet."""
    if not weighing.has_order:
        return ()
    letters = {each.value.id: ascii_uppercase[n] for n, each in enumerate(weighing.importance)}
    rows = []
    for each in weighing.sums:
        weighed = [line for line in each.lines if line.importance]
        terms = " + ".join(f"{letters[line.value]}\u00a0{_term(line)}" for line in weighed)
        total = str(each.least)
        if each.greatest > each.least:
            total += f" ({words('values.open', greatest=each.greatest)})"
        rows.append(SumRow(str(each.place), short[each.option], terms, total))
    return tuple(rows)


def _term(line: Line) -> str:
    return f"{line.importance}×{UNKNOWN if line.fit is None else line.fit}"
