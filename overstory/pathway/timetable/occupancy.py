"""What is still free, as bits: for a visit and a day, the steps at which it could begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from overstory.pathway.timetable.capacity import Amounts, capacities
from overstory.pathway.timetable.dates import open_days
from overstory.pathway.timetable.instance import MOST_TICKS, Clinic, Instance, Need, Role, Visit

Bits = NDArray[np.uint64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Use:
    """What a visit takes of one pool: steps from its begin, and how much."""

    pool: int
    begins: int
    ends: int
    amount: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The instance on the grid: open days, pools, and what each visit takes."""

    clinic: Clinic
    days: tuple[date, ...]
    number: Mapping[date, int]
    pools: tuple[str, ...]
    kinds: Mapping[str, int]
    uses: tuple[tuple[Use, ...], ...]
    capacity: Amounts
    levels: tuple[tuple[int, ...], ...]


def grid_of(instance: Instance) -> Grid:
    """Return the instance on the grid; needs are rounded outwards to whole steps."""
    days = open_days(instance.clinic)
    pools = (*(place.id for place in instance.places), *(role.id for role in instance.roles))
    roles = {each.id: each for each in instance.roles}
    uses = tuple(_uses(visit, pools, roles, instance.clinic) for visit in instance.visits)
    levels = tuple(
        tuple(sorted({use.amount for each in uses for use in each if use.pool == pool}))
        for pool in range(len(pools))
    )
    return Grid(
        clinic=instance.clinic,
        days=days,
        number={day: n for n, day in enumerate(days)},
        pools=pools,
        kinds={visit.id: n for n, visit in enumerate(instance.visits)},
        uses=uses,
        capacity=capacities(instance, days),
        levels=levels,
    )


def _uses(
    visit: Visit, pools: Sequence[str], roles: Mapping[str, Role], clinic: Clinic
) -> tuple[Use, ...]:
    """What a visit takes, in steps; where needs of one pool overlap, their amounts add up."""
    by_pool: dict[int, dict[int, int]] = {}
    for need in visit.needs:
        taken = by_pool.setdefault(pools.index(need.of), {})
        begins = need.begins // clinic.grid_minutes
        ends = -(-need.ends // clinic.grid_minutes)
        for tick in range(begins, ends):
            taken[tick] = taken.get(tick, 0) + _amount(need, roles)
    return tuple(use for pool, taken in by_pool.items() for use in _runs(pool, taken))


def _runs(pool: int, taken: Mapping[int, int]) -> list[Use]:
    found: list[Use] = []
    for tick in sorted(taken):
        amount = taken[tick]
        if found and found[-1].ends == tick and found[-1].amount == amount:
            found[-1] = Use(pool, found[-1].begins, tick + 1, amount)
        else:
            found.append(Use(pool, tick, tick + 1, amount))
    return found


def _amount(need: Need, roles: Mapping[str, Role]) -> int:
    if need.how == "watch" or need.of not in roles:
        return 1
    return roles[need.of].patients_per_monitor


class Occupancy:
    """
    How much of every pool is free, and where a visit fits.

    Mutable: `take` and `give_back` change it. The bits of a pool and an amount say at which steps of a
    day at least that much is free.
    """

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.free: Amounts = grid.capacity.copy()
        self._row = {
            (pool, amount): row
            for row, (pool, amount) in enumerate(
                (pool, amount) for pool, each in enumerate(grid.levels) for amount in each
            )
        }
        self._bits: Bits = np.zeros((len(self._row), len(grid.days)), np.uint64)
        self._stale = set(range(len(grid.pools)))

    def starts(self, kind: int) -> Bits:
        """Return for each open day the steps at which the patient of a visit could arrive."""
        found: Bits = np.full(len(self.grid.days), _all_ticks(self.grid.clinic), np.uint64)
        for use in self.grid.uses[kind]:
            if use.pool in self._stale:
                self._refresh(use.pool)
            fits = _eroded(self._bits[self._row[use.pool, use.amount]], use.ends - use.begins)
            if use.begins >= 0:
                found &= fits >> np.uint64(use.begins)
            else:
                found &= fits << np.uint64(-use.begins)
        return found

    def take(self, kind: int, days: Places, tick: int) -> None:
        """Take what a visit needs, on each of the days (each once), for a patient arriving at a step."""
        self._change(kind, days, tick, -1)

    def give_back(self, kind: int, days: Places, tick: int) -> None:
        """Give back what a visit took."""
        self._change(kind, days, tick, 1)

    def hold(self, holds: Sequence[Use], day: int) -> None:
        """Take what a booked session needs on a day; its uses are in steps of that day."""
        for use in holds:
            begins, ends = max(use.begins, 0), max(use.ends, 0)
            self.free[use.pool, day, begins:ends] -= use.amount
            self._stale.add(use.pool)

    def copy(self) -> Occupancy:
        """Return another that begins as this one is."""
        other = Occupancy(self.grid)
        np.copyto(other.free, self.free)
        return other

    def restore(self, free: Amounts) -> None:
        """Go back to what was free."""
        np.copyto(self.free, free)
        self._stale.update(range(len(self.grid.pools)))

    def _change(self, kind: int, days: Places, tick: int, sign: int) -> None:
        for use in self.grid.uses[kind]:
            begins, ends = max(tick + use.begins, 0), tick + use.ends
            self.free[use.pool][days, begins:ends] += sign * use.amount
            self._stale.add(use.pool)

    def _refresh(self, pool: int) -> None:
        """Work out the bits of a pool again: all its days at once, and only when they are asked for."""
        self._stale.discard(pool)
        for amount in self.grid.levels[pool]:
            packed = np.packbits(self.free[pool] >= amount, axis=1, bitorder="little")
            self._bits[self._row[pool, amount]] = packed.view(np.uint64)[:, 0]


def _eroded(bits: Bits, length: int) -> Bits:
    """The steps from which so many steps in a row are set."""
    reached = 1
    while reached < length:
        shift = min(reached, length - reached)
        bits = bits & (bits >> np.uint64(shift))
        reached += shift
    return bits


def _all_ticks(clinic: Clinic) -> int:
    assert clinic.ticks <= MOST_TICKS
    return (1 << clinic.ticks) - 1
