"""What is measured of timetables, one JSON object a line: medians over seeds, with their range."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from statistics import median
from typing import Any

from benchmarks.timetable.generator import LOADS, SEEDS, Key, instance_of
from benchmarks.timetable.rolling import simulate
from overstory.exchange.timetable_json import instance_json
from overstory.exchange.timetable_result import timetable_json
from overstory.pathway.timetable.booking import offers
from overstory.pathway.timetable.bound import lower_bound
from overstory.pathway.timetable.checker import violations
from overstory.pathway.timetable.choices import put
from overstory.pathway.timetable.explain import reasons
from overstory.pathway.timetable.instance import LATE_AFTER, Instance, Out, Session
from overstory.pathway.timetable.planning import (
    Desk,
    best_plan,
    desk_of,
    first_fit_plan,
    timetable_of,
)
from overstory.pathway.timetable.repair import repair_day
from overstory.pathway.timetable.ruin import Plan, cost_of
from overstory.pathway.timetable.solving import solve

Line = dict[str, Any]
DAY_SESSIONS = 250
NEAR = 25
DAYS = 10
GUIDED_FROM_S = 5.0
REPAIR_S = 0.4
"""So long the search may take by the clock, as in `overstory timetable repair`."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One instance planned within a time: its costs and late starts beside those of first-fit."""

    desk: Desk
    plan: Plan
    cost: int
    simple: int
    late: int
    simple_late: int
    seconds: float

    @property
    def ratio(self) -> float:
        """How many times as much first-fit costs."""
        return self.simple / max(self.cost, 1)


def warm_up() -> None:
    """Plan and bound the smallest instance once: imports and first calls are not measured."""
    desk = desk_of(instance_of(Key(20, 0.75, 0)))
    plan = best_plan(desk, rng=Random(0), steps=50)  # noqa: S311
    lower_bound(desk, plan=plan, rounds=20)


def planned(key: Key, seconds: float) -> Planned:
    """
    Plan an instance from its values to the plan within so many seconds, made ready and all.

    From five seconds on, a part of the time goes to prices that guide the rest.
    """
    instance = instance_of(key)
    began = time.perf_counter()
    desk = desk_of(instance)

    def part(_: int = 0) -> float:
        return (time.perf_counter() - began) / seconds

    rng = Random(0)  # noqa: S311
    if seconds >= GUIDED_FROM_S:
        plan = solve(desk, rng=rng, part=part).plan
    else:
        plan = best_plan(desk, rng=rng, steps=10**9, stop=lambda: part() >= 1, progress=part)
    spent = time.perf_counter() - began
    simple = first_fit_plan(desk)
    return Planned(
        desk=desk,
        plan=plan,
        cost=cost_of(desk.choices, plan),
        simple=cost_of(desk.choices, simple),
        late=late_in(desk, plan),
        simple_late=late_in(desk, simple),
        seconds=spent,
    )


def late_in(desk: Desk, plan: Plan) -> int:
    """Return how many courses of a plan start late; one without a place is late."""
    return sum(
        choice is None or each.stages[0].delay[choice.rows[0]] > LATE_AFTER[each.course.urgency]
        for each, choice in zip(desk.choices, plan, strict=True)
    )


def bound_of(found: Planned, seconds: float) -> float:
    """Return the bound proven in so many seconds."""
    began = time.perf_counter()
    bound = lower_bound(
        found.desk, plan=found.plan, stop=lambda: time.perf_counter() - began > seconds
    )
    return bound.cost


def against_first_fit(size: int, seconds: float, seeds: Sequence[int]) -> Iterator[Line]:
    """Cost and late starts of first-fit over ours, at each load."""
    for load in LOADS:
        found = [planned(Key(size, load, seed), seconds) for seed in seeds]
        late = [each.simple_late / max(each.late, 1) for each in found]
        yield {
            "benchmark": f"timetable of {size} courses against first-fit",
            "load": load,
            "seconds": seconds,
            "ratio": _range([each.ratio for each in found]),
            "late_ratio": _range(late),
            "late_first_fit": _range([each.simple_late for each in found]),
            "late": _range([each.late for each in found]),
            "sessions": _range([_sessions(each.desk.instance) for each in found]),
            "slowest_s": round(max(each.seconds for each in found), 2),
            "valid": all(_is_valid(each) for each in found),
        }


def gaps(size: int, seconds: float, aim: float, seeds: Sequence[int]) -> Iterator[Line]:
    """The gap to the proven bound: so many seconds for the plan, and as many for the bound."""
    for load in LOADS:
        found = [planned(Key(size, load, seed), seconds) for seed in seeds]
        bounds = [bound_of(each, seconds) for each in found]
        shares = [(each.cost - bound) / bound for each, bound in zip(found, bounds, strict=True)]
        yield {
            "benchmark": f"timetable of {size} courses, gap to the proven bound",
            "load": load,
            "seconds": seconds,
            "gap": _range(shares),
            "aim": aim,
            "within": median(shares) <= aim,
            "cost": [each.cost for each in found],
            "bound": bounds,
        }


