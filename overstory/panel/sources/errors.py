"""What is said of a source that is refused."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

LONGEST_SHOWN = 40


class SourceError(ValueError):
    """A source that is refused; the message names the file, the line or row, and what is right."""


def shown(value: object) -> str:
    """Return a value as an error shows it: printable, on one line, cut to 40 characters."""
    text = value if isinstance(value, str) else str(value)
    cut = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    return repr(cut) if isinstance(value, str) else cut


@contextmanager
def reading(name: str, *, right: str) -> Iterator[None]:
    """
    Say what failed while a source is read; `right` says what the source should be.

    :raises SourceError: instead of the errors of the file system and of the reader.
    """
    try:
        yield
    except FileNotFoundError:
        raise SourceError(f"{name}: there is no such file") from None
    except PermissionError:
        raise SourceError(f"{name}: may not be read; its permissions forbid it") from None
    except pl.exceptions.PanicException:
        raise SourceError(f"{name}: is damaged; expected {right}") from None
    except (OSError, EOFError, MemoryError, zlib.error, pl.exceptions.PolarsError) as error:
        why = first_line(error)
        raise SourceError(f"{name}: cannot be read ({why}); expected {right}") from None


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, printable and not long."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return "".join(each if each.isprintable() else "?" for each in lines[0])[:200]
