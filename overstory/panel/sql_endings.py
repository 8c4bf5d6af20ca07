"""What an SQL text ends in: every answer, the few columns that a clinic reads, or sums to compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from overstory.panel.columns import ID
from overstory.panel.program import LEVELS, Program
from overstory.panel.sql_expressions import Resolve, literal
from overstory.pathway.verdicts import ORDER

Write = Callable[[Resolve], str]
Ending = Literal["full", "compact", "checksums"]
MOST_ARGUMENTS = 90
"""PostgreSQL calls no function with more than 100 arguments."""
PEOPLE = "people"
DIGEST, WEIGHT = "checksum.digest", "checksum.weight"
WEIGHT_FACTORS = (1, 103, 10609, 1092727)
"""Powers of the first number above the code of any letter of a digest; the sum is below 2**27."""


@dataclass(frozen=True)
class Ended:
    """
    The columns of the answer, and those to be made beside the steps for them; name to writer.

    With `summed`, the answer has their sums over everybody instead, as 64-bit integers.
    """

    columns: Mapping[str, Write]
    beside: Mapping[str, Write] = field(default_factory=dict)
    summed: bool = False


def full(program: Program) -> Ended:
    """Return every answer of a program, and the facts after intake."""
    return Ended({name: _kept(name) for name in (ID, *answer_columns(program))})


def compact(program: Program) -> Ended:
    """Return verdicts and levels in words, and what decided and what is asked, joined by commas."""
    columns = {ID: _kept(ID)}
    for treatment, verdict in program.verdicts.items():
        columns[verdict] = _word(verdict, [str(each) for each in ORDER])
        columns[f"{treatment}.decided_by"] = _names(program.decided[treatment])
        columns[f"{treatment}.asks"] = _names(program.asks[treatment])
    if has_safety(program):
        columns[program.safety] = _word(program.safety, LEVELS)
    return Ended(columns)


def checksums(program: Program) -> Ended:
    """
    Return one row: how many people, and for each answer the sum of its code times each one's weight.

    Codes: a truth 1, 2 or 3 for true, false, unknown; a mask 1 where it holds; a verdict or level its
    place. The weight comes from the first letters of the MD5 of `id`, so that it matters who has what.
    """
    columns: dict[str, Write] = {PEOPLE: lambda _: literal(1), WEIGHT: _kept(WEIGHT)}
    columns |= {name: _truth(name) for name in program.rules.values()}
    for masks in (program.rule_asks, program.asks, program.decided):
        for each in masks.values():
            columns |= {name: _mask(name) for name in each.values()}
    places = [*program.verdicts.values(), *([program.safety] if has_safety(program) else [])]
    columns |= {name: _place(name) for name in places}
    beside = {DIGEST: lambda resolve: f"MD5({resolve(ID)})", WEIGHT: _weight}
    return Ended(columns, beside, summed=True)


ENDINGS: Mapping[Ending, Callable[[Program], Ended]] = {
    "full": full,
    "compact": compact,
    "checksums": checksums,
}


def answer_columns(program: Program) -> list[str]:
    """Return the columns of the facts after intake and of every answer."""
    masks = (program.rule_asks, program.asks, program.decided)
    narrowed = [name for step in program.steps if step.name == "narrowed" for name in step.columns]
    return [
        *program.knowledge.vocabulary,
        *narrowed,
        *program.rules.values(),
        *(name for each in masks for names in each.values() for name in names.values()),
        *program.verdicts.values(),
        *([program.safety] if has_safety(program) else []),
    ]


def has_safety(program: Program) -> bool:
    """Return whether the program works out a safety level."""
    return any(program.safety in step.columns for step in program.steps)


def _kept(name: str) -> Write:
    return lambda resolve: resolve(name)


def _word(name: str, words: Sequence[str]) -> Write:
    cases = " ".join(f"WHEN {place} THEN {literal(word)}" for place, word in enumerate(words))
    return lambda resolve: f"CASE {resolve(name)} {cases} END"


def _names(masks: Mapping[str, str]) -> Write:
    """The names whose mask holds, joined by commas; an empty text if there are none."""

    def write(resolve: Resolve) -> str:
        parts = [
            f"CASE WHEN {resolve(column)} THEN {literal(name)} END"
            for name, column in masks.items()
        ]
        groups = [f"CONCAT_WS(',', {', '.join(group)})" for group in _groups(parts)]
        if len(groups) < 2:
            return groups[0] if groups else "''"
        filled = [f"NULLIF({each}, '')" for each in groups]
        return f"CONCAT_WS(',', {', '.join(filled)})"

    return write


def _groups(parts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(parts), MOST_ARGUMENTS):
        yield parts[start : start + MOST_ARGUMENTS]


def _truth(name: str) -> Write:
    def write(resolve: Resolve) -> str:
        truth, weight = resolve(name), resolve(WEIGHT)
        return f"CASE {truth} WHEN TRUE THEN {weight} WHEN FALSE THEN 2 * {weight} ELSE 3 * {weight} END"

    return write


def _mask(name: str) -> Write:
    return lambda resolve: f"CASE WHEN {resolve(name)} THEN {resolve(WEIGHT)} ELSE 0 END"


def _place(name: str) -> Write:
    return lambda resolve: f"({resolve(name)}) * {resolve(WEIGHT)}"


def _weight(resolve: Resolve) -> str:
    return " + ".join(
        f"{factor} * ASCII(SUBSTR({resolve(DIGEST)}, {place}, 1))"
        for place, factor in enumerate(WEIGHT_FACTORS, start=1)
    )
