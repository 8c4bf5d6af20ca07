"""`overstory panel ingest`: a FHIR bulk export to the facts table at a moment, resumable."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from overstory import __version__
from overstory.cli.ingest_work import (
    MOST_JOBS,
    STRETCH_PIECES,
    Task,
    WorkerLostError,
    do_all,
    read_one,
    split_one,
    tallies,
    usable_processors,
    workers,
)
from overstory.cli.input import BAD_INPUT, at_option, bad_input_ends
from overstory.exchange.bulk.files import SUFFIXES, Export, find_export, stretches_of
from overstory.exchange.bulk.keeping import write_whole
from overstory.exchange.bulk.plan import plan_of
from overstory.exchange.bulk.report import report_json, total_of
from overstory.exchange.bulk.work import Manifest, remove_work, work_folder
from overstory.exchange.records import InputError
from overstory.knowledge.load import load_knowledge
from overstory.panel.facts_file import FactsFileError, FactsRows, join_parts, write_part

LAYOUT = "1"
STOPPED = 130
GO_ON = "run the same command again to go on from here"
MB = 1_000_000


@click.command(
    epilog="Example: overstory panel ingest export/ --at 2026-11-22T10:00:00-05:00 "
    "--out facts.parquet --report report.json"
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The facts table to write, a Parquet file.",
)
@at_option
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here, as JSON, what was not understood and what has to be looked at.",
)
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for unfinished work; by default beside --out. It is removed at the end.",
)
@click.option("--skip-bad", is_flag=True, help="Pass over lines that cannot be read; list them.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    help="Processes; by default one for each processor, at most four.",
)
@click.option(
    "--piece-mb",
    type=click.FloatRange(0.001, 1000),
    default=16.0,
    show_default=True,
    help="How much is worked on at once; memory follows it.",
)
def ingest(folder: Path, out: Path, at: datetime | None, *, skip_bad: bool, **asked: Any) -> None:
    """Read DIR, a FHIR R4 bulk export (NDJSON), to the facts table at a moment."""
    if at is None:
        raise click.UsageError(
            "give --at: a facts table is for one moment, and so can be made again"
        )
    wanted = _Wanted(folder, out, at, skip_bad, **asked)
    try:
        with bad_input_ends():
            _ingest(wanted)
    except FactsFileError as error:
        _end(f"{error}; {GO_ON}")
    except OSError as error:
        where = error.filename or wanted.task.work
        _end(f"{where}: {error.strerror or error}; {GO_ON}")
    except WorkerLostError:
        why = "a process was ended from outside; is there enough memory (--jobs, --piece-mb)?"
        _end(f"{why} Then {GO_ON}")
    except KeyboardInterrupt:
        _end(f"stopped; {GO_ON}", status=STOPPED)


def _end(why: str, *, status: int = BAD_INPUT) -> NoReturn:
    click.echo(f"overstory: {why}", err=True)
    sys.exit(status)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the command was asked for."""

    folder: Path
    out: Path
    at: datetime
    skip_bad: bool
    report: Path | None
    work: Path | None
    jobs: int | None
    piece_mb: float

    @property
    def task(self) -> Task:
        """What the processes are told."""
        work = self.work or self.out.with_name(f"{self.out.name}.work")
        return Task(self.folder, work, self.at, self.skip_bad, int(self.piece_mb * MB))


def _ingest(wanted: _Wanted) -> None:
    task = wanted.task
    _refuse_places(wanted)
    export = find_export(wanted.folder, but_not=task.work)
    about = {
        "overstory.at": wanted.at.isoformat(),
        "overstory.knowledge": load_knowledge().sha256,
    }
    manifest = Manifest(
        layout=LAYOUT,
        piece_bytes=task.piece_bytes,
        export=str(wanted.folder.resolve()),
        files=export.files,
        at=about["overstory.at"],
        knowledge=about["overstory.knowledge"],
        program=__version__,
    )
    with work_folder(task.work, manifest) as why_anew:
        if why_anew:
            click.echo(f"overstory: starting over: {why_anew}", err=True)
        report = _worked(wanted, export, about)
    remove_work(task.work)
    click.echo(_told(report, wanted))


def _refuse_places(wanted: _Wanted) -> None:
    """Refuse files that could not be written, or would be removed or overwritten at the end."""
    work = wanted.task.work.resolve()
    if wanted.folder.resolve().is_relative_to(work):
        raise InputError(f"{wanted.task.work}: not a work folder; the export stands in it")
    for path in (wanted.out, wanted.report):
        if path is None:
            continue
        if not path.absolute().parent.is_dir():
            raise InputError(f"{path}: its folder is not there")
        if path.exists() and not path.is_file():
            raise InputError(f"{path}: is no file that can be replaced; name another")
        inside = path.resolve().is_relative_to(wanted.folder.resolve())
        if inside and path.name.lower().endswith(SUFFIXES):
            raise InputError(f"{path}: would be a file of the export; name another")
        if path.resolve().is_relative_to(work):
            raise InputError(f"{path}: stands in the work folder, which is removed at the end")
    if wanted.report is not None and wanted.report.resolve() == wanted.out.resolve():
        raise InputError(f"{wanted.out}: the table and the report cannot be one file")


def _refuse_changed(export: Export, wanted: _Wanted) -> None:
    if find_export(wanted.folder, but_not=wanted.task.work).files != export.files:
        raise InputError(f"{wanted.folder}: its files changed while they were read; run it again")


def _worked(wanted: _Wanted, export: Export, about: dict[str, str]) -> dict[str, Any]:
    task = wanted.task
    stretches = stretches_of(export, stretch_bytes=task.piece_bytes * STRETCH_PIECES)
    jobs = wanted.jobs or min(usable_processors(), MOST_JOBS)
    with workers(jobs) as pool:
        with _bar("Sorting by person", sum(each.size for each in export.files)) as step:
            do_all(pool, split_one, stretches, task=task, step=step)
        _refuse_changed(export, wanted)
        plan = plan_of(task.work, stretches, part_bytes=task.piece_bytes)
        with _bar("Reading persons", plan.ranges) as step:
            do_all(pool, read_one, range(plan.ranges), task=task, step=step)
    parts = [task.part(number) for number in range(plan.ranges)]
    if not parts:
        parts = [task.part(0)]
        write_part(FactsRows(load_knowledge().vocabulary).table(), parts[0])
    join_parts(parts, into=wanted.out, about=about)
    total = total_of(plan, tallies(task, plan))
    report = report_json(total, plan=plan, export=export, about=about, out=str(wanted.out))
    if wanted.report is not None:
        write_whole(wanted.report, [orjson.dumps(report, option=orjson.OPT_INDENT_2)])
    return report


@contextmanager
def _bar(what: str, total: int) -> Iterator[Any]:
    """Show how far the work is, on standard error and only on a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.advance(task, done)


def _told(report: dict[str, Any], wanted: _Wanted) -> str:
    missed = report["not_understood"]
    rows = f"{report['people']:,} people at {report['at']}, from {report['resources']:,} resources"
    places = f"{missed['count']:,} places of {len(missed['kinds']):,} kinds"
    lines = [f"wrote {wanted.out}: {rows}", f"not understood: {places}"]
    lines += [f"{each['count']:,} {each['what']}" for each in report["problems"]]
    if report["other_files"]["count"]:
        lines.append(f"{report['other_files']['count']:,} files are no NDJSON and were not read")
    if wanted.report is not None:
        lines.append(f"wrote {wanted.report}")
    elif report["problems"] or missed["count"]:
        lines.append("--report FILE.json lists them with file and line")
    return "\n".join(lines)
