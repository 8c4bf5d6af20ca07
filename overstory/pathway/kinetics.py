"""
Levels of ketamine and esketamine in blood, for display and teaching. Never for a dose.

Racemic ketamine into a vein is a band of published models; esketamine is a nasal curve of one model.
There is no metabolite, no effect, no route and no product beyond these: none has a model to quote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.kinetics import KineticModel, NasalGroup, NasalModel
from overstory.pathway.kinetics_modes import Modes, ModesError, Numbers, Step, linear, mammillary

MINUTES_PER_HOUR = 60.0
NG_PER_ML = 1000.0
"""One mg in a litre is 1000 ng in a millilitre."""


class KineticsError(ValueError):
    """A level that cannot be shown; the message says why, or what would be right."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A level over time by one model: minutes from the start, ng/mL."""

    model: str
    name: str
    minutes: tuple[float, ...]
    ng_per_ml: tuple[float, ...]

    @property
    def peak(self) -> tuple[float, float]:
        """The highest level of the curve: its minute and its ng/mL."""
        place = int(np.argmax(self.ng_per_ml))
        return self.minutes[place], self.ng_per_ml[place]


@dataclass(frozen=True, slots=True)
class Band:
    """What several models say of one input: the least and the most at each minute, in ng/mL."""

    curves: tuple[Curve, ...]

    @property
    def minutes(self) -> tuple[float, ...]:
        """Minutes from the start."""
        return self.curves[0].minutes

    @property
    def low_ng_per_ml(self) -> tuple[float, ...]:
        """The least of the models at each minute."""
        return tuple(min(each) for each in zip(*self._levels, strict=True))

    @property
    def high_ng_per_ml(self) -> tuple[float, ...]:
        """The most of the models at each minute."""
        return tuple(max(each) for each in zip(*self._levels, strict=True))

    @property
    def _levels(self) -> tuple[tuple[float, ...], ...]:
        return tuple(curve.ng_per_ml for curve in self.curves)


def infusion_steps(*, mg: float, over_minutes: float) -> tuple[Step, ...]:
    """Return the input of an even infusion: mg a minute from the start."""
    if not (mg > 0 and over_minutes > 0):
        raise KineticsError("an infusion has a dose above zero and a length above zero")
    try:
        return (Step(0.0, over_minutes, mg / over_minutes),)
    except ModesError:
        raise KineticsError("the dose and the length of an infusion are finite") from None


def racemic_band(
    *, steps: Sequence[Step], weight_kg: float, minutes: Sequence[float], knowledge: Knowledge
) -> Band:
    """
    Return the band of levels of racemic ketamine given into a vein, in ng/mL.

    The input may be any piecewise constant one, in mg a minute; minutes are from the start. Every model
    of the knowledge is in the band, also both ways in which programs scale one of them to the weight.
    Source: `kinetic_models` in the knowledge; each with its own standing.

    :raises KineticsError: if the weight is not above zero or no minute is asked for.
    """
    at = _minutes(minutes)
    models: tuple[KineticModel, ...] = knowledge.sections.get("kinetic_models", ())
    if not models:
        raise KineticsError("the knowledge has no model of racemic ketamine")
    curves = tuple(
        _curve(
            model.id, model.name, at, racemic_modes(model, [weight_kg]).after_steps(steps, at)[0]
        )
        for model in models
    )
    return Band(curves)


def racemic_modes(model: KineticModel, weights_kg: Sequence[float]) -> Modes:
    """
    Return the closed form of a model for people of these weights: minutes, mg, ng/mL.

    :raises KineticsError: if a weight is not above zero.
    """
    weights = np.asarray(weights_kg, dtype=float)
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise KineticsError("a weight is above zero, in kg")
    rates = model.rates_per_min
    if rates is not None and model.central_l_per_kg is not None:
        return mammillary(
            central_l=model.central_l_per_kg * weights,
            out=rates.out,
            to_second=rates.to_second,
            from_second=rates.from_second,
            to_third=rates.to_third,
            from_third=rates.from_third,
        )
    return _by_flows(model, weights)


