"""The work of `overstory panel ingest`: pieces done in processes, each kept, the parts joined."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from multiprocessing.connection import wait as wait_for
from pathlib import Path

import msgspec

from overstory.exchange.bulk.files import Stretch
from overstory.exchange.bulk.keeping import write_whole
from overstory.exchange.bulk.people import Readings, UnreadableLineError
from overstory.exchange.bulk.plan import SHARED, Plan, read_plan, slice_of
from overstory.exchange.bulk.shared import Shared
from overstory.exchange.bulk.splitting import split_stretch
from overstory.exchange.bulk.tally import Tally
from overstory.exchange.records import InputError
from overstory.knowledge.load import load_knowledge
from overstory.panel.facts_file import FactsRows, write_part
from overstory.pathway.intake import person

RUN_PIECES = 3
STRETCH_PIECES = 4
MOST_JOBS = 4
Step = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done: the export's folder, the work folder, the moment, sizes in bytes."""

    export: Path
    work: Path
    at: datetime
    skip_bad: bool
    piece_bytes: int

    def part(self, number: int) -> Path:
        """Return where the rows of one range of persons stand."""
        return self.work / f"part-{number:06d}.parquet"

    def counted(self, number: int) -> Path:
        """Return where it stands what was counted in one range; it is written last."""
        return self.work / f"part-{number:06d}.json"


def split_one(stretch: Stretch, *, task: Task) -> int:
    """Split one stretch, unless that is done; return its size in bytes."""
    split_stretch(
        task.export,
        stretch,
        into=task.work,
        run_bytes=task.piece_bytes * RUN_PIECES,
        skip_bad=task.skip_bad,
    )
    size = stretch.end if stretch.end is not None else (task.export / stretch.file).stat().st_size
    return size - stretch.start


def read_one(number: int, *, task: Task) -> int:
    """Read one range of persons to rows, unless that is done; return 1."""
    if task.counted(number).exists():
        return 1
    knowledge = load_knowledge()
    plan, tally, rows = _plan(task.work), Tally(), FactsRows(knowledge.vocabulary)
    readings = Readings(
        folder=task.work,
        shared=_shared(task.work),
        at=task.at,
        knowledge=knowledge,
        skip_bad=task.skip_bad,
        tally=tally,
    )
    try:
        for name, reading in readings.of(slice_of(task.work, plan, number)):
            rows.add(name, person(given=reading.facts, at=task.at, knowledge=knowledge))
    except UnreadableLineError as error:
        where = task.export / plan.told(error.place)
        raise InputError(f"{where}: {error.why} (--skip-bad passes over such lines)") from None
    write_part(rows.table(), task.part(number))
    write_whole(task.counted(number), [msgspec.json.encode(tally)])
    return 1


@lru_cache(maxsize=1)
def _plan(work: Path) -> Plan:
    return read_plan(work)


@lru_cache(maxsize=1)
def _shared(work: Path) -> Shared:
    return Shared(work / SHARED)


def tallies(task: Task, plan: Plan) -> Iterator[Tally]:
    """Yield what was counted in each range, in their order."""
    for number in range(plan.ranges):
        yield msgspec.json.decode(task.counted(number).read_bytes(), type=Tally)


def usable_processors() -> int:
    """Return how many processors this program may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def workers(jobs: int) -> Iterator[ProcessPoolExecutor | None]:
    """Yield processes to work in, or None for one job; they end with this program, however it ends."""
    if jobs == 1:
        yield None
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_with_parent)
    try:
        yield pool
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Leave Ctrl-C to the parent, and end when it ends, even if it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait_for([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def do_all(
    pool: ProcessPoolExecutor | None, work: Callable[..., int], pieces: Sequence[object],
    *, task: Task, step: Step,
) -> None:  # fmt: skip
    """
    Do a piece of work for each of the pieces, in the processes of the pool or here.

    :raises InputError: for a line that cannot be read; what other processes do is not waited for.
    :raises WorkerLostError: if a process of the pool was ended from outside.
    """
    one = partial(work, task=task)
    if pool is None:
        for piece in pieces:
            step(one(piece))
        return
    try:
        waiting: set[Future[int]] = {pool.submit(one, piece) for piece in pieces}
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for each in done:
                step(each.result())
    except BrokenProcessPool:
        raise WorkerLostError from None


class WorkerLostError(Exception):
    """A process was ended from outside, most often for want of memory."""
