"""A motor threshold with its method, what it means by the other, and the output that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor, isfinite
from typing import Literal

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocol_stimulation import Muscle
from overstory.knowledge.shapes.stimulation import (
    CoilKind,
    OutputRule,
    ThresholdDefinition,
    ThresholdMethod,
    TrainLimits,
)

Unit = Literal["%MSO", "SMT"]
PERCENT = 100.0
GREATEST_OUTPUT = 100.0
"""Output is in percent of the greatest that the device has."""


class ThresholdError(ValueError):
    """A threshold or an output that makes no sense; the message says what would."""


class OutputRefusedError(ValueError):
    """An output that is not to be set, for it is above the percent at which all trains are refused."""

    def __init__(self, percent: float, most: float) -> None:
        super().__init__(f"{percent:g} % of the threshold is refused; at most {most:g} %")
        self.percent, self.most = percent, most


@dataclass(frozen=True, slots=True)
class MotorThreshold:
    """
    A resting motor threshold: how much, in which unit, by which method, of which muscle, with what.

    `SMT` is the unit of one maker; it is no percent of the greatest output and is never mixed with it.
    """

    value: float
    method: ThresholdMethod
    at: datetime
    coil: CoilKind
    muscle: Muscle = "hand"
    unit: Unit = "%MSO"

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ThresholdError("the time of a threshold has no zone")
        if not (isfinite(self.value) and self.value > 0) or (
            self.unit == "%MSO" and self.value > GREATEST_OUTPUT
        ):
            raise ThresholdError("a threshold is above 0 and at most 100 %MSO")


@dataclass(frozen=True, slots=True)
class EmgPercent:
    """A percent of the threshold as it is by electromyography: expected, and the worst observed."""

    expected: float
    worst: float
    converted: bool


@dataclass(frozen=True, slots=True)
class Output:
    """
    The output to set, in whole %MSO, rounded down; what it was before, and what it is of the threshold.

    `underdose` tells that the device or the limit of the adjustment keeps it below what was asked for.
    """

    percent_mso: int
    exact_percent_mso: float
    unadjusted_percent_mso: float
    percent_of_threshold: float
    underdose: bool
    says: tuple[str, ...]


def definition_of(*, method: ThresholdMethod, knowledge: Knowledge) -> ThresholdDefinition:
    """
    Return what a threshold means by a method.

    :raises ThresholdError: if the knowledge does not say.
    """
    found: tuple[ThresholdDefinition, ...] = knowledge.sections.get("threshold_definitions", ())
    for each in found:
        if each.id == method:
            return each
    raise ThresholdError(f"no threshold is defined by {method}")


def emg_percent(*, percent: float, definition: ThresholdDefinition) -> EmgPercent:
    """
    Return what a percent of a threshold is in percent of the threshold by electromyography.

    A threshold by watching reads higher, so the same percent of it is more.
    Source: `threshold_definitions` in the knowledge.
    """
    above, worst = definition.above_emg_percent, definition.worst_above_emg_percent
    if above is None or worst is None:
        return EmgPercent(percent, percent, converted=False)
    return EmgPercent(
        percent * (1 + above.value / PERCENT),
        percent * (1 + worst.value / PERCENT),
        converted=True,
    )


def change_percent(*, thresholds: Sequence[MotorThreshold]) -> float:
    """
    Return how far the newest threshold is from the first, in percent of the first.

    :raises ThresholdError: if there are fewer than two, or methods, units, muscles or coils are mixed.
    """
    if len(thresholds) < 2:
        raise ThresholdError("a change needs two thresholds")
    kinds = {(each.method, each.unit, each.muscle, each.coil) for each in thresholds}
    if len(kinds) > 1:
        raise ThresholdError("thresholds by another method, unit, muscle or coil are not compared")
    ordered = sorted(thresholds, key=lambda each: each.at)
    return (ordered[-1].value / ordered[0].value - 1) * PERCENT


def output(
    *,
    threshold: MotorThreshold,
    percent: float,
    knowledge: Knowledge,
    farther_mm: float | None = None,
) -> Output:
    """
    Return the output for a percent of a threshold, rounded down to whole %MSO.

    `farther_mm` is how much farther the target is from the coil than the motor cortex; it raises the
    threshold in %MSO, by at most a share of the output without it. What the device cannot give is an
    underdose, said and never silently cut. Source: `output_rules` and `train_limits` in the knowledge.

    :raises ThresholdError: if the threshold is not in %MSO or the percent not above zero.
    :raises OutputRefusedError: if the percent is above that at which trains are refused.
    """
    if threshold.unit != "%MSO":
        raise ThresholdError("a threshold in SMT is no percent of the greatest output")
    if not (isfinite(percent) and percent > 0):
        raise ThresholdError("the percent of the threshold is a finite number above zero")
    if farther_mm is not None and not isfinite(farther_mm):
        raise ThresholdError("the distance is a finite number of mm")
    _refuse_above(percent, knowledge)
    plain = threshold.value * percent / PERCENT
    wanted = plain
    says: list[str] = []
    if farther_mm is not None:
        wanted, says = _adjusted(threshold.value, percent, farther_mm, _rule(knowledge))
    underdose = bool(says)
    if wanted > GREATEST_OUTPUT:
        says.append(
            f"UNDERDOSE: {percent:g} % of the threshold would be {wanted:.1f} %MSO; the device has 100."
        )
        wanted, underdose = GREATEST_OUTPUT, True
    whole = floor(wanted + 1e-9)
    if whole < 1:
        raise ThresholdError(f"{wanted:g} %MSO is less than the least step of a device, 1 %MSO")
    return Output(
        percent_mso=whole,
        exact_percent_mso=wanted,
        unadjusted_percent_mso=plain,
        percent_of_threshold=whole / threshold.value * PERCENT,
        underdose=underdose,
        says=tuple(says),
    )


def _refuse_above(percent: float, knowledge: Knowledge) -> None:
    limits: tuple[TrainLimits, ...] = knowledge.sections.get("train_limits", ())
    if not limits:
        raise ThresholdError("the knowledge has no limits of trains")
    most = limits[0].greatest_percent.value
    if percent > most:
        raise OutputRefusedError(percent, most)


def _rule(knowledge: Knowledge) -> OutputRule:
    rules: tuple[OutputRule, ...] = knowledge.sections.get("output_rules", ())
    if not rules:
        raise ThresholdError("the knowledge has no rule of output")
    return rules[0]


def _adjusted(
    threshold: float, percent: float, farther_mm: float, rule: OutputRule
) -> tuple[float, list[str]]:
    plain = threshold * percent / PERCENT
    wanted = (threshold + rule.distance_percent_per_mm.value * farther_mm) * percent / PERCENT
    if not (isfinite(wanted) and wanted > 0):
        raise ThresholdError("the distance leaves no output; is it in mm?")
    most = plain * (1 + rule.greatest_rise_percent.value / PERCENT)
    if wanted <= most:
        return wanted, []
    said = (
        f"The distance would ask for {wanted:.1f} %MSO; the adjustment ends at "
        f"{rule.greatest_rise_percent.value:g} % above the output without it."
    )
    return most, [said]
