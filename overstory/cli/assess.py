"""`overstory assess`: which treatments fit this person, why, and what is still missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
import orjson

from overstory.cli.assessment_text import assessment_text
from overstory.cli.input import (
    at_option,
    bad_input_ends,
    facts_of,
    json_option,
    jurisdiction_option,
    knowledge_with,
    policy_option,
    read_record,
)
from overstory.exchange.assessment_json import assessment_json
from overstory.knowledge.load import Knowledge
from overstory.pathway.suitability import TREATMENTS
from overstory.pathway.suitability import assess as assess_person


@click.command(
    epilog="Examples: overstory assess maya.yaml   ·   "
    "overstory assess bundle.json --at 2026-11-22T10:00:00-05:00 --json"
)
@click.argument(
    "patients", type=click.Path(path_type=Path, allow_dash=True), nargs=-1, required=True
)
@at_option
@jurisdiction_option
@policy_option
@click.option(
    "--treatment", "treatments", type=click.Choice(TREATMENTS), multiple=True, help="Only this one."
)
@click.option("--all", "with_false", is_flag=True, help="Show the rules answered false too.")
@json_option
def assess(
    patients: tuple[Path, ...],
    at: datetime | None,
    jurisdiction: str | None,
    policy: Path | None,
    treatments: tuple[str, ...],
    *,
    with_false: bool,
    as_json: bool,
) -> None:
    """Say which treatments fit each PATIENT: a patient file, a FHIR R4 Bundle or NDJSON."""
    wanted = _Wanted(at, jurisdiction, treatments or TREATMENTS, with_false, as_json)
    with bad_input_ends():
        knowledge = knowledge_with(policy)
        shown = [_answer(path, wanted, knowledge) for path in patients]
    for each in shown:
        click.echo(each)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the options of the command ask for."""

    at: datetime | None
    jurisdiction: str | None
    treatments: Sequence[str]
    with_false: bool
    as_json: bool


def _answer(path: Path, wanted: _Wanted, knowledge: Knowledge) -> str:
    record = read_record(path, at=wanted.at, knowledge=knowledge)
    facts = facts_of(record, knowledge)
    assessment = assess_person(
        patient=record.patient,
        facts=facts,
        knowledge=knowledge,
        jurisdiction=wanted.jurisdiction or record.jurisdiction or "US",
        treatments=wanted.treatments,
    )
    if not wanted.as_json:
        return assessment_text(
            assessment,
            facts=facts,
            knowledge=knowledge,
            on=max(record.at.date(), datetime.now().astimezone().date()),
            not_understood=record.not_understood,
            with_false=wanted.with_false,
        )
    shown = assessment_json(
        assessment,
        facts=facts,
        knowledge=knowledge,
        not_understood=record.not_understood,
        with_false=wanted.with_false,
    )
    return orjson.dumps(shown).decode()
