"""Threshold hunting by maximum likelihood: where the next pulse goes, and when it is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import erfc, floor, isfinite, sqrt

import numpy as np
from numpy.typing import NDArray

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.stimulation import HuntingMethod

Numbers = NDArray[np.float64]
TINY = 1e-12
"""Below this a chance is no number to take the logarithm of."""
TIE = 1e-9
"""Log-likelihoods that differ by less are the same: the curve is flat there."""


class HuntingError(ValueError):
    """Pulses that no threshold can be estimated from; the message says why."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """One pulse: its strength in %MSO, and whether the muscle answered."""

    percent: float
    responded: bool


@dataclass(frozen=True, slots=True)
class Hunting:
    """
    How to hunt: the numbers of the method; with `prior`, a first guess of how thresholds are spread.

    `jump_percent` is the longest way from one pulse to the next in %MSO; None leaves it free.
    """

    spread: float
    least_percent: float
    greatest_percent: float
    step_percent: float
    start_percent: float
    pseudo_no_percent: float
    pseudo_yes_percent: float
    jump_percent: float | None
    pulses: int
    least_pulses: int
    sure_width_percent: float
    likelihood_drop: float
    quality_window: int
    quality_each: int
    prior: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Hunted:
    """
    What is known after some pulses: the threshold in %MSO, and the interval in which it likely lies.

    `next_percent` is where the next pulse goes, whole %MSO. `done` tells to stop. `good` tells that both
    answers were seen lately; without it the threshold is not to be relied on, and `says` tells why.
    """

    percent: float
    low_percent: float
    high_percent: float
    pulses: int
    next_percent: int
    done: bool
    good: bool
    says: str


def hunting(
    *,
    knowledge: Knowledge,
    clamp: bool = True,
    prior: bool = False,
    pulses: int | None = None,
    method: str = "ml-pest",
) -> Hunting:
    """
    Return how to hunt, from the knowledge; a number of pulses may be set to stop at.

    :raises HuntingError: if there is no such method, or fewer pulses than the least.
    """
    methods: tuple[HuntingMethod, ...] = knowledge.sections.get("threshold_hunting", ())
    found = next((each for each in methods if each.id == method), None)
    if found is None:
        raise HuntingError(f"no way of hunting is named {method}")
    most = int(found.pulses.value) if pulses is None else pulses
    if most < int(found.least_pulses.value):
        raise HuntingError(f"at least {found.least_pulses.value:g} pulses are given")
    return Hunting(
        spread=found.spread.value,
        least_percent=found.least_percent.value,
        greatest_percent=found.greatest_percent.value,
        step_percent=found.step_percent.value,
        start_percent=found.start_percent.value,
        pseudo_no_percent=found.pseudo_no_percent.value,
        pseudo_yes_percent=found.pseudo_yes_percent.value,
        jump_percent=found.greatest_jump_percent.value if clamp else None,
        pulses=most,
        least_pulses=int(found.least_pulses.value),
        sure_width_percent=found.sure_width_percent.value,
        likelihood_drop=found.likelihood_drop.value,
        quality_window=int(found.quality_window.value),
        quality_each=int(found.quality_each.value),
        prior=(found.prior_median_percent.value, found.prior_log_spread.value) if prior else None,
    )


def hunt(*, pulses: Sequence[Pulse], how: Hunting) -> Hunted:
    """
    Return the threshold after some pulses, where the next one goes, and whether to stop.

    The threshold is the mean of all grid values that make the answers most likely. It stops after a
    fixed number of pulses, or sooner once the interval is narrow and both answers were seen lately.
    Source: `threshold_hunting` in the knowledge.

    :raises HuntingError: if a pulse is outside 0 to 100 %MSO.
    """
    if any(not (isfinite(each.percent) and 0 <= each.percent <= 100) for each in pulses):
        raise HuntingError("a pulse is between 0 and 100 %MSO")
    thresholds, start = grid(how)
    likelihood = start.copy()
    for each in pulses:
        yes, no = answers(how, each.percent)
        likelihood += yes if each.responded else no
    best = likelihood.max()
    percent = float(thresholds[likelihood >= best - TIE].mean()) if pulses else how.start_percent
    likely = thresholds[likelihood >= best - how.likelihood_drop]
    good = _good(pulses, how)
    width = float(likely[-1] - likely[0])
    sure = len(pulses) >= how.least_pulses and width <= how.sure_width_percent and good
    return Hunted(
        percent=percent,
        low_percent=float(likely[0]),
        high_percent=float(likely[-1]),
        pulses=len(pulses),
        next_percent=next_percent(percent, pulses[-1].percent if pulses else None, how),
        done=sure or len(pulses) >= how.pulses,
        good=good,
        says=_says(percent, good, pulses, how),
    )


def next_percent(percent: float, last: float | None, how: Hunting) -> int:
    """Return where the next pulse goes: the threshold in whole %MSO, at most one jump away."""
    if last is None:
        return floor(how.start_percent + 0.5)
    wanted = floor(percent + 0.5)
    if how.jump_percent is not None:
        wanted = floor(min(max(wanted, last - how.jump_percent), last + how.jump_percent))
    return int(min(wanted, how.greatest_percent))


@lru_cache(maxsize=8)
def grid(how: Hunting) -> tuple[Numbers, Numbers]:
    """Return the thresholds looked at, in %MSO, and their log-likelihood before the first pulse."""
    count = round((how.greatest_percent - how.least_percent) / how.step_percent) + 1
    thresholds: Numbers = how.least_percent + how.step_percent * np.arange(count, dtype=float)
    start = _log_chance(how.pseudo_no_percent, thresholds, how.spread)[1].copy()
    start += _log_chance(how.pseudo_yes_percent, thresholds, how.spread)[0]
    if how.prior is not None:
        median, spread = how.prior
        start -= np.log(thresholds / median) ** 2 / (2 * spread * spread)
    thresholds.setflags(write=False)
    start.setflags(write=False)
    return thresholds, start


@lru_cache(maxsize=1024)
def answers(how: Hunting, percent: float) -> tuple[Numbers, Numbers]:
    """Return the log-chance of a yes and of a no to a pulse, for every threshold of the grid."""
    return _log_chance(percent, grid(how)[0], how.spread)


def _log_chance(percent: float, thresholds: Numbers, spread: float) -> tuple[Numbers, Numbers]:
    chance: Numbers = np.array(
        [_normal((percent - each) / (spread * each)) for each in thresholds], dtype=np.float64
    ).clip(TINY, 1 - TINY)
    return np.log(chance), np.log(1 - chance)


def _normal(deviation: float) -> float:
    return erfc(-deviation / sqrt(2)) / 2


def _good(pulses: Sequence[Pulse], how: Hunting) -> bool:
    lately = [each.responded for each in pulses[-how.quality_window :]]
    return min(lately.count(True), lately.count(False)) >= how.quality_each


def _says(percent: float, good: bool, pulses: Sequence[Pulse], how: Hunting) -> str:
    if pulses and not any(each.responded for each in pulses):
        return "No answer to any pulse: check the place and the angle of the coil."
    if percent >= how.greatest_percent:
        return "The threshold is at the end of the range: look for the hot spot again."
    if good or len(pulses) < how.quality_window:
        return ""
    return "The last answers were nearly all alike: do not rely on it yet."
