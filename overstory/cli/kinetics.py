"""`overstory kinetics`: levels in blood as published models have them, for teaching; never for a dose."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import orjson

from overstory.cli.input import bad_input_ends, json_option, printable, shown_name
from overstory.cli.wording import STATUS_WORDS
from overstory.exchange.kinetics_svg import Language, Window, band_svg, curve_svg
from overstory.exchange.records import InputError
from overstory.knowledge.load import Knowledge, load_knowledge
from overstory.knowledge.shapes.shared import cites
from overstory.pathway.dosing_limits import DoseNumberError, dose_limits, exact
from overstory.pathway.dosing_spray import sprays
from overstory.pathway.dosing_values import DoseError, Wish
from overstory.pathway.kinetics import (
    Band,
    Curve,
    KineticsError,
    infusion_steps,
    nasal_curve,
    racemic_band,
)
from overstory.pathway.protocols import protocol_named

INFUSION, SPRAY = "P-IV-STD", "P-ESK-EU-65-PLUS"
"""The spray's has every number of devices there is: one, two and three."""
SCHEMA = "overstory.level/1"
MINUTES_PER_HOUR = 60
SPRAY_MINUTES = 1.0
"""How wide a device is drawn."""
WRITTEN_EVERY = 10


class _Hours(click.FloatRange):
    """A number of hours; what is no number is refused too."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        found = float(super().convert(value, param, ctx))
        if found != found:  # noqa: PLR0124  # only NaN differs from itself
            self.fail("it is a number of hours", param, ctx)
        return found


hours_option = click.option(
    "--hours",
    type=_Hours(1, 48),
    default=4.0,
    show_default=True,
    help="How long to show.",
)
svg_option = click.option("--svg", type=click.Path(path_type=Path), help="Write a picture here.")
language_option = click.option(
    "--language", type=click.Choice(["en", "es"]), default="en", help="Words of the picture."
)


@click.group(epilog="Example: overstory kinetics infusion --mg 35 --weight 70 --svg level.svg")
def kinetics() -> None:
    """Show levels in blood by published models. For teaching; never a reason for a dose."""


@kinetics.command()
@click.option("--mg", type=float, required=True, help="The whole dose in mg.")
@click.option("--weight", "weight_kg", type=float, required=True, help="Weight in kg.")
@click.option("--over", "over_minutes", type=float, help="Minutes; the protocol's by default.")
@hours_option
@svg_option
@language_option
@json_option
def infusion(**asked: Any) -> None:
    """Show the band of levels of racemic ketamine given into a vein."""
    knowledge = load_knowledge()
    with bad_input_ends():
        try:
            _check_infusion(asked, knowledge)
            over, watch = _infusion_times(knowledge)
            over = over if asked["over_minutes"] is None else asked["over_minutes"]
            band = racemic_band(
                steps=infusion_steps(mg=asked["mg"], over_minutes=over),
                weight_kg=asked["weight_kg"],
                minutes=_minutes(asked["hours"]),
                knowledge=knowledge,
            )
        except KineticsError as error:
            raise InputError(str(error)) from None
    window = Window([(0.0, over)], (over, over + watch))
    language: Language = asked["language"]
    picture = band_svg(band, window=window, knowledge=knowledge, language=language)
    _write(asked["svg"], picture)
    given = (
        f"{asked['mg']:g} mg of racemic ketamine over {over:g} minutes at {asked['weight_kg']:g} kg"
    )
    _show(band.curves, {**asked, "given": given}, knowledge, ("never-a-dose", "band"), band=band)


@kinetics.command()
@click.option("--mg", type=float, required=True, help="28, 56 or 84 mg.")
@click.option("--age", "age_years", type=float, required=True, help="Age in years.")
@click.option("--group", default="other", show_default=True, help="other, asian or japanese.")
@hours_option
@svg_option
@language_option
@json_option
def spray(**asked: Any) -> None:
    """Show the level of a typical person after the esketamine nasal spray."""
    knowledge = load_knowledge()
    with bad_input_ends():
        try:
            protocol = protocol_named(protocol_id=SPRAY, knowledge=knowledge)
            given = sprays(protocol=protocol, wish=Wish(mg=exact(asked["mg"])), knowledge=knowledge)
            at = [float(each) for each in given.at_minutes]
            curve = nasal_curve(
                devices_at_minutes=at,
                minutes=_minutes(asked["hours"]),
                knowledge=knowledge,
                age_years=asked["age_years"],
                group=asked["group"],
            )
        except (KineticsError, DoseError, DoseNumberError) as error:
            raise InputError(str(error)) from None
    window = Window(
        [(each, each + SPRAY_MINUTES) for each in at], (0.0, float(given.watch_until_minutes))
    )
    language: Language = asked["language"]
    _write(asked["svg"], curve_svg(curve, window=window, knowledge=knowledge, language=language))
    minutes = ", ".join(f"{each:g}" for each in at)
    said = f"{asked['mg']:g} mg of esketamine by nasal spray, devices at minute {minutes}"
    _show((curve,), {**asked, "given": said}, knowledge, ("never-a-dose", "typical"))


def _check_infusion(asked: dict[str, Any], knowledge: Knowledge) -> None:
    """
    Refuse a dose, a weight or a length that no protocol here has: the models say nothing of them.

    :raises InputError: with what would be right.
    """
    mg, kg, over = asked["mg"], asked["weight_kg"], asked["over_minutes"]
    dose = protocol_named(protocol_id=INFUSION, knowledge=knowledge).dose
    limits = dose_limits(knowledge)
    assert dose is not None
    assert dose.weights is not None
    assert dose.cap is not None
    if not dose.weights.least_kg <= kg <= dose.weights.greatest_kg:
        raise InputError(
            f"--weight is {dose.weights.least_kg:g} to {dose.weights.greatest_kg:g} kg, not {kg:g}"
        )
    least, most = float(limits.least_dose_mg_per_kg), float(limits.greatest_dose_mg_per_kg)
    if not (least * kg <= mg <= most * kg and mg <= dose.cap.mg):
        raise InputError(
            f"--mg is {least * kg:g} to {min(most * kg, dose.cap.mg):g} mg for {kg:g} kg, not {mg:g}"
        )
    if over is not None and not 1 <= over <= asked["hours"] * MINUTES_PER_HOUR:
        raise InputError(
            f"--over is from 1 minute to the {asked['hours']:g} hours shown, not {over:g}"
        )


def _infusion_times(knowledge: Knowledge) -> tuple[float, float]:
    """The minutes of the standard infusion and of the watch after it, from the knowledge."""
    protocol = protocol_named(protocol_id=INFUSION, knowledge=knowledge)
    visit = next(each for each in knowledge.sections["visits"] if each.id == protocol.visit)
    assert protocol.dose is not None
    assert protocol.dose.over_minutes is not None
    return protocol.dose.over_minutes, visit.observe.minutes


def _minutes(hours: float) -> list[float]:
    return [float(each) for each in range(round(hours * MINUTES_PER_HOUR) + 1)]


def _write(path: Path | None, picture: str) -> None:
    if path is None:
        return
    try:
        path.write_text(picture, encoding="utf-8")
    except OSError as error:
        click.echo(f"overstory: {shown_name(path)}: {error.strerror or error}", err=True)
        sys.exit(2)


def _show(
    curves: tuple[Curve, ...],
    asked: dict[str, Any],
    knowledge: Knowledge,
    notes: tuple[str, ...],
    band: Band | None = None,
) -> None:
    words = {each.id: each for each in knowledge.sections["level_words"]}
    said = [getattr(words[each], asked["language"]) for each in notes]
    if asked["as_json"]:
        shown = {**_json(curves, said, band), "given": asked["given"]}
        click.echo(orjson.dumps(shown).decode())
        return
    click.echo(f"{asked['given']}, level in blood\n")
    click.echo(
        "minute  " + "  ".join(f"{printable(each.model):>10}" for each in curves) + "  ng/mL"
    )
    for place in range(0, len(curves[0].minutes), WRITTEN_EVERY):
        levels = "  ".join(f"{round(each.ng_per_ml[place]):>10}" for each in curves)
        click.echo(f"{curves[0].minutes[place]:>6g}  {levels}")
    click.echo("\n" + "\n".join([*_sources(curves, knowledge), *said]))


def _sources(curves: tuple[Curve, ...], knowledge: Knowledge) -> Iterator[str]:
    models = {
        each.id: each
        for section in ("kinetic_models", "nasal_models")
        for each in knowledge.sections[section]
    }
    for each in curves:
        model = models[each.model]
        cited = "; ".join(f"{cite.id} {cite.at}".strip() for cite in cites(model.source))
        power = STATUS_WORDS[model.status]
        yield f"{each.model}: {each.name} [{cited}]{f' · {power}' if power else ''}"


def _json(curves: tuple[Curve, ...], said: list[str], band: Band | None) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "schema": SCHEMA,
        "unit": "ng/mL",
        "says": said,
        "minutes": list(curves[0].minutes),
        "curves": [
            {"model": each.model, "name": each.name, "levels": _tenths(each.ng_per_ml)}
            for each in curves
        ],
    }
    if band is not None:
        shown["band"] = {"low": _tenths(band.low_ng_per_ml), "high": _tenths(band.high_ng_per_ml)}
    return shown


def _tenths(levels: tuple[float, ...]) -> list[float]:
    """To a tenth: the models do not agree to anything finer."""
    return [round(each, 1) for each in levels]
