"""Ruin and recreate: take some courses out, put each back where it is cheapest, keep what is better."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from overstory.pathway.timetable.choices import Choice, Choices, lift, put
from overstory.pathway.timetable.occupancy import Grid, Occupancy
from overstory.pathway.timetable.search import cheapest
from overstory.pathway.timetable.wishes import Standing, freedom, wished

Plan = list[Choice | None]
NEAREST = 40
APART = 1000.0
SKIP = 0.03
ROOM = 0.4
"""How often room is made for one course, whoever stands there; else some neighbours are ruined."""

MOST_IN_THE_WAY = 12
GUIDED = 0.85
SHARES = (0.5, 1.0)
"""How often a guide is asked, and with what share of its prices."""

COLD = 0.5
"""The last temperature of the acceptance, in points of the objective: worse plans are kept at times."""


class Guiding(Protocol):
    """Something that knows a better way for a course than the cheapest of the moment."""

    def knows(self, choices: Choices) -> bool: ...

    def way(self, choices: Choices, occupancy: Occupancy, share: float) -> Choice | None: ...


class Improver:
    """
    A plan that is made better step by step.

    `choices` are the courses, `plan` where each stands, `best` the best plan so far; with a `guide`
    courses are mostly put where that says. The same random generator and number of steps give the
    same plan. At most `most_ruined` courses are taken out at a time; `hot` is the first temperature.
    """

    most_ruined = 10
    hot = 30.0

    def __init__(
        self,
        choices: Sequence[Choices],
        plan: Plan,
        occupancy: Occupancy,
        rng: Random,
        guide: Guiding | None = None,
    ) -> None:
        self.choices = choices
        self.plan = list(plan)
        self.occupancy = occupancy
        self.rng = rng
        self.guide = guide
        self.cost = cost_of(choices, plan)
        self.best = list(plan)
        self.best_cost = self.cost
        self._touched: set[int] = set()
        self._free = occupancy.free.copy()
        self._freedom = [freedom(each) for each in choices]
        takes = _takes(choices, occupancy.grid)
        self._standing = Standing(choices, occupancy.grid)
        for n, choice in enumerate(plan):
            self._standing.stand(n, choice)
        self._neighbours = _neighbours(choices, takes)

    def step(self, temperature: float) -> None:
        """Ruin and recreate once, and keep or undo it."""
        before = list(self.plan)
        self._touched.clear()
        np.copyto(self._free, self.occupancy.free)
        if self.rng.random() < ROOM:
            centre = self._centre()
            ruined = self._room_for(centre)
            if ruined is None:
                self._undo(before)
                return
        else:
            centre, ruined = None, self._ruined()
            for n in ruined:
                self._take_out(n)
        self._order(ruined)
        for n in ruined:
            self._put_back(n)
        touched = ruined if centre is None else [centre, *ruined]
        change = sum(self._cost(n) - self._cost_of(n, before[n]) for n in touched)
        if change <= 0 or self.rng.random() < math.exp(-change / temperature):
            self.cost += change
            if self.cost < self.best_cost:
                self.best, self.best_cost = list(self.plan), self.cost
        else:
            self._undo(before)

    def _undo(self, before: Plan) -> None:
        self.occupancy.restore(self._free)
        for n in self._touched:
            self._standing.stand(n, before[n])
        self.plan = before

    def _room_for(self, centre: int) -> list[int] | None:
        """
        Place a course where it would cost less, and take out who stands in its way.

        Return who was taken out, or None where it cannot cost less or too many stand there.
        """
        choice = self._wish(centre)
        if choice is None:
            return None
        self._take_out(centre)
        self._place(centre, choice)
        gone: list[int] = []
        while len(gone) <= MOST_IN_THE_WAY:
            where = self._lacking()
            if where is None:
                return gone
            there = [n for n in self._standing.at(*where) if n != centre]
            if not there:
                return None
            gone.append(self.rng.choice(there))
            self._take_out(gone[-1])
        return None

    def _lacking(self) -> tuple[int, int, int] | None:
        """A pool, day and step at which too much is taken, if there is one."""
        free = self.occupancy.free
        flat = int(free.argmin())
        pool, day, step = (int(each) for each in np.unravel_index(flat, free.shape))
        return (pool, day, step) if free[pool, day, step] < 0 else None

    def _ruined(self) -> list[int]:
        size = self.rng.randint(1, min(self.most_ruined, len(self.choices)))
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
        elif way < 0.9:
            ruined.sort(key=lambda n: self._freedom[n])

    def _cost(self, n: int) -> int:
        return self._cost_of(n, self.plan[n])

    def _cost_of(self, n: int, choice: Choice | None) -> int:
        return self.choices[n].unplaced_cost if choice is None else choice.cost

    def _take_out(self, n: int) -> None:
        choice = self.plan[n]
        if choice is not None:
            lift(self.choices[n], choice, self.occupancy)
            self.plan[n] = None
            self._standing.stand(n, None)
            self._touched.add(n)

    def _put_back(self, n: int) -> None:
        choice = self._find(n)
        if choice is not None and choice.cost < self.choices[n].unplaced_cost:
            self._place(n, choice)

    def _place(self, n: int, choice: Choice) -> None:
        put(self.choices[n], choice, self.occupancy)
        self.plan[n] = choice
        self._standing.stand(n, choice)
        self._touched.add(n)

    def _wish(self, n: int) -> Choice | None:
        return wished(self.choices[n], self._cost(n), self.rng)

    def _find(self, n: int) -> Choice | None:
        choices = self.choices[n]
        if self.guide is not None and self.rng.random() < GUIDED and self.guide.knows(choices):
            return self.guide.way(choices, self.occupancy, self.rng.choice(SHARES))
        return cheapest(choices, self.occupancy, rng=self.rng, skip=SKIP)


def improve(
    improver: Improver, *, steps: int, stop: Callable[[], bool], progress: Callable[[int], float]
) -> None:
    """
    Take steps until there are enough, `stop` answers true, or all is past.

    `progress` says, from 0 to 1, how far along a step is: the temperature falls with it.
    """
    for n in range(steps):
        if stop():
            return
        part = max(progress(n), 0.0)
        if part >= 1:
            return
        improver.step(improver.hot * (COLD / improver.hot) ** part)


def cost_of(choices: Sequence[Choices], plan: Sequence[Choice | None]) -> int:
    """Return what a plan costs by the objective."""
    return sum(
        each.unplaced_cost if choice is None else choice.cost
        for each, choice in zip(choices, plan, strict=True)
    )


def _takes(choices: Sequence[Choices], grid: Grid) -> NDArray[np.bool_]:
    """Which courses take of which pools."""
    found = np.zeros((len(choices), len(grid.pools)), bool)
    for n, each in enumerate(choices):
        for stage in each.stages:
            for kind, _ in stage.by_kind:
                found[n, [use.pool for use in grid.uses[kind]]] = True
    return found


def _neighbours(choices: Sequence[Choices], takes: NDArray[np.bool_]) -> list[list[int]]:
    """For each course others, first those that want the same places at about the same time."""
    wishes = np.array([each.course.wish.toordinal() for each in choices], float)
    hours = np.array([each.course.prefer / 60 for each in choices])
    found = []
    for n in range(len(choices)):
        far = np.abs(wishes - wishes[n]) + np.abs(hours - hours[n])
        far[~(takes & takes[n]).any(axis=1)] += APART
        far[n] = np.inf
        found.append(np.argsort(far, kind="stable")[: min(NEAREST, len(choices) - 1)].tolist())
    return found
