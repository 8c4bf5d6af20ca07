"""Whose verdict would change: the same table under two releases of the knowledge, or a rule edited."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec
import orjson

from overstory.cli.panel.reading import (
    FactsTable,
    open_table,
    panel_input_ends,
    refuse_places,
    warn,
    warnings_of,
)
from overstory.cli.panel.text import changes_text
from overstory.engine.facts import Vocabulary
from overstory.exchange.records import InputError
from overstory.knowledge.compare import Difference
from overstory.knowledge.load import Knowledge
from overstory.panel.changes import Changes, what_if
from overstory.panel.compiling import compile_program
from overstory.panel.lists import write_answers


def compare_releases(
    facts: str,
    old: Knowledge,
    new: Knowledge,
    *,
    at: datetime | None,
    jurisdiction: str | None,
    out: Path | None,
    as_json: bool,
    entries: Sequence[Difference],
) -> None:
    """Print whose verdict changes from one release to the other; in JSON, the entries that differ too."""
    with panel_input_ends():
        table = open_table(facts, vocabulary=_both(old.vocabulary, new.vocabulary), at=at)
        refuse_places(table, out)
        changes = _changes(table, old, new, jurisdiction or "US")
        _run(changes, table, out)
    told = changes.figures()
    if as_json:
        told["entries"] = msgspec.to_builtins(list(entries))
    _print(told, as_json=as_json)


def try_rule(
    table: FactsTable,
    old: Knowledge,
    tried: Sequence[str],
    *,
    jurisdiction: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Print whose verdict would change if some rules had other conditions."""
    new, rules = old, [text.partition(":")[0].strip() for text in tried]
    for rule, text in zip(rules, tried, strict=True):
        if rules.count(rule) > 1:
            raise InputError(
                f"--what-if: {rule} stands twice; try one condition of a rule at a time"
            )
        new = what_if(new, text)
    changes = _changes(table, old, new, jurisdiction)
    _run(changes, table, out)
    _print(changes.figures() | {"tried": list(tried)}, as_json=as_json)


def _changes(table: FactsTable, old: Knowledge, new: Knowledge, jurisdiction: str) -> Changes:
    before, after = (
        compile_program(
            knowledge=each,
            jurisdiction=jurisdiction,
            at=table.at,
            dated=table.dated & set(each.vocabulary),
        )
        for each in (old, new)
    )
    return Changes(before, after)


def _run(changes: Changes, table: FactsTable, out: Path | None) -> None:
    """Let every person pass; list those whose verdict changes where a file is named."""
    pieces = changes.pieces(table.batches(label="comparing"))
    if out is None:
        for _ in pieces:
            pass
    else:
        notes = {"overstory.table": "changes/1"}
        write_answers(out, pieces, schema=changes.schema, metadata=notes)
    warn(warnings_of(table, changes.refused))


def _print(told: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(told).decode())
    else:
        click.echo(changes_text(told, color=sys.stdout.isatty()))


def _both(old: Vocabulary, new: Vocabulary) -> Vocabulary:
    """The facts of both, so that a table made for either can be read."""
    return Vocabulary([*new.values(), *(kind for name, kind in old.items() if name not in new)])
