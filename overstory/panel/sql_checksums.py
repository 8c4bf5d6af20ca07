"""The sums of the ending `checksums` from answers of Polars: one number a column, for any table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from hashlib import md5

import polars as pl

from overstory.panel.columns import ID
from overstory.panel.program import Program
from overstory.panel.sql_endings import PEOPLE, WEIGHT, WEIGHT_FACTORS, has_safety


def checksums_of(answers: pl.DataFrame, program: Program) -> Counter[str]:
    """
    Return what the ending `checksums` of the SQL text sums up to for these answers.

    `answers` is what `polars_engine.run` gives, with `id`. The sums of the pieces of a table add up.
    """
    weighed = answers.with_columns(weights(answers[ID]))
    weight = pl.col(WEIGHT)
    sums = [pl.len().alias(PEOPLE), weight.sum()]
    for name in program.rules.values():
        truth = pl.col(name)
        code = pl.when(truth).then(1).when(~truth).then(2).otherwise(3)
        sums.append((code * weight).sum().alias(name))
    for masks in (program.rule_asks, program.asks, program.decided):
        for each in masks.values():
            sums += [weight.filter(pl.col(name)).sum().alias(name) for name in each.values()]
    places = [*program.verdicts.values(), *([program.safety] if has_safety(program) else [])]
    sums += [(pl.col(name).cast(pl.Int64) * weight).sum().alias(name) for name in places]
    return Counter(weighed.select(sums).row(0, named=True))


def weights(ids: pl.Series) -> pl.Series:
    """Return the weight of each person, from the first letters of the MD5 of the id, in hexadecimal."""
    found = [None if each is None else _weight(each) for each in ids.cast(pl.String)]
    return pl.Series(WEIGHT, found, dtype=pl.Int64())


def _weight(person: str) -> int:
    letters = md5(person.encode(), usedforsecurity=False).hexdigest()
    return sum(
        factor * ord(letter) for factor, letter in zip(WEIGHT_FACTORS, letters, strict=False)
    )


def differences(
    found: Mapping[str, int], expected: Mapping[str, int]
) -> dict[str, tuple[object, object]]:
    """Return the columns whose sums differ, with both."""
    return {
        name: (found.get(name), expected.get(name))
        for name in {**found, **expected}
        if found.get(name) != expected.get(name)
    }
