"""The dose or the stimulation of a planned session: provisional, within the caps, never an order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from overstory.engine.facts import Facts
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocol_parts import Dose
from overstory.knowledge.shapes.protocol_stimulation import Stimulation, StimulationPart
from overstory.knowledge.shapes.protocols import Protocol
from overstory.pathway.dosing import dose_of
from overstory.pathway.dosing_limits import dose_limits, exact, plain
from overstory.pathway.dosing_values import DoseError, Sprays, Wish, WorkedOut
from overstory.pathway.dosing_weights import Basis, BodyWeights, WeightError, body_weights
from overstory.pathway.planning.values import (
    Need,
    PlannedDose,
    PlannedPart,
    PlannedStimulation,
)

SET_DOSE = "prescriber-sets-dose"


@dataclass(frozen=True, slots=True)
class Provisional:
    """A dose with what the prescriber has to set or choose, and the devices of a spray."""

    dose: PlannedDose
    need: Need | None = None
    spray_minutes: Decimal | None = None


def provisional_dose(
    *, protocol: Protocol, facts: Facts, knowledge: Knowledge, first: bool
) -> Provisional:
    """
    Return the dose of a session of a whole protocol, from the weight on record.

    The value is None with a need where the prescriber must set it: the protocol leaves it open, the
    weight is unknown or outside the protocol's, or the body mass index asks for a choice of weight.
    """
    dose = protocol.dose
    if dose is None:
        return _open("", "The prescriber sets the dose of this session.")
    if dose.route == "nasal":
        return _spray(protocol, dose, knowledge, first=first)
    if dose.mg_per_kg is None:
        return _open(
            dose.route, f"The prescriber sets the dose of this session: {_range(dose)}.", dose
        )
    weights, why = weights_on_record(facts, knowledge)
    if weights is None:
        return _open(dose.route, f"The prescriber sets the dose: {why}.", dose)
    return _by_weight(protocol, dose, weights, knowledge)


def stimulation_of(stimulation: Stimulation) -> PlannedStimulation:
    """Return what one session of a protocol's stimulation does."""
    intensity = stimulation.intensity
    return PlannedStimulation(
        target=stimulation.target.site,
        side=stimulation.target.side,
        coil=stimulation.coil.kind,
        percent=intensity.percent,
        of=intensity.of,
        adjusted=intensity.adjusted,
        pulses=int(stimulation.pulses.value),
        minutes=stimulation.minutes.value,
        location=stimulation.location.method if stimulation.location else "",
        parts=tuple(_part(each) for each in stimulation.parts),
    )


def _part(part: StimulationPart) -> PlannedPart:
    hz = part.hz.value if part.hz else part.bursts.hz if part.bursts else None
    trains = part.trains
    return PlannedPart(
        kind=part.kind,
        side=part.side,
        pulses=int(part.pulses.value),
        hz=hz,
        trains=trains.count if trains else None,
        train_seconds=trains.seconds if trains else None,
        pause_seconds=trains.pause_seconds if trains else None,
    )


def _spray(protocol: Protocol, dose: Dose, knowledge: Knowledge, *, first: bool) -> Provisional:
    """The first dose of the protocol, kept; the prescriber may change it later, a step at a time."""
    done = dose_of(protocol=protocol, wish=Wish(), weights=None, knowledge=knowledge)
    assert isinstance(done, Sprays)
    every = tuple(sorted(exact(each) for each in {*dose.mg, *dose.reduce_to_mg}))
    choices = () if first and dose.first_mg is not None else every
    says = (
        "" if first else f"The prescriber confirms {_listed(every)} mg by benefit and tolerability."
    )
    planned = PlannedDose(
        value=done.mg, route=dose.route, choices=choices, cap=done.cap_mg, says=says
    )
    need = None
    if not first and len(every) > 1:
        need = Need(
            id="prescriber-confirms-dose",
            kind="check",
            says=says,
            status=protocol.status,
        )
    return Provisional(planned, need, done.at_minutes[-1])


