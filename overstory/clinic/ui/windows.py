"""Long lists are shown a window at a time; no list is counted whole to show a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

SIZE = 20
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Window:
    """Some rows of a list: which window it is (from 1), and whether there are more on each side."""

    rows: list[Any]
    number: int
    has_next: bool
    query: str

    @property
    def has_before(self) -> bool:
        """Whether rows stand before these."""
        return self.number > 1


def window(
    request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], *, size: int = SIZE
) -> Window:
    """Return the window that the address asks for by `?page=`; a number that is none is the first."""
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    number = min(max(number, 1), MOST)
    first = (number - 1) * size
    found = list(rows[first : first + size + 1])
    query = request.GET.copy()
    query.pop("page", None)
    return Window(found[:size], number, len(found) > size, query.urlencode())
