"""The best plan within a time: improve, learn prices from a bound, improve by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from overstory.pathway.timetable.bound import Bound, lower_bound
from overstory.pathway.timetable.guide import Guide
from overstory.pathway.timetable.planning import Desk, best_plan, better_plan
from overstory.pathway.timetable.ruin import Plan

PLANNED, PRICED = 0.25, 0.4
"""The shares of the time after which the first plan and the prices are to be there."""


@dataclass(frozen=True, slots=True)
class Solved:
    """A plan, and the bound that was proven on the way."""

    plan: Plan
    bound: Bound


def solve(
    desk: Desk, *, rng: Random, part: Callable[[], float], steps: int = 10**9, rounds: int = 10**6
) -> Solved:
    """
    Return the best plan found, never worse than first-fit, and a bound.

    `part` says what share of the time has passed; at 1 it ends. With `part` that does not look at a
    clock, the same generator, steps and rounds give the same plan.
    """
    first = best_plan(
        desk,
        rng=rng,
        steps=steps,
        stop=lambda: part() >= PLANNED,
        progress=lambda _: part() / PLANNED,
    )
    bound = lower_bound(desk, plan=first, rounds=rounds, stop=lambda: part() >= PRICED)
    if bound.prices is None:
        return Solved(first, bound)
    plan = better_plan(
        desk,
        first,
        guide=Guide(desk, bound.prices),
        rng=rng,
        steps=steps,
        progress=lambda _: (part() - PRICED) / (1 - PRICED),
    )
    return Solved(plan, bound)
