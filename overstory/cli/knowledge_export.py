"""`overstory knowledge export`: the rules in a form that other systems run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
import orjson

from overstory.cli.input import (
    at_option,
    bad_input_ends,
    knowledge_with,
    policy_option,
    shown_name,
)
from overstory.exchange.elm import elm_of_knowledge
from overstory.knowledge.load import Knowledge
from overstory.panel.sql_endings import Ending
from overstory.panel.sql_export import sql_file


@click.command(
    epilog="Examples: overstory knowledge export --elm --jurisdiction US overstory.elm.json   ·   "
    "overstory knowledge export --elm | gzip > overstory.elm.json.gz   ·   "
    "overstory knowledge export --sql --at 2026-11-22T15:00:00Z overstory.sql"
)
@click.argument(
    "file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True), default="-"
)
@click.option("--elm", "form", flag_value="elm", help="One library of CQL-ELM, as JSON.")
@click.option(
    "--sql",
    "form",
    flag_value="sql",
    help="One SQL text for DuckDB, PostgreSQL and Spark, over a table of facts.",
)
@click.option(
    "--jurisdiction",
    type=click.Choice(["US", "EU"]),
    help="Only the rules in force there; without it, every rule as ELM, and US as SQL.",
)
@click.option(
    "--ending", type=click.Choice(["compact", "full", "checksums"]), default="compact",
    show_default=True, help="What the SQL answers: verdicts and names; every column; sums to compare.",
)  # fmt: skip
@at_option
@policy_option
def export(
    file: Path,
    form: str | None,
    jurisdiction: str | None,
    ending: Ending,
    at: datetime | None,
    policy: Path | None,
) -> None:
    """Write every rule to FILE, by default to standard output, in a form that other systems run."""
    if form is None:
        raise click.UsageError(f"say which form: --{', --'.join(FORMS)}")
    asked = _Asked(jurisdiction, ending, at or datetime.now().astimezone())
    with bad_input_ends():
        content = FORMS[form](knowledge_with(policy), asked)
    if str(file) == "-":
        click.echo(content.decode(), nl=False)
        return
    try:
        file.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{shown_name(file)}: {error.strerror or error}") from None


@dataclass(frozen=True)
class _Asked:
    """What is to be written, beside its form; the ending and the moment are of SQL only."""

    jurisdiction: str | None
    ending: Ending
    at: datetime


def _elm(knowledge: Knowledge, asked: _Asked) -> bytes:
    library = elm_of_knowledge(knowledge, jurisdiction=asked.jurisdiction)
    return orjson.dumps(library, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _sql(knowledge: Knowledge, asked: _Asked) -> bytes:
    jurisdiction = asked.jurisdiction or "US"
    text = sql_file(knowledge, jurisdiction=jurisdiction, at=asked.at, ending=asked.ending)
    return text.encode()


FORMS: dict[str, Callable[[Knowledge, _Asked], bytes]] = {"elm": _elm, "sql": _sql}
"""What `--elm` and its like write."""
