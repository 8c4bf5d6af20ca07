"""Where the coil goes, from three lengths on the head: Beam F3, its mirror, and newer targets. In cm."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, cos, degrees, hypot, isfinite, radians, sin

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.stimulation import BeamMethod, ScalpHeuristic

CM_PER_INCH = 2.54
QUARTER_DEGREES = 90.0


class ScalpError(ValueError):
    """Lengths that no place follows from; the message says which and what would be right."""


@dataclass(frozen=True, slots=True)
class Head:
    """
    Three lengths in cm: from tragus to tragus over the top, from nasion to inion, and around.

    `around_cm` is the circumference at the level of the eyebrows and the inion.
    """

    over_cm: float
    along_cm: float
    around_cm: float


@dataclass(frozen=True, slots=True)
class Place:
    """
    A place on the head: `x_cm` from the midline in front along the circumference, then `y_cm` from the top.

    `side` says to which side x goes.
    """

    name: str
    side: str
    x_cm: float
    y_cm: float


@dataclass(frozen=True, slots=True)
class BeamPlace:
    """
    Beam F3 or its mirror F4, with what stands beside it.

    `approximate` is the linear form, a check by other means; `longer_y_cm` is y made longer, as the mean
    of heads asks for. Half of heads lie within `half_within_cm` of the place found by MRI, 95 in 100
    within `most_within_cm`; the handle stands at `handle_degrees` to the midline.
    """

    exact: Place
    approximate: Place
    longer_y_cm: float
    approximate_longer_y_cm: float
    half_within_cm: float
    most_within_cm: float
    handle_degrees: float


def beam(*, head: Head, knowledge: Knowledge, side: str = "left") -> BeamPlace:
    """
    Return where Beam F3 (left) or F4 (right, its mirror) is, by the version of the authors' calculator.

    Source: `beam_methods` in the knowledge.

    :raises ScalpError: if a length or the place is outside the range of the method.
    """
    method: BeamMethod = knowledge.sections["beam_methods"][0]
    _check(head, method)
    if side not in {"left", "right"}:
        raise ScalpError("a side is left or right")
    name = "F3" if side == "left" else "F4"
    x, y = _exact(head, method)
    if not (
        method.least_x_cm.value <= x <= method.greatest_x_cm.value
        and method.least_y_cm.value <= y <= method.greatest_y_cm.value
    ):
        raise ScalpError(
            f"the place, {x:.1f} and {y:.1f} cm, is not where it can be; measure again"
        )
    average = (head.over_cm + head.along_cm) / 2
    linear_y = method.linear_y_per_average.value * average
    linear = Place(name, side, method.linear_x_per_circumference.value * head.around_cm, linear_y)
    return BeamPlace(
        exact=Place(name, side, x, y),
        approximate=linear,
        longer_y_cm=y + method.longer_y_cm.value,
        approximate_longer_y_cm=linear_y + method.longer_y_cm.value,
        half_within_cm=method.error_half_cm.value,
        most_within_cm=method.error_95_percent_cm.value,
        handle_degrees=method.handle_degrees.value,
    )


def newer_targets(*, head: Head, knowledge: Knowledge) -> tuple[Place, ...]:
    """
    Return the newer targets by their rules of thumb, in the order of the knowledge.

    Source: `scalp_heuristics` in the knowledge.

    :raises ScalpError: if a length is outside the range of the method.
    """
    _check(head, knowledge.sections["beam_methods"][0])
    average = (head.over_cm + head.along_cm) / 2
    heuristics: tuple[ScalpHeuristic, ...] = knowledge.sections.get("scalp_heuristics", ())
    return tuple(
        Place(
            each.name,
            each.side,
            each.x_per_circumference * head.around_cm,
            each.y_per_average * average,
        )
        for each in heuristics
    )


def _exact(head: Head, method: BeamMethod) -> tuple[float, float]:
    """Two lines on the flattened head, seen from the top; where they cross is the place."""
    over = method.share_of_arc.value * head.over_cm
    along = method.share_of_arc.value * head.along_cm
    first = radians(method.first_angle_degrees.value)
    second = radians(method.second_angle_degrees.value)
    slope = (over * sin(first) + along / 2) / over
    back = along * sin(second) / (along * cos(second) - over / 2)
    across = 0.5 * (along - over * back) / (slope - back)
    forward = slope * across - along / 2
    angle = degrees(atan(forward / across))
    x = head.around_cm / 4 * (QUARTER_DEGREES + angle) / QUARTER_DEGREES
    return x, method.radius_factor.value * hypot(across, forward)


def _check(head: Head, method: BeamMethod) -> None:
    arc = (method.least_arc_cm.value, method.greatest_arc_cm.value)
    around = (method.least_circumference_cm.value, method.greatest_circumference_cm.value)
    for name, length, (least, greatest) in (
        ("ear to ear over the top", head.over_cm, arc),
        ("nasion to inion", head.along_cm, arc),
        ("the circumference", head.around_cm, around),
    ):
        if isfinite(length) and least <= length <= greatest:
            continue
        inches = least <= length * CM_PER_INCH <= greatest
        hint = "; it looks like inches" if inches else ""
        raise ScalpError(f"{name} is between {least:g} and {greatest:g} cm, not {length:g}{hint}")
