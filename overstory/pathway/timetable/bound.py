"""
A proven bound: a cost that no timetable of an instance can be below.

At any prices of places and staff not below zero, what the cheapest way of each course costs with what it
pays, less what all places and staff are worth, is a bound (Lagrange); so it is valid whenever it is
stopped. Prices first rise where too much is asked for (the ascent), then come from a linear program over
the ways found so far (column generation, GLOP): it is as tight as that program can be when no way is
cheaper than those known.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from overstory.pathway.timetable.ascent import Climb, Prices
from overstory.pathway.timetable.choices import Choice
from overstory.pathway.timetable.master import Master
from overstory.pathway.timetable.planning import Desk
from overstory.pathway.timetable.pricing import Floats, Pricing
from overstory.pathway.timetable.ruin import Plan, cost_of

CLOSE = 1e-4
WEIGHTS = (0.8, 0.5, 0.2, 0.0)
"""How much of the best prices so far is mixed into new ones, so that they do not jump."""

ROUNDS, LITTLE = 100, 0.002
FEW = 100
"""
With no more than so many courses the linear program is quick enough to be worth its time. The ascent then
ends when so many rounds have raised the bound by less than this share; else it goes on.
"""

LAST_WAYS = 8


@dataclass(frozen=True, slots=True)
class Bound:
    """
    A cost that no timetable is below, after so many `rounds` of prices.

    `solved` says that the linear program was, so that more time would not raise it. `prices` are those
    of pools × days × steps that prove it.
    """

    cost: float
    rounds: int
    solved: bool
    prices: Floats | None = None


def lower_bound(
    desk: Desk,
    *,
    plan: Plan,
    rounds: int = 10_000,
    stop: Callable[[], bool] = lambda: False,
) -> Bound:
    """
    Return a cost that no timetable of the instance can be below.

    `plan` is the best known. It ends after so many rounds, when `stop` answers true, when the bound
    meets the plan, or when the linear program is solved.
    """
    if not desk.choices:
        return Bound(0.0, 0, solved=True)
    search = _Search(desk, plan)
    search.ascend(rounds, stop)
    solved = not search.enough(rounds, stop) and search.generate(rounds, stop)
    return Bound(search.proven(), search.rounds, solved, search.prices())


class _Search:
    """Prices on their way up; what is proven so far, and the ways that courses took."""

    def __init__(self, desk: Desk, plan: Plan) -> None:
        self._desk = desk
        self._plan = plan
        self._target = float(cost_of(desk.choices, plan))
        capacity: Floats = np.maximum(desk.base.free, 0).astype(float)
        self._prices = Prices(Pricing(desk.choices, desk.grid), capacity)
        self._climb = Climb.start(capacity.shape)
        self._ways: list[dict[Choice, None]] = [{} for _ in desk.choices]
        self.rounds = 0

    def enough(self, rounds: int, stop: Callable[[], bool]) -> bool:
        """Return whether to end: by rounds, by `stop`, or because the bound meets the plan."""
        return self.rounds >= rounds or self.proven() >= self._target or stop()

    def proven(self) -> float:
        """Return the bound; what a plan costs is a whole number, so that it is rounded up."""
        best = self._climb.best
        return float(max(math.ceil(best - 1e-6), 0)) if best > 0 else 0.0

    def prices(self) -> Floats:
        """Return the prices of the bound for all cases together."""
        return self._climb.centre

    def ascend(self, rounds: int, stop: Callable[[], bool]) -> None:
        """Raise prices where too much is asked for, lower them where there is room."""
        while not self.enough(rounds, stop):
            before = self._climb.best
            self._prices.climb(
                self._climb,
                rounds=min(ROUNDS, rounds - self.rounds),
                stop=lambda: self.enough(rounds, stop),
                seen=self._see,
            )
            if self._is_small() and self._climb.best - before < LITTLE * abs(self._climb.best):
                return

    def generate(self, rounds: int, stop: Callable[[], bool]) -> bool:
        """Take prices from the linear program; return whether it was solved to the end."""
        if not self._is_small():
            return False
        master = Master(self._desk, self._prices.capacity)
        for n, (ways, choice) in enumerate(zip(self._ways, self._plan, strict=True)):
            for way in (*list(ways)[-LAST_WAYS:], *([choice] if choice is not None else [])):
                master.add(n, way)
        while not self.enough(rounds, stop):
            value, prices = master.solve(stop)
            if stop():
                return False
            if value - self._climb.best <= CLOSE * max(value, 1.0):
                return True
            if not any(self._offer(master, prices, weight) for weight in WEIGHTS):
                return True
        return False

    def _is_small(self) -> bool:
        return len(self._desk.choices) <= FEW

    def _offer(self, master: Master, prices: Floats, weight: float) -> bool:
        """Price between the best prices and new ones; return whether a way is new to the program."""
        mixed = weight * self._climb.centre + (1 - weight) * prices
        value, picked = self._prices.bound(mixed)
        self._see(picked)
        if value > self._climb.best:
            self._climb.best, self._climb.centre = value, mixed
        added = [master.add(n, choice) for n, choice in enumerate(picked) if choice is not None]
        return any(added)

    def _see(self, picked: Plan) -> None:
        self.rounds += 1
        for ways, choice in zip(self._ways, picked, strict=True):
            if choice is not None:
                ways.pop(choice, None)
                ways[choice] = None