def _by_weight(
    protocol: Protocol, dose: Dose, weights: BodyWeights, knowledge: Knowledge
) -> Provisional:
    try:
        amounts = {
            basis: _worked_out(protocol, basis, weights, knowledge)
            for basis in (Basis.TOTAL, Basis.ADJUSTED, Basis.IDEAL)
            if basis is Basis.TOTAL or weights.must_choose
        }
    except DoseError as error:
        return _open(dose.route, f"The prescriber sets the dose: {error}.", dose)
    if weights.must_choose:
        said = ", ".join(
            f"{basis} {plain(round(weights.kg(basis), 1))} kg: {plain(mg)} mg"
            for basis, (mg, _) in amounts.items()
            if mg is not None
        )
        return _open(dose.route, f"The prescriber chooses the weight to dose by ({said}).", dose)
    value, asks = amounts[Basis.TOTAL]
    steps = dose.steps.mg_per_kg if dose.steps else []
    says = f"{dose.mg_per_kg:g} mg/kg of {plain(weights.total_kg)} kg on record"
    if steps:
        says += f"; steps of {_listed(exact(each) for each in steps)} mg/kg without response"
    says = ". ".join([says, *(each.rstrip(".") for each in asks)])
    return Provisional(
        PlannedDose(
            value=value,
            route=dose.route,
            choices=_steps(protocol, dose, weights, knowledge),
            cap=_cap(dose),
            over_minutes=_minutes(dose),
            per_kg=exact(dose.mg_per_kg or 0),
            says=says,
        )
    )


def _steps(
    protocol: Protocol, dose: Dose, weights: BodyWeights, knowledge: Knowledge
) -> tuple[Decimal, ...]:
    """The mg of each step that may follow without response, those that the vial can be drawn up to."""
    steps = [exact(each) for each in dose.steps.mg_per_kg] if dose.steps else []
    found = (_drawn_up(protocol, each, weights, knowledge) for each in steps)
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _drawn_up(
    protocol: Protocol, mg_per_kg: Decimal, weights: BodyWeights, knowledge: Knowledge
) -> Decimal | None:
    wish = Wish(mg_per_kg=mg_per_kg, product=next(iter(protocol.products), None))
    try:
        return _mg(dose_of(protocol=protocol, wish=wish, weights=weights, knowledge=knowledge))
    except DoseError:  # the order of that day names a weaker vial or another dose
        return None


def _worked_out(
    protocol: Protocol, basis: Basis, weights: BodyWeights, knowledge: Knowledge
) -> tuple[Decimal | None, tuple[str, ...]]:
    """
    The mg by one weight, as the first vial of the protocol can be drawn up, and what it asks for.

    None if that weight cannot be worked out.
    """
    wish = Wish(basis=basis, product=next(iter(protocol.products), None))
    try:
        done = dose_of(protocol=protocol, wish=wish, weights=weights, knowledge=knowledge)
    except WeightError:
        return None, ()
    return _mg(done), () if isinstance(done, Sprays) else tuple(done.amounts.asks)


def _mg(done: WorkedOut) -> Decimal:
    return done.mg if isinstance(done, Sprays) else done.amounts.mg


def weights_on_record(facts: Facts, knowledge: Knowledge) -> tuple[BodyWeights | None, str]:
    """Return the weights of a person by the facts, or why there is none."""
    weight, height, sex = facts["weight_kg"], facts["height_cm"], facts["sex_at_birth"]
    if not weight.is_known:
        return None, f"the weight is unknown ({weight.unknown})"
    weights = body_weights(
        weight_kg=exact(_number(weight.value)),
        height_cm=exact(_number(height.value)) if height.is_known else None,
        sex_at_birth=str(sex.value) if sex.is_known else None,
        limits=dose_limits(knowledge),
    )
    return weights, ""


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return value


def _open(route: str, says: str, dose: Dose | None = None) -> Provisional:
    planned = PlannedDose(
        value=None,
        route=route,
        cap=_cap(dose) if dose else None,
        over_minutes=_minutes(dose) if dose else None,
        per_kg=exact(dose.mg_per_kg) if dose and dose.mg_per_kg else None,
        says=says,
    )
    return Provisional(planned, Need(id=SET_DOSE, kind="order", says=says, status="site-policy"))


def _range(dose: Dose) -> str:
    for span, unit in ((dose.range_mg, "mg"), (dose.range_mg_per_kg, "mg/kg")):
        if span is not None:
            return f"{span.low:g} to {span.high:g} {unit}" if span.high else f"{span.low:g} {unit}"
    return "within the protocol"


def _cap(dose: Dose) -> Decimal | None:
    return exact(dose.cap.mg) if dose.cap else None


def _minutes(dose: Dose) -> Decimal | None:
    return exact(dose.over_minutes) if dose.over_minutes else None


def _listed(doses: Iterable[Decimal]) -> str:
    return " or ".join(plain(each) for each in doses)
