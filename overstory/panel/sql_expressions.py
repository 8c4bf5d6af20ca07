"""Nodes as SQL that DuckDB, PostgreSQL and Spark read alike: null is unknown, and the logic Kleene's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from overstory.engine.conditions import (
    And,
    AtLeast,
    Between,
    Compare,
    Holds,
    Not,
    OneOf,
    Or,
)
from overstory.panel.expressions import (
    Below,
    BodyMassIndex,
    Constant,
    Expression,
    Given,
    Keep,
    Least,
    Pick,
    Possibly,
    Surely,
    Unknown,
)

Resolve = Callable[[str], str]
"""Gives the SQL of a column: its name, or its whole expression within parentheses."""


class SqlTextError(ValueError):
    """What cannot be said in one SQL for every engine; the message names it."""


def sql_expression(node: Expression, resolve: Resolve) -> str:
    """
    Return the SQL of a node; `resolve` is asked once for each time that a column stands in it.

    :raises SqlTextError: if the node is of no known kind, or a text in it would need escaping.
    """
    try:
        write = WRITERS[type(node)]
    except KeyError:
        raise SqlTextError(f"no SQL for {type(node).__name__}") from None
    return write(node, resolve)


def literal(value: bool | float | str | None) -> str:
    """
    Return a value as SQL; a float as a double with every digit, in all engines.

    :raises SqlTextError: if a text has a letter that an engine would read as an escape.
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        if re.search(r"['\\\x00]", value):
            raise SqlTextError(f"a quote or backslash in {value!r}")
        return f"'{value}'"
    if isinstance(value, int):
        return str(value)
    text = repr(value)
    return text.upper() if "e" in text else f"{text}E0"


def _one_of(node: OneOf, resolve: Resolve) -> str:
    return f"{resolve(node.fact)} IN ({', '.join(map(literal, node.codes))})"


def _part(node: Expression, resolve: Resolve) -> str:
    text = sql_expression(node, resolve)
    return text if re.fullmatch(r"\w+", text) or _is_closed(text) else f"({text})"


def _is_closed(text: str) -> bool:
    """Whether a text stands in one pair of parentheses already."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and place < len(text) - 1:
            return False
    return True


def _joined(word: str) -> Callable[[Any, Resolve], str]:
    def write(node: And | Or, resolve: Resolve) -> str:
        return word.join(_part(each, resolve) for each in node.parts)

    return write


def _at_least(node: AtLeast, resolve: Resolve) -> str:
    certain = [f"CASE WHEN {sql_expression(p, resolve)} THEN 1 ELSE 0 END" for p in node.parts]
    possible = [f"CASE WHEN NOT {_part(p, resolve)} THEN 0 ELSE 1 END" for p in node.parts]
    return (
        f"CASE WHEN {' + '.join(certain)} >= {node.count} THEN TRUE"
        f" WHEN {' + '.join(possible)} < {node.count} THEN FALSE END"
    )


def _pick(node: Pick, resolve: Resolve) -> str:
    cases = [
        f"WHEN {sql_expression(test, resolve)} THEN {sql_expression(value, resolve)}"
        for test, value in node.cases
    ]
    return f"CASE {' '.join(cases)} ELSE {sql_expression(node.otherwise, resolve)} END"


def _least(node: Least, resolve: Resolve) -> str:
    names = [resolve(each) for each in node.columns]
    return names[0] if len(names) == 1 else f"LEAST({', '.join(names)})"


def _body_mass_index(node: BodyMassIndex, resolve: Resolve) -> str:
    height = resolve(node.height_cm)
    return f"{resolve(node.weight_kg)} * {literal(10000.0)} / ({height} * {height})"


def _constant(node: Constant, resolve: Resolve) -> str:
    del resolve
    return "CAST(NULL AS BOOLEAN)" if node.truth is None else literal(node.truth)


def _compare(node: Compare, resolve: Resolve) -> str:
    op = {"==": "=", "!=": "<>"}.get(node.op, node.op)
    return f"{resolve(node.fact)} {op} {literal(node.number)}"


def _between(node: Between, resolve: Resolve) -> str:
    return f"{resolve(node.fact)} BETWEEN {literal(node.low)} AND {literal(node.high)}"


WRITERS: dict[type, Callable[[Any, Resolve], str]] = {
    Holds: lambda node, resolve: resolve(node.fact),
    Compare: _compare,
    Between: _between,
    OneOf: _one_of,
    Not: lambda node, resolve: f"NOT {_part(node.part, resolve)}",
    And: _joined(" AND "),
    Or: _joined(" OR "),
    AtLeast: _at_least,
    Constant: _constant,
    Unknown: lambda node, resolve: f"{_part(node.part, resolve)} IS NULL",
    Surely: lambda node, resolve: f"COALESCE({sql_expression(node.part, resolve)}, FALSE)",
    Possibly: lambda node, resolve: f"COALESCE({sql_expression(node.part, resolve)}, TRUE)",
    Below: lambda node, resolve: f"{resolve(node.left)} < {resolve(node.right)}",
    Keep: lambda node, resolve: resolve(node.column),
    Given: lambda node, _: literal(node.value),
    Pick: _pick,
    Least: _least,
    BodyMassIndex: _body_mass_index,
}
