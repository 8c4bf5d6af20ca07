"""`overstory stimulation`: try each function of stimulation: threshold, scalp, train, output, risk."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import numpy as np
import orjson

from overstory.cli.input import (
    bad_input_ends,
    facts_of,
    json_option,
    knowledge_with,
    policy_option,
    read_record,
)
from overstory.exchange.dose_json import plain_json
from overstory.exchange.records import InputError
from overstory.knowledge.load import Knowledge, load_knowledge
from overstory.pathway.protocols import NoProtocolError, protocol_named
from overstory.pathway.stimulation.hunting import Hunted, HuntingError, Pulse, hunt, hunting
from overstory.pathway.stimulation.labels import LabelError
from overstory.pathway.stimulation.responses import blurred
from overstory.pathway.stimulation.risk_factors import risk_factors
from overstory.pathway.stimulation.rossini import RelativeFrequencyError, relative_frequency
from overstory.pathway.stimulation.scalp import Head, ScalpError, beam, newer_targets
from overstory.pathway.stimulation.seizure_risk import seizure_risk
from overstory.pathway.stimulation.sessions import (
    Burst,
    Run,
    SessionError,
    SessionPlan,
    session_of,
    sessions_a_day,
)
from overstory.pathway.stimulation.thresholds import MotorThreshold, ThresholdError, output
from overstory.pathway.stimulation.trains import Judgement, Outcome, judge_trains
from overstory.pathway.suitability import assess

REFUSED = 3
PULSE = re.compile(r"(\d+(?:\.\d+)?)([yn])")
BURSTS = re.compile(r"(\d+)x(\d+(?:\.\d+)?)@(\d+(?:\.\d+)?)")
KINDS = ("train", "continuous", "itbs", "ctbs")
COILS = ("figure-8", "H1", "H4", "H7", "D-B80")
MUSCLES = ("hand", "leg", "toe")

method_option = click.option(
    "--method", type=click.Choice(["emg", "visual"]), required=True,
    help="How the threshold is measured; the two are never mixed.",
)  # fmt: skip


@click.group(epilog="Example: overstory stimulation threshold 60y 50n 55y --method emg")
def stimulation() -> None:
    """Motor threshold, place on the head, output, trains against the tables, seizure risk."""


@contextmanager
def _refusals() -> Iterator[None]:
    """End with exit status 2 and the message where a value makes no sense."""
    with bad_input_ends():
        try:
            yield
        except (
            HuntingError, RelativeFrequencyError, ScalpError, SessionError, ThresholdError, LabelError,
            NoProtocolError,
        ) as error:  # fmt: skip
            raise InputError(str(error)) from None


@stimulation.command()
@click.argument("pulses", nargs=-1)
@method_option
@click.option(
    "--rule", type=click.Choice(["ml-pest", "rossini"]), default="ml-pest", show_default=True
)
@click.option(
    "--start", type=float, help="First pulse of the rossini rule, above the threshold, %MSO."
)
@click.option("--no-clamp", is_flag=True, help="Let the next pulse jump as far as it will.")
@click.option("--prior", is_flag=True, help="Use how thresholds are spread among people.")
@click.option(
    "--simulate", type=float, metavar="%MSO", help="Train on a made-up muscle of this threshold."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the made-up muscle.")
@json_option
def threshold(pulses: tuple[str, ...], **asked: Any) -> None:
    """Say where the next pulse goes after PULSES such as 60y 50n, and what the threshold is."""
    knowledge = load_knowledge()
    with _refusals():
        given = [_pulse(each) for each in pulses]
        if asked["rule"] == "rossini":
            _rossini(given, asked, knowledge)
            return
        how = hunting(knowledge=knowledge, clamp=not asked["no_clamp"], prior=asked["prior"])
        found = hunt(pulses=given, how=how)
        if asked["simulate"] is not None:
            muscle = blurred(
                threshold_percent=asked["simulate"],
                spread_percent=how.spread * asked["simulate"],
                generator=np.random.default_rng(asked["seed"]),
            )
            while not found.done:
                given.append(Pulse(found.next_percent, muscle(found.next_percent)))
                found = hunt(pulses=given, how=how)
    _tell_hunt(found, given, asked)


def _pulse(text: str) -> Pulse:
    found = PULSE.fullmatch(text)
    if found is None:
        raise InputError(f"a pulse is its %MSO and y or n, such as 60y; not {text!r}")
    return Pulse(float(found[1]), found[2] == "y")


def _tell_hunt(found: Hunted, given: list[Pulse], asked: dict[str, Any]) -> None:
    if asked["as_json"]:
        known = {key: each for key, each in plain_json(found).items() if key != "pulses"}
        shown = {"schema": "overstory.threshold/1", "method": asked["method"], "unit": "%MSO",
                 "pulses": plain_json(given), **known}  # fmt: skip
        click.echo(orjson.dumps(shown).decode())
        return
    if asked["simulate"] is not None:
        click.echo(" ".join(f"{each.percent:g}{'y' if each.responded else 'n'}" for each in given))
    if given:
        click.echo(
            f"threshold about {found.percent:g} %MSO ({found.low_percent:g} to "
            f"{found.high_percent:g}) by {asked['method']}, {found.pulses} pulses"
        )
    click.echo("stop" if found.done else f"next pulse: {found.next_percent} %MSO")
    if found.says:
        click.echo(found.says)


def _rossini(given: list[Pulse], asked: dict[str, Any], knowledge: Knowledge) -> None:
    start = asked["start"] if asked["start"] is not None else (given[0].percent if given else None)
    if start is None:
        raise InputError("the rossini rule needs --start, above the threshold")
    done: list[bool] = []
    for each in given:
        wanted = relative_frequency(start_percent=start, answers=done, knowledge=knowledge)
        if not wanted.done and each.percent != wanted.next_percent:
            raise InputError(
                f"pulse {len(done) + 1} goes to {wanted.next_percent:g}, not {each.percent:g} %MSO"
            )
        done.append(each.responded)
    found = relative_frequency(start_percent=start, answers=done, knowledge=knowledge)
    if asked["as_json"]:
        shown = {"schema": "overstory.threshold/1", "method": asked["method"], "unit": "%MSO",
                 **plain_json(found), "done": found.done}  # fmt: skip
        click.echo(orjson.dumps(shown).decode())
    elif found.threshold_percent is not None:
        click.echo(f"threshold {found.threshold_percent:g} %MSO by {asked['method']}")
    else:
        click.echo(f"next pulse: {found.next_percent:g} %MSO ({found.positives_here} of "
                   f"{found.pulses_here} answered here)")  # fmt: skip


@stimulation.command()
@click.option("--over", type=float, required=True, help="Ear to ear over the top, cm.")
@click.option("--along", type=float, required=True, help="Nasion to inion over the top, cm.")
@click.option("--around", type=float, required=True, help="Circumference at brow and inion, cm.")
@click.option("--side", type=click.Choice(["left", "right"]), default="left", show_default=True)
@json_option
def scalp(over: float, along: float, around: float, side: str, *, as_json: bool) -> None:
    """Find F3 (left) or F4 (right) by Beam's method, and newer targets beside it."""
    knowledge = load_knowledge()
    with _refusals():
        head = Head(over, along, around)
        found = beam(head=head, knowledge=knowledge, side=side)
        newer = newer_targets(head=head, knowledge=knowledge)
    if as_json:
        shown = {"schema": "overstory.scalp/1", "unit": "cm", "beam": plain_json(found),
                 "newer": plain_json(newer)}  # fmt: skip
        click.echo(orjson.dumps(shown).decode())
        return
    place = found.exact
    click.echo(
        f"{place.name}: {place.x_cm:.1f} cm from the midline in front to the {side} along the "
        f"circumference, then {place.y_cm:.1f} cm from the top towards it"
    )
    click.echo(f"on average y should be longer: {found.longer_y_cm:.1f} cm")
    click.echo(
        f"half of heads lie within {found.half_within_cm:g} cm of the place by MRI, 95 in 100 within "
        f"{found.most_within_cm:g} cm; handle at {found.handle_degrees:g} degrees to the midline"
    )
    for each in newer:
        if each.side == side:
            click.echo(f"{each.name}: x {each.x_cm:.1f} cm, y {each.y_cm:.1f} cm")


