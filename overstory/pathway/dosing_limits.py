"""The numbers of the dose arithmetic as the knowledge has them, as decimals."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import ROUND_DOWN, Decimal

from overstory.knowledge.load import Knowledge


class DoseNumberError(ValueError):
    """A number that no dose can be worked out from; the message names it."""


@dataclass(frozen=True, slots=True)
class DoseLimits:
    """
    Guards, rounding steps and the constants of ideal weight; the unit ends each name.

    Source: the section `dosing_numbers` of the knowledge, where each has its own source and status.
    """

    least_dose_mg_per_kg: Decimal
    greatest_dose_mg_per_kg: Decimal
    full_dose_mg_per_kg: Decimal
    least_minutes_of_full_dose: Decimal
    oldest_weight_days: Decimal
    greatest_weight_change_percent: Decimal
    dose_step_mg: Decimal
    syringe_step_ml: Decimal
    pump_step_ml_per_h: Decimal
    greatest_rounding_percent: Decimal
    small_infusion_ml: Decimal
    large_infusion_ml: Decimal
    least_line_volume_ml: Decimal
    greatest_line_volume_ml: Decimal
    greatest_im_volume_ml: Decimal
    least_dilution_parts: Decimal
    ideal_weight_male_kg: Decimal
    ideal_weight_female_kg: Decimal
    ideal_weight_kg_per_inch: Decimal
    ideal_weight_base_inches: Decimal
    adjusted_weight_share: Decimal
    obese_from_bmi: Decimal


def dose_limits(knowledge: Knowledge) -> DoseLimits:
    """
    Return the numbers of the dose arithmetic.

    :raises DoseNumberError: if the knowledge lacks one, or one is not above zero.
    """
    found = {
        each.id.replace("-", "_"): exact(each.value)
        for each in knowledge.sections.get("dosing_numbers", ())
    }
    names = [each.name for each in fields(DoseLimits)]
    lacking = [name for name in names if name not in found]
    if lacking:
        raise DoseNumberError(f"the knowledge has no {', '.join(lacking)} in dosing_numbers")
    wrong = [name for name in names if not found[name] > 0]
    if wrong:
        raise DoseNumberError(f"{', '.join(wrong)} in dosing_numbers are not above zero")
    return DoseLimits(**{name: found[name] for name in names})


def exact(number: float | str | Decimal) -> Decimal:
    """
    Return a number as a decimal, as it is written: 0.1 is one tenth.

    :raises DoseNumberError: if it is not a finite number.
    """
    text = str(number)
    try:
        value = Decimal(text)
    except ArithmeticError:
        raise DoseNumberError(f"{number!r} is not a number") from None
    if not text.isascii() or "_" in text:
        raise DoseNumberError(f"{number!r} is not a number in plain digits")
    if not value.is_finite():
        raise DoseNumberError(f"{number} is not a finite number")
    return value


def round_down(value: Decimal, *, step: Decimal) -> Decimal:
    """Return the greatest multiple of a step that is not above a value; rounding never raises."""
    return (value / step).to_integral_value(rounding=ROUND_DOWN) * step


def plain(value: Decimal) -> str:
    """Return a decimal as people write it: no exponent, no zeros at the end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
