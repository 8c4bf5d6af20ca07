"""The first reading: each line of a stretch goes under its person's key; everything is counted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from overstory.exchange.bulk.files import Line, Stretch, lines_before, lines_of
from overstory.exchange.bulk.keeping import write_whole
from overstory.exchange.bulk.routing import Home, Route, route
from overstory.exchange.bulk.runs import Run, RunWriter
from overstory.exchange.bulk.tally import Tally
from overstory.exchange.records import InputError


class Split(msgspec.Struct, frozen=True):
    """What one stretch came to: its runs of each home, its lines, and what was counted in it."""

    lines: int
    runs: dict[str, list[Run]]
    tally: Tally


KEPT = (Home.PERSON, Home.SHARED, Home.WAITING)


def split_stretch(
    folder: Path, stretch: Stretch, *, into: Path, run_bytes: int, skip_bad: bool
) -> Split:
    """
    Return what a stretch came to, after its lines are written to runs; done once, it is kept.

    :raises InputError: for a line that cannot be read, unless `skip_bad`.
    """
    done = split_path(into, stretch)
    if done.exists():
        return msgspec.json.decode(done.read_bytes(), type=Split)
    writers = {
        home: RunWriter(into, stem=f"{home.value}-{stretch.number:06d}", run_bytes=run_bytes)
        for home in KEPT
    }
    tally, kinds, number = Tally(), Counter[str](), 0
    for line in lines_of(folder, stretch):
        number = line.number
        if not line.text and line.bad is None:
            continue
        way = route(line.text) if line.bad is None else Route(Home.BAD, "", why=line.bad)
        if way.home is Home.BAD and not skip_bad:
            raise InputError(_refused(folder, stretch, line, way.why))
        if way.home in writers:
            writers[way.home].add(key=way.key, stretch=stretch.number, line=number, text=line.text)
        kinds[way.resource_type] += 1
        _count(tally, way, (stretch.number, number))
    for writer in writers.values():
        writer.close()
    tally.lines.update(kinds)
    split = Split(number, {home.value: each.runs for home, each in writers.items()}, tally)
    write_whole(done, [msgspec.json.encode(split)])
    return split


def split_path(folder: Path, stretch: Stretch) -> Path:
    """Return where it is kept what a stretch came to."""
    return folder / f"stretch-{stretch.number:06d}.json"


def _count(tally: Tally, way: Route, place: tuple[int, int]) -> None:
    if way.home is Home.BAD:
        tally.problem("unreadable-line", place, way.why)
    elif way.home is Home.NOBODY:
        tally.problem("nobody's", place, f"{way.resource_type}: {way.why}")
    elif way.home is Home.PASSED:
        tally.not_understood(way.resource_type, "no fact needs this kind of resource", "", place)


def _refused(folder: Path, stretch: Stretch, line: Line, why: str) -> str:
    number = lines_before(folder, stretch) + line.number
    return f"{folder / stretch.file}:{number}: {why} (--skip-bad passes over such lines)"
