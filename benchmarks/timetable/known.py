"""The best plans and bounds known of the published instances: `known.json`, checked when read."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.timetable.generator import Key, instance_of, keys
from overstory.pathway.timetable.bound import lower_bound
from overstory.pathway.timetable.choices import Choice, put
from overstory.pathway.timetable.planning import Desk, desk_of
from overstory.pathway.timetable.ruin import Plan, cost_of
from overstory.pathway.timetable.solving import solve

FILE = Path(__file__).with_name("known.json")
Line = dict[str, Any]


class KnownPlanError(ValueError):
    """A published plan that does not fit its instance, or does not cost what it says."""


def improved(sizes: Sequence[int], seeds: Sequence[int], seconds: float) -> Iterator[Line]:
    """Yield each instance with its best plan and bound, after looking for better ones for a time."""
    known = read()
    for key in keys():
        if key.size not in sizes or key.seed not in seeds:
            continue
        desk = desk_of(instance_of(key))
        entry = known.get(key.name)
        plan = None if entry is None else plan_of(entry, desk, key)
        bound = 0.0 if entry is None else float(entry["bound"])
        if seconds > 0:
            plan, bound = _better(desk, plan, bound, seconds)
            write(read() | {key.name: _entry(desk, plan, bound)})
        if plan is not None:
            cost = cost_of(desk.choices, plan)
            gap = round((cost - bound) / bound, 4) if bound else None
            yield {"instance": key.name, "cost": cost, "bound": bound, "gap": gap}


def read() -> dict[str, Line]:
    """Return the published plans and bounds by the name of their instance."""
    found: dict[str, Line] = json.loads(FILE.read_text()) if FILE.exists() else {}
    return found


def write(known: dict[str, Line]) -> None:
    """Write them, one instance a line."""
    lines = (f"{json.dumps(name)}: {json.dumps(known[name])}" for name in sorted(known))
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def plan_of(entry: Line, desk: Desk, key: Key) -> Plan:
    """
    Return a published plan.

    :raises KnownPlanError: if it takes more than there is, or costs something else.
    """
    plan: Plan = []
    occupancy = desk.base.copy()
    misfits = [
        {tick: points for points, bits in each.levels for tick in range(64) if bits >> tick & 1}
        for each in desk.choices
    ]
    for choices, way, misfit in zip(desk.choices, entry["plan"], misfits, strict=True):
        if way is None:
            plan.append(None)
            continue
        rows, ticks = tuple(way[0::2]), tuple(way[1::2])
        for stage, row, tick in zip(choices.stages, rows, ticks, strict=True):
            if not int(stage.legal[row]) >> tick & 1:
                raise KnownPlanError(f"{key.name}: {choices.course.id} cannot come then")
        cost = sum(stage.cost[row] for stage, row in zip(choices.stages, rows, strict=True))
        plan.append(Choice(cost + sum(misfit[tick] for tick in ticks), rows, ticks))
        put(choices, plan[-1] or Choice(0, (), ()), occupancy)
    if (occupancy.free < 0).any() or cost_of(desk.choices, plan) != entry["cost"]:
        raise KnownPlanError(f"{key.name}: the plan does not fit, or does not cost {entry['cost']}")
    return plan


def _better(desk: Desk, plan: Plan | None, bound: float, seconds: float) -> tuple[Plan, float]:
    began = time.monotonic()
    rng = Random(time.time_ns())  # noqa: S311
    solved = solve(desk, rng=rng, part=lambda: (time.monotonic() - began) / seconds)
    best = solved.plan
    if plan is not None and cost_of(desk.choices, plan) < cost_of(desk.choices, best):
        best = plan
    since = time.monotonic()
    found = lower_bound(desk, plan=best, stop=lambda: time.monotonic() - since > seconds)
    return best, max(bound, found.cost, solved.bound.cost)


def _entry(desk: Desk, plan: Plan, bound: float) -> Line:
    """A plan in short: for each course its row and step of each stage, or null."""
    return {
        "cost": cost_of(desk.choices, plan),
        "bound": bound,
        "plan": [
            None
            if choice is None
            else [n for pair in zip(choice.rows, choice.ticks, strict=True) for n in pair]
            for choice in plan
        ],
    }