@stimulation.command()
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
    with _refusals():
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
        a_day = asked["sessions_a_day"] or sessions_a_day(protocol.schedule)
        return session_of(protocol.stimulation, sessions_a_day=a_day)
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
    yield "May be planned." if found.may_plan() else "May not be planned as it stands."


@stimulation.command(name="output")
@click.option("--threshold", "value", type=float, required=True, help="Motor threshold, %MSO.")
@method_option
@click.option("--percent", type=float, required=True, help="Percent of the threshold.")
@click.option(
    "--farther-mm", type=float, help="How much deeper the target lies than the motor cortex."
)
@json_option
def output_(
    value: float, method: Any, percent: float, farther_mm: float | None, *, as_json: bool
) -> None:
    """Say which output to set, rounded down to whole percent of the device."""
    with _refusals():
        measured = MotorThreshold(value, method, datetime.now().astimezone(), "figure-8")
        found = output(
            threshold=measured, percent=percent, knowledge=load_knowledge(), farther_mm=farther_mm
        )
    if as_json:
        click.echo(orjson.dumps({"schema": "overstory.output/1", **plain_json(found)}).decode())
        return
    click.echo(f"{found.percent_mso} %MSO, {found.percent_of_threshold:.1f} % of the threshold")
    for each in found.says:
        click.echo(each)


@stimulation.command()
@click.option("--coil", type=click.Choice(COILS), required=True)
@click.option("--language", type=click.Choice(["en", "es"]), default="en")
@json_option
def risk(coil: Any, language: str, *, as_json: bool) -> None:
    """Say how often a seizure happened with this kind of coil, in words for consent."""
    found = seizure_risk(coil=coil, knowledge=load_knowledge())
    if as_json:
        low, high = found.harm.interval or (None, None)
        shown = {"schema": "overstory.seizure-risk/1", "coil": coil, "value": found.harm.value,
                 "low": low, "high": high, "per": found.harm.per, "harm": found.harm.id}  # fmt: skip
        click.echo(orjson.dumps(shown).decode())
        return
    click.echo(found.words.es if language == "es" else found.words.en)
