"""The exact model of a day's repair, by CP-SAT, and the proof that fewer changes will not do."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from overstory.pathway.timetable.instance import MOST_TICKS
from overstory.pathway.timetable.occupancy import Use

Free = NDArray[np.int_]
"""What there is of each pool at each step of the day."""

LEAST_LEFT = 0.02
MOST_MOVABLE = 40
"""A model of more items than this ends without an answer in the time that there is."""

PRIMARY = 10_000
"""A change counts so much more than a step of the grid by which a session is shifted."""


@dataclass(frozen=True, slots=True)
class Item:
    """A session of the day: its visit, its step, and the steps at which it could begin (bits)."""

    kind: int
    tick: int
    allowed: int


@dataclass(slots=True)
class Limit:
    """
    How much all solving may still take together; mutable, it is spent.

    `effort` is in the solver's own deterministic units, about seconds. `seconds` are those of the clock,
    for a machine that is slow; without them no clock decides what is found.
    """

    effort: float
    seconds: float = math.inf

    def is_left(self) -> bool:
        """Return whether there is any left."""
        return self.effort > LEAST_LEFT and self.seconds > LEAST_LEFT

    def spend(self, solver: cp_model.CpSolver, model: cp_model.CpModel) -> object:
        """Solve a model and take off what that took; return the status."""
        status: object = solver.solve(model)
        self.effort -= float(solver.response_proto.deterministic_time)
        self.seconds -= solver.wall_time
        return status


@dataclass(frozen=True, slots=True)
class Repaired:
    """The step of each item, None for another day; what the changes count; and the proven least."""

    ticks: tuple[int | None, ...]
    count: int
    least: int


def repaired(
    items: Sequence[Item],
    free: Free,
    uses: Sequence[Sequence[Use]],
    *,
    postponed: int,
    limit: Limit,
) -> Repaired:
    """
    Return the items at steps that fit, with the fewest changes found, and the fewest there could be.

    First the fewest that must give way in any case are put where there is room, or where one other
    makes room; where that takes no more changes, it is proven best. Else what stands where there is
    too little may move, then everything that shares places or staff with it, within the `limit` of all
    that is solved together.
    """
    day = _Day(items, free, uses, postponed)
    short = day.short()
    if not short:
        return Repaired(tuple(each.tick for each in items), 0, 0)
    gone, least = day.must_give_way(limit)
    best = day.put_elsewhere(gone)
    for movable in (day.nearest(short, best), day.connected(short)):
        if best.count <= least or not limit.is_left() or len(movable) > MOST_MOVABLE:
            break
        found = day.solve(movable, limit, best)
        best = min(best, found, key=lambda each: each.count)
    else:
        least = max(least, found.least)
    return Repaired(best.ticks, best.count, min(least, best.count))


class _Day:
    def __init__(
        self, items: Sequence[Item], free: Free, uses: Sequence[Sequence[Use]], postponed: int
    ) -> None:
        self._items = items
        self._free = free
        self._uses = uses
        self._postponed = postponed

    def short(self) -> list[int]:
        """The items that stand where there is too little."""
        used = np.zeros_like(self._free)
        for item in self._items:
            self._add(used, item.kind, item.tick)
        lacking = used > self._free
        return [n for n, item in enumerate(self._items) if self._hits(item, lacking)]

    def connected(self, some: Collection[int]) -> list[int]:
        """The items that share places or staff with some, or with others that do."""
        pools = {use.pool for n in some for use in self._uses[self._items[n].kind]}
        while True:
            more = {
                use.pool
                for item in self._items
                if any(use.pool in pools for use in self._uses[item.kind])
                for use in self._uses[item.kind]
            }
            if more <= pools:
                break
            pools |= more
        return [
            n
            for n, item in enumerate(self._items)
            if any(use.pool in pools for use in self._uses[item.kind])
        ]

    def nearest(self, some: Collection[int], best: Repaired) -> list[int]:
        """Those of some that stand nearest in time to what a repair moves, as many as can be solved."""
        moved = [
            item.tick
            for item, tick in zip(self._items, best.ticks, strict=True)
            if tick != item.tick
        ]
        near = sorted(some, key=lambda n: min(abs(self._items[n].tick - each) for each in moved))
        return sorted(near[:MOST_MOVABLE])

    def must_give_way(self, limit: Limit) -> tuple[list[int], int]:
        """A set of items without which the rest fits, and how many there must be at least."""
        model = cp_model.CpModel()
        stays = [model.new_bool_var("") for _ in self._items]
        load = _Load(self._free)
        for item, stay in zip(self._items, stays, strict=True):
            load.add(self._uses[item.kind], item.tick, stay)
        load.limit(model)
        model.maximize(sum(stays))
        solver = _solver(limit)
        if limit.spend(solver, model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return list(range(len(self._items))), 0
        gone = [n for n, stay in enumerate(stays) if not solver.boolean_value(stay)]
        return gone, len(self._items) - int(solver.best_objective_bound + 1e-6)

    def put_elsewhere(self, gone: Collection[int]) -> Repaired:
        """Put some items, one after another, at the nearest step where there is room, or on another day."""
        ticks: list[int | None] = [each.tick for each in self._items]
        used = np.zeros_like(self._free)
        for n, item in enumerate(self._items):
            if n not in gone:
                self._add(used, item.kind, item.tick)
        for n in gone:
            ticks[n] = self._nearest_room(self._items[n], used)
            if ticks[n] is not None:
                self._add(used, self._items[n].kind, ticks[n] or 0)
        for n in gone:
            if ticks[n] is None:
                self._make_room(n, ticks, used)
        return Repaired(tuple(ticks), self._count(ticks), 0)

    def _make_room(self, n: int, ticks: list[int | None], used: Free) -> None:
        """Put an item where one other, that has room elsewhere, makes room for it."""
        item = self._items[n]
        for other, there in enumerate(self._items):
            if ticks[other] != there.tick or not self._share(there.kind, item.kind):
                continue
            self._add(used, there.kind, there.tick, -1)
            tick = self._nearest_room(item, used)
            if tick is not None:
                self._add(used, item.kind, tick)
                to = self._nearest_room(there, used)
                if to is not None:
                    self._add(used, there.kind, to)
                    ticks[n], ticks[other] = tick, to
                    return
                self._add(used, item.kind, tick, -1)
            self._add(used, there.kind, there.tick)

    def _share(self, one: int, other: int) -> bool:
        """Whether two visits take of the same pool."""
        pools = {use.pool for use in self._uses[one]}
        return any(use.pool in pools for use in self._uses[other])

    def _nearest_room(self, item: Item, used: Free) -> int | None:
        """The step nearest to where an item stood at which it may begin and there is room."""
        room = self._room(used, item.kind)
        near = [tick for tick in _ticks(item.allowed) if room[tick]]
        return min(near, key=lambda tick: abs(tick - item.tick), default=None)

    def _count(self, ticks: Sequence[int | None]) -> int:
        return sum(
            self._postponed if tick is None else int(tick != item.tick)
            for tick, item in zip(ticks, self._items, strict=True)
        )

    def _room(self, used: Free, kind: int) -> NDArray[np.bool_]:
        """The steps at which there is room for a visit."""
        steps = np.arange(MOST_TICKS)
        found = np.ones(MOST_TICKS, bool)
        for use in self._uses[kind]:
            lacking = used[use.pool] + use.amount > self._free[use.pool]
            before = np.concatenate([[0], np.cumsum(lacking)])
            begins, ends = steps + use.begins, steps + use.ends
            inside = (begins >= 0) & (ends <= MOST_TICKS)
            found &= inside
            found[inside] &= before[ends[inside]] == before[begins[inside]]
        return found

    def solve(self, movable: Collection[int], limit: Limit, hint: Repaired) -> Repaired:
        """Return the best found when only some items may move; `least` holds for those."""
        model = cp_model.CpModel()
        load = _Load(self._free)
        starts: list[dict[int, cp_model.IntVar]] = [{} for _ in self._items]
        costs = []
        for n, item in enumerate(self._items):
            if n not in set(movable):
                load.add(self._uses[item.kind], item.tick, 1)
                continue
            ticks = {item.tick, *_ticks(item.allowed)}
            for tick in ticks:
                starts[n][tick] = model.new_bool_var("")
                load.add(self._uses[item.kind], tick, starts[n][tick])
                if tick != item.tick:
                    costs.append((PRIMARY + abs(tick - item.tick)) * starts[n][tick])
            away = model.new_bool_var("")
            model.add_exactly_one([*starts[n].values(), away])
            costs.append(PRIMARY * self._postponed * away)
            for tick, variable in starts[n].items():
                model.add_hint(variable, hint.ticks[n] == tick)
            model.add_hint(away, hint.ticks[n] is None)
        load.limit(model)
        model.minimize(sum(costs))
        return self._read(model, starts, set(movable), limit)

    def _read(
        self,
        model: cp_model.CpModel,
        starts: Sequence[dict[int, cp_model.IntVar]],
        movable: set[int],
        limit: Limit,
    ) -> Repaired:
        solver = _solver(limit)
        status = limit.spend(solver, model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            gone = tuple(None if n in movable else each.tick for n, each in enumerate(self._items))
            return Repaired(gone, self._postponed * len(movable), 0)
        ticks: list[int | None] = []
        for n, item in enumerate(self._items):
            if n not in movable:
                ticks.append(item.tick)
            else:
                at = [tick for tick, each in starts[n].items() if solver.boolean_value(each)]
                ticks.append(at[0] if at else None)
        count = self._count(ticks)
        bound = max(solver.best_objective_bound, 0.0)  # each change weighs at most this much
        least = math.ceil(bound / (PRIMARY + MOST_TICKS) - 1e-6)
        return Repaired(tuple(ticks), count, count if status == cp_model.OPTIMAL else least)

    def _add(self, used: Free, kind: int, tick: int, sign: int = 1) -> None:
        for use in self._uses[kind]:
            used[use.pool, max(tick + use.begins, 0) : tick + use.ends] += sign * use.amount

    def _hits(self, item: Item, lacking: NDArray[np.bool_]) -> bool:
        return any(
            bool(lacking[use.pool, max(item.tick + use.begins, 0) : item.tick + use.ends].any())
            for use in self._uses[item.kind]
        )


class _Load:
    """What is asked of each pool at each step, as sums of variables."""

    def __init__(self, free: Free) -> None:
        self._free = free
        self._terms: dict[tuple[int, int], list[tuple[cp_model.IntVar, int]]] = {}
        self._fixed = np.zeros_like(free)

    def add(self, uses: Sequence[Use], tick: int, by: cp_model.IntVar | int) -> None:
        for use in uses:
            for step in range(max(tick + use.begins, 0), min(tick + use.ends, MOST_TICKS)):
                if isinstance(by, int):
                    self._fixed[use.pool, step] += use.amount
                else:
                    self._terms.setdefault((use.pool, step), []).append((by, use.amount))

    def limit(self, model: cp_model.CpModel) -> None:
        for (pool, step), terms in self._terms.items():
            left = int(self._free[pool, step] - self._fixed[pool, step])
            if sum(amount for _, amount in terms) > left:
                model.add(sum(amount * each for each, amount in terms) <= max(left, 0))


def _solver(limit: Limit) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = limit.effort
    solver.parameters.max_time_in_seconds = limit.seconds
    solver.parameters.random_seed = 1
    return solver


def _ticks(bits: int) -> list[int]:
    return [tick for tick in range(bits.bit_length()) if bits >> tick & 1]
