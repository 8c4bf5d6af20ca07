"""Tables of stimulation that a site adopts by name, with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


class SiteTableError(ValueError):
    """A table that a site may not adopt; the message names those that there are."""


@dataclass(frozen=True, slots=True)
class TableChange:
    """A table whose unverified limits the site takes as its own, with its reason."""

    table: str
    reason: str


def with_site_tables(
    *, sections: Mapping[str, tuple[Any, ...]], tables: Iterable[TableChange]
) -> dict[str, tuple[Any, ...]]:
    """
    Return the sections with the tables that the site adopted beside them.

    :raises SiteTableError: for an unknown table, or one that decides nothing.
    """
    adopted = tuple(tables)
    deciding = {each.id for each in sections.get("safe_train_tables", ()) if each.decides}
    for each in adopted:
        if each.table not in deciding:
            raise SiteTableError(
                f"no table that decides is named {each.table}; there is {', '.join(sorted(deciding))}"
            )
    return {**sections, "site_tables": adopted}
