"""Parquet and Arrow files, whole or in parts, read slice by slice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from overstory.panel.sources.errors import SourceError, reading
from overstory.panel.sources.source import Piece, numbered

RIGHT = {".parquet": "a Parquet file", ".arrow": "an Arrow file", ".feather": "an Arrow file"}
MARKS = {".parquet": b"PAR1", ".arrow": b"ARROW1", ".feather": b"ARROW1"}
OTHERS = {
    b"PARE": "is encrypted; write it without encryption",
    b"FEA1": "is Feather of version 1; write version 2",
    b"\xff\xff\xff\xff": "is an Arrow stream; write an Arrow file",
}


class ColumnarFile:
    """One Parquet or Arrow file."""

    is_text = False

    def __init__(self, path: Path) -> None:
        self.name, self.path = str(path), path
        self.right = RIGHT[path.suffix.lower()]
        with reading(self.name, right=self.right):
            self._stand = _stand(path)
            _check_marks(path, right=self.right)
            self._scan = _scan(path)
            self.columns: Sequence[tuple[str, pl.DataType | None]] = list(
                self._scan.collect_schema().items()
            )
            self.rows: int | None = self._scan.select(pl.len()).collect().item()
            self.notes = _notes(path)

    def pieces(self, *, columns: Sequence[str], size: int) -> Iterator[Piece]:
        """Yield slices of `size` rows; only their row groups are read."""
        chosen = self._scan.select(columns)
        for first in range(0, self.rows or 0, size):
            with reading(self.name, right=self.right):
                table = chosen.slice(first, size).collect()
                if _stand(self.path) != self._stand:
                    raise SourceError(f"{self.name}: was changed while it was read; run it again")
            yield Piece(table, numbered(self.name, first))


def _stand(path: Path) -> tuple[int, int, int]:
    """What tells that a file is still the one that was opened."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _check_marks(path: Path, *, right: str) -> None:
    """Check that the file begins and ends as its kind does."""
    if path.exists() and not path.is_file():
        raise SourceError(f"{path}: is no file; expected {right}")
    mark = MARKS[path.suffix.lower()]
    with path.open("rb") as file:
        start = file.read(len(mark))
        size = file.seek(0, 2)
        file.seek(max(0, size - len(mark)))
        end = file.read()
    if not start:
        raise SourceError(f"{path}: the file is empty; expected {right}")
    if start[:4] in OTHERS:
        raise SourceError(f"{path}: {OTHERS[start[:4]]}")
    if start != mark:
        raise SourceError(f"{path}: does not begin as {right} does; is it another kind of file?")
    if end != mark:
        raise SourceError(f"{path}: does not end as {right} does; it is cut off")


def _scan(path: Path) -> pl.LazyFrame:
    if path.suffix.lower() == ".parquet":
        return pl.scan_parquet(path, glob=False)
    return pl.scan_ipc(path, glob=False)


def _notes(path: Path) -> Mapping[str, str]:
    if path.suffix.lower() != ".parquet":
        return {}
    return {
        key: value
        for key, value in pl.read_parquet_metadata(path).items()
        if key.startswith("overstory.")
    }
