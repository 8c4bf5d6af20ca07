"""How a threshold is found, where the coil goes, how long a train may be, and when to measure again."""

from __future__ import annotations

from typing import Any, Literal

from overstory.knowledge.shapes.protocol_parts import Amount
from overstory.knowledge.shapes.protocol_stimulation import Side
from overstory.knowledge.shapes.shared import Cites, Shape, Status, Text

ThresholdMethod = Literal["emg", "visual"]
CoilKind = Literal["figure-8", "H1", "H4", "H7", "D-B80"]
RemeasureEvent = Literal[
    "first-session", "days-passed", "medicine-changed", "coil-changed", "method-changed",
    "weekdays-missed", "new-risk", "ketamine-given", "unexplained-change", "threshold-moved",
]  # fmt: skip


class Stood(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An entry with the standing of every number in it that has none of its own."""

    id: str
    says: str
    source: Cites
    status: Status
    note: str = ""


class ThresholdDefinition(Stood, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What a resting motor threshold means by one method: so many positive answers in so many pulses.

    `above_emg_percent` is how much higher it reads than by electromyography, in percent of the latter.
    """

    name: str
    positives: Amount
    pulses: Amount
    response_microvolt: Amount | None = None
    above_emg_percent: Amount | None = None
    worst_above_emg_percent: Amount | None = None


class HuntingMethod(Stood, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Threshold hunting by maximum likelihood; percents are of the greatest output.

    `spread` is the relative spread of the answers; the grid of thresholds runs from `least_percent` to
    `greatest_percent`; two first answers are made up (`pseudo_…`). It stops after `pulses`, or after
    `least_pulses` once the interval in which the log-likelihood falls by at most `likelihood_drop` is
    `sure_width_percent` wide. Good quality: `quality_each` of each answer in the last `quality_window`.
    """

    name: str
    spread: Amount
    least_percent: Amount
    greatest_percent: Amount
    step_percent: Amount
    start_percent: Amount
    pseudo_no_percent: Amount
    pseudo_yes_percent: Amount
    greatest_jump_percent: Amount
    pulses: Amount
    least_pulses: Amount
    sure_width_percent: Amount
    likelihood_drop: Amount
    quality_window: Amount
    quality_each: Amount
    prior_median_percent: Amount
    prior_log_spread: Amount


class RelativeFrequency(Stood, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The relative frequency method: steps up and down in percent of the greatest output."""

    name: str
    up_percent: Amount
    down_percent: Amount
    pulses_each: Amount
    positives: Amount
    greatest_percent: Amount


class ResponseModel(Stood, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A statistical model of the size of a motor response in volts; logs are to the base of ten."""

    name: str
    additive_log10_v: Amount
    additive_scale_v: Amount
    additive_shape: Amount
    floor_v: Amount
    unit_v: Amount
    size_log10: Amount
    slope_log10: Amount
    exponent_log10: Amount
    shift_log10_percent: Amount
    size_noise_log10: Amount
    intensity_noise_log10_percent: Amount


class OutputRule(Stood, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How far the distance from coil to cortex changes the output, and by how much at most."""

    distance_percent_per_mm: Amount
    greatest_rise_percent: Amount


class RemeasureRule(Stood, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    When a motor threshold is measured again: after an event, above `limit` in `unit` where it has one.

    `holds` is a reason to stop and ask the physician too.
    """

    event: RemeasureEvent
    limit: float | None = None
    unit: str = ""
    holds: bool = False


class SeizureGroup(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The coils that share a figure of seizure risk, and the harm that has the figure."""

    id: str
    coils: list[CoilKind]
    harm: str
    source: Cites
    status: Status
    to_patient: Text


class TrainRow(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    The longest train in seconds at one frequency, for each percent of the table.

    `tested_only` tells where it is the longest train that was tested, not a limit.
    """

    hz: float
    seconds: list[float]
    tested_only: list[bool]


class SafeTrainTable(Stood, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Longest single trains by frequency and intensity; one table decides, the others are shown."""

    name: str
    percents: list[float]
    rows: list[TrainRow]
    decides: bool = False

    def __post_init__(self) -> None:
        if self.percents != sorted(set(self.percents)):
            raise ValueError("its percents rise")
        hz = [row.hz for row in self.rows]
        if hz != sorted(set(hz)):
            raise ValueError("the frequencies of its rows rise")
        for row in self.rows:
            if not len(row.seconds) == len(row.tested_only) == len(self.percents):
                raise ValueError(f"the row of {row.hz:g} Hz has one entry for each percent")


class TrainLimits(Stood, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What holds beside the tables: pauses, pulses a day, theta burst, where the tables end."""

    least_pause_seconds: Amount
    least_pause_above_percent: Amount
    greatest_day_pulses: Amount
    usual_day_pulses: Amount
    greatest_burst_percent: Amount
    greatest_burst_pulses: Amount
    greatest_burst_length: Amount
    greatest_burst_hz: Amount
    greatest_bursts_per_second: Amount
    greatest_percent: Amount
    greatest_hz: Amount


class BeamMethod(Stood, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    The constants of Beam F3, its linear approximation, and the ranges in which it is used.

    Lengths in cm; `share_of_arc` of each arc is a radius, angles are in degrees.
    """

    name: str
    share_of_arc: Amount
    first_angle_degrees: Amount
    second_angle_degrees: Amount
    radius_factor: Amount
    linear_x_per_circumference: Amount
    linear_y_per_average: Amount
    longer_y_cm: Amount
    error_half_cm: Amount
    error_95_percent_cm: Amount
    least_arc_cm: Amount
    greatest_arc_cm: Amount
    least_circumference_cm: Amount
    greatest_circumference_cm: Amount
    least_x_cm: Amount
    greatest_x_cm: Amount
    least_y_cm: Amount
    greatest_y_cm: Amount
    handle_degrees: Amount


class ScalpHeuristic(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A newer target: Y by the mean of both arcs, X by the circumference."""

    id: str
    name: str
    side: Side
    y_per_average: float
    x_per_circumference: float
    source: Cites
    status: Status


STIMULATION_SECTIONS: dict[str, Any] = {
    "threshold_definitions": list[ThresholdDefinition],
    "threshold_hunting": list[HuntingMethod],
    "relative_frequency": list[RelativeFrequency],
    "response_models": list[ResponseModel],
    "output_rules": list[OutputRule],
    "remeasure_rules": list[RemeasureRule],
    "seizure_groups": list[SeizureGroup],
    "safe_train_tables": list[SafeTrainTable],
    "train_limits": list[TrainLimits],
    "beam_methods": list[BeamMethod],
    "scalp_heuristics": list[ScalpHeuristic],
}
"""The top-level keys of the files of stimulation."""
