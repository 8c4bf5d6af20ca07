"""`overstory stimulation train`: a session of a protocol, or a free one, against labels and tables."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import orjson
from click.core import ParameterSource

from overstory.cli.input import facts_of, json_option, knowledge_with, policy_option, read_record
from overstory.cli.stimulation_asked import COILS, MUSCLES, REFUSED, method_option, refusals
from overstory.exchange.dose_json import plain_json
from overstory.exchange.records import InputError
from overstory.knowledge.load import Knowledge
from overstory.pathway.protocols import protocol_named
from overstory.pathway.stimulation.risk_factors import risk_factors
from overstory.pathway.stimulation.sessions import (
    Burst,
    Run,
    SessionPlan,
    session_of,
    sessions_a_day,
)
from overstory.pathway.stimulation.trains import Judgement, Outcome, judge_trains
from overstory.pathway.suitability import assess

FREE = ("kind", "hz", "bursts", "seconds", "pause", "trains", "side", "coil", "muscle")
"""What a protocol says itself; with one it is not said again."""
KINDS = ("train", "continuous", "itbs", "ctbs")
BURST_KINDS = frozenset({"itbs", "ctbs"})
BURSTS = re.compile(r"(\d+)x(\d+(?:\.\d+)?)@(\d+(?:\.\d+)?)", re.ASCII)
SIGNED = {
    0: "",
    1: " with the signature of a physician",
    2: " with the signatures of two physicians",
}


@click.command()
@click.argument("protocol_id", metavar="[PROTOCOL]", required=False)
@method_option
@click.option("--clearance", metavar="ID", help="Of the device in use, such as neurostar-k083538.")
@click.option("--indication", metavar="ID", help="What is treated, such as major-depression.")
@click.option("--kind", type=click.Choice(KINDS), default="train", show_default=True)
@click.option("--hz", type=float, help="Pulses a second in a train.")
@click.option("--bursts", metavar="PULSESxHZ@PER_SECOND", help="How theta burst is made: 3x50@5.")
@click.option("--seconds", type=float, help="Length of a train.")
@click.option("--pause", type=float, default=0.0, help="Seconds between trains.")
@click.option("--trains", type=int, default=1, help="How many trains.")
@click.option("--percent", type=float, help="Percent of the motor threshold.")
@click.option("--side", type=click.Choice(["left", "right", "both"]), default="left")
@click.option("--coil", type=click.Choice(COILS), default="figure-8", show_default=True)
@click.option("--muscle", type=click.Choice(MUSCLES), default="hand", show_default=True)
@click.option("--sessions-a-day", type=click.IntRange(1), help="The protocol's, else one.")
@click.option(
    "--patient", type=click.Path(path_type=Path, allow_dash=True),
    help="Whose risk factors are told where a label covers the session.",
)  # fmt: skip
@policy_option
@json_option
def train(protocol_id: str | None, **asked: Any) -> None:
    """Judge a session of PROTOCOL, or a free one, by clearance and tables."""
    with refusals():
        knowledge = knowledge_with(asked["policy"])
        plan = _plan(protocol_id, asked, knowledge)
        found = judge_trains(
            plan=plan,
            method=asked["method"],
            knowledge=knowledge,
            clearance=asked["clearance"],
            indication=asked["indication"],
            risk_factors=_risks(asked["patient"], knowledge),
        )
    if asked["as_json"]:
        shown = {"schema": "overstory.trains/1", **plain_json(found), "may_plan": found.may_plan(),
                 "pulses": plan.pulses, "minutes": round(plan.minutes, 2)}  # fmt: skip
        click.echo(orjson.dumps(shown).decode())
    else:
        click.echo("\n".join(_train_text(plan, found)))
    if found.outcome is Outcome.REFUSE:
        sys.exit(REFUSED)


def _risks(patient: Path | None, knowledge: Knowledge) -> tuple[str, ...]:
    if patient is None:
        return ()
    record = read_record(patient, at=None, knowledge=knowledge)
    assessment = assess(
        patient=record.patient,
        facts=facts_of(record, knowledge),
        knowledge=knowledge,
        jurisdiction=record.jurisdiction or "US",
        treatments=("tms",),
    )
    return risk_factors(assessment.treatments[0])


def _plan(protocol_id: str | None, asked: dict[str, Any], knowledge: Knowledge) -> SessionPlan:
    if protocol_id is not None:
        protocol = protocol_named(protocol_id=protocol_id, knowledge=knowledge)
        if protocol.stimulation is None:
            raise InputError(f"{protocol_id} is no protocol of stimulation")
        _check_free(protocol_id)
        a_day = asked["sessions_a_day"] or sessions_a_day(protocol.schedule)
        plan = session_of(protocol.stimulation, sessions_a_day=a_day)
        return plan if asked["percent"] is None else replace(plan, percent=asked["percent"])
    if asked["kind"] in BURST_KINDS and asked["bursts"] is None:
        raise InputError("--bursts says how theta burst is made, such as 3x50@5")
    if asked["bursts"] is not None and asked["hz"] is not None:
        raise InputError("give --bursts for theta burst or --hz for other trains, not both")
    bursts = _bursts(asked["bursts"])
    hz = asked["hz"] if bursts is None else bursts.pulses_per_second
    given = {"hz": hz, "seconds": asked["seconds"], "percent": asked["percent"]}
    lacking = [name for name, each in given.items() if each is None]
    if lacking:
        raise InputError(f"name a protocol, or give --{', --'.join(lacking)}")
    run = Run(asked["kind"], asked["side"], hz, asked["seconds"], asked["trains"], asked["pause"],
              bursts)  # fmt: skip
    day = run.pulses * (asked["sessions_a_day"] or 1)
    return SessionPlan((run,), asked["percent"], asked["coil"], asked["muscle"], day)


def _check_free(protocol_id: str) -> None:
    """Refuse what was said beside a protocol that says it itself; only a percent may be another."""
    context = click.get_current_context()
    said = [
        each for each in FREE if context.get_parameter_source(each) is ParameterSource.COMMANDLINE
    ]
    if said:
        raise InputError(
            f"{protocol_id} says --{', --'.join(said)} itself; leave it out, or leave out the protocol"
        )


def _bursts(text: str | None) -> Burst | None:
    if text is None:
        return None
    found = BURSTS.fullmatch(text)
    if found is None:
        raise InputError(f"--bursts is such as 3x50@5, not {text!r}")
    return Burst(int(found[1]), float(found[2]), float(found[3]))


def _train_text(plan: SessionPlan, found: Judgement) -> Iterator[str]:
    yield click.style(found.outcome.value, bold=True)
    yield f"{plan.pulses} pulses, {plan.minutes_to_last_pulse:.1f} minutes to the last one"
    yield from (f"  {each.says}" for each in found.found)
    if found.label is not None and not found.label.matches:
        yield f"  Not the label's set {found.label.protocol}: {'; '.join(found.label.differs)}."
    covered = found.outcome is Outcome.LABEL_OK
    if found.worst_case is not None and not covered:
        yield f"  At the most that watching was ever off: {found.worst_case.value}."
    if found.stricter is not None and not covered:
        yield f"  By the stricter table, which decides nothing: {found.stricter.value}."
    if found.unverified:
        yield f"  To be adopted by the site first: {', '.join(found.unverified)}."
    yield from (f"  {each}" for each in found.notes)
    yield _may_plan(found)


def _may_plan(found: Judgement) -> str:
    """Say for what it may be planned, and who signs."""
    if found.outcome is Outcome.LABEL_OK and found.label is not None and found.may_plan():
        return f"May be planned. Only for {', '.join(found.label.indications)}."
    needed = next((n for n in SIGNED if found.may_plan(signatures=n)), None)
    if needed is None:
        return "May not be planned as it stands."
    return f"May be planned{SIGNED[needed]}."