def booking(seeds: Sequence[int]) -> Iterator[Line]:
    """One course of 36 sessions into a full clinic: the tables of what is free are built before."""
    times: list[float] = []
    for seed in seeds:
        desk = planned(Key(200, max(LOADS), seed), 1.0)
        occupancy = desk.desk.base.copy()
        last = [each for each in desk.desk.choices if each.course.sessions == 36][-20:]
        names = {each.course.id for each in last}
        for choices, choice in zip(desk.desk.choices, desk.plan, strict=True):
            if choice is not None and choices.course.id not in names:
                put(choices, choice, occupancy)
        for choices in last:
            for kind in desk.desk.grid.kinds.values():
                occupancy.starts(kind)
            began = time.perf_counter()
            offers(choices, occupancy)
            times.append((time.perf_counter() - began) * 1000)
    yield {
        "benchmark": "booking one course of 36 sessions into a full clinic",
        **_range(times),
        "unit": "ms",
        "budget": 5,
        "within": median(times) < 5,
        "bookings": len(times),
    }


def repairs(seeds: Sequence[int]) -> Iterator[Line]:
    """A day of about 250 sessions on which a device, or a technician, is out from the morning on."""
    moved: list[int] = []
    least: list[int] = []
    times: list[float] = []
    sizes: list[int] = []
    for seed in seeds:
        found = planned(Key(600, max(LOADS), seed), 5.0)
        sessions = timetable_of(found.desk, found.plan).sessions
        for on in _days(sessions)[: DAYS // len(seeds) or 1]:
            for broken in (_device_out(found.desk.instance, on), _ill(found.desk.instance, on)):
                began = time.perf_counter()
                repair = repair_day(instance=broken, sessions=sessions, on=on, seconds=REPAIR_S)
                times.append(time.perf_counter() - began)
                moved.append(len(repair.moves))
                least.append(repair.count - repair.least)
                sizes.append(sum(each.on == on for each in sessions))
    yield {
        "benchmark": "repairing a day of about 250 sessions",
        "seconds": _range(times),
        "budget_s": 1,
        "moved": _range(moved),
        "proven_minimum_met": sum(each == 0 for each in least),
        "of": len(least),
        "most_above_the_proven_minimum": max(least),
        "sessions": _range(sizes),
        "within": median(times) < 1 and median(moved) <= 5,
    }


def rolling(seeds: Sequence[int]) -> Iterator[Line]:
    """Requests that become known day by day: late starts of first-fit over ours, and moves."""
    for load in LOADS:
        found = [simulate(Key(200, load, seed)) for seed in seeds]
        late = [simple.late / max(ours.late, 1) for simple, ours in found]
        moves = [ours.moves_per_patient for _, ours in found]
        yield {
            "benchmark": "rolling timetable of 200 courses against first-fit",
            "load": load,
            "late_ratio": _range(late),
            "late_first_fit": _range([simple.late for simple, _ in found]),
            "late": _range([ours.late for _, ours in found]),
            "moves_per_patient": _range(moves),
            "aim": "late_ratio >= 1.5 at moves_per_patient <= 0.3",
            "within": median(late) >= 1.5 and median(moves) <= 0.3,
        }


MEASURES: dict[str, Callable[[Sequence[int]], Iterator[Line]]] = {
    "first-fit-200": lambda seeds: against_first_fit(200, 1.0, seeds),
    "gap-60": lambda seeds: gaps(60, 10.0, 0.05, seeds),
    "gap-200-10s": lambda seeds: gaps(200, 10.0, 0.15, seeds),
    "gap-200-60s": lambda seeds: gaps(200, 60.0, 0.15, seeds),
    "first-fit-600": lambda seeds: against_first_fit(600, 30.0, seeds[:1]),
    "book": booking,
    "repair": repairs,
    "rolling": rolling,
}


def lines(names: Sequence[str] = tuple(MEASURES), seeds: Sequence[int] = SEEDS) -> Iterator[Line]:
    """Yield what is measured under those names."""
    warm_up()
    for name in names:
        yield from MEASURES[name](seeds)


def _is_valid(found: Planned) -> bool:
    unplaced = reasons(found.desk, found.plan)
    timetable = timetable_of(found.desk, found.plan, unplaced=unplaced)
    return not violations(instance_json(found.desk.instance), timetable_json(timetable))


def _sessions(instance: Instance) -> int:
    return sum(each.sessions for each in instance.courses)


def _days(sessions: Sequence[Session]) -> list[date]:
    """The days with about 250 sessions, those with most for the devices first: the hardest to repair."""
    counts = Counter(each.on for each in sessions)
    on_devices = Counter(each.on for each in sessions if each.visit.startswith("tms-"))
    near = [day for day in counts if abs(counts[day] - DAY_SESSIONS) <= NEAR]
    return sorted(near, key=lambda day: (-on_devices[day], day))


def _device_out(instance: Instance, on: date) -> Instance:
    place = instance.places[0]
    units = (replace(place.units[0], outs=(Out(on),)), *place.units[1:])
    return replace(instance, places=(replace(place, units=units), *instance.places[1:]))


def _ill(instance: Instance, on: date) -> Instance:
    role = instance.roles[0]
    people = (replace(role.people[0], outs=(Out(on),)), *role.people[1:])
    return replace(instance, roles=(replace(role, people=people), *instance.roles[1:]))


def _range(found: Sequence[float]) -> Line:
    return {
        "median": round(median(found), 3),
        "min": round(min(found), 3),
        "max": round(max(found), 3),
    }
