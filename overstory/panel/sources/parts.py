"""Where the parts of a table stand: the Parquet files of a folder or of a pattern, in order."""

from __future__ import annotations

import glob
from pathlib import Path

from overstory.panel.sources.errors import SourceError, reading

ENDING = ".parquet"


def parts_of_folder(folder: Path) -> list[Path]:
    """
    Return the Parquet files in a folder; names that begin with a dot or underscore are no parts.

    :raises SourceError: if there is none, or something else stands among them.
    """
    with reading(str(folder), right="a folder of Parquet files"):
        found = sorted(each for each in folder.iterdir() if each.name[0] not in "._")
    return _parts(found, name=str(folder))


def parts_of_pattern(pattern: str) -> list[Path]:
    """
    Return the Parquet files whose paths fit a pattern with `*`, `?` or `[…]`.

    :raises SourceError: if none does, or something else does.
    """
    found = glob.glob(pattern, recursive=True)  # noqa: PTH207  # Path.glob takes no absolute pattern
    return _parts([Path(each) for each in sorted(found)], name=pattern)


def _parts(found: list[Path], *, name: str) -> list[Path]:
    if not found:
        raise SourceError(f"{name}: no part that ends in {ENDING} stands there")
    for path in found:
        if path.is_dir():
            raise SourceError(f"{name}: {path.name} is a folder; name the parts with a pattern")
        if path.suffix.lower() != ENDING:
            raise SourceError(f"{name}: {path.name} is no part; all parts end in {ENDING}")
    return found
