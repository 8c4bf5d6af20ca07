"""CSV files, plain or packed with gzip, read in blocks of whole lines."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import polars as pl

from overstory.panel.sources.errors import SourceError, reading
from overstory.panel.sources.records import Block, blocks
from overstory.panel.sources.source import Piece

AT_ONCE = 2**20
"""Bytes that are read at once."""
RIGHT = "a CSV file: commas, UTF-8, a header of fact names"
MARK = b"\xef\xbb\xbf"
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


class DelimitedFile:
    """One CSV file with a header."""

    is_text = True
    rows: int | None = None
    notes: Mapping[str, str] = {}

    def __init__(self, path: Path) -> None:
        self.name, self.path = str(path), path
        self.names = _header(self._bytes(), name=self.name)
        self.columns: Sequence[tuple[str, pl.DataType | None]] = [
            (each, None) for each in self.names
        ]

    def pieces(self, *, columns: Sequence[str], size: int) -> Iterator[Piece]:
        """Yield the rows, each known by the line on which it begins."""
        first = True
        for block in blocks(self._bytes(), name=self.name, width=len(self.names)):
            table = table_of(block, self.names, name=self.name).select(columns)
            for start in range(int(first), table.height, size):
                yield Piece(table.slice(start, size), _lines(self.name, block, start))
            first = False

    def _bytes(self) -> Iterator[bytes]:
        with reading(self.name, right=RIGHT), _opened(self.path) as file:
            start = file.read(AT_ONCE)
            if start.startswith(WIDE_MARKS):
                raise SourceError(f"{self.name}:1: text in UTF-16; save the file as UTF-8")
            yield start.removeprefix(MARK)
            while more := file.read(AT_ONCE):
                yield more


def table_of(block: Block, names: Sequence[str], *, name: str) -> pl.DataFrame:
    """
    Return the fields of a block, all as text; an empty field is null.

    :raises SourceError: if they cannot be taken apart.
    """
    with reading(name, right=RIGHT):
        table = pl.read_csv(
            block.text,
            has_header=False,
            schema=dict.fromkeys(names, pl.String()),
            null_values=[""],
            infer_schema=False,
        )
    if table.height != block.count:
        raise SourceError(
            f"{name}: lines from {block.line} on cannot be taken apart"
            f" ({table.height} rows of {block.count})"
        )
    return table


def _opened(path: Path) -> IO[bytes]:
    if path.exists() and not path.is_file():
        raise SourceError(f"{path}: is no file")
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rb")  # type: ignore[return-value]  # it reads bytes as a file does
    return path.open("rb")


def _header(pieces: Iterable[bytes], *, name: str) -> list[str]:
    """The names in the first line."""
    first = next(blocks(pieces, name=name, width=None), None)
    if first is None:
        raise SourceError(f"{name}: the file is empty; its first line names the columns")
    line = first.text[: first.ends[0]].decode("utf-8")
    if "," not in line and (";" in line or "\t" in line):
        what = "semicolons" if ";" in line else "tabs"
        raise SourceError(
            f"{name}:1: fields are separated by {what}; write commas, and numbers with a point"
        )
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error as error:
        raise SourceError(f"{name}:1: the header cannot be read ({error})") from None


def _lines(name: str, block: Block, start: int) -> Callable[[int], str]:
    """What an error calls a row: the file and the line."""
    return lambda row: f"{name}:{block.line_of(start + row)}"
