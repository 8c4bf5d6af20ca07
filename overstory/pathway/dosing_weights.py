"""The weights that a dose may go by: total, ideal, adjusted; which is offered, and who must choose."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from overstory.pathway.dosing_limits import DoseLimits, plain

CM_PER_INCH = Decimal("2.54")
CM_PER_M = Decimal(100)


class WeightError(ValueError):
    """A weight that no dose can go by; the message says why."""


class Basis(StrEnum):
    """Which weight a dose goes by."""

    TOTAL = "total"
    ADJUSTED = "adjusted"
    IDEAL = "ideal"


@dataclass(frozen=True, slots=True)
class BodyWeights:
    """
    All weights of a person in kg, for the prescriber to see beside each other.

    `offered` is the one that site policy offers first; `must_choose` tells that the prescriber has to
    name one before an order. Where ideal and adjusted weight cannot be worked out they are None, and
    `why_none` says why.
    """

    total_kg: Decimal
    ideal_kg: Decimal | None
    adjusted_kg: Decimal | None
    bmi: Decimal | None
    offered: Basis
    must_choose: bool
    why_none: str = ""

    def kg(self, basis: Basis) -> Decimal:
        """
        Return the weight of a basis, in kg.

        :raises WeightError: if it cannot be worked out, or would raise the dose above the total weight.
        """
        found = {Basis.IDEAL: self.ideal_kg, Basis.ADJUSTED: self.adjusted_kg}.get(
            basis, self.total_kg
        )
        if found is None:
            raise WeightError(f"no {basis} weight: {self.why_none}")
        if found > self.total_kg:
            raise WeightError(
                f"the {basis} weight, {plain(round(found, 1))} kg, is above the total weight; "
                "a dose by it would be higher"
            )
        return found


def body_weights(
    *,
    weight_kg: Decimal,
    height_cm: Decimal | None,
    sex_at_birth: str | None,
    limits: DoseLimits,
) -> BodyWeights:
    """
    Return total, ideal and adjusted weight in kg, and which of them is offered.

    Ideal weight by Devine; adjusted weight is ideal weight and a share of what is above it. Without a
    height nobody knows whether the prescriber must choose, so the prescriber must.
    Source: `dosing_numbers` in the knowledge.

    :raises WeightError: if weight or height is not a finite number above zero.
    """
    for number in (weight_kg, height_cm):
        if number is not None and not (number.is_finite() and number > 0):
            raise WeightError("weight and height are finite numbers above zero")
    if height_cm is None:
        return BodyWeights(weight_kg, None, None, None, Basis.TOTAL, True, "the height is unknown")
    height_m = height_cm / CM_PER_M
    bmi = weight_kg / (height_m * height_m)
    obese = bmi >= limits.obese_from_bmi
    ideal, why = _ideal_kg(height_cm, sex_at_birth, limits)
    if ideal is None:
        return BodyWeights(weight_kg, None, None, bmi, Basis.TOTAL, obese, why)
    adjusted = ideal + limits.adjusted_weight_share * (weight_kg - ideal)
    offered = Basis.ADJUSTED if obese else Basis.TOTAL
    return BodyWeights(weight_kg, ideal, adjusted, bmi, offered, obese)


def _ideal_kg(
    height_cm: Decimal, sex_at_birth: str | None, limits: DoseLimits
) -> tuple[Decimal | None, str]:
    start = {"male": limits.ideal_weight_male_kg, "female": limits.ideal_weight_female_kg}.get(
        sex_at_birth or ""
    )
    if start is None:
        return None, "the formula is for male and female, and the sex recorded at birth is neither"
    above = height_cm / CM_PER_INCH - limits.ideal_weight_base_inches
    if above < 0:
        shortest = plain(limits.ideal_weight_base_inches * CM_PER_INCH)
        return None, f"the formula begins at a height of {shortest} cm"
    return start + limits.ideal_weight_kg_per_inch * above, ""
