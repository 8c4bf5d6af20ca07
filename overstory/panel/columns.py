"""The facts table: one row a person, a column `id`, a column a fact, and when each was true."""

from __future__ import annotations

import polars as pl

from overstory.engine.facts import FactType, Vocabulary

ID = "id"
WHEN = ".at"
INVENTED = "invented-"
"""How the ids of people begin who do not exist."""
MOMENT = pl.Datetime("us", "UTC")


def when_column(name: str) -> str:
    """Return the column that tells when a fact was true; it may be missing."""
    return name + WHEN


def type_of(kind: FactType) -> pl.DataType:
    """Return the type of a fact's column as it is kept: boolean, 64-bit float, text or date."""
    return {
        "bool": pl.Boolean(),
        "number": pl.Float64(),
        "code": pl.String(),
        "date": pl.Date(),
    }[kind.kind]


def facts_schema(vocabulary: Vocabulary, *, dated: bool) -> dict[str, pl.DataType]:
    """
    Return the columns of a whole facts table in order, with their types.

    Null is unknown. With `dated`, each fact has a second column, named after it with `.at`: when it
    was true (UTC). A null with a time beside it was looked for and is unknown for a reason, so that
    nothing is concluded into its place; a null without a time was never asked.
    """
    schema: dict[str, pl.DataType] = {ID: pl.String()}
    schema |= {name: type_of(kind) for name, kind in vocabulary.items()}
    if dated:
        schema |= {when_column(name): MOMENT for name in vocabulary}
    return schema