def _by_flows(model: KineticModel, weights: Numbers) -> Modes:
    volumes, flows = model.volumes_l, model.flows_l_per_h
    reference, exponent = model.reference_kg, model.flow_exponent
    if volumes is None or flows is None or reference is None or exponent is None:
        raise KineticsError(f"{model.id} has neither rates nor volumes and flows")
    share = weights / reference
    flow = share**exponent / MINUTES_PER_HOUR
    central = volumes.central * share
    return mammillary(
        central_l=central,
        out=flows.out * flow / central,
        to_second=flows.second * flow / central,
        from_second=flows.second * flow / (volumes.second * share),
        to_third=flows.third * flow / central,
        from_third=flows.third * flow / (volumes.third * share),
    )


def nasal_curve(
    *,
    devices_at_minutes: Sequence[float],
    minutes: Sequence[float],
    knowledge: Knowledge,
    age_years: float,
    group: str = "other",
) -> Curve:
    """
    Return the level of esketamine of a typical person after the devices of one dose, in ng/mL.

    The first device takes up more in the nose than the later ones. `group` is one of the groups of the
    model; age lowers the flow to the liver from some year on.
    Source: `nasal_models` in the knowledge.

    :raises KineticsError: if there is no device, the group is unknown, or the age is below the model's.
    """
    at = _minutes(minutes)
    if not (devices_at_minutes and np.isfinite(devices_at_minutes).all()):
        raise KineticsError("a dose has at least one device, each at a finite minute")
    models: tuple[NasalModel, ...] = knowledge.sections.get("nasal_models", ())
    model = models[0]
    people = _group(model, group)
    if not age_years >= model.least_age_years:
        raise KineticsError(f"the model is of adults, from {model.least_age_years:g} years")
    nose, swallowed = _nasal_modes(model, people, age_years)
    level = np.zeros_like(at)
    for place, start in enumerate(sorted(devices_at_minutes)):
        hours = (at - start) / MINUTES_PER_HOUR
        share = model.nasal_share * people.nasal_share_factor
        share *= 1.0 if place == 0 else model.later_device_factor
        level += share * model.device_mg * nose.after_impulse(hours)[0]
        rest = (1 - share) * model.gut_share * model.device_mg
        step = Step(0.0, model.swallowed_over_h, rest / model.swallowed_over_h)
        level += swallowed.after_steps([step], hours)[0]
    return _curve(model.id, model.name, at, level)


def _group(model: NasalModel, group: str) -> NasalGroup:
    for each in model.groups:
        if each.id == group:
            return each
    raise KineticsError(f"a group is one of {', '.join(each.id for each in model.groups)}")


def _nasal_modes(model: NasalModel, people: NasalGroup, age_years: float) -> tuple[Modes, Modes]:
    """Compartments in order: nose, swallowed, central, second, third, liver; time in hours."""
    older = max(0.0, age_years - model.liver_flow_falls_from_years)
    liver = model.flows_l_per_h.liver - model.liver_flow_falls_l_per_h_per_year * older
    if liver <= 0:
        raise KineticsError("the model has no flow to the liver at this age")
    flows = model.flows_l_per_h
    loss = model.liver_loss_per_h
    matrix = np.zeros((6, 6))
    _flow(matrix, 0, 2, model.nasal_uptake_per_h)
    _flow(matrix, 1, 5, model.swallowed_uptake_per_h)
    for place, flow, volume in (
        (3, flows.second, model.volumes_l.second),
        (4, flows.third, model.volumes_l.third),
        (5, liver, model.volumes_l.liver),
    ):
        _flow(matrix, 2, place, flow / model.central_l)
        _flow(matrix, place, 2, flow / volume)
    matrix[5, 5] -= loss.elsewhere * people.loss_elsewhere_factor + loss.to_metabolite
    reads = np.zeros(6)
    reads[2] = NG_PER_ML / model.central_l
    sources = np.eye(6)
    return (
        linear(matrix=matrix, source=sources[0], reads=reads),
        linear(matrix=matrix, source=sources[1], reads=reads),
    )


def _flow(matrix: Numbers, start: int, end: int, rate: float) -> None:
    matrix[start, start] -= rate
    matrix[end, start] += rate


def _minutes(minutes: Sequence[float]) -> Numbers:
    at = np.asarray(minutes, dtype=float)
    if at.size == 0 or not np.isfinite(at).all():
        raise KineticsError("ask for at least one minute, each a finite number")
    return at


def _curve(model: str, name: str, at: Numbers, level: Numbers) -> Curve:
    return Curve(model, name, tuple(at.tolist()), tuple(np.maximum(level, 0.0).tolist()))
