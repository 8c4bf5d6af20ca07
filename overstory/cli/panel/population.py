"""`overstory panel FACTS`: verdicts for every person, figures for the population."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import orjson

from overstory.cli.input import (
    at_option,
    json_option,
    jurisdiction_option,
    knowledge_with,
    policy_option,
)
from overstory.cli.panel.answers import answers_by, written
from overstory.cli.panel.changing import try_rule
from overstory.cli.panel.reading import (
    FactsTable,
    engine_option,
    open_table,
    panel_input_ends,
    refuse_places,
    warn,
    warnings_of,
)
from overstory.cli.panel.text import population_text
from overstory.engine.conditions import Condition
from overstory.engine.facts import Vocabulary
from overstory.engine.reading import ConditionError, read_condition
from overstory.exchange.records import InputError
from overstory.panel.compiling import compile_program
from overstory.panel.population.hiding import SMALL, with_small_cells_hidden
from overstory.panel.population.tally import CHARACTERISTICS
from overstory.panel.report.page import report_html
from overstory.panel.running import PanelRun

out_file = click.Path(dir_okay=False, path_type=Path)


@click.command(
    epilog="Example: overstory panel facts.parquet --out answers.parquet --html report.html"
)
@click.argument("facts")
@at_option
@jurisdiction_option
@policy_option
@click.option("--out", type=out_file, help="Write the answer for each person to this Parquet file.")
@click.option("--with-safety", is_flag=True, help="With --out: each person's safety level too.")
@click.option("--html", type=out_file, help="Write the report to this HTML file.")
@json_option
@click.option("--where", help="Only people for whom this condition is true.")
@click.option("--what-if", "tried", multiple=True, metavar="'RULE: CONDITION'",
              help="Instead: whose verdict would change if RULE had this condition.")  # fmt: skip
@click.option("--describe", multiple=True, metavar="FACT",
              help="Describe who is left by this fact; several times. Else a usual set.")  # fmt: skip
@click.option("--hide-small", is_flag=True, help=f"Hide counts from 1 to {SMALL - 1}.")
@engine_option
def population(
    facts: str, at: datetime | None, jurisdiction: str | None, policy: Path | None, **asked: Any
) -> None:
    """Answer for everybody in FACTS, and say what that comes to."""
    with panel_input_ends():
        knowledge = knowledge_with(policy)
        table = open_table(facts, vocabulary=knowledge.vocabulary, at=at)
        where = _condition(asked["where"], knowledge.vocabulary)
        described = _described(asked["describe"], knowledge.vocabulary)
        place = jurisdiction or "US"
        refuse_places(table, asked["out"], asked["html"])
        if asked["tried"]:
            _refuse_beside_what_if(asked)
            told = {name: asked[name] for name in ("out", "as_json")}
            try_rule(table, knowledge, asked["tried"], jurisdiction=place, **told)
            return
        program = compile_program(
            knowledge=knowledge, jurisdiction=place, at=table.at, dated=table.dated
        )
        run = PanelRun(program, where=where, characteristics=described)
        _answer(table, run, asked)
        figures = _figures(table, run, asked)
        if asked["html"] is not None:
            asked["html"].write_text(report_html(figures), encoding="utf-8")
    if asked["as_json"]:
        click.echo(orjson.dumps(figures).decode())
    else:
        click.echo(population_text(figures, color=sys.stdout.isatty()))


def _answer(table: FactsTable, run: PanelRun, asked: dict[str, Any]) -> None:
    """Let every person pass, and write the answers where a file is named."""
    answers = answers_by(asked["engine"], table, run)
    if asked["out"] is None:
        for _ in answers:
            pass
    else:
        written(asked["out"], answers, run.program, table=table, with_safety=asked["with_safety"])


def _figures(table: FactsTable, run: PanelRun, asked: dict[str, Any]) -> dict[str, Any]:
    below = SMALL if asked["hide_small"] else None
    warnings = warnings_of(table, run.refused, hidden_below=below)
    warn(warnings)
    figures = run.figures(
        name=table.source.name,
        where=asked["where"],
        warnings=tuple(warnings),
        invented=table.is_invented or (run.read > 0 and run.only_invented),
    )
    return with_small_cells_hidden(figures) if asked["hide_small"] else figures


def _condition(text: str | None, vocabulary: Vocabulary) -> Condition | None:
    if text is None:
        return None
    try:
        return read_condition(text, vocabulary)
    except ConditionError as error:
        raise InputError(f"--where: {error}") from None


def _described(names: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str, ...]:
    for name in names:
        _ = vocabulary[name]  # refuses a name that is no fact, with those near it
    return tuple(dict.fromkeys(names)) or CHARACTERISTICS


def _refuse_beside_what_if(asked: dict[str, Any]) -> None:
    """Refuse what would do nothing beside `--what-if`, so that nobody takes it as done."""
    names = ("html", "where", "describe", "hide_small", "with_safety")
    given = [f"--{name.replace('_', '-')}" for name in names if asked[name]]
    given += ["--engine"] if asked["engine"] != "polars" else []
    if given:
        raise InputError(
            f"{', '.join(given)}: not with --what-if, which answers for the whole table and hides nothing"
        )
