"""Prices that rise where too much is asked for: each set of prices is a bound, the best is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from overstory.pathway.timetable.choices import Choice
from overstory.pathway.timetable.pricing import Floats, Pricing
from overstory.pathway.timetable.ruin import Plan

STEP, SLOWER = 0.3, 60
"""The first step of a price, and after how many rounds it is half of that, then a third, and so on."""

DRIFT, SPREAD = 0.97, 0.995
"""How much of the way, and of its square, is kept from round to round (Adam)."""

TINY = 1e-3


@dataclass(slots=True)
class Climb:
    """
    Where prices stand on their way up; mutable.

    `best` is the highest bound so far, at the prices `centre`; `way` and `square` are running means of
    what was asked beyond what there is.
    """

    now: Floats
    best: float = -np.inf
    centre: Floats = field(default_factory=lambda: np.zeros(0))
    way: Floats = field(default_factory=lambda: np.zeros(0))
    square: Floats = field(default_factory=lambda: np.zeros(0))
    rounds: int = 0

    @classmethod
    def start(cls, shape: tuple[int, ...]) -> Climb:
        """Return a climb from prices of nothing."""
        zero = np.zeros(shape)
        return cls(zero, -np.inf, zero, zero, zero)

    def move(self, asked: Floats) -> None:
        """Step to the next prices, by what the last ones had asked beyond what there is."""
        self.rounds += 1
        beyond = np.where((self.now <= 0) & (asked < 0), 0.0, asked)
        self.way = DRIFT * self.way + (1 - DRIFT) * beyond
        self.square = SPREAD * self.square + (1 - SPREAD) * beyond * beyond
        way = self.way / (1 - DRIFT**self.rounds)
        root = np.sqrt(self.square / (1 - SPREAD**self.rounds)) + TINY
        step = STEP / (1 + self.rounds / SLOWER)
        self.now = np.maximum(self.now + step * way / root, 0.0)


@dataclass(frozen=True, slots=True)
class Prices:
    """What prices of pools × days × steps prove, of an instance with such a capacity."""

    pricing: Pricing
    capacity: Floats

    def bound(self, prices: Floats) -> tuple[float, Plan]:
        """Return the bound at these prices, and the cheapest way of each course."""
        values = self.pricing.values(prices)
        found = -float((prices * self.capacity).sum())
        picked: list[Choice | None] = []
        for n in range(len(self.pricing.choices)):
            paid, choice = self.pricing.reduced(n, values)
            found += paid
            picked.append(choice)
        return found, picked

    def climb(
        self,
        climb: Climb,
        *,
        rounds: int,
        stop: Callable[[], bool],
        seen: Callable[[Plan], None],
    ) -> None:
        """Take so many rounds upwards, or until `stop`; `seen` is told what courses take each time."""
        for _ in range(rounds):
            if stop():
                return
            value, picked = self.bound(climb.now)
            seen(picked)
            if value > climb.best:
                climb.best, climb.centre = value, climb.now
            climb.move(self.pricing.usage(picked) - self.capacity)
