"""The command `overstory`: what it can do, one module a command."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

UNANSWERED = 2
STOPPED = 130

COMMANDS = {
    "assess": "overstory.cli.assess",
    "facts": "overstory.cli.facts",
    "history": "overstory.cli.history",
    "explain": "overstory.cli.explain",
    "aid": "overstory.cli.aid",
    "score": "overstory.cli.score",
    "synthesize": "overstory.cli.synthesize",
    "panel": "overstory.cli.panel",
    "protocols": "overstory.cli.protocols",
    "plan": "overstory.cli.plan",
    "plan-event": "overstory.cli.plan_event",
    "dose": "overstory.cli.dose",
    "kinetics": "overstory.cli.kinetics",
    "stimulation": "overstory.cli.stimulation",
    "timetable": "overstory.cli.timetable",
    "knowledge": "overstory.cli.knowledge",
    "found": "overstory.cli.clinic_founding",
    "migrate": "overstory.cli.clinic",
    "serve": "overstory.cli.clinic",
    "demo": "overstory.cli.demo",
    "worker": "overstory.cli.clinic",
    "doctor": "overstory.cli.clinic",
    "audit": "overstory.cli.clinic",
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
        module = importlib.import_module(COMMANDS[cmd_name])
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def main(self, *args: Any, **more: Any) -> Any:
        """Run the program; end with 2 where its answer cannot be written."""
        try:
            return super().main(*args, **more)
        except OSError as error:
            _let_go_of_output()
            where = f"{error.filename}: " if error.filename else "the answer cannot be written: "
            click.echo(f"overstory: {where}{error.strerror or error}", err=True)
            sys.exit(UNANSWERED)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; end with 2 where an answer cannot be given, never with a traceback."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            error.show()
            ctx.exit(UNANSWERED)
        except BrokenPipeError:  # who reads has seen enough, as with `head`
            _let_go_of_output()
            ctx.exit()
        except KeyboardInterrupt:
            click.echo("overstory: stopped", err=True)
            ctx.exit(STOPPED)


def _let_go_of_output() -> None:
    """Send what is still to be written nowhere, so that the end of the program does not fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="overstory", message="overstory %(version)s")
def main() -> None:
    """
    Cited answers for interventional psychiatry: true, false or unknown.

    Overstory supports decisions; people make them. No clinician has reviewed its knowledge yet.
    """
