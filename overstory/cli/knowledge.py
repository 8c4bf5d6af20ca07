"""`overstory knowledge`: check, list, show, compare and export what medicine says."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any, get_args

import click
import msgspec
import orjson

from overstory.cli.explain import condition_text
from overstory.cli.input import (
    BAD_INPUT,
    at_option,
    bad_input_ends,
    json_option,
    jurisdiction_option,
)
from overstory.cli.knowledge_export import export
from overstory.exchange.records import InputError
from overstory.knowledge.check import check_knowledge
from overstory.knowledge.compare import Difference, differences
from overstory.knowledge.load import HOME, Knowledge, load_knowledge
from overstory.knowledge.shapes.rules import TREATMENT_IDS, Kind

folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(epilog="Example: overstory knowledge list --treatment tms --kind contraindication")
def knowledge() -> None:
    """Check, list, show, compare and export the knowledge."""


knowledge.add_command(export)


@knowledge.command()
@click.argument("home", type=folder, required=False)
@click.option("--on", help="The day on which it is to hold; today by default.")
@json_option
def check(home: Path | None, on: str | None, *, as_json: bool) -> None:
    """Refuse knowledge without source, beyond its power, without examples, or out of date."""
    with bad_input_ends():
        checked = check_knowledge(home or HOME, on=_day(on))
    if as_json:
        click.echo(orjson.dumps(msgspec.to_builtins(checked)).decode())
    else:
        for problem in checked.problems:
            click.echo(problem)
        click.echo(
            f"{checked.files} files, {checked.entries} entries, {len(checked.problems)} problems"
        )
    if checked.problems:
        sys.exit(BAD_INPUT)


@knowledge.command(name="list")
@click.option("--treatment", type=click.Choice(TREATMENT_IDS), help="Only rules of this treatment.")
@click.option("--kind", type=click.Choice(get_args(Kind)), help="Only rules of this kind.")
@click.option("--section", help="Entries of another section, such as scales or evidence.")
@json_option
def list_(treatment: str | None, kind: str | None, section: str | None, *, as_json: bool) -> None:
    """List the rules, or the entries of another section."""
    with bad_input_ends():
        rows = _rows(load_knowledge(), treatment, kind, section)
    if as_json:
        click.echo(orjson.dumps(rows).decode())
        return
    for row in rows:
        click.echo("  ".join(row.values()))
    click.echo(f"{len(rows)} entries", err=True)


@knowledge.command()
@click.argument("entry_id", metavar="ID")
def show(entry_id: str) -> None:
    """Show every entry that has this ID, as JSON."""
    with bad_input_ends():
        loaded = load_knowledge()
        found = {
            section: msgspec.to_builtins(entry)
            for section, entries in loaded.sections.items()
            for entry in entries
            if entry_id in (getattr(entry, "id", None), getattr(entry, "name", None))
        }
        if not found:
            raise InputError(f"nothing in the knowledge has the id {entry_id!r}")
    click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())


@knowledge.command()
@click.argument("old", type=folder)
@click.argument("new", type=folder, required=False)
@click.option("--panel", "facts", help="A table of people: also say whose verdict changes.")
@at_option
@jurisdiction_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
              help="With --panel: write a row for each changed verdict to this Parquet file.")  # fmt: skip
@json_option
def diff(
    old: Path, new: Path | None, facts: str | None, out: Path | None, *, as_json: bool, **asked: Any
) -> None:
    """Say which entries of the knowledge folder OLD were added, removed or changed in NEW."""
    if facts is None and (out or any(asked.values())):
        raise click.UsageError("--out, --at and --jurisdiction go with --panel TABLE")
    with bad_input_ends():
        before, after = load_knowledge(old), load_knowledge(new or HOME)
        found = differences(before, after)
    if not as_json:
        for each in found:
            click.echo(_difference(each))
        click.echo(f"{len(found)} {'difference' if len(found) == 1 else 'differences'}", err=True)
    if facts is not None:
        from overstory.cli.panel.changing import compare_releases

        compare_releases(facts, before, after, out=out, as_json=as_json, entries=found, **asked)
    elif as_json:
        click.echo(orjson.dumps(msgspec.to_builtins(found)).decode())


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now().astimezone().date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"a day is written as 2026-11-22, not {text!r}") from None


def _rows(
    loaded: Knowledge, treatment: str | None, kind: str | None, section: str | None
) -> list[dict[str, str]]:
    if section is not None and section != "rules":
        if section not in loaded.sections:
            raise InputError(
                f"the sections are {', '.join(sorted(loaded.sections))}, not {section!r}"
            )
        return [_entry_row(entry) for entry in loaded.sections[section]]
    return [
        {
            "id": rule.id,
            "kind": rule.kind,
            "status": rule.words.status,
            "in_words": condition_text(rule, loaded),
        }
        for rule in loaded.rules
        if (treatment is None or treatment in rule.words.applies_to)
        and (kind is None or kind == rule.kind)
    ]


def _entry_row(entry: Any) -> dict[str, str]:
    name = getattr(entry, "id", None) or getattr(entry, "name", None) or type(entry).__name__
    title = getattr(entry, "title", "") or getattr(entry, "label", "")
    return {"id": str(name), "title": str(title), "status": str(getattr(entry, "status", "") or "")}


def _difference(each: Difference) -> str:
    sign = {"added": "+", "removed": "-", "changed": "~"}[each.what]
    lines = [f"{sign} {each.section} {each.id}"]
    lines += [f"    {field}: {before!r} → {after!r}" for field, before, after in each.fields]
    return "\n".join(lines)
