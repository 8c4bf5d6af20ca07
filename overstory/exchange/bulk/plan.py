"""Between the two readings: what is shared is put in one file, and persons are cut into ranges."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path

import msgspec

from overstory.exchange.bulk.files import Stretch
from overstory.exchange.bulk.keeping import write_whole
from overstory.exchange.bulk.people import Slice
from overstory.exchange.bulk.routing import Home
from overstory.exchange.bulk.runs import Run, boundaries, offsets
from overstory.exchange.bulk.shared import keep_shared
from overstory.exchange.bulk.splitting import KEPT, Split, split_path
from overstory.exchange.bulk.tally import Place, Tally
from overstory.exchange.bulk.waiting import settle_waiting

PLAN = "plan.json"
SHARED = "shared.sqlite"
OFFSET_BYTES = 8


class Plan(msgspec.Struct, frozen=True):
    """
    The ranges of persons to be read, and where a line of a stretch stands in its file.

    `before` are the lines of the file before each stretch. The offsets of the ranges in each run
    stand beside the run, in a file that ends in `.cuts`.
    """

    files: list[str]
    before: list[int]
    runs: list[Run]
    ranges: int
    tally: Tally

    def told(self, place: Place) -> str:
        """Return a place as file and line."""
        stretch, line = place
        return f"{self.files[stretch]}:{self.before[stretch] + line}"


def plan_of(folder: Path, stretches: Sequence[Stretch], *, part_bytes: int) -> Plan:
    """Return how the persons are read, after all stretches are split; made once, it is kept."""
    done = folder / PLAN
    if done.exists():
        return read_plan(folder)
    tally, before = Tally(), []
    runs: dict[str, list[Run]] = {each.value: [] for each in KEPT}
    position: dict[str, int] = {}
    for stretch in stretches:
        split = msgspec.json.decode(split_path(folder, stretch).read_bytes(), type=Split)
        before.append(position.get(stretch.file, 0))
        position[stretch.file] = before[-1] + split.lines
        tally.add(split.tally)
        for home, made in split.runs.items():
            runs[home] += made
    tally.kept, tally.shared = keep_shared(folder / SHARED, runs[Home.SHARED.value])
    people, waiting = runs[Home.PERSON.value], runs[Home.WAITING.value]
    people += settle_waiting(folder, waiting, people, run_bytes=part_bytes, tally=tally)
    cuts = boundaries(folder, people, part_bytes=part_bytes)
    for run in people:
        write_whole(_cuts(folder, run), [array("Q", offsets(folder, run, cuts)).tobytes()])
    ranges = len(cuts) + 1 if people else 0
    plan = Plan([each.file for each in stretches], before, people, ranges, tally)
    write_whole(done, [msgspec.json.encode(plan)])
    return plan


def read_plan(folder: Path) -> Plan:
    """Return the plan that was made."""
    return msgspec.json.decode((folder / PLAN).read_bytes(), type=Plan)


def slice_of(folder: Path, plan: Plan, number: int) -> Slice:
    """Return where the records of one range stand in each run."""
    places = []
    for run in plan.runs:
        with _cuts(folder, run).open("rb") as file:
            file.seek(number * OFFSET_BYTES)
            start, end = array("Q", file.read(2 * OFFSET_BYTES))
        if start != end:
            places.append((run, start, end))
    return Slice(number, tuple(places))


def _cuts(folder: Path, run: Run) -> Path:
    return folder / f"{run.name}.cuts"
