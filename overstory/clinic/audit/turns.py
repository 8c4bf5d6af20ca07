"""Whose turn it is to write reads: the processes of one machine that share a file of SQLite stand in line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

try:
    import fcntl
except ImportError:  # not a Unix: SQLite's own wait does
    fcntl = None  # type: ignore[assignment]


@contextmanager
def turn() -> Iterator[None]:
    """
    Wait for one's turn, and keep it until the block ends.

    SQLite waits for its write lock by sleeping longer and longer, up to a tenth of a second; who is woken
    by the system goes on at once. Nothing but speed rests on it, and a killed process gives it back.
    """
    name = str(connection.settings_dict["NAME"])
    if fcntl is None or connection.vendor != "sqlite" or not name.startswith("/"):
        yield
        return
    with Path(f"{name}-turn").open("ab") as place:
        fcntl.flock(place, fcntl.LOCK_EX)
        yield
