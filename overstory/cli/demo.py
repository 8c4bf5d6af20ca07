"""`overstory demo`: an invented clinic in the browser, with people along the whole pathway."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from overstory.cli.clinic import clinic_open, port_free, serve_clinic

HOME = "overstory-demo"


@click.command(epilog="Example: overstory demo --port 8000 --seed 1")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True,
              help="The port on this machine.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True,
              help="A whole number: which people.")  # fmt: skip
@click.option("--home", type=click.Path(path_type=Path), default=HOME, show_default=True,
              help="The folder of the invented clinic; made once, opened again later.")  # fmt: skip
@click.option("--empty", is_flag=True,
              help="Staff and their times only: nobody asked yet, the knowledge not adopted.")  # fmt: skip
@click.option("--only-seed", is_flag=True, help="Fill the clinic and stop, without serving it.")
def demo(*, port: int, seed: int, home: Path, empty: bool, only_seed: bool) -> None:
    """Fill an invented clinic of two sites with 60 people, and serve it to this machine."""
    os.environ["OVERSTORY_HOME"] = str(home.absolute())
    os.environ["OVERSTORY_ORIGIN"] = f"http://localhost:{port}"
    if not only_seed:
        port_free(port)
    with clinic_open(make=True):
        _fill(seed=seed, home=home, empty=empty)
    if only_seed:
        return
    click.echo(f"Enter by one click: http://localhost:{port}/demo/")
    serve_clinic(port=port, workers=2, no_worker=False)


def _fill(*, seed: int, home: Path, empty: bool) -> None:
    from overstory.clinic.config.opening import make_tables
    from overstory.clinic.demo.seeding import RealClinicError, seed_clinic

    make_tables()
    started = time.monotonic()
    try:
        found = seed_clinic(seed=seed, now=datetime.now(UTC), is_empty=empty)
    except RealClinicError as error:
        raise click.ClickException(f"{home}: {error}") from None
    name = found.clinic.name
    if found.is_new:
        click.echo(f"{name} is filled in {time.monotonic() - started:.0f} s: {home}")
    else:
        click.echo(f"{name} stands in {home} already; for a fresh one remove it or name another")
