"""The work folder: one run at a time, what it was begun for, and starting over when that changed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from overstory.exchange.bulk.files import ExportFile
from overstory.exchange.bulk.keeping import ASIDE, clear_aside, write_whole
from overstory.exchange.records import InputError

if sys.platform != "win32":
    import fcntl

MANIFEST = "overstory-ingest.json"
LOCK = "overstory-ingest.lock"
MADE_HERE = (
    "stretch-*.json", "part-*.json", "part-*.parquet", "plan.json", "*.run", "*.run.index",
    "*.run.cuts", "shared.sqlite*", "waiting.sqlite*", f"*{ASIDE}",
)  # fmt: skip
"""The files that a work folder holds beside these two; no others are ever removed."""


class Manifest(msgspec.Struct, frozen=True):
    """What the work in a folder was begun for; `layout` changes when the files in it change."""

    layout: str
    piece_bytes: int
    export: str
    files: tuple[ExportFile, ...]
    at: str
    knowledge: str
    program: str


WHAT = {
    "layout": "this version keeps its work in another way",
    "piece_bytes": "it was begun with another --piece-mb",
    "export": "it was begun for another folder",
    "files": "the files of the export have changed",
    "at": "it was begun for another moment (--at)",
    "knowledge": "the knowledge has changed",
    "program": "the program has changed",
}


@contextmanager
def work_folder(folder: Path, manifest: Manifest) -> Iterator[str | None]:
    """
    Hold the work folder for one run, and yield why it had to start over, or None.

    The folder holds records of persons: nobody but its owner may look into it.

    :raises InputError: if the folder is not a work folder, or another run is at work in it.
    """
    if folder.exists() and not _is_ours(folder):
        raise InputError(f"{folder}: not a work folder; give one that is empty or not there")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        _lock(lock.fileno(), folder)
        yield _begin(folder, manifest)


def remove_work(folder: Path) -> None:
    """Remove what was made in the work folder, and the folder if nothing else is in it."""
    _clear(folder)
    for name in (MANIFEST, LOCK):
        (folder / name).unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def _clear(folder: Path) -> None:
    for pattern in MADE_HERE:
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)


def _is_ours(folder: Path) -> bool:
    """Whether it is a folder that is empty, or in which an ingest has begun its work."""
    if not folder.is_dir():
        return False
    names = {each.name for each in folder.iterdir() if not each.name.endswith(ASIDE)}
    return MANIFEST in names or not names - {LOCK}


def _lock(file: int, folder: Path) -> None:
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise InputError(f"{folder}: another run is at work here; wait for its end") from None


def _begin(folder: Path, manifest: Manifest) -> str | None:
    """Go on with the work of the folder, or clear it and say why."""
    path = folder / MANIFEST
    why = _changed(path, manifest) if path.exists() else None
    if path.exists() and why is None:
        clear_aside(folder)
        return None
    _clear(folder)
    write_whole(path, [msgspec.json.encode(manifest)])
    return why


def _changed(path: Path, manifest: Manifest) -> str | None:
    try:
        before = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except msgspec.MsgspecError:
        return WHAT["layout"]
    for name, why in WHAT.items():
        if getattr(before, name) != getattr(manifest, name):
            return why
    return None
