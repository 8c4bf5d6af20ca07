"""Threshold hunting for many made-up people at once: how far the threshold is off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overstory.pathway.stimulation.hunting import TIE, Hunting, answers, grid

Numbers = NDArray[np.float64]
PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Errors:
    """How far found thresholds are from the true ones, in percent of the true one."""

    median_percent: float
    p95_percent: float
    bias_percent: float


def hunt_many(
    *, thresholds: Numbers, spreads: Numbers, how: Hunting, generator: np.random.Generator
) -> Numbers:
    """
    Return the threshold found for each person after all pulses of the method, in %MSO.

    `thresholds` and `spreads` are the true ones in %MSO; each pulse is answered by chance.
    """
    tables = np.arange(int(how.greatest_percent) + 1)
    both = np.array([answers(how, float(each)) for each in tables])
    values, start = grid(how)
    likelihood = np.tile(start, (len(thresholds), 1))
    strength = np.full(len(thresholds), int(np.floor(how.start_percent + 0.5)))
    found = np.empty(len(thresholds))
    for _ in range(how.pulses):
        noise = spreads * generator.standard_normal(len(thresholds))
        no = (strength + noise <= thresholds).astype(int)
        likelihood += both[strength, no]
        found = _best(likelihood, values)
        wanted = np.floor(found + 0.5)
        if how.jump_percent is not None:
            wanted = np.clip(wanted, strength - how.jump_percent, strength + how.jump_percent)
        strength = np.minimum(wanted, how.greatest_percent).astype(int)
    return found


def errors(*, found: Numbers, true: Numbers) -> Errors:
    """Return how far found thresholds are off, over all people."""
    relative = (found - true) / true * PERCENT
    return Errors(
        median_percent=float(np.median(np.abs(relative))),
        p95_percent=float(np.percentile(np.abs(relative), 95)),
        bias_percent=float(relative.mean()),
    )


def _best(likelihood: Numbers, values: Numbers) -> Numbers:
    """The mean of all grid values that are most likely, a row a person."""
    most = likelihood >= likelihood.max(axis=1, keepdims=True) - TIE
    best: Numbers = (most @ values) / most.sum(axis=1)
    return best
