"""
Sorted runs on disk: lines under the keys of their persons, so that one range of keys is a slice.

A run is records one after the other, in the order of their keys; its index names the key of about
every 16 kB. Records are a header (stretch, line, length of the text, length of the key), key, text.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from overstory.exchange.bulk.keeping import write_whole

HEADER = struct.Struct("<IIIH")
INDEX_EVERY = 16_000
MOST_SAMPLED = 4_000_000_000 // INDEX_EVERY


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """A place in a run where a key begins."""

    key: bytes
    offset: int


class Run(msgspec.Struct, frozen=True):
    """One run: its file name in the folder of runs, its size in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the export under its key: from which stretch, and which line of it."""

    key: bytes
    stretch: int
    line: int
    text: bytes


class RunWriter:
    """Collects records in memory and writes them as sorted runs of bounded size."""

    def __init__(self, folder: Path, *, stem: str, run_bytes: int) -> None:
        self.folder, self.stem, self.run_bytes = folder, stem, run_bytes
        self.runs: list[Run] = []
        self._records: list[tuple[bytes, bytes, int]] = []
        self._size = 0

    def add(self, *, key: str, stretch: int, line: int, text: bytes) -> None:
        """Take one record; write a run when the memory for it is used up."""
        coded = key.encode()
        head = HEADER.pack(stretch, line, len(text), len(coded))
        self._records.append((coded, b"".join((head, coded, text)), line))
        self._size += len(text) + len(coded) + HEADER.size
        if self._size >= self.run_bytes:
            self.close()

    def close(self) -> None:
        """Write what is still in memory."""
        if not self._records:
            return
        self._records.sort(key=lambda each: (each[0], each[2]))
        name = f"{self.stem}-{len(self.runs):04d}.run"
        marks, offset, marked = [], 0, -INDEX_EVERY
        previous = None
        for key, record, _ in self._records:
            if key != previous and offset - marked >= INDEX_EVERY:
                marks.append(Mark(key, offset))
                marked = offset
            previous = key
            offset += len(record)
        write_whole(self.folder / f"{name}.index", [msgspec.msgpack.encode(marks)])
        write_whole(self.folder / name, (record for _, record, _ in self._records))
        self.runs.append(Run(name, offset))
        self._records, self._size = [], 0


def boundaries(folder: Path, runs: Sequence[Run], *, part_bytes: int) -> list[bytes]:
    """Return the keys that cut all runs into ranges of about so many bytes; every range is whole."""
    weights: list[tuple[bytes, int]] = []
    step = 1 + sum(each.size for each in runs) // (MOST_SAMPLED * INDEX_EVERY)
    for run in runs:
        marks = _marks(folder, run)[::step]
        ends = [*(each.offset for each in marks[1:]), run.size]
        weights += [(mark.key, end - mark.offset) for mark, end in zip(marks, ends, strict=True)]
    found: list[bytes] = []
    size = 0
    for key, weight in sorted(weights):
        if size >= part_bytes and (not found or key > found[-1]):
            found.append(key)
            size = 0
        size += weight
    return found


def offsets(folder: Path, run: Run, cuts: Sequence[bytes]) -> list[int]:
    """Return where each range begins in a run, and where the last one ends."""
    marks = _marks(folder, run)
    keys = [each.key for each in marks]
    found = [0]
    with (folder / run.name).open("rb") as file:
        for cut in cuts:
            place = bisect_left(keys, cut)
            end = marks[place].offset if place < len(marks) else run.size
            start = marks[place - 1].offset if place else 0
            file.seek(start)
            piece = file.read(end - start)
            inside = next((at for at, each in _placed(piece) if each.key >= cut), len(piece))
            found.append(start + inside)
    return [*found, run.size]


def records_between(path: Path, start: int, end: int) -> Iterator[Record]:
    """Yield the records of a run between two offsets."""
    if start == end:
        return
    with path.open("rb") as file:
        file.seek(start)
        piece = file.read(end - start)
    for _, record in _placed(piece):
        yield record


def _placed(piece: bytes) -> Iterator[tuple[int, Record]]:
    at = 0
    while at < len(piece):
        stretch, line, length, key_length = HEADER.unpack_from(piece, at)
        begin = at + HEADER.size
        middle = begin + key_length
        yield at, Record(piece[begin:middle], stretch, line, piece[middle : middle + length])
        at = middle + length


def _marks(folder: Path, run: Run) -> list[Mark]:
    content = (folder / f"{run.name}.index").read_bytes()
    return msgspec.msgpack.decode(content, type=list[Mark])
