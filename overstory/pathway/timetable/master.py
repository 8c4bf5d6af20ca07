"""The linear program over the ways of courses found so far, solved by GLOP."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from ortools.linear_solver import pywraplp  # type: ignore[import-untyped]  # it ships no types

from overstory.pathway.timetable.choices import Choice
from overstory.pathway.timetable.planning import Desk
from overstory.pathway.timetable.pricing import Floats, Numbers

SLACK = 1e-6


class Master:
    """
    One part of each course, spread over its ways, within what there is of places and staff.

    A limit enters once it is broken. Mutable: `add` gives it another way.
    """

    def __init__(self, desk: Desk, capacity: Floats) -> None:
        self._desk = desk
        self._capacity = capacity.ravel()
        self._shape = capacity.shape
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._objective = self._solver.Objective()
        self._objective.SetMinimization()
        self._one = [self._solver.Constraint(1, 1) for _ in desk.choices]
        for n, each in enumerate(desk.choices):
            self._variable(n, each.unplaced_cost)
        self._rows: dict[int, pywraplp.Constraint] = {}
        self._known: dict[tuple[int, Choice], int] = {}
        self._variables: list[pywraplp.Variable] = []
        self._where: list[Numbers] = []
        self._amount: list[Floats] = []

    def add(self, n: int, choice: Choice) -> bool:
        """Add a way of a course; return whether it is new."""
        if (n, choice) in self._known:
            return False
        self._known[n, choice] = len(self._variables)
        variable = self._variable(n, choice.cost)
        where, amount = self._use(n, choice)
        for place, much in zip(where.tolist(), amount.tolist(), strict=True):
            if place in self._rows:
                self._rows[place].SetCoefficient(variable, much)
        self._variables.append(variable)
        self._where.append(where)
        self._amount.append(amount)
        return True

    def solve(self, stop: Callable[[], bool]) -> tuple[float, Floats]:
        """Solve it, its broken limits added until none is; return its value and the prices."""
        while True:
            self._solver.Solve()
            broken = self._broken()
            if not len(broken) or stop():
                break
            self._limit(broken)
        prices = np.zeros(len(self._capacity))
        for place, row in self._rows.items():
            prices[place] = max(-row.dual_value(), 0.0)
        return self._objective.Value(), prices.reshape(self._shape)

    def ways(self) -> tuple[tuple[Choice, ...], ...]:
        """Return the ways of each course, those that the last solution uses first."""
        found: list[list[tuple[float, Choice]]] = [[] for _ in self._desk.choices]
        solved = [each.solution_value() for each in self._variables]
        for (n, choice), number in self._known.items():
            found[n].append((-solved[number], choice))
        return tuple(tuple(choice for _, choice in sorted(each)) for each in found)

    def _variable(self, n: int, cost: float) -> pywraplp.Variable:
        variable = self._solver.NumVar(0, self._solver.infinity(), "")
        self._objective.SetCoefficient(variable, cost)
        self._one[n].SetCoefficient(variable, 1)
        return variable

    def _broken(self) -> list[int]:
        used = np.zeros(len(self._capacity))
        for number, variable in enumerate(self._variables):
            part = variable.solution_value()
            if part > 1e-9:
                used[self._where[number]] += part * self._amount[number]
        found: list[int] = np.flatnonzero(used > self._capacity + SLACK).tolist()
        return found

    def _limit(self, places: Sequence[int]) -> None:
        new = {}
        for place in places:
            if place not in self._rows:
                limit = float(self._capacity[place])
                new[place] = self._solver.Constraint(-self._solver.infinity(), limit)
        self._rows.update(new)
        wanted = np.zeros(len(self._capacity), bool)
        wanted[list(new)] = True
        for number, variable in enumerate(self._variables):
            hit = wanted[self._where[number]]
            for place, much in zip(
                self._where[number][hit].tolist(), self._amount[number][hit].tolist(), strict=True
            ):
                new[place].SetCoefficient(variable, much)

    def _use(self, n: int, choice: Choice) -> tuple[Numbers, Floats]:
        """The places in pools × days × steps that a way takes, and how much of each."""
        grid = self._desk.grid
        _, days, ticks = self._shape
        where, amount = [], []
        stages = self._desk.choices[n].stages
        for stage, row, tick in zip(stages, choice.rows, choice.ticks, strict=True):
            for kind, sessions in stage.by_kind:
                on = stage.days[row, sessions]
                for use in grid.uses[kind]:
                    steps = np.arange(max(tick + use.begins, 0), tick + use.ends)
                    at = ((use.pool * days + on) * ticks)[:, None] + steps[None, :]
                    where.append(at.ravel())
                    amount.append(np.full(at.size, float(use.amount)))
        return np.concatenate(where), np.concatenate(amount)
