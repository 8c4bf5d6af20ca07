"""The command `overstory`: what it can do, one module a command."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "assess": "overstory.cli.assess",
    "facts": "overstory.cli.facts",
    "history": "overstory.cli.history",
    "explain": "overstory.cli.explain",
    "aid": "overstory.cli.aid",
    "score": "overstory.cli.score",
    "knowledge": "overstory.cli.knowledge",
}


class _Commands(click.Group):
    """Imports a command when it is called, so that each starts quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name]), cmd_name)
        return command


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="overstory", message="overstory %(version)s")
def main() -> None:
    """
    Cited answers for interventional psychiatry: true, false or unknown.

    Overstory supports decisions; people make them. No clinician has reviewed its knowledge yet.
    """
