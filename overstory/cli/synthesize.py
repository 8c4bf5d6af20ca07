"""`overstory synthesize`: an invented psychiatric population of any size, the same for the same seed."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from overstory.cli.input import BAD_INPUT, at_option, bad_input_ends
from overstory.knowledge.load import load_knowledge
from overstory.panel.synthesis.population import Population
from overstory.panel.synthesis.recording import Missingness
from overstory.panel.synthesis.table import TableError, write_facts


@click.command(epilog="Example: overstory synthesize 1000000 --seed 7 --out facts.parquet")
@click.argument("size", metavar="N", type=click.IntRange(min=0))
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, other people.")
@at_option
@click.option(
    "--as", "shape", type=click.Choice(["facts"]), default="facts", show_default=True,
    help="What is written.",
)  # fmt: skip
@click.option(
    "--missing", type=click.Choice(["records", "intake", "none"]), default="records",
    show_default=True, help="As a health record has it, as after a clinic's intake, or all of it.",
)  # fmt: skip
@click.option("--with-errors", is_flag=True, help="Add a few values that the door refuses.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="The file to write; new."
)
def synthesize(
    size: int,
    seed: int,
    at: datetime | None,
    shape: str,
    missing: Missingness,
    *,
    with_errors: bool,
    out: Path,
) -> None:
    """Invent N people of a psychiatric service. None of them exists; nothing follows for real people."""
    del shape
    with bad_input_ends():
        knowledge = load_knowledge()
    moment = at or datetime.now().astimezone()
    population = Population(knowledge, size, seed, moment, missing, with_errors)
    try:
        if out.exists():
            raise TableError(f"{out}: stands there already; name a new file")
        write_facts(population, out)
    except TableError as error:
        click.echo(f"overstory: {error}", err=True)
        sys.exit(BAD_INPUT)
    click.echo(f"{size} invented people (seed {seed}) in {out}. None of them exists.")
