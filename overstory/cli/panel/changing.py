"""Whose verdict would change: the same table under two releases of the knowledge, or a rule edited."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from overstory.cli.panel.reading import FactsTable, warn, warnings_of
from overstory.cli.panel.text import changes_text
from overstory.knowledge.load import Knowledge
from overstory.panel.changes import Changes
from overstory.panel.compiling import compile_program
from overstory.panel.lists import write_answers
from overstory.panel.program import Program


def show_changes(
    table: FactsTable, old: Program, knowledge: Knowledge, *, out: Path | None, as_json: bool
) -> None:
    """Print what the knowledge answers otherwise than the old program; list the people in `out`."""
    new = compile_program(
        knowledge=knowledge, jurisdiction=old.jurisdiction, at=old.at, dated=table.dated
    )
    changes = Changes(old, new)
    pieces = changes.pieces(table.batches(label="comparing"))
    if out is None:
        for _ in pieces:
            pass
    else:
        notes = {"overstory.table": "changes/1"}
        write_answers(out, pieces, schema=changes.schema, metadata=notes)
    warn(warnings_of(table, changes.refused))
    if as_json:
        click.echo(orjson.dumps(changes.figures()).decode())
    else:
        click.echo(changes_text(changes.figures(), color=sys.stdout.isatty()))
