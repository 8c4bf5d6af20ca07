"""What all knowledge shapes share: strictness, citations, status."""

from __future__ import annotations

from typing import Literal

import msgspec

Status = Literal["primary", "secondary", "site-policy", "recalled"]
Jurisdiction = Literal["US", "EU"]


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A frozen value; a key that it does not name is refused."""


class Cite(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where in a source something stands: `at` is a section, table, page or row."""

    id: str
    at: str = ""


Cites = Cite | list[Cite]


class Text(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Words for patients, in English and Spanish."""

    en: str
    es: str


def cites(source: Cites | None) -> tuple[Cite, ...]:
    """Return the citations of a `source` field, which holds one or a list."""
    if source is None:
        return ()
    return tuple(source) if isinstance(source, list) else (source,)
