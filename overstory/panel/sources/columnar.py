"""Parquet and Arrow files, whole or in parts, read slice by slice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from overstory.panel.sources.errors import reading
from overstory.panel.sources.source import Piece, numbered

RIGHT = {".parquet": "a Parquet file", ".arrow": "an Arrow file", ".feather": "an Arrow file"}


class ColumnarFile:
    """One Parquet or Arrow file."""

    is_text = False

    def __init__(self, path: Path) -> None:
        self.name, self.path = str(path), path
        self.right = RIGHT[path.suffix.lower()]
        with reading(self.name, right=self.right):
            with path.open("rb"):
                pass
            self._scan = _scan(path)
            self.columns: Sequence[tuple[str, pl.DataType]] = list(
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
            yield Piece(table, numbered(self.name, first))


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
