"""A dose in words: what to draw up and how fast, the weights beside each other, what to record."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import click

from overstory.cli.wording import time_text
from overstory.pathway.dosing_limits import plain
from overstory.pathway.dosing_orders import DoseOrder
from overstory.pathway.dosing_values import Amounts, Infusion, Injection, Sprays, UnderTongue
from overstory.pathway.dosing_weights import Basis, BodyWeights


def dose_text(found: DoseOrder, *, patient: str, is_order: bool) -> str:
    """Return a dose for the person who prepares it; a calculation says that it is no order."""
    title = f"{patient}: {found.protocol}, {time_text(found.at)}"
    kind = "ORDER" if is_order else "PROVISIONAL, NOT AN ORDER"
    lines = [click.style(title, bold=True), f"  {kind}"]
    lines += [f"  {each}" for each in _dose(found)]
    if found.weights is not None:
        lines += ["", *(f"  {each}" for each in _weights(found))]
    asks = [*_asks(found), *found.notes]
    if asks:
        lines += ["", *(f"  - {each}" for each in asks)]
    return "\n".join(lines)


def _dose(found: DoseOrder) -> Iterator[str]:
    dose = found.dose
    if isinstance(dose, Sprays):
        times = ", ".join(f"{plain(each)}" for each in dose.at_minutes)
        yield f"{plain(dose.mg)} mg in {dose.devices} devices, at minute {times}"
        yield f"watched until minute {plain(dose.watch_until_minutes)} at least, from the first device"
        yield from dose.steps
        return
    yield _amounts(dose.amounts)
    if isinstance(dose, Infusion):
        yield (
            f"draw {plain(dose.stock_ml)} mL of {dose.product}, add {plain(dose.diluent_ml)} mL: "
            f"{plain(dose.total_ml)} mL at {plain(dose.strength_mg_per_ml)} mg/mL"
        )
        per_kg = dose.rate_mcg_per_kg_per_min
        also = f", {plain(per_kg)} µg/kg/min" if per_kg is not None else ""
        yield (
            f"pump {plain(dose.rate_ml_per_h)} mL/h for {plain(dose.minutes)} minutes "
            f"({plain(dose.rate_mg_per_h)} mg/h{also})"
        )
        low, high = dose.line_ml
        yield f"flush the line: it holds {plain(low)} to {plain(high)} mL, or the person gets less"
    elif isinstance(dose, Injection):
        sites = " and ".join(f"{plain(each)} mL" for each in dose.site_ml)
        yield f"{dose.route}: {sites} of {dose.product}"
    elif isinstance(dose, UnderTongue):
        yield "under the tongue; no product of known strength is on record"


def _amounts(amounts: Amounts) -> str:
    said = f"{plain(amounts.mg)} mg"
    if amounts.mg_per_kg is not None and amounts.dosing_kg is not None:
        said += (
            f" ({plain(amounts.mg_per_kg)} mg/kg of {_kg(amounts.dosing_kg)} {amounts.basis} weight"
            f" is {plain(round(amounts.by_weight_mg or Decimal(0), 2))} mg)"
        )
    if amounts.rounding_percent > 0:
        said += f", rounded down by {plain(round(amounts.rounding_percent, 1))} %"
    return f"{said}; cap {plain(amounts.cap_mg)} mg"


def _weights(found: DoseOrder) -> Iterator[str]:
    weights = found.weights
    assert weights is not None
    when = f", measured {time_text(found.weighed.at)}" if found.weighed else ""
    for basis, kg in (
        (Basis.TOTAL, weights.total_kg),
        (Basis.ADJUSTED, weights.adjusted_kg),
        (Basis.IDEAL, weights.ideal_kg),
    ):
        mg = found.mg_by_weight.get(basis)
        said = f"{plain(mg)} mg" if isinstance(mg, Decimal) else f"no dose: {mg}"
        shown = f"{_kg(kg)}{when if basis is Basis.TOTAL else ''}: " if kg is not None else ""
        yield f"{basis} weight {shown}{said}"
    if weights.bmi is not None:
        yield f"body mass index {plain(round(weights.bmi, 1))} kg/m2{_choice(weights)}"


def _choice(weights: BodyWeights) -> str:
    return f": the prescriber chooses, {weights.offered} is offered" if weights.must_choose else ""


def _kg(kg: Decimal) -> str:
    return f"{plain(round(kg, 1))} kg"


def _asks(found: DoseOrder) -> tuple[str, ...]:
    return found.dose.asks if isinstance(found.dose, Sprays) else found.dose.amounts.asks
