"""Files that appear only when they are whole, whatever moment the work is stopped at."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

ASIDE = ".part"


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file aside and let it take its place when it is whole."""
    aside = aside_of(path)
    with aside.open("wb") as file:
        file.writelines(pieces)
    aside.replace(path)


def aside_of(path: Path) -> Path:
    """Return where a file is written before it takes its place; another process, another name."""
    return path.with_name(f"{path.name}.{os.getpid()}{ASIDE}")


def clear_aside(folder: Path) -> None:
    """Remove what was being written when the work was stopped."""
    for path in folder.glob(f"*{ASIDE}"):
        path.unlink(missing_ok=True)
