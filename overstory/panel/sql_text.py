"""One SQL text that DuckDB, PostgreSQL and Spark run unchanged over a table `facts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from overstory.panel.program import Program
from overstory.panel.sql_endings import ENDINGS, Ending
from overstory.panel.sql_layers import layers_of

FENCE = "OFFSET 0"


@dataclass(frozen=True)
class SqlQuery:
    """A text, and which column of the program stands behind each name of its answer."""

    text: str
    columns: Mapping[str, str]


def sql_text(program: Program, *, ending: Ending = "full") -> str:
    """
    Return the SQL text; `ending` says what its answer has.

    `facts` has a column `id` (text), one a fact of the vocabulary (boolean, double precision, text or
    date) and `<fact>_at` beside those that the program has dated: 64-bit microseconds since 1970 in UTC.
    Null is unknown. Endings: `full` has every answer and the facts after intake; `compact` has verdicts in
    words, deciding rules and questions joined by commas; `checksums` has one row of sums.

    :raises SqlTextError: if the program cannot be said in one text.
    """
    return sql_query(program, ending=ending).text


def sql_query(program: Program, *, ending: Ending = "full") -> SqlQuery:
    """
    Return the text of `sql_text` with the columns that stand behind its names.

    :raises SqlTextError: if the program cannot be said in one text.
    """
    found = ENDINGS[ending](program)
    layers = layers_of(program, found.columns, beside=found.beside)
    selects = list(layers.selects)
    if found.summed:
        selects.append({name: f"CAST(SUM({name}) AS BIGINT)" for name in layers.columns})
    return SqlQuery(_text(selects), layers.columns)


def _text(selects: Sequence[Mapping[str, str]]) -> str:
    *before, last = selects
    names = ["facts", *(f"layer_{number}" for number in range(len(before)))]
    parts = [
        f"{names[number + 1]} AS (\n{_select(select, names[number])}\n{FENCE}\n)"
        for number, select in enumerate(before)
    ]
    return f"WITH {', '.join(parts)}\n{_select(last, names[-1])}\n"


def _select(columns: Mapping[str, str], table: str) -> str:
    lines: Sequence[str] = [
        text if text == name else f"{text} AS {name}" for name, text in columns.items()
    ]
    return "SELECT " + ",\n".join(lines) + f"\nFROM {table}"
