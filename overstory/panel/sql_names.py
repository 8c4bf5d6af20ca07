"""Names of columns in SQL: lower-case letters, digits and underscores, never in need of quotes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from types import MappingProxyType

from overstory.panel.columns import WHEN

MOST_LETTERS = 63
"""The longest name that PostgreSQL keeps whole; the others allow more."""
MARK_LETTERS = 8


def sql_names(columns: Iterable[str]) -> Mapping[str, str]:
    """
    Return the SQL name of each column, no two alike.

    A dot becomes two underscores, a hyphen one; the time of a fact (`bmi.at`) is `bmi_at`. What is too
    long, or would be another column's name, is cut and ends in a mark made of the whole name, so that a
    name depends on few others.
    """
    plain = {column: _plain(column) for column in columns}
    alike: dict[str, int] = {}
    for name in plain.values():
        alike[name] = alike.get(name, 0) + 1
    return MappingProxyType(
        {
            column: name if len(name) <= MOST_LETTERS and alike[name] == 1 else _marked(column)
            for column, name in plain.items()
        }
    )


def _plain(column: str) -> str:
    if column.endswith(WHEN):
        column = column.removesuffix(WHEN) + "_at"
    return re.sub(r"[^a-z0-9_]", "_", column.lower().replace(".", "__"))


def _marked(column: str) -> str:
    mark = sha256(column.encode()).hexdigest()[:MARK_LETTERS]
    return f"{_plain(column)[: MOST_LETTERS - MARK_LETTERS - 2]}__{mark}"
