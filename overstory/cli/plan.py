"""`overstory plan`: the sessions of a treatment for a person, to be signed by a clinician."""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import click
import orjson

from overstory.cli.input import (
    bad_input_ends,
    facts_of,
    json_option,
    jurisdiction_option,
    knowledge_with,
    patient_argument,
    policy_option,
    read_record,
    read_text,
    shown_name,
)
from overstory.cli.plan_text import crisis_text, plan_text, refusal_text
from overstory.engine.facts import Facts
from overstory.exchange.plan_json import cannot_place_json, plan_json, refusal_json
from overstory.exchange.records import InputError
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.rules import TREATMENT_IDS, TreatmentId
from overstory.pathway.plan import MOST_WEEKS, PlanWish, propose
from overstory.pathway.planning.open_days import OpenDays, every_day, site_days
from overstory.pathway.planning.placing import CannotPlaceError
from overstory.pathway.planning.refusals import PlanRefusedError, PlanWishError

REFUSED = 3
NO_CLOSED_DAYS = "none"
DATES = re.compile(r"[0-9,\s-]*")


class Day(click.ParamType[date]):
    """A day as YYYY-MM-DD, and nothing else."""

    name = "YYYY-MM-DD"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Return the day, or fail with what would be right."""
        if isinstance(value, date):
            return value
        try:
            return day_of(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def day_of(text: str) -> date:
    """
    Return the day that a text writes as YYYY-MM-DD.

    :raises ValueError: if it is no such day.
    """
    shape = len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isdigit()
    try:
        if shape and text.isascii():
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"{text!r} is no day; write it as YYYY-MM-DD, such as 2027-01-04")


closed_option = click.option(
    "--closed",
    metavar="FILE|DATES|none",
    help="Closed days instead of public holidays: dates with commas between, a file with one a line, "
    "or none. By default weekends and public holidays.",
)


@click.command(
    epilog="Examples: overstory plan maya.yaml --treatment esketamine --start 2026-11-30   ·   "
    "overstory plan maya.yaml --treatment tms --start 2026-11-30 --closed 2026-12-24,2026-12-31 --json"
)
@patient_argument
@click.option(
    "--treatment", type=click.Choice(TREATMENT_IDS), required=True, help="What is planned."
)
@click.option("--start", type=Day(), required=True, help="The first day, or the next open one.")
@click.option(
    "--protocol",
    "protocols",
    multiple=True,
    metavar="ID",
    help="The protocol instead of the default; of the combination one for each component.",
)
@jurisdiction_option
@policy_option
@closed_option
@click.option(
    "--weeks", type=click.IntRange(1, MOST_WEEKS), help="How many weeks are planned at most."
)
@click.option(
    "--continue-ketamine", is_flag=True, help="One dose a week goes on beside TMS, on other days."
)
@json_option
def plan(
    patient: Path,
    treatment: TreatmentId,
    start: date,
    closed: str | None,
    policy: Path | None,
    *,
    as_json: bool,
    **wished: Any,
) -> None:
    """
    Plan a treatment for PATIENT: a patient file, a FHIR R4 Bundle or NDJSON.

    Nothing in a plan is an order: a clinician signs it, and each dose is ordered on its day.
    """
    with bad_input_ends():
        knowledge = knowledge_with(policy)
        record = read_record(patient, at=None, knowledge=knowledge)
        facts = facts_of(record, knowledge)
        where: Any = wished["jurisdiction"] or record.jurisdiction or "US"
        wish = PlanWish(
            treatment=treatment,
            start=start,
            jurisdiction=where,
            protocols=wished["protocols"],
            days=open_days(closed, where),
            weeks=wished["weeks"],
            continue_ketamine=wished["continue_ketamine"],
        )
        shown = _planned(record.patient, facts, knowledge, wish, as_json=as_json)
    click.echo(shown)
    if record.not_understood:
        count = len(record.not_understood)
        click.echo(
            f"{count} entries of the record were not understood; see overstory facts", err=True
        )


def _planned(
    patient: str, facts: Facts, knowledge: Knowledge, wish: PlanWish, *, as_json: bool
) -> str:
    try:
        proposed = propose(patient=patient, facts=facts, knowledge=knowledge, wish=wish)
    except PlanWishError as error:
        raise InputError(str(error)) from None
    except PlanRefusedError as error:
        refused = refusal_json(error, facts=facts, knowledge=knowledge)
        told = refusal_text(error, facts=facts, knowledge=knowledge, jurisdiction=wish.jurisdiction)
        refuse(told, refused, as_json=as_json)
    except CannotPlaceError as error:
        nearest = (
            f"The nearest start on which it fits is {error.nearest.isoformat()}."
            if error.nearest
            else "No start within a year fits; take other closed days or another protocol."
        )
        told = f"{wish.treatment} does not fit on the open days: {error.says}.\n{nearest}"
        path = crisis_text(
            error.safety,
            jurisdiction=wish.jurisdiction,
            on=facts.at.date(),
            knowledge=knowledge,
        )
        told = f"{path}\n{told}" if path else told
        refuse(told, cannot_place_json(error, treatment=wish.treatment), as_json=as_json)
    if as_json:
        return orjson.dumps(plan_json(proposed)).decode()
    return plan_text(proposed, knowledge=knowledge)


def refuse(told: str, refused: dict[str, object], *, as_json: bool) -> NoReturn:
    """End the command with exit status 3: a refusal for a stated clinical reason."""
    click.echo(f"overstory: {told}", err=True)
    if as_json:
        click.echo(orjson.dumps(refused).decode())
    sys.exit(REFUSED)


def open_days(closed: str | None, jurisdiction: str) -> OpenDays | None:
    """
    Return the open days that `--closed` asks for; None for the usual ones.

    :raises InputError: if it is neither dates nor a file of dates.
    """
    if closed is None:
        return None
    if closed.strip() == NO_CLOSED_DAYS:
        return every_day(jurisdiction=jurisdiction)
    if DATES.fullmatch(closed):
        lines = [("--closed", each.strip()) for each in closed.split(",")]
    else:
        if not _there(Path(closed)):
            raise InputError(
                f"--closed: {shown_name(Path(closed))} is no file; give days with commas between, such "
                "as 2026-12-24,2026-12-31, a file with one a line, or none"
            )
        lines = [
            (f"{shown_name(Path(closed))}:{number}", line.partition("#")[0].strip())
            for number, line in enumerate(read_text(Path(closed)).splitlines(), 1)
        ]
    days = []
    for where, text in lines:
        try:
            days += [day_of(text)] if text else []
        except ValueError as error:
            raise InputError(f"{where}: {error}") from None
    if not days:
        raise InputError("--closed names no day; write none if no day is closed")
    return site_days(jurisdiction=jurisdiction, closed=days)


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that no file can have, such as a long list of days
        return False
