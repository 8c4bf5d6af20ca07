"""A dose in words: what to draw up and how fast, the weights beside each other, what to record."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import click

from overstory.cli.wording import STATUS_WORDS, time_text, wrapped
from overstory.exchange.dose_json import conditions, rests_on
from overstory.knowledge.load import Knowledge
from overstory.pathway.dosing_limits import plain
from overstory.pathway.dosing_orders import DoseOrder
from overstory.pathway.dosing_values import Amounts, Infusion, Injection, Sprays, UnderTongue
from overstory.pathway.dosing_weights import Basis, BodyWeights
from overstory.pathway.suitability import Assessment, RuleAnswer

CONDITION_WORDS = {
    "physician-decision": "physician writes the reason:",
    "caution": "caution:",
    "notice": "always said:",
}


def dose_text(
    found: DoseOrder, *, assessment: Assessment, is_order: bool, knowledge: Knowledge
) -> str:
    """
    Return a dose for the person who prepares it; a calculation says that it is no order.

    What it is on condition of, and what its numbers rest on, stand below it.
    """
    title = f"{assessment.patient}: {found.protocol}, {time_text(found.at)}"
    kind = "ORDER" if is_order else "PROVISIONAL, NOT AN ORDER"
    lines = [click.style(title, bold=True), f"  {kind}"]
    lines += [f"  {each}" for each in _crisis(assessment)]
    lines += [f"  {each}" for each in _dose(found)]
    if found.weights is not None:
        lines += ["", *(f"  {each}" for each in _weights(found))]
    asks = [*_asks(found), *found.notes]
    if asks:
        lines += ["", *(f"  - {each}" for each in asks)]
    lines += _conditions(assessment)
    lines += ["", *(wrapped(each, indent=2, first="  ") for each in _rests_on(found, knowledge))]
    return "\n".join(lines)


def _crisis(assessment: Assessment) -> Iterator[str]:
    if assessment.safety.crisis_first:
        yield (
            f"SAFETY {assessment.safety.level.upper()}: the crisis path comes before any dose; "
            "see overstory assess"
        )


def _conditions(assessment: Assessment) -> list[str]:
    assessed = assessment.treatments[0]
    found = conditions(assessed)
    said = [_condition(each) for each in found if _holds(each)]
    asks = dict.fromkeys(name for each in found if not _holds(each) for name in each.asks)
    if asks:
        said.append(f"not known, and could be a condition: {', '.join(asks)}")
    if not said:
        return []
    lines = (wrapped(each, indent=4, first="  -") for each in said)
    return [
        "",
        f"  {assessed.treatment} is {assessed.verdict.value}, see overstory assess:",
        *lines,
    ]


def _holds(each: RuleAnswer) -> bool:
    return each.answer is True or each.rule.kind == "notice"


def _condition(each: RuleAnswer) -> str:
    return f"{CONDITION_WORDS[each.rule.kind]} {each.rule.words.says} [{each.rule.id}]"


def _rests_on(found: DoseOrder, knowledge: Knowledge) -> Iterator[str]:
    for each in rests_on(found, knowledge):
        cited = "; ".join(f"{cite.id} {cite.at}".strip() for cite in each.sources)
        power = STATUS_WORDS[each.status]
        yield f"{each.path} rests on {cited}{f' · {power}' if power else ''}"


def _dose(found: DoseOrder) -> Iterator[str]:
    dose = found.dose
    if isinstance(dose, Sprays):
        times = ", ".join(f"{plain(each)}" for each in dose.at_minutes)
        devices = "1 device" if dose.devices == 1 else f"{dose.devices} devices"
        yield f"{plain(dose.mg)} mg in {devices}, at minute {times}; cap {plain(dose.cap_mg)} mg"
        yield f"watched until minute {plain(dose.watch_until_minutes)} at least, from the first device"
        yield from dose.steps
        return
    yield _amounts(dose.amounts)
    if isinstance(dose, Infusion):
        yield (
            f"draw {plain(dose.stock_ml)} mL of {dose.product}, add {plain(dose.diluent_ml)} mL of diluent: "
            f"{plain(dose.total_ml)} mL at {plain(dose.strength_mg_per_ml)} mg/mL"
        )
        per_kg = dose.rate_mcg_per_kg_per_min
        also = f", {plain(per_kg)} mcg/kg/min" if per_kg is not None else ""
        yield (
            f"pump {plain(dose.rate_ml_per_h)} mL/h for {plain(dose.minutes)} minutes "
            f"({plain(dose.rate_mg_per_h)} mg/h{also})"
        )
        low, high = dose.line_ml
        yield (
            f"the line holds {plain(low)} to {plain(high)} mL of it: flush the line, or the person "
            "gets less than the dose"
        )
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
