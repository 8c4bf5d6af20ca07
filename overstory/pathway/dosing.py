"""Doses of a protocol: from a weight and a choice to mg, mL, rates and devices; never above the cap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal

from overstory.knowledge.load import Knowledge
from overstory.knowledge.protocol_standing import in_full
from overstory.knowledge.shapes.protocol_parts import Dose
from overstory.knowledge.shapes.protocol_surroundings import Product
from overstory.knowledge.shapes.protocols import Protocol
from overstory.pathway.dosing_limits import DoseLimits, dose_limits, exact, plain, round_down
from overstory.pathway.dosing_spray import sprays
from overstory.pathway.dosing_values import (
    Amounts,
    DoseError,
    Infusion,
    Injection,
    UnderTongue,
    Wish,
    WorkedOut,
)
from overstory.pathway.dosing_weights import Basis, BodyWeights, WeightError

MINUTES_PER_HOUR = Decimal(60)
MCG_PER_MG = Decimal(1000)
PERCENT = Decimal(100)
SHOWN = {"strength": Decimal("0.001"), "rate": Decimal("0.01"), "share": Decimal("0.1")}
"""To how many places a figure is written that follows from the rounded dose."""


def dose_of(
    *, protocol: Protocol, wish: Wish, weights: BodyWeights | None, knowledge: Knowledge
) -> WorkedOut:
    """
    Return the dose of one session of a protocol, never above the protocol's cap.

    It is rounded down at every step, so that rounding cannot raise it. It is a calculation, not an
    order: see `dosing_orders.order`.

    :raises DoseError: if the protocol has no dose or the wish is not within it.
    :raises WeightError: if the dose goes by a weight that cannot be worked out.
    """
    whole = in_full(protocol, knowledge)
    if whole.dose is None:
        raise DoseError(f"{protocol.id} has no dose: {_why_no_dose(whole)}")
    if whole.dose.route == "nasal":
        return sprays(protocol=whole, wish=wish, knowledge=knowledge)
    limits = dose_limits(knowledge)
    product = _product(whole, wish, knowledge)
    amounts = _amounts(whole, wish, weights, limits)
    if whole.dose.route == "IV":
        return _infusion(whole.dose, wish, amounts, product, limits)
    if whole.dose.route in {"IM", "SC"}:
        return _injection(whole.dose, amounts, product, limits)
    return UnderTongue(amounts)


def mg_by_each_weight(
    *, protocol: Protocol, wish: Wish, weights: BodyWeights, knowledge: Knowledge
) -> dict[Basis, Decimal | str]:
    """
    Return the mg of a dose by total, adjusted and ideal weight, or in words why there is none by one.

    It is before the syringe rounds it down; the cap and the rounding of the dose hold.

    :raises DoseError: if the protocol has no dose by weight.
    """
    whole, limits = in_full(protocol, knowledge), dose_limits(knowledge)
    if whole.dose is None or (whole.dose.mg_per_kg is None and whole.dose.range_mg_per_kg is None):
        raise DoseError(f"{protocol.id} has no dose by weight")
    found: dict[Basis, Decimal | str] = {}
    for basis in Basis:
        try:
            found[basis] = _amounts(whole, replace(wish, basis=basis), weights, limits).mg
        except (DoseError, WeightError) as error:
            found[basis] = str(error)
    return found


def check_vial(*, product: Product, scanned_mg_per_ml: Decimal) -> None:
    """
    Refuse a vial whose strength is not the one the dose was worked out for.

    :raises DoseError: if they differ.
    """
    expected = _strength(product)
    if scanned_mg_per_ml != expected:
        raise DoseError(
            f"the vial has {plain(scanned_mg_per_ml)} mg/mL; the dose was worked out for "
            f"{plain(expected)} mg/mL. Work it out again"
        )


def _why_no_dose(protocol: Protocol) -> str:
    if protocol.prescriber_sets_dose:
        return "the prescriber sets each, and a site adopts a protocol that has one first"
    return protocol.never or "none is recorded"


def _product(protocol: Protocol, wish: Wish, knowledge: Knowledge) -> Product | None:
    dose = protocol.dose
    assert dose is not None
    every: tuple[Product, ...] = knowledge.sections.get("products", ())
    fit = [
        each
        for each in every
        if dose.route in each.route and (not protocol.products or each.id in protocol.products)
    ]
    if wish.product is None:
        return fit[0] if len(fit) == 1 else None
    for each in fit:
        if each.id == wish.product:
            return each
    there_is = ", ".join(each.id for each in fit) or "none"
    raise DoseError(f"{wish.product} is no product of {protocol.id}; there is {there_is}")


def _amounts(
    protocol: Protocol, wish: Wish, weights: BodyWeights | None, limits: DoseLimits
) -> Amounts:
    """Work out the mg of a dose: by weight or as chosen, at most the cap, rounded down."""
    dose = protocol.dose
    assert dose is not None
    if dose.cap is None:
        raise DoseError(f"{protocol.id} has no cap in mg; no dose is worked out without one")
    cap = exact(dose.cap.mg)
    per_kg, basis, kg = _per_kg(dose, wish, weights, limits)
    by_weight = None if per_kg is None or kg is None else per_kg * kg
    wanted = _wanted_mg(dose, wish, by_weight)
    capped = wanted > cap
    if capped and (by_weight is None or wish.mg is not None):
        raise DoseError(f"{plain(wanted)} mg is above the cap of {plain(cap)} mg")
    allowed = min(wanted, cap)
    mg = round_down(allowed, step=limits.dose_step_mg)
    flag = dose.cap.flag_above_mg
    asks = tuple(_asks(mg, capped, cap, None if flag is None else exact(flag)))
    return Amounts(
        mg=mg,
        before_rounding_mg=allowed,
        by_weight_mg=by_weight,
        mg_per_kg=per_kg,
        basis=basis,
        dosing_kg=kg,
        cap_mg=cap,
        capped=capped,
        rounding_percent=_taken_away(mg, allowed),
        asks=asks,
    )


def _per_kg(
    dose: Dose, wish: Wish, weights: BodyWeights | None, limits: DoseLimits
) -> tuple[Decimal | None, Basis | None, Decimal | None]:
    if dose.mg_per_kg is None and dose.range_mg_per_kg is None:
        return None, None, None
    per_kg = _chosen_per_kg(dose, wish)
    if not limits.least_dose_mg_per_kg <= per_kg <= limits.greatest_dose_mg_per_kg:
        raise DoseError(
            f"{plain(per_kg)} mg/kg is not between {plain(limits.least_dose_mg_per_kg)} and "
            f"{plain(limits.greatest_dose_mg_per_kg)} mg/kg"
        )
    if weights is None:
        raise DoseError("a dose by weight needs the weight")
    _check_weight(dose, weights.total_kg)
    basis = wish.basis or weights.offered
    return per_kg, basis, weights.kg(basis)


def _chosen_per_kg(dose: Dose, wish: Wish) -> Decimal:
    span = dose.range_mg_per_kg
    if span is not None:
        if wish.mg_per_kg is None:
            raise DoseError("the prescriber sets the mg/kg of this protocol")
        high = exact(span.low if span.high is None else span.high)
        if not exact(span.low) <= wish.mg_per_kg <= high:
            raise DoseError(f"mg/kg is between {span.low:g} and {span.high:g} in this protocol")
        return wish.mg_per_kg
    assert dose.mg_per_kg is not None
    allowed = [exact(each) for each in (dose.steps.mg_per_kg if dose.steps else [dose.mg_per_kg])]
    chosen = exact(dose.mg_per_kg) if wish.mg_per_kg is None else wish.mg_per_kg
    if chosen not in allowed:
        steps = ", ".join(plain(each) for each in allowed)
        raise DoseError(f"{plain(chosen)} mg/kg is no dose of this protocol; it has {steps}")
    return chosen


def _check_weight(dose: Dose, total_kg: Decimal) -> None:
    meant = dose.weights
    if meant is None:
        raise DoseError("the protocol names no weights for which its dose is meant")
    if not exact(meant.least_kg) <= total_kg <= exact(meant.greatest_kg):
        raise DoseError(
            f"{plain(total_kg)} kg is outside the {meant.least_kg:g} to {meant.greatest_kg:g} kg "
            "of the protocol; is it in kilograms?"
        )


def _wanted_mg(dose: Dose, wish: Wish, by_weight: Decimal | None) -> Decimal:
    if by_weight is not None:
        if wish.mg is None:
            return by_weight
        if not 0 < wish.mg <= by_weight:
            raise DoseError(
                f"{plain(wish.mg)} mg is above the dose by weight, {plain(round(by_weight, 2))} mg, "
                "or not above zero"
            )
        return wish.mg
    if wish.mg is None:
        raise DoseError("the prescriber sets the mg of this protocol")
    span = dose.range_mg
    high = None if span is None else span.high
    if span is None or high is None or not exact(span.low) <= wish.mg <= exact(high):
        limits = "a range that it lacks" if span is None else f"{span.low:g} to {span.high:g} mg"
        raise DoseError(f"{plain(wish.mg)} mg is outside the protocol's dose, {limits}")
    return wish.mg


def _asks(mg: Decimal, capped: bool, cap: Decimal, flag: Decimal | None) -> Iterator[str]:
    if capped:
        yield f"The dose by weight is above the cap; it was lowered to {plain(cap)} mg."
    if flag is not None and mg > flag:
        yield f"More than {plain(flag)} mg: a second person looks at the dose."


def _taken_away(mg: Decimal, wanted: Decimal) -> Decimal:
    return (wanted - mg) / wanted * PERCENT


def _drawn(
    amounts: Amounts, product: Product | None, limits: DoseLimits
) -> tuple[Amounts, Product, Decimal]:
    """Return the dose as the syringe can hold it, with the vial and the volume in mL."""
    if product is None:
        raise DoseError("name the vial: the protocol has several, or none, for this route")
    strength = _strength(product)
    volume_ml = round_down(amounts.mg / strength, step=limits.syringe_step_ml)
    mg = volume_ml * strength
    lost = _taken_away(mg, amounts.before_rounding_mg)
    if mg <= 0 or lost > limits.greatest_rounding_percent:
        raise DoseError(
            f"rounding down would take away {plain(round(lost, 1))} %, more than "
            f"{plain(limits.greatest_rounding_percent)} %; take a weaker vial, or let the prescriber "
            f"order {plain(amounts.mg)} mg or another multiple of {plain(limits.dose_step_mg)} mg"
        )
    return replace(amounts, mg=mg, rounding_percent=lost), product, volume_ml


def _strength(product: Product) -> Decimal:
    if product.mg_per_ml is None:
        raise DoseError(f"{product.id} has no strength in mg/mL")
    return exact(product.mg_per_ml.value)


def _infusion(
    dose: Dose, wish: Wish, amounts: Amounts, product: Product | None, limits: DoseLimits
) -> Infusion:
    minutes = _minutes(dose, wish, amounts, limits)
    total_ml = _total_ml(wish, limits)
    amounts, vial, stock_ml = _drawn(amounts, product, limits)
    diluent_ml = total_ml - stock_ml
    if diluent_ml < 0 or (
        vial.dilute_before_iv and diluent_ml < stock_ml * limits.least_dilution_parts
    ):
        raise DoseError(
            f"{plain(stock_ml)} mL of {vial.name} need a larger volume than {plain(total_ml)} mL"
        )
    kg = amounts.dosing_kg
    per_min = None if kg is None else amounts.mg * MCG_PER_MG / (kg * minutes)
    return Infusion(
        amounts=amounts,
        product=vial.id,
        stock_ml=stock_ml,
        diluent_ml=diluent_ml,
        total_ml=total_ml,
        strength_mg_per_ml=_shown(amounts.mg / total_ml, "strength"),
        minutes=minutes,
        rate_ml_per_h=_pump_ml_per_h(total_ml, minutes, limits),
        rate_mg_per_h=_shown(amounts.mg * MINUTES_PER_HOUR / minutes, "rate"),
        rate_mcg_per_kg_per_min=None if per_min is None else _shown(per_min, "share"),
        line_ml=(limits.least_line_volume_ml, limits.greatest_line_volume_ml),
    )


def _total_ml(wish: Wish, limits: DoseLimits) -> Decimal:
    if wish.total_ml is None:
        return limits.small_infusion_ml
    if wish.total_ml > limits.large_infusion_ml:
        raise DoseError(
            f"{plain(wish.total_ml)} mL are more than {plain(limits.large_infusion_ml)} mL, the "
            "largest infusion of this site"
        )
    return wish.total_ml


def _pump_ml_per_h(total_ml: Decimal, minutes: Decimal, limits: DoseLimits) -> Decimal:
    """Round the rate down to the step of the pump; where that would slow it too much, refuse."""
    rate = round_down(total_ml * MINUTES_PER_HOUR / minutes, step=limits.pump_step_ml_per_h)
    given_ml = rate * minutes / MINUTES_PER_HOUR
    if _taken_away(given_ml, total_ml) > limits.greatest_rounding_percent:
        raise DoseError(
            f"{plain(total_ml)} mL over {plain(minutes)} minutes is too slow for a pump with steps of "
            f"{plain(limits.pump_step_ml_per_h)} mL/h; take a larger volume or fewer minutes"
        )
    return rate


def _minutes(dose: Dose, wish: Wish, amounts: Amounts, limits: DoseLimits) -> Decimal:
    if dose.over_minutes is None:
        raise DoseError("the protocol does not say over how many minutes; there is no push here")
    least = exact(dose.over_minutes)
    minutes = least if wish.minutes is None else wish.minutes
    per_kg = amounts.mg_per_kg
    if per_kg is not None and per_kg >= limits.full_dose_mg_per_kg:
        least = max(least, limits.least_minutes_of_full_dose)
    if minutes < least:
        raise DoseError(f"{plain(minutes)} minutes are too short; at least {plain(least)}")
    return minutes


def _injection(
    dose: Dose, amounts: Amounts, product: Product | None, limits: DoseLimits
) -> Injection:
    amounts, vial, volume_ml = _drawn(amounts, product, limits)
    if dose.route != "IM" or volume_ml <= limits.greatest_im_volume_ml:
        return Injection(amounts, vial.id, dose.route, (volume_ml,))
    least_sites = volume_ml / limits.greatest_im_volume_ml
    sites = int(least_sites.to_integral_value(rounding=ROUND_CEILING))
    step = limits.syringe_step_ml
    least, left = divmod(int(volume_ml / step), sites)
    parts = tuple(step * (least + (place < left)) for place in range(sites))
    return Injection(amounts, vial.id, dose.route, parts)


def _shown(value: Decimal, what: str) -> Decimal:
    return value.quantize(SHOWN[what], rounding=ROUND_DOWN)
