"""The door in SQL: what no fact can be becomes unknown, as in `panel.door`; nothing is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from sys import float_info

from overstory.engine.facts import FactType
from overstory.panel.columns import when_column
from overstory.panel.moments import microseconds
from overstory.panel.program import Program
from overstory.panel.sql_expressions import Resolve, literal

Write = Callable[[Resolve], str]


def door_columns(program: Program) -> dict[str, Write]:
    """Return, by column, what writes it from the raw columns: facts, and times of those dated."""
    return dict(_columns(program))


def _columns(program: Program) -> Iterator[tuple[str, Write]]:
    inputs = set(program.inputs)
    for name, kind in program.knowledge.vocabulary.items():
        when = when_column(name) if when_column(name) in inputs else None
        yield name, _value(name, kind, when, program.at)
        if when:
            yield when, _time(name, kind, when, program.at)


def _value(name: str, kind: FactType, when: str | None, at: datetime) -> Write:
    def write(resolve: Resolve) -> str:
        tests = [test] if (test := _can_be(kind, resolve(name))) else []
        if when:
            later = f"{resolve(when)} > {literal(microseconds(at))}"
            return f"CASE WHEN {later} THEN NULL {_kept(tests, resolve(name))}"
        return f"CASE {_kept(tests, resolve(name))}" if tests else resolve(name)

    return write


def _kept(tests: list[str], name: str) -> str:
    return f"WHEN {tests[0]} THEN {name} END" if tests else f"ELSE {name} END"


def _time(name: str, kind: FactType, when: str, at: datetime) -> Write:
    """The time of a fact; gone where its value was refused."""

    def write(resolve: Resolve) -> str:
        tests = [f"{resolve(when)} <= {literal(microseconds(at))}"]
        if test := _can_be(kind, resolve(name)):
            tests.append(f"({resolve(name)} IS NULL OR {test})")
        return f"CASE WHEN {' AND '.join(tests)} THEN {resolve(when)} END"

    return write


def _can_be(kind: FactType, name: str) -> str:
    """
    Whether a value is one that the fact can have.

    NaN is between no two numbers, but DuckDB believes what a file says of its least and greatest
    number, which leaves NaN out, and then does not look; zero times NaN is not zero in any engine.
    """
    if kind.kind == "code":
        return f"{name} IN ({', '.join(map(literal, kind.codes))})"
    if kind.kind != "number":
        return ""
    least, greatest = kind.least, kind.greatest
    if least is None or greatest is None:
        least, greatest = -float_info.max, float_info.max
    between = f"{name} BETWEEN {literal(float(least))} AND {literal(float(greatest))}"
    return f"({between} AND {name} * 0.0E0 = 0.0E0)"
