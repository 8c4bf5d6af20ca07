"""Which reader a place needs: by its ending, or by what the address begins with."""

from __future__ import annotations

from pathlib import Path

from overstory.engine.facts import Vocabulary
from overstory.panel.sources.columnar import RIGHT, ColumnarFile
from overstory.panel.sources.delimited import DelimitedFile
from overstory.panel.sources.duckdb_table import DuckdbTable
from overstory.panel.sources.errors import SourceError
from overstory.panel.sources.parts import parts_of_folder, parts_of_pattern
from overstory.panel.sources.postgresql_table import SCHEMES, PostgresqlTable, address_of
from overstory.panel.sources.source import Reader, Source, source_of

KINDS = (
    "a facts table is a file that ends in .parquet, .arrow, .feather, .csv or .csv.gz, a folder or"
    " pattern of Parquet files, FILE.duckdb::TABLE, or postgresql://HOST/DATABASE?table=TABLE"
)


def open_source(place: str, *, vocabulary: Vocabulary) -> Source:
    """
    Return the facts table at a place, its columns checked.

    A place is a path that ends in `.parquet`, `.arrow`, `.feather`, `.csv` or `.csv.gz`; a folder of
    Parquet files or a pattern such as `parts/*.parquet`; `FILE.duckdb::TABLE`; or
    `postgresql://USER@HOST/DATABASE?table=SCHEMA.TABLE`.

    :raises SourceError: if it cannot be read, or its columns are not those of a facts table.
    """
    return source_of(_shown(place), _readers(place), vocabulary=vocabulary)


def _readers(place: str) -> list[Reader]:
    if place.startswith(SCHEMES):
        return [PostgresqlTable(place)]
    if "\0" in place:
        raise SourceError("the name of a file has no NUL in it")
    path = Path(place)
    if path.is_dir():
        return [ColumnarFile(each) for each in parts_of_folder(path)]
    if not path.exists() and any(each in place for each in "*?["):
        return [ColumnarFile(each) for each in parts_of_pattern(place)]
    return [_file(place)]


def _file(place: str) -> Reader:
    path = Path(place)
    file, _, table = place.rpartition("::")
    if file.lower().endswith(".duckdb") and table:
        return DuckdbTable(Path(file), table)
    if path.suffix.lower() in RIGHT:
        return ColumnarFile(path)
    if path.name.lower().endswith((".csv", ".csv.gz")):
        return DelimitedFile(path)
    raise SourceError(f"{place}: {KINDS}")


def _shown(place: str) -> str:
    return address_of(place).shown if place.startswith(SCHEMES) else place
