"""`overstory migrate`, `serve`, `worker`, `doctor`, `audit`: running the clinic."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

import click
import orjson

from overstory.cli.input import json_option

WRONG = 1
BAD_INPUT = 2
PARTS = ("django", "allauth", "argon2", "cryptography", "csp", "django_htmx", "granian")


@contextmanager
def clinic_open(*, make: bool = False) -> Iterator[None]:
    """Open the clinic for a command; end with exit status 2 and a message where that fails."""
    try:
        from overstory.clinic.config.databases import DatabaseAddressError
        from overstory.clinic.config.keys import KeysError
        from overstory.clinic.config.opening import open_clinic
    except ModuleNotFoundError as error:
        raise _without_extra(error) from None
    try:
        open_clinic(make=make)
    except ModuleNotFoundError as error:
        raise _without_extra(error) from None
    except (DatabaseAddressError, KeysError) as error:
        raise click.ClickException(str(error)) from None
    from django.db import DatabaseError

    try:
        yield
    except DatabaseError as error:
        said = str(error).strip().splitlines()[0]
        raise click.ClickException(f"the database: {said}; `overstory doctor` says more") from None


def _without_extra(error: ModuleNotFoundError) -> Exception:
    if (error.name or "").split(".")[0] not in PARTS:
        return error
    return click.ClickException(
        f"{error.name} is not installed; the clinic needs its extra: pip install 'overstory[clinic]'"
    )


@click.command(epilog="Example: overstory migrate")
def migrate() -> None:
    """Bring the clinic's tables to what this release needs; make its folder and keys once."""
    with clinic_open(make=True):
        from overstory.clinic.config.opening import make_tables, pending

        before = len(pending())
        make_tables()
    click.echo(f"{before} {'step' if before == 1 else 'steps'} made")


@click.command(epilog="Example: overstory serve --port 8000 --workers 2")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True,
              help="The port on this machine.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True,
              help="How many processes answer requests.")  # fmt: skip
@click.option("--no-worker", is_flag=True,
              help="Without the worker that watches alerts and sends messages.")  # fmt: skip
def serve(*, port: int, workers: int, no_worker: bool) -> None:
    """Serve the clinic to this machine, with its worker beside; stop both with Ctrl-C."""
    os.environ.setdefault("OVERSTORY_ORIGIN", f"http://localhost:{port}")
    port_free(port)
    serve_clinic(port=port, workers=workers, no_worker=no_worker)


def port_free(port: int) -> None:
    """End with exit status 2 and a sentence where a port cannot be used."""
    from overstory.clinic.config.serving import PortTakenError, check_port

    try:
        check_port(port)
    except PortTakenError as error:
        raise click.ClickException(str(error)) from None


def serve_clinic(*, port: int, workers: int, no_worker: bool) -> None:
    """Bring the tables up, and serve until told to stop."""
    with clinic_open(make=True):
        from django.db import connections

        from overstory.clinic.config import serving
        from overstory.clinic.config.opening import make_tables

        make_tables()
        if workers > 1 or not no_worker:
            try:
                serving.check_processes()
            except serving.SeveralProcessesError as error:
                raise click.ClickException(str(error)) from None
        connections.close_all()
    click.echo(f"Overstory is at {os.environ['OVERSTORY_ORIGIN']} (Ctrl-C stops it)")
    if no_worker:
        click.echo("WITHOUT ITS WORKER: no alert escalates and no message leaves", err=True)
        serving.serve_web(port=port, workers=workers)
        return
    with serving.worker_beside():
        serving.serve_web(port=port, workers=workers)


@click.command(epilog="Example: overstory worker")
@click.option("--with-parent", is_flag=True, hidden=True, help="Stop when the input closes.")
def worker(*, with_parent: bool) -> None:
    """Watch alerts, deliver messages and export the heads of the record, until told to stop."""
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, end)
    with clinic_open():
        from overstory.clinic.config.serving import wait_for_parent
        from overstory.clinic.safety.worker import run

        if with_parent:
            wait_for_parent(stop)
        run(stop)


@click.command(epilog="Example: overstory doctor --json")
@json_option
def doctor(*, as_json: bool) -> None:
    """Say what is set up and what is wrong; end with 1 when something must be mended."""
    from overstory.cli.clinic_doctor import findings

    found = findings(now=datetime.now(UTC))
    wrong = any(each.state == "wrong" for each in found)
    if as_json:
        shown = {"holds": not wrong, "findings": [each.as_json() for each in found]}
        click.echo(orjson.dumps(shown).decode())
    else:
        for each in found:
            click.echo(f"{each.state.upper():8} {each.what}: {each.says}")
    if wrong:
        sys.exit(WRONG)


@click.group(epilog="Example: overstory audit verify --json")
def audit() -> None:
    """Check the record of who read and wrote what, or print the ends of its chains."""


@audit.command(epilog="Example: overstory audit verify --against audit-heads.jsonl --json")
@click.option("--against", type=click.File(encoding="utf-8"),
              help="Ends of the record that were kept outside: also say which it lacks.")  # fmt: skip
@json_option
def verify(against: Iterable[str] | None, *, as_json: bool) -> None:
    """Read the record of every clinic again; end with 1 when one does not hold."""
    with clinic_open():
        from overstory.clinic.audit.heads import HeadsFileError
        from overstory.clinic.audit.verifying import verify_all

        try:
            found = list(verify_all(against or ()))
        except HeadsFileError as error:
            raise click.ClickException(str(error)) from None
    if as_json:
        rows = [
            {
                "clinic": str(each.clinic),
                "entries": each.entries,
                "head": each.head,
                "holds": each.holds,
                "wrong": each.wrong,
            }
            for each in found
        ]
        click.echo(orjson.dumps({"holds": all(x.holds for x in found), "clinics": rows}).decode())
    else:
        for each in found:
            said = "holds" if each.holds else f"DOES NOT HOLD: {each.wrong}"
            click.echo(f"{each.clinic}  {each.entries} entries  {each.head}  {said}")
        click.echo(f"{len(found)} {'record' if len(found) == 1 else 'records'}", err=True)
    if not all(each.holds for each in found):
        sys.exit(WRONG)


@audit.command(epilog="Example: overstory audit head >> somewhere-else.jsonl")
def head() -> None:
    """Print the end of each clinic's record, one JSON a line, to be kept outside the clinic."""
    with clinic_open():
        from overstory.clinic.audit.heads import heads, line

        for each in heads(at=datetime.now(UTC)):
            click.echo(line(each))
