"""Ruin and recreate: take some courses out, put each back where it is cheapest, keep what is better."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random

import numpy as np

from overstory.pathway.timetable.choices import Choice, Choices, lift, put
from overstory.pathway.timetable.occupancy import Grid, Occupancy
from overstory.pathway.timetable.search import cheapest

Plan = list[Choice | None]
MOST_RUINED = 6
NEAREST = 40
APART = 1000.0
SKIP = 0.03
HOT, COLD = 20.0, 0.5
"""Temperatures of the acceptance, in points of the objective: worse plans are kept at times."""


class Improver:
    """
    A plan that is made better step by step.

    `choices` are the courses, `plan` where each stands, `best` the best plan so far. The same random
    generator and number of steps give the same plan.
    """

    def __init__(
        self, choices: Sequence[Choices], plan: Plan, occupancy: Occupancy, rng: Random
    ) -> None:
        self.choices = choices
        self.plan = list(plan)
        self.occupancy = occupancy
        self.rng = rng
        self.cost = cost_of(choices, plan)
        self.best = list(plan)
        self.best_cost = self.cost
        self._free = occupancy.free.copy()
        self._neighbours = _neighbours(choices, occupancy.grid)

    def step(self, temperature: float) -> None:
        """Ruin and recreate once, and keep or undo it."""
        ruined = self._ruined()
        before = [(n, self.plan[n]) for n in ruined]
        np.copyto(self._free, self.occupancy.free)
        old = sum(self._cost(n) for n in ruined)
        for n in ruined:
            self._take_out(n)
        self._order(ruined)
        for n in ruined:
            self._put_back(n)
        change = sum(self._cost(n) for n in ruined) - old
        if change <= 0 or self.rng.random() < math.exp(-change / temperature):
            self.cost += change
            if self.cost < self.best_cost:
                self.best, self.best_cost = list(self.plan), self.cost
        else:
            self.occupancy.restore(self._free)
            for n, choice in before:
                self.plan[n] = choice

    def _ruined(self) -> list[int]:
        size = self.rng.randint(1, min(MOST_RUINED, len(self.choices)))
        centre = self._centre()
        near = self._neighbours[centre]
        span = min(len(near), 3 * size)
        picked = self.rng.sample(range(span), min(size - 1, span))
        return [centre, *(near[n] for n in picked)]

    def _centre(self) -> int:
        """A course to begin with: the costlier of two."""
        one, other = (self.rng.randrange(len(self.choices)) for _ in range(2))
        return one if self._cost(one) >= self._cost(other) else other

    def _order(self, ruined: list[int]) -> None:
        self.rng.shuffle(ruined)
        way = self.rng.random()
        if way < 0.4:
            ruined.sort(key=lambda n: -self.choices[n].course.urgency)
        elif way < 0.6:
            ruined.sort(key=lambda n: self.choices[n].course.wish)
        elif way < 0.8:
            ruined.sort(key=lambda n: -self.choices[n].course.sessions)

    def _cost(self, n: int) -> int:
        choice = self.plan[n]
        return self.choices[n].unplaced_cost if choice is None else choice.cost

    def _take_out(self, n: int) -> None:
        choice = self.plan[n]
        if choice is not None:
            lift(self.choices[n], choice, self.occupancy)
            self.plan[n] = None

    def _put_back(self, n: int) -> None:
        choice = cheapest(self.choices[n], self.occupancy, rng=self.rng, skip=SKIP)
        if choice is not None and choice.cost < self.choices[n].unplaced_cost:
            put(self.choices[n], choice, self.occupancy)
            self.plan[n] = choice


def improve(
    improver: Improver, *, steps: int, stop: Callable[[], bool], progress: Callable[[int], float]
) -> None:
    """
    Take steps until there are enough or `stop` answers true.

    `progress` says, from 0 to 1, how far along a step is: the temperature falls with it.
    """
    for n in range(steps):
        if stop():
            return
        part = min(max(progress(n), 0.0), 1.0)
        improver.step(HOT * (COLD / HOT) ** part)


def cost_of(choices: Sequence[Choices], plan: Sequence[Choice | None]) -> int:
    """Return what a plan costs by the objective."""
    return sum(
        each.unplaced_cost if choice is None else choice.cost
        for each, choice in zip(choices, plan, strict=True)
    )


def _neighbours(choices: Sequence[Choices], grid: Grid) -> list[list[int]]:
    """For each course others, first those that want the same places at about the same time."""
    pools = np.zeros((len(choices), len(grid.pools)), bool)
    for n, each in enumerate(choices):
        for stage in each.stages:
            for kind, _ in stage.by_kind:
                pools[n, [use.pool for use in grid.uses[kind]]] = True
    wishes = np.array([each.course.wish.toordinal() for each in choices], float)
    hours = np.array([each.course.prefer / 60 for each in choices])
    found = []
    for n in range(len(choices)):
        far = np.abs(wishes - wishes[n]) + np.abs(hours - hours[n])
        far[~(pools & pools[n]).any(axis=1)] += APART
        far[n] = np.inf
        found.append(np.argsort(far, kind="stable")[: min(NEAREST, len(choices) - 1)].tolist())
    return found
