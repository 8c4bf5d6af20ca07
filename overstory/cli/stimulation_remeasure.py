"""`overstory stimulation remeasure`: whether the motor threshold is measured again before a session."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, cast, get_args

import click
import orjson

from overstory.cli.input import (
    at_option,
    facts_of,
    json_option,
    knowledge_with,
    policy_option,
    read_record,
)
from overstory.cli.stimulation_asked import (
    COILS,
    MUSCLES,
    REFUSED,
    cited_text,
    method_option,
    refusals,
)
from overstory.engine.facts import Value
from overstory.exchange.patient_file import read_time
from overstory.exchange.records import InputError
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.shared import cites
from overstory.knowledge.shapes.stimulation import CoilKind, RemeasureRule, ThresholdMethod
from overstory.pathway.stimulation.remeasure import Remeasure, SessionDay, flagged_medicines
from overstory.pathway.stimulation.remeasure import remeasure as why_measure
from overstory.pathway.stimulation.thresholds import MotorThreshold

SCHEMA = "overstory.remeasure/1"
MEASURED = "--measured is such as 2026-11-16T10:00:00-05:00=47:emg:figure-8"
KETAMINE = "--ketamine is the time of the newest dose, such as 2026-11-20T10:00:00-05:00, or never"


@click.command(
    epilog="Example: overstory stimulation remeasure --at 2026-11-23T10:00:00-05:00 "
    "--measured 2026-11-20T10:00:00-05:00=47:emg:figure-8 --method emg --ketamine never"
)
@at_option
@click.option(
    "--measured", multiple=True, metavar="TIME=%MSO:METHOD:COIL[:MUSCLE]",
    help="A threshold measured so far; without one it is the first session.",
)  # fmt: skip
@method_option
@click.option("--coil", type=click.Choice(COILS), default="figure-8", show_default=True)
@click.option("--muscle", type=click.Choice(MUSCLES), default="hand", show_default=True)
@click.option("--missed", type=click.IntRange(0), help="Working days missed since.")
@click.option("--ketamine", metavar="TIME|never", help="The newest dose of ketamine or esketamine.")
@click.option(
    "--then", "then_", type=click.Path(path_type=Path, allow_dash=True),
    help="Patient file of the day of the last threshold: the medicines then.",
)  # fmt: skip
@click.option(
    "--now", "now_", type=click.Path(path_type=Path, allow_dash=True),
    help="Patient file of today: the medicines now.",
)  # fmt: skip
@click.option(
    "--new-risk/--no-new-risk", default=None, help="Lost sleep, alcohol or another substance since."
)
@click.option(
    "--changed/--not-changed", default=None, help="Pain or response changed without a reason."
)
@policy_option
@json_option
def remeasure(**asked: Any) -> None:
    """Say whether the motor threshold is measured again before a session, and what is to be asked."""
    with refusals():
        knowledge = knowledge_with(asked["policy"])
        measured = [_measured(each) for each in asked["measured"]]
        day = _day(asked, knowledge)
        found = why_measure(day=day, measured=measured, knowledge=knowledge)
    if asked["as_json"]:
        click.echo(orjson.dumps(_json(found, day)).decode())
    else:
        click.echo("\n".join(_text(found)))
    if found.holds or found.physician:
        sys.exit(REFUSED)


def _day(asked: Mapping[str, Any], knowledge: Knowledge) -> SessionDay:
    at = asked["at"] or datetime.now().astimezone()  # of the day and of what is fresh on it
    return SessionDay(
        at=at,
        coil=asked["coil"],
        method=asked["method"],
        weekdays_missed=asked["missed"],
        medicines_then=_medicines(asked["then_"], None, knowledge),
        medicines_now=_medicines(asked["now_"], at, knowledge),
        last_ketamine=_ketamine(asked["ketamine"]),
        new_risk=asked["new_risk"],
        unexplained_change=asked["changed"],
        muscle=asked["muscle"],
    )


def _measured(text: str) -> MotorThreshold:
    when, _, rest = text.partition("=")
    value, method, coil, muscle, *more = [*rest.split(":"), "", "", "", ""]
    muscle = muscle or "hand"
    known = method in get_args(ThresholdMethod) and coil in COILS and muscle in MUSCLES
    if not known or any(more):
        raise InputError(f"{MEASURED}, not {text!r}")
    try:
        return MotorThreshold(
            value=float(value),
            method=cast("ThresholdMethod", method),
            at=read_time(when),
            coil=cast("CoilKind", coil),
            muscle=cast("Any", muscle),
        )
    except ValueError as error:
        raise InputError(f"{MEASURED}, not {text!r}: {error}") from None


def _ketamine(text: str | None) -> datetime | Literal["never"] | None:
    if text is None or text == "never":
        return None if text is None else "never"
    try:
        return read_time(text)
    except ValueError:
        raise InputError(f"{KETAMINE}, not {text!r}") from None


def _medicines(
    path: Path | None, at: datetime | None, knowledge: Knowledge
) -> Mapping[str, Value | None] | None:
    """The facts about medicines that bear on excitability; None is unknown."""
    if path is None:
        return None
    facts = facts_of(read_record(path, at=at, knowledge=knowledge), knowledge)
    return {name: facts[name].value for name in flagged_medicines(knowledge)}


def _text(found: Remeasure) -> Iterator[str]:
    for rule in found.holds:
        yield f"STOP: {_rule(rule)}"
    if found.physician:
        yield f"STOP: a physician signs first; newly taken: {', '.join(found.physician)}"
    if found.needed:
        yield "MEASURE THE THRESHOLD AGAIN"
        yield from (f"  {_rule(rule)}" for rule in found.reasons)
    elif found.asks and not found.holds:
        yield "CANNOT SAY YET"
    elif not found.holds:
        yield "No reason to measure again."
    if found.asks:
        yield f"  Ask: {'; '.join(found.asks)}."


def _rule(rule: RemeasureRule) -> str:
    limit = "" if rule.limit is None else f" ({rule.limit:g} {rule.unit})"
    return f"{rule.says}{limit} {cited_text(rule.source, rule.status)}"


def _json(found: Remeasure, day: SessionDay) -> dict[str, Any]:
    unknown = None if found.asks else False
    return {
        "schema": SCHEMA,
        "at": day.at.isoformat(),
        "measure": True if found.needed else unknown,
        "stop": bool(found.holds or found.physician),
        "reasons": [_rule_json(each) for each in found.reasons],
        "holds": [_rule_json(each) for each in found.holds],
        "physician": list(found.physician),
        "asks": list(found.asks),
    }


def _rule_json(rule: RemeasureRule) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "event": rule.event,
        "says": rule.says,
        "limit": rule.limit,
        "unit": rule.unit,
        "status": rule.status,
        "sources": [{"id": each.id, "at": each.at} for each in cites(rule.source)],
    }
