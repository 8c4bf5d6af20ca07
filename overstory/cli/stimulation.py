"""`overstory stimulation`: motor threshold, place on the head, output, seizure risk; more beside it."""

from __future__ import annotations

import re
import sys
from datetime import datetime
from typing import Any

import click
import numpy as np
import orjson

from overstory.cli.input import json_option
from overstory.cli.stimulation_asked import COILS, REFUSED, cited_text, method_option, refusals
from overstory.cli.stimulation_remeasure import remeasure
from overstory.cli.stimulation_train import train
from overstory.exchange.dose_json import plain_json
from overstory.exchange.records import InputError
from overstory.knowledge.load import Knowledge, load_knowledge
from overstory.pathway.stimulation.hunting import Hunted, Pulse, hunt, hunting
from overstory.pathway.stimulation.responses import blurred
from overstory.pathway.stimulation.rossini import relative_frequency
from overstory.pathway.stimulation.scalp import Head, beam, newer_targets
from overstory.pathway.stimulation.seizure_risk import seizure_risk
from overstory.pathway.stimulation.thresholds import (
    GREATEST_OUTPUT,
    MotorThreshold,
    OutputRefusedError,
    definition_of,
    emg_percent,
    output,
)

PULSE = re.compile(r"(\d+(?:\.\d+)?)([yn])", re.ASCII)


@click.group(epilog="Example: overstory stimulation threshold 60y 50n 55y --method emg")
def stimulation() -> None:
    """Motor threshold, place on the head, output, trains, when to measure again, seizure risk."""


stimulation.add_command(train)
stimulation.add_command(remeasure)


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
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the made-up muscle."
)
@json_option
def threshold(pulses: tuple[str, ...], **asked: Any) -> None:
    """Say where the next pulse goes after PULSES such as 60y 50n, and what the threshold is."""
    knowledge = load_knowledge()
    with refusals():
        given = [_pulse(each) for each in pulses]
        _check_rule(asked)
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


def _check_rule(asked: dict[str, Any]) -> None:
    """Refuse what the rule named would leave aside in silence."""
    if asked["rule"] == "rossini" and (
        asked["simulate"] is not None or asked["no_clamp"] or asked["prior"]
    ):
        raise InputError("--simulate, --no-clamp and --prior are of the rule ml-pest")
    if asked["rule"] == "ml-pest" and asked["start"] is not None:
        raise InputError("--start is of the rule rossini; ml-pest starts by itself")
    made_up = asked["simulate"]
    if made_up is not None and not 0 < made_up <= GREATEST_OUTPUT:
        raise InputError(f"--simulate is above 0 and at most 100 %MSO, not {made_up:g}")


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
    with refusals():
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
    check = found.approximate
    click.echo(f"by the linear form, as a check: {check.x_cm:.1f} cm and {check.y_cm:.1f} cm")
    click.echo(
        f"against MRI the second length should on average be longer: {found.longer_y_cm:.1f} cm"
    )
    click.echo(
        f"half of heads lie within {found.half_within_cm:g} cm of the place by MRI, 95 in 100 within "
        f"{found.most_within_cm:g} cm; handle at {found.handle_degrees:g} degrees to the midline"
    )
    for each in newer:
        if each.side == side:
            click.echo(f"{each.name}: {each.x_cm:.1f} cm, then {each.y_cm:.1f} cm")
    method = knowledge.sections["beam_methods"][0]
    click.echo(cited_text(method.source, method.status))


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
    knowledge = load_knowledge()
    with refusals():
        measured = MotorThreshold(value, method, datetime.now().astimezone(), "figure-8")
        try:
            found = output(
                threshold=measured, percent=percent, knowledge=knowledge, farther_mm=farther_mm
            )
        except OutputRefusedError as error:
            click.echo(f"overstory: {error}", err=True)
            sys.exit(REFUSED)
    emg = emg_percent(
        percent=found.percent_of_threshold,
        definition=definition_of(method=method, knowledge=knowledge),
    )
    if as_json:
        shown = {"schema": "overstory.output/1", "method": method, **plain_json(found),
                 "percent_of_emg_threshold": plain_json(emg)}  # fmt: skip
        click.echo(orjson.dumps(shown).decode())
        return
    click.echo(
        f"{found.percent_mso} %MSO, {found.percent_of_threshold:.1f} % of the threshold by {method}"
    )
    if emg.converted:
        click.echo(
            f"about {emg.expected:.0f} % of a threshold by electromyography, at the most that was "
            f"ever seen {emg.worst:.0f} %"
        )
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
    click.echo(cited_text(found.harm.source, found.harm.status))
