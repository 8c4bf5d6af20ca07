"""The program in process: each step's columns as Polars expressions over the whole table at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import Any, cast

import polars as pl

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
from overstory.panel.program import Program, Step

WIDE = 300
"""From so many columns on, a query of its own is faster than the eager call; found by measuring."""
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": lt, "<=": le, "==": eq, "!=": ne, ">=": ge, ">": gt,
}  # fmt: skip


def run(program: Program, facts: pl.DataFrame, *, until: str | None = None) -> pl.DataFrame:
    """
    Return the facts table with every column of the program beside it.

    `facts` has the program's inputs as they are after the door (`panel.door`). With `until`, only the
    steps up to that one are run.

    :raises KeyError: if no step is named `until`.
    """
    steps = program.steps if until is None else program.until(until)
    for step in steps:
        facts = with_step(facts, step)
    return facts


def with_step(facts: pl.DataFrame, step: Step) -> pl.DataFrame:
    """Return the table with the columns of one step."""
    if len(step.columns) < WIDE:
        return facts.with_columns(columns_of(step))
    plain = pl.QueryOptFlags.none()
    wide = facts.lazy().select(columns_of(step)).collect(optimizations=plain)
    return facts.drop(wide.columns, strict=False).hstack(wide)


def columns_of(step: Step) -> Sequence[pl.Expr]:
    """Return the columns of one step, named."""
    return [expression(each).alias(name) for name, each in step.columns.items()]


def expression(node: Expression) -> pl.Expr:
    """
    Return the Polars expression of a node: null is unknown, and the logic is Kleene's.

    :raises TypeError: if the node is of no known kind.
    """
    try:
        return EXPRESSIONS[type(node)](node)
    except KeyError:
        raise TypeError(f"no expression for {type(node).__name__}") from None


def _compare(node: Compare) -> pl.Expr:
    return cast("pl.Expr", COMPARISONS[node.op](pl.col(node.fact), pl.lit(node.number)))


def _between(node: Between) -> pl.Expr:
    return pl.col(node.fact).is_between(pl.lit(node.low), pl.lit(node.high))


def _one_of(node: OneOf) -> pl.Expr:
    return reduce(or_, [pl.col(node.fact) == pl.lit(code) for code in node.codes])


def _all(node: And) -> pl.Expr:
    return reduce(and_, map(expression, node.parts))


def _any(node: Or) -> pl.Expr:
    return reduce(or_, map(expression, node.parts))


def _at_least(node: AtLeast) -> pl.Expr:
    parts = [expression(part) for part in node.parts]
    certain = pl.sum_horizontal([part.fill_null(False).cast(pl.UInt16) for part in parts])
    possible = pl.sum_horizontal([part.fill_null(True).cast(pl.UInt16) for part in parts])
    return (certain >= node.count) | ((possible >= node.count) & pl.lit(None, pl.Boolean))


def _pick(node: Pick) -> pl.Expr:
    picked = expression(node.otherwise)
    for test, value in reversed(node.cases):
        picked = pl.when(expression(test)).then(expression(value)).otherwise(picked)
    return picked


def _given(node: Given) -> pl.Expr:
    if type(node.value) is int:  # a place in a list or a time; facts are float
        return pl.lit(node.value, pl.UInt8 if node.value < 256 else pl.Int64)
    return pl.lit(node.value)


def _body_mass_index(node: BodyMassIndex) -> pl.Expr:
    height = pl.col(node.height_cm)
    return pl.col(node.weight_kg) * 10000.0 / (height * height)


EXPRESSIONS: dict[type, Callable[[Any], pl.Expr]] = {
    Holds: lambda node: pl.col(node.fact),
    Compare: _compare,
    Between: _between,
    OneOf: _one_of,
    Not: lambda node: ~expression(node.part),
    And: _all,
    Or: _any,
    AtLeast: _at_least,
    Constant: lambda node: pl.lit(node.truth, pl.Boolean),
    Unknown: lambda node: expression(node.part).is_null(),
    Surely: lambda node: expression(node.part).fill_null(False),
    Possibly: lambda node: expression(node.part).fill_null(True),
    Below: lambda node: pl.col(node.left) < pl.col(node.right),
    Keep: lambda node: pl.col(node.column),
    Given: _given,
    Pick: _pick,
    Least: lambda node: pl.min_horizontal(node.columns),
    BodyMassIndex: _body_mass_index,
}
