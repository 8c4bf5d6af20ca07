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

from overstory.pathway.timetable.choices import Choice
from overstory.pathway.timetable.master import Master
from overstory.pathway.timetable.planning import Desk
from overstory.pathway.timetable.pricing import Floats, Pricing
from overstory.pathway.timetable.ruin import Plan, cost_of

CLOSE = 1e-4
WEIGHTS = (0.8, 0.5, 0.2, 0.0)
"""How much of the best prices so far is mixed into new ones, so that they do not jump."""

STEP, SHORTER, SHORTEST = 0.1, 0.7, 0.002
PATIENCE = 12
"""The ascent steps by a share of the gap; after so many steps without gain, by a smaller one."""

MEMORY = 0.8
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
    """Prices on their way up; `best` is the bound so far, at the prices `centre`."""

    def __init__(self, desk: Desk, plan: Plan) -> None:
        self._desk = desk
        self._pricing = Pricing(desk.choices, desk.grid)
        self._plan = plan
        self._target = float(cost_of(desk.choices, plan))
        self._capacity: Floats = np.maximum(desk.base.free, 0).astype(float)
        self._centre: Floats = np.zeros(self._capacity.shape)
        self._ways: list[dict[Choice, None]] = [{} for _ in desk.choices]
        self._best = -np.inf
        self.rounds = 0

    def enough(self, rounds: int, stop: Callable[[], bool]) -> bool:
        """Return whether to end: by rounds, by `stop`, or because the bound meets the plan."""
        return self.rounds >= rounds or self.proven() >= self._target or stop()

    def proven(self) -> float:
        """Return the bound; what a plan costs is a whole number, so that it is rounded up."""
        return float(max(math.ceil(self._best - 1e-6), 0)) if self._best > 0 else 0.0

    def prices(self) -> Floats:
        """Return the prices of the bound."""
        return self._centre

    def ascend(self, rounds: int, stop: Callable[[], bool]) -> None:
        """Raise prices where too much is asked for, lower them where there is room."""
        share, waited = STEP, 0
        prices = self._centre
        direction: Floats | None = None
        while share > SHORTEST and not self.enough(rounds, stop):
            before = self._best
            value, picked = self._price(prices)
            if self._best > before + 1e-5 * abs(before):
                waited = 0
            elif (waited := waited + 1) > PATIENCE:
                share, waited, prices, direction = share * SHORTER, 0, self._centre, None
                continue
            asked = self._pricing.usage(picked) - self._capacity
            asked[(prices <= 0) & (asked < 0)] = 0
            direction = asked if direction is None else MEMORY * direction + (1 - MEMORY) * asked
            length = share * (self._target - value) / max(float((direction**2).sum()), 1e-9)
            prices = np.maximum(prices + length * direction, 0)

    def generate(self, rounds: int, stop: Callable[[], bool]) -> bool:
        """Take prices from the linear program; return whether it was solved to the end."""
        master = Master(self._desk, self._capacity)
        for n, (ways, choice) in enumerate(zip(self._ways, self._plan, strict=True)):
            for way in (*list(ways)[-LAST_WAYS:], *([choice] if choice is not None else [])):
                master.add(n, way)
        while not self.enough(rounds, stop):
            value, prices = master.solve(stop)
            if stop():
                return False
            if value - self._best <= CLOSE * max(value, 1.0):
                return True
            if not any(self._offer(master, prices, weight) for weight in WEIGHTS):
                return True
        return False

    def _offer(self, master: Master, prices: Floats, weight: float) -> bool:
        """Price between the best prices and new ones; return whether a way is new to the program."""
        _, picked = self._price(weight * self._centre + (1 - weight) * prices)
        added = [master.add(n, choice) for n, choice in enumerate(picked) if choice is not None]
        return any(added)

    def _price(self, prices: Floats) -> tuple[float, Plan]:
        """Return the bound at these prices, and the cheapest way of each course."""
        values = self._pricing.values(prices)
        bound = -float((prices * self._capacity).sum())
        picked: Plan = []
        for n in range(len(self._desk.choices)):
            paid, choice = self._pricing.reduced(n, values)
            bound += paid
            picked.append(choice)
            if choice is not None:
                self._ways[n].pop(choice, None)
                self._ways[n][choice] = None
        self.rounds += 1
        if bound > self._best:
            self._best, self._centre = bound, prices
        return bound, picked
