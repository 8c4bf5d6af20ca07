"""Which database holds the rows: SQLite in the clinic's folder, or PostgreSQL by its address."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SAFE_SQLITE = (3, 51, 3)
"""Before it, the write-ahead log could be reset under another process and corrupt the file."""
START = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
PRAGMA busy_timeout=20000;
PRAGMA foreign_keys=ON;
PRAGMA mmap_size=0;
"""


class DatabaseAddressError(ValueError):
    """An address of a database that is refused; the message says what would be right."""


def database(address: str, *, home: Path) -> dict[str, Any]:
    """
    Return Django's settings for a database: an empty address is SQLite in the clinic's folder.

    :raises DatabaseAddressError: if the address is neither `sqlite:///path` nor `postgresql://…`.
    """
    if not address:
        return _sqlite(home / "clinic.sqlite3")
    parts = urlsplit(address)
    if parts.scheme == "sqlite" and parts.path:
        return _sqlite(Path(unquote(parts.path)))
    if parts.scheme in {"postgresql", "postgres"} and parts.path.strip("/"):
        more = dict(parse_qsl(parts.query))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.strip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": more.pop("host", "") or parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": more,
        }
    raise DatabaseAddressError(
        "DATABASE_URL is sqlite:///path/of/file or postgresql://user:password@host:port/name"
    )


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": START},
    }


def sqlite_version() -> tuple[int, ...]:
    """Return the version of the SQLite that this process uses; the settings may have changed it."""
    import sqlite3

    return sqlite3.sqlite_version_info
