"""`overstory facts`: what is known of a person, from where, and what was not understood."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import orjson

from overstory.cli.input import (
    at_option,
    bad_input_ends,
    facts_of,
    json_option,
    patient_argument,
    read_record,
)
from overstory.cli.wording import fact_line
from overstory.engine.facts import Facts
from overstory.exchange.assessment_json import facts_json
from overstory.exchange.records import Record
from overstory.knowledge.load import load_knowledge


@click.command(epilog="Example: overstory facts bundle.json --at 2026-11-22T10:00:00-05:00")
@patient_argument
@at_option
@click.option("--all", "with_unasked", is_flag=True, help="Show the facts never asked too.")
@json_option
def facts(patient: Path, at: datetime | None, *, with_unasked: bool, as_json: bool) -> None:
    """Show every fact of PATIENT with its time and origin, and what was not understood."""
    with bad_input_ends():
        knowledge = load_knowledge()
        record = read_record(patient, at=at, knowledge=knowledge)
        found = facts_of(record, knowledge)
    if as_json:
        shown = facts_json(found, patient=record.patient, not_understood=record.not_understood)
        click.echo(orjson.dumps(shown).decode())
    else:
        click.echo(_text(found, record, with_unasked))


def _text(found: Facts, record: Record, with_unasked: bool) -> str:
    names = [name for name in found.vocabulary if with_unasked or name in found.given]
    lines = [f"{record.patient} at {found.at.isoformat()}", ""]
    lines += [fact_line(found, name) for name in names]
    unasked = len(found.vocabulary) - len(names)
    if unasked:
        lines += ["", f"{unasked} facts were not asked (--all shows them)."]
    if record.not_understood:
        lines += ["", "Not understood:"]
        lines += [f"  {each.origin}: {each.why}" for each in record.not_understood]
    return "\n".join(lines)
