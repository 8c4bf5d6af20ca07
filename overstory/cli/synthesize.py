"""`overstory synthesize`: an invented psychiatric population of any size, the same for the same seed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from overstory.cli.input import BAD_INPUT, at_option, bad_input_ends
from overstory.cli.synthesize_files import FilesError, write_bundles, write_ndjson, write_patients
from overstory.knowledge.load import load_knowledge
from overstory.panel.synthesis.population import Population
from overstory.panel.synthesis.recording import Missingness
from overstory.panel.synthesis.table import TableError, write_facts

FOLDERS: dict[str, Callable[..., None]] = {
    "patients": write_patients,
    "fhir-bundles": write_bundles,
    "ndjson": write_ndjson,
}


@click.command(
    epilog="Examples: overstory synthesize 1000000 --seed 7 --out facts.parquet   ·   "
    "overstory synthesize 500 --as patients --missing intake --out people"
)
@click.argument("size", metavar="N", type=click.IntRange(min=0))
@click.option(
    "--seed", type=int, default=1, show_default=True, help="A whole number: which people."
)
@at_option
@click.option(
    "--as",
    "shape",
    type=click.Choice(["facts", *FOLDERS]),
    default="facts",
    show_default=True,
    help="A facts table (.parquet or .csv), or a folder of patient files or FHIR.",
)
@click.option(
    "--missing",
    type=click.Choice(["records", "intake", "none"]),
    default="records",
    show_default=True,
    help="What is on record: as in a health record, as after a clinic's intake, or all of it.",
)
@click.option("--with-errors", is_flag=True, help="Add a few values that are refused when read.")
@click.option("--jurisdiction", type=click.Choice(["US", "EU"]), help="Written into patient files.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="What to write; it must not stand there yet.",
)
def synthesize(
    size: int,
    seed: int,
    at: datetime | None,
    shape: str,
    missing: Missingness,
    jurisdiction: str | None,
    *,
    with_errors: bool,
    out: Path,
) -> None:
    """
    Invent N people of a psychiatric service. None of them exists.

    The same seed and --at give the same people, whatever N. Nothing about real people follows from
    them: shares that no source gave are guesses.
    """
    moment = at or datetime.now().astimezone().replace(microsecond=0)
    with bad_input_ends():
        knowledge = load_knowledge()
    population = Population(knowledge, size, seed, moment, missing, with_errors)
    why_not = _refused(population, shape, jurisdiction, out)
    try:
        if why_not is None and shape == "facts":
            write_facts(population, out)
        elif why_not is None:
            FOLDERS[shape](population, out, jurisdiction=jurisdiction)
    except (TableError, FilesError) as error:
        why_not = str(error)
    if why_not is not None:
        click.echo(f"overstory: {why_not}", err=True)
        sys.exit(BAD_INPUT)
    who = "invented person" if size == 1 else "invented people"
    click.echo(
        f"{size:,} {who} (seed {seed}, as of {moment.isoformat()}) in "
        f"{click.format_filename(out)}. None of them exists."
    )


def _refused(population: Population, shape: str, jurisdiction: str | None, out: Path) -> str | None:
    """Why it is not begun at all, or None."""
    shown = click.format_filename(out)
    if jurisdiction and shape != "patients":
        return "only patient files have a jurisdiction; say it to what reads the others"
    if shape == "facts" and out.suffix not in {".parquet", ".csv"}:
        return f"{shown}: a facts table ends in .parquet or .csv"
    if shape not in {"facts", "patients"} and population.with_errors:
        return "--with-errors makes values that FHIR here cannot hold; write facts or patients"
    if out.is_symlink() or out.is_file() or (out.is_dir() and any(out.iterdir())):
        return f"{shown}: something stands there already; name a new place"
    if shape == "facts" and out.is_dir():
        return f"{shown}: a folder; name a new file"
    if not out.absolute().parent.is_dir():
        return f"{shown}: there is no folder {click.format_filename(out.absolute().parent)}"
    return None
