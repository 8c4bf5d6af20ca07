"""A user's table as `facts`: which of its columns are read and as what, the missing ones as null."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from overstory.panel.columns import ID, WHEN
from overstory.panel.program import Program
from overstory.panel.sql_names import sql_names


class FactsTableError(ValueError):
    """A table that cannot be read as facts; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """
    How one engine writes the view; nothing else differs between engines.

    `types` has its names of the types by kind of fact, `quote` gives a column's name as it must be
    quoted, `is_moment` whether a type of the engine is one of dates with times, and `microseconds` the
    microseconds since 1970 of a column of such a type.
    """

    types: Mapping[str, str]
    quote: Callable[[str], str]
    is_moment: Callable[[str], bool]
    microseconds: Callable[[str], str]


def facts_select(
    program: Program, *, table: str, columns: Mapping[str, str], dialect: Dialect
) -> str:
    """
    Return the SELECT that gives a table the columns that the SQL text reads from `facts`.

    `columns` has the type of each column of `table`, which is named as it stands. The time of a fact may
    be a moment in a column named with `.at`, or already microseconds in one named with `_at`.

    :raises FactsTableError: if the table has no column `id`.
    """
    if ID not in columns:
        raise FactsTableError(f"{table} has no column {ID}")
    lines = ",\n".join(_columns(program, columns, dialect))
    return f"SELECT {lines}\nFROM {table}"


def _columns(program: Program, columns: Mapping[str, str], dialect: Dialect) -> Iterator[str]:
    names = sql_names([ID, *program.inputs])
    text = dialect.types["code"]
    yield f"CAST({dialect.quote(ID)} AS {text}) AS {ID}"
    for column in program.inputs:
        kind = "moment"
        if not column.endswith(WHEN):
            kind = program.knowledge.vocabulary[column].kind
        found = next((each for each in (column, names[column]) if each in columns), None)
        value = "NULL" if found is None else dialect.quote(found)
        if kind == "moment" and found is not None and dialect.is_moment(columns[found]):
            value = dialect.microseconds(value)
        yield f"CAST({value} AS {dialect.types[kind]}) AS {names[column]}"
