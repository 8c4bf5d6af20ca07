"""Made-up muscles for tests and training: who answers a pulse, and how large the answer is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.stimulation import ResponseModel, ThresholdDefinition

Answers = Callable[[float], bool]
MICROVOLT = 1e-6


def sharp(*, threshold_percent: float) -> Answers:
    """Return somebody who answers every pulse from the threshold on, in %MSO, and none below."""
    return lambda percent: percent >= threshold_percent


def blurred(
    *, threshold_percent: float, spread_percent: float, generator: np.random.Generator
) -> Answers:
    """Return somebody who answers the more often the stronger the pulse is; half at the threshold."""
    return lambda percent: bool(
        percent + spread_percent * generator.standard_normal() > threshold_percent
    )


def evoked(
    *,
    knowledge: Knowledge,
    generator: np.random.Generator,
    definition: ThresholdDefinition,
    easier_percent: float = 0.0,
) -> Answers:
    """
    Return somebody whose muscle answers by the statistical model, measured by electromyography.

    `easier_percent` moves the whole curve down in %MSO. For tests and training only.
    """
    least = definition.response_microvolt
    limit_v = (0.0 if least is None else least.value) * MICROVOLT

    def answers(percent: float) -> bool:
        size = response_v(
            percents=[percent + easier_percent], knowledge=knowledge, generator=generator
        )
        return bool(size[0] >= limit_v)

    return answers


def response_v(
    *, percents: ArrayLike, knowledge: Knowledge, generator: np.random.Generator | None
) -> NDArray[np.float64]:
    """
    Return the size of the answers to pulses, in volts; without a generator without any noise.

    Source: `response_models` in the knowledge.
    """
    model: ResponseModel = knowledge.sections["response_models"][0]
    strength = np.asarray(percents, dtype=float)
    size_noise, strength_noise = _noise(model, strength.shape, generator)
    over = np.maximum(
        np.finfo(float).eps, strength - 10**model.shift_log10_percent.value + strength_noise
    )
    slope = 10**model.slope_log10.value / over ** (10**model.exponent_log10.value)
    size = 10 ** (size_noise + model.size_log10.value / (1 + slope))
    added = _added(model, strength.shape, generator)
    volts: NDArray[np.float64] = np.maximum(model.floor_v.value, added + model.unit_v.value * size)
    return volts


def _noise(
    model: ResponseModel, shape: tuple[int, ...], generator: np.random.Generator | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if generator is None:
        return np.zeros(shape), np.zeros(shape)
    return (
        10**model.size_noise_log10.value * generator.standard_normal(shape),
        10**model.intensity_noise_log10_percent.value * generator.standard_normal(shape),
    )


def _added(
    model: ResponseModel, shape: tuple[int, ...], generator: np.random.Generator | None
) -> NDArray[np.float64]:
    """The noise of the recording: a generalised extreme value, turned round from even chances."""
    location = np.full(shape, 10**model.additive_log10_v.value)
    if generator is None:
        return location
    shape_, scale = model.additive_shape.value, model.additive_scale_v.value
    chance = np.clip(generator.random(shape), np.finfo(float).tiny, None)
    found: NDArray[np.float64] = location + scale * ((-np.log(chance)) ** -shape_ - 1) / shape_
    return found
