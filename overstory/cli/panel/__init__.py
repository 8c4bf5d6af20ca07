"""`overstory panel`: the rules for a table of people, and how such a table is made from records."""

from __future__ import annotations

import importlib
from typing import Any

import click

OWN = "population"
COMMANDS = {
    "ingest": ("overstory.cli.ingest", "ingest"),
    OWN: ("overstory.cli.panel.population", OWN),
}


class _Panel(click.Group):
    """A group whose first word is a command or, as usual, the table itself."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `panel FACTS …` as `panel population FACTS …`."""
        if args and args[0] not in (*COMMANDS, "-h", "--help"):
            args = [OWN, *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        formatter.write_usage("overstory panel", "FACTS [OPTIONS]  |  ingest DIR [OPTIONS]")


@click.group(
    cls=_Panel,
    epilog="Example: overstory panel facts.parquet --out answers.parquet --html report.html",
)
def panel(**_: Any) -> None:
    """
    Answer for a table of people: who could have which treatment, who is barred and by what.

    FACTS is a Parquet, CSV or Arrow file, or a DuckDB or PostgreSQL table: one row a person, a column
    `id`, and a column a fact. `overstory panel population --help` has the options.
    """
