"""Closed forms of linear compartment models: a level is a sum of exponentials, for one or for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]


class ModesError(ValueError):
    """A model or an input that has no closed form here; the message says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """A constant input from `start` to `end` at `rate` a unit of time."""

    start: float
    end: float
    rate: float

    def __post_init__(self) -> None:
        if not (np.isfinite([self.start, self.end, self.rate]).all() and self.start < self.end):
            raise ModesError("an input is finite and ends after it starts")
        if self.rate < 0:
            raise ModesError("an input is not below zero")


@dataclass(frozen=True, slots=True)
class Modes:
    """
    The answer of models to an impulse: the sum over modes of weight · exp(-rate · time).

    `weights` and `rates` have a row for each mode and a column for each model.
    """

    weights: Numbers
    rates: Numbers

    def after_impulse(self, times: ArrayLike) -> Numbers:
        """Return the level at times after one unit at time zero: a row a model."""
        since = np.asarray(times, dtype=float)
        past = np.exp(-self.rates[:, :, None] * np.maximum(since, 0.0))
        level: Numbers = (self.weights[:, :, None] * past).sum(axis=0) * (since >= 0)
        return level

    def after_steps(self, steps: Sequence[Step], times: ArrayLike) -> Numbers:
        """Return the level at any times for constant inputs one after or over another."""
        at = np.asarray(times, dtype=float)
        level = np.zeros((self.rates.shape[1], at.size))
        for step in steps:
            level += step.rate * (self._risen(at - step.start) - self._risen(at - step.end))
        return level

    def _risen(self, since: Numbers) -> Numbers:
        past = -np.expm1(-self.rates[:, :, None] * np.maximum(since, 0.0))
        risen: Numbers = ((self.weights / self.rates)[:, :, None] * past).sum(axis=0)
        return risen

    def on_grid(self, steps: Sequence[Step], *, spacing: float, count: int) -> Numbers:
        """
        Return the level at 0, 1, 2 … `count` - 1 spacings, a row a model; exact, and fast for many.

        Between two points of the grid the input is constant, so each point follows from the one before.

        :raises ModesError: if an input starts or ends between two points of the grid.
        """
        inputs = _on_grid(steps, spacing=spacing, count=count)
        decay = np.exp(-self.rates * spacing)
        gain = self.weights * -np.expm1(-self.rates * spacing) / self.rates
        levels = np.zeros((count, self.rates.shape[1]))
        state = np.zeros_like(self.rates)
        for place in range(1, count):
            state *= decay
            if inputs[place - 1]:
                state += gain * inputs[place - 1]
            state.sum(axis=0, out=levels[place])
        return levels.T


def mammillary(
    *,
    central_l: ArrayLike,
    out: ArrayLike,
    to_second: ArrayLike,
    from_second: ArrayLike,
    to_third: ArrayLike | None = None,
    from_third: ArrayLike | None = None,
) -> Modes:
    """
    Return the modes of models with a central compartment and one or two around it.

    Rates per unit of time, the volume in L; the level is in ng/mL for each mg.

    :raises ModesError: if a rate or volume is not above zero.
    """
    given = [central_l, out, to_second, from_second]
    if to_third is not None and from_third is not None:
        given += [to_third, from_third]
    numbers = [np.atleast_1d(np.asarray(each, dtype=float)) for each in given]
    if not all((np.isfinite(each) & (each > 0)).all() for each in numbers):
        raise ModesError("volumes and rates are above zero")
    numbers = list(np.broadcast_arrays(*numbers))
    ng_per_mg = 1000.0 / numbers[0]
    rates, back = _three(numbers) if len(numbers) == 6 else _two(numbers)
    weights = np.empty_like(rates)
    for place in range(len(rates)):
        others = np.delete(rates, place, axis=0)
        weights[place] = np.prod(back - rates[place], axis=0) / np.prod(
            others - rates[place], axis=0
        )
    return Modes(weights * ng_per_mg, rates)


def linear(*, matrix: Numbers, source: Numbers, reads: Numbers) -> Modes:
    """
    Return the modes of one linear model x' = matrix · x + source · input, read as reads · x.

    :raises ModesError: if the model does not settle, or two of its modes fall together.
    """
    values, vectors = np.linalg.eig(matrix)
    if np.iscomplexobj(values) or (values >= 0).any():
        raise ModesError("a compartment model decays without turning back")
    weights = (reads @ vectors) * np.linalg.solve(vectors, source)
    if not np.isfinite(weights).all():
        raise ModesError("two modes fall together")
    return Modes(weights[:, None], -values[:, None])


def _two(numbers: list[Numbers]) -> tuple[Numbers, Numbers]:
    _, out, to_second, from_second = numbers
    half = (out + to_second + from_second) / 2
    fast = half + np.sqrt(half * half - out * from_second)
    return np.stack([fast, out * from_second / fast]), from_second[None]


def _three(numbers: list[Numbers]) -> tuple[Numbers, Numbers]:
    """The three roots of the characteristic cubic by angles; the slowest from their product."""
    _, out, to_second, from_second, to_third, from_third = numbers
    product = out * from_second * from_third
    total = out + to_second + to_third + from_second + from_third
    pairs = (
        out * (from_second + from_third)
        + to_third * from_second
        + to_second * from_third
        + from_second * from_third
    )
    third = total / 3
    p = pairs - total * third
    q = third * (pairs - 2 * third * third) - product
    angle = np.arccos(np.clip(1.5 * q / p * np.sqrt(-3 / p), -1.0, 1.0)) / 3
    size = 2 * np.sqrt(-p / 3)
    first = third + size * np.cos(angle)
    second = third + size * np.cos(angle - 2 * np.pi / 3)
    last = third + size * np.cos(angle + 2 * np.pi / 3)
    roots = np.sort(np.stack([first, second, last]), axis=0)[::-1].copy()
    roots[2] = product / (roots[0] * roots[1])
    return roots, np.stack([from_second, from_third])


def _on_grid(steps: Sequence[Step], *, spacing: float, count: int) -> Numbers:
    inputs = np.zeros(count)
    for step in steps:
        ends = np.array([step.start, step.end]) / spacing
        first, last = np.rint(ends).astype(int)
        if not np.allclose(ends, [first, last], rtol=0, atol=1e-9) or first < 0:
            raise ModesError("on a grid an input starts and ends at points of the grid")
        inputs[first:last] += step.rate
    return inputs
