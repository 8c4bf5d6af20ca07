"""The files of a bulk export, their stretches of bounded size, and their lines."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from overstory.exchange.records import InputError

SUFFIXES = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
LONGEST_LINE = 64_000_000
MOST_NAMED = 20
GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
OTHER_TEXT = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class ExportFile(msgspec.Struct, frozen=True):
    """One file of an export: its path in the folder, size in bytes, time of change in ns."""

    name: str
    size: int
    changed_ns: int


class Stretch(msgspec.Struct, frozen=True):
    """The lines of a file that start between two bytes; all of them where `end` is None."""

    number: int
    file: str
    start: int
    end: int | None


@dataclass(frozen=True)
class Export:
    """A folder of NDJSON: its files in order, and the files that are something else."""

    folder: Path
    files: tuple[ExportFile, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a stretch, counted from 1 in it; `bad` says why its text cannot be had."""

    number: int
    text: bytes
    bad: str | None = None


def find_export(folder: Path, *, but_not: Path | None = None) -> Export:
    """
    Return the NDJSON files of a folder and of those in it, in the order of their names.

    `but_not` is a folder that may stand inside and is no part of the export.

    :raises InputError: if it is no folder, cannot be read, or holds no NDJSON.
    """
    if not folder.is_dir():
        why = "is a file; give the folder of the export" if folder.exists() else "is not there"
        raise InputError(f"{folder}: {why}")
    found, others = [], []
    try:
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            if but_not is not None and path.is_relative_to(but_not):
                continue
            name = path.relative_to(folder).as_posix()
            if name.endswith(SUFFIXES) and not path.name.startswith("."):
                state = path.stat()
                found.append(ExportFile(name, state.st_size, state.st_mtime_ns))
            else:
                others.append(name)
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}") from None
    if not found:
        seen = f"; it holds {', '.join(others[:3])}" if others else "; it is empty"
        raise InputError(
            f"{folder}: no FHIR bulk export; its files end in {', '.join(SUFFIXES)}{seen}"
        )
    return Export(folder, tuple(found), tuple(others))


def stretches_of(export: Export, *, stretch_bytes: int) -> list[Stretch]:
    """
    Return the pieces of the files that can be read one by one; a compressed file is one piece.

    :raises InputError: if a file cannot be read.
    """
    found: list[Stretch] = []
    for file in export.files:
        path = export.folder / file.name
        try:
            with path.open("rb") as opened:
                is_gzip = opened.read(2) == GZIP
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}") from None
        if is_gzip:
            found.append(Stretch(len(found), file.name, 0, None))
            continue
        for start in range(0, max(file.size, 1), stretch_bytes):
            end = min(start + stretch_bytes, file.size)
            found.append(Stretch(len(found), file.name, start, end))
    return found


def lines_of(folder: Path, stretch: Stretch) -> Iterator[Line]:
    """
    Yield the lines that start in a stretch, without their ends; a line too long or cut off is bad.

    :raises OSError: if the file cannot be read.
    """
    with (folder / stretch.file).open("rb") as file:
        if stretch.end is None:
            with gzip.open(file) as unpacked:
                yield from _lines(io.BufferedReader(unpacked), 0, None)
            return
        position = 0
        if stretch.start:
            file.seek(stretch.start - 1)
            position = stretch.start - 1 + _pass_over_line(file)
        yield from _lines(file, position, stretch.end)


def lines_before(folder: Path, stretch: Stretch) -> int:
    """Return how many lines of the file start before the stretch."""
    if not stretch.start:
        return 0
    count, last, left = 0, b"", stretch.start
    with (folder / stretch.file).open("rb") as file:
        while left > 0 and (piece := file.read(min(left, 1 << 20))):
            count, last, left = count + piece.count(b"\n"), piece[-1:], left - len(piece)
    return count + (last != b"\n")


def _lines(file: io.BufferedReader | BinaryIO, position: int, end: int | None) -> Iterator[Line]:
    number = 0
    while end is None or position < end:
        number += 1
        try:
            text = file.readline(LONGEST_LINE + 1)
            if not text:
                return
            if number == 1 and position == 0:
                why = OTHER_TEXT.get(text[:2])
                if why:
                    yield Line(1, b"", f"not text in UTF-8 but in {why}; save it as UTF-8")
                    return
            position += len(text)
            if len(text) > LONGEST_LINE:
                position += _pass_over_line(file)
                yield Line(number, b"", f"the line is longer than {LONGEST_LINE // 1_000_000} MB")
                continue
        except EOFError:
            yield Line(number, b"", "the compressed file is cut off here")
            return
        except (gzip.BadGzipFile, zlib.error) as error:
            yield Line(number, b"", f"the compressed file is damaged here: {error}")
            return
        if number == 1:
            text = text.removeprefix(BOM)
        yield Line(number, text.strip())


def _pass_over_line(file: io.BufferedReader | BinaryIO) -> int:
    """Read to the end of the line in pieces; return how many bytes that were."""
    passed = 0
    while piece := file.readline(1 << 20):
        passed += len(piece)
        if piece.endswith(b"\n"):
            break
    return passed
