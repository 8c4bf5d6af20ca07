"""Which reader a place needs: by its ending, or by what the address begins with."""

from __future__ import annotations

from pathlib import Path

from overstory.engine.facts import Vocabulary
from overstory.panel.sources.columnar import RIGHT, ColumnarFile
from overstory.panel.sources.errors import SourceError
from overstory.panel.sources.source import Reader, Source, source_of

KINDS = "a facts table ends in .parquet, .arrow or .feather"


def open_source(place: str, *, vocabulary: Vocabulary) -> Source:
    """
    Return the facts table at a place, its columns checked.

    :raises SourceError: if it cannot be read, or its columns are not those of a facts table.
    """
    return source_of(_reader(place), vocabulary=vocabulary)


def _reader(place: str) -> Reader:
    path = Path(place)
    if path.suffix.lower() in RIGHT:
        return ColumnarFile(path)
    raise SourceError(f"{place}: {KINDS}")
