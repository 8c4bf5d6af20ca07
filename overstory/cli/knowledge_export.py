"""`overstory knowledge export`: the rules in a form that other systems run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import orjson

from overstory.cli.input import bad_input_ends, knowledge_with, policy_option, shown_name
from overstory.exchange.elm import elm_of_knowledge
from overstory.knowledge.load import Knowledge


@click.command(
    epilog="Examples: overstory knowledge export --elm --jurisdiction US overstory.elm.json   ·   "
    "overstory knowledge export --elm | gzip > overstory.elm.json.gz"
)
@click.argument(
    "file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True), default="-"
)
@click.option("--elm", "form", flag_value="elm", help="One library of CQL-ELM, as JSON.")
@click.option(
    "--jurisdiction",
    type=click.Choice(["US", "EU"]),
    help="Only the rules in force there; without it, every rule.",
)
@policy_option
def export(file: Path, form: str | None, jurisdiction: str | None, policy: Path | None) -> None:
    """Write every rule to FILE, by default to standard output, in a form that other systems run."""
    if form is None:
        raise click.UsageError(f"say which form: --{', --'.join(FORMS)}")
    with bad_input_ends():
        content = FORMS[form](knowledge_with(policy), jurisdiction)
    if str(file) == "-":
        click.echo(content.decode(), nl=False)
        return
    try:
        file.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{shown_name(file)}: {error.strerror or error}") from None


def _elm(knowledge: Knowledge, jurisdiction: str | None) -> bytes:
    library = elm_of_knowledge(knowledge, jurisdiction=jurisdiction)
    return orjson.dumps(library, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


FORMS: dict[str, Callable[[Knowledge, str | None], bytes]] = {"elm": _elm}
"""What `--elm` and its like write."""
