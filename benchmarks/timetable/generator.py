"""
Instances of a timetable, the same for the same size, load and seed.

A clinic has so many requests, whose wishes are spread evenly over some weeks. *Load* is the work for TMS
devices, the turnaround included, in the busiest four weeks, if everyone started on the day wished for,
over the hours of the technicians. One of them at least is there all day, so the load of the smallest
clinics is lower; devices come in whole numbers, so that theirs is that or less. The other places and
roles have the shares of it in `clinic.ROOM`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

import numpy as np

from benchmarks.timetable.clinic import VISITS, clinic, places, roles, work_of
from overstory.pathway.timetable.choices import Templates, choices_of
from overstory.pathway.timetable.instance import (
    Block,
    Course,
    Free,
    Instance,
    Pattern,
    Stage,
)
from overstory.pathway.timetable.occupancy import Occupancy, grid_of
from overstory.pathway.timetable.validation import validated

SIZES = (20, 60, 200, 600)
LOADS = (0.75, 0.92)
SEEDS = (0, 1, 2, 3, 4)
WEEKS = {20: 3, 60: 5, 200: 6, 600: 6}
MIX = {
    "esketamine": 0.28,
    "iv": 0.16,
    "tms-20": 0.12,
    "tms-30": 0.12,
    "tms-40": 0.10,
    "snt": 0.04,
    "combined": 0.08,
    "kap": 0.10,
}
URGENT = ((1, 0.75), (2, 0.17), (4, 0.08))
FIRST_DAY = date(2027, 1, 4)
WEEKS_AFTER = 25
STEPS = 10
FIVE = (0, 1, 2, 3, 4)
TWICE: tuple[Pattern, ...] = (((0, 3),), ((1, 4),), ((0, 2),), ((2, 4),), ((1, 3),), ((0, 4),))
KAP: tuple[Pattern, ...] = tuple(
    ((dose,), (dose, dose + after)) for after in (2, 1, 3) for dose in range(5 - after)
)
DAILY: tuple[Pattern, ...] = (
    (FIVE, (0, 2, 4), (1, 3), (2,)),
    (FIVE, (0, 2, 4), (0, 3), (0,)),
    (FIVE, (0, 2, 4), (1, 4), (4,)),
)


@dataclass(frozen=True, slots=True)
class Key:
    """Which instance: courses, load and seed."""

    size: int
    load: float
    seed: int

    @property
    def name(self) -> str:
        """Its name in the published set."""
        return f"{self.size}-{self.load:.2f}-{self.seed}"


def keys() -> Iterator[Key]:
    """Every instance of the published set."""
    for size in SIZES:
        for load in LOADS:
            for seed in SEEDS:
                yield Key(size, load, seed)


def instance_of(key: Key) -> Instance:
    """Return the instance of that size, load and seed."""
    rng = Random(f"timetable {key.name}")  # noqa: S311  (reproducible, not secret)
    weeks = WEEKS[key.size]
    empty = empty_clinic(key.size, key.load, weeks)
    courses = courses_of(key.size, weeks * 7, empty, rng)
    return validated(replace(empty, courses=tuple(courses)))


def _busiest(size: int, weeks: int) -> dict[str, float]:
    """The minutes a week, in the busiest four weeks, that each place and role is wanted as wished."""
    found: dict[str, float] = {}
    profile = _profile()
    for of in {of for each in profile for of in each}:
        wanted = np.array([each.get(of, 0.0) for each in profile])
        arriving = np.full(weeks * STEPS, size / (weeks * STEPS))
        by_step = np.convolve(arriving, np.repeat(wanted, STEPS) / STEPS)
        found[of] = float(np.convolve(by_step, np.ones(4 * STEPS)).max()) / 4
    return found


def _profile() -> list[dict[str, float]]:
    """The minutes of each place and role that a course takes in its first week, its second, …"""
    found: list[dict[str, float]] = [{} for _ in range(WEEKS_AFTER)]
    work = {visit.id: work_of(visit) for visit in VISITS}
    for kind, share in MIX.items():
        week = 0
        for stage in stages_of(kind, Random(0)):  # noqa: S311
            for block, weekdays in zip(stage.blocks, stage.patterns[0], strict=True):
                for n in range(block.sessions):
                    minutes = work[block.visits[n % len(block.visits)]]
                    into = found[week + n // len(weekdays)]
                    for of, each in minutes.items():
                        into[of] = into.get(of, 0) + share * each
                week += math.ceil(block.sessions / len(weekdays))
    return found


def empty_clinic(size: int, load: float, weeks: int) -> Instance:
    """Return the clinic with places and staff for so many requests in so many weeks, and no courses."""
    daily = {of: minutes / len(FIVE) for of, minutes in _busiest(size, weeks).items()}
    ends = FIRST_DAY + timedelta(weeks=weeks + WEEKS_AFTER)
    return Instance(
        clinic=clinic(FIRST_DAY, ends),
        places=places(daily, load),
        roles=roles(daily, load),
        visits=VISITS,
        courses=(),
    )


def stages_of(kind: str, rng: Random) -> tuple[Stage, ...]:
    """Return the stages of a kind of course; the order of the patterns is the person's own."""
    if kind == "esketamine":
        return (_twice("esketamine", 8, rng),)
    if kind == "iv":
        return (_twice("iv", 6, rng),)
    if kind == "snt":
        return (Stage((Block(("snt-day",), 5),), ((FIVE,),)),)
    if kind == "kap":
        blocks = (
            Block(("kap-preparation",), 2),
            Block(("kap-dose", "kap-integration"), 6),
        )
        return (Stage(blocks, _shuffled(KAP, rng)),)
    if kind == "combined":
        after = replace(_daily("tms-30", rng), least_days=3, most_days=7, least_hours=24)
        return (_twice("esketamine", 8, rng), after)
    return (_daily(kind, rng),)


def _twice(visit: str, sessions: int, rng: Random) -> Stage:
    return Stage((Block((visit,), sessions),), _shuffled(TWICE, rng), min_gap_days=2)


def _daily(visit: str, rng: Random) -> Stage:
    blocks = tuple(Block((visit,), sessions) for sessions in (30, 3, 2, 1))
    return Stage(blocks, _shuffled(DAILY, rng))


def _shuffled(patterns: tuple[Pattern, ...], rng: Random) -> tuple[Pattern, ...]:
    found = list(patterns)
    rng.shuffle(found)
    return tuple(found)


def courses_of(count: int, span: float, empty: Instance, rng: Random) -> list[Course]:
    """Return so many courses, their wishes spread evenly over the days, in the shares of `MIX`."""
    kinds = [kind for kind, share in MIX.items() for _ in range(round(share * count))]
    while len(kinds) < count:
        kinds.append(rng.choices(list(MIX), list(MIX.values()))[0])
    rng.shuffle(kinds)
    grid = grid_of(empty)
    free = Occupancy(grid)
    templates = Templates(grid)
    found = []
    for n, kind in enumerate(kinds[:count]):
        wish = FIRST_DAY + timedelta(days=int((n + rng.random()) * span / count))
        course = course_of(f"c{n:04d}", kind, wish, rng)
        while not _is_legal(course, empty, templates, free):
            course = course_of(f"c{n:04d}", kind, wish, rng)
        found.append(course)
    return found


def _is_legal(course: Course, empty: Instance, templates: Templates, free: Occupancy) -> bool:
    choices = choices_of(course=course, instance=empty, templates=templates, base=free)
    return all(len(stage.legal) for stage in choices.stages) and all(
        any(after) for after in choices.follows
    )


def course_of(name: str, kind: str, wish: date, rng: Random) -> Course:
    """Return a course of a kind for an invented person who wishes to start on a day."""
    urgency = rng.choices([each for each, _ in URGENT], [share for _, share in URGENT])[0]
    lead = rng.randint(0, 2) if urgency == 4 else rng.randint(1, 14)
    begins, ends = _hours(kind, rng)
    weekdays: tuple[int, ...] = FIVE
    if kind in ("esketamine", "iv") and rng.random() < 0.15:
        weekdays = tuple(sorted(rng.sample(FIVE, 3)))
    travel = rng.choice((20, 40)) if kind != "snt" and rng.random() < 0.1 else 0
    away = wish + timedelta(days=rng.randint(0, 30)) if rng.random() < 0.05 else None
    return Course(
        id=name,
        person=f"person-{name}",
        requested=wish - timedelta(days=lead),
        wish=wish,
        urgency=urgency,
        prefer=_prefer(begins, ends, rng),
        free=tuple(Free(weekday, begins - travel, ends + travel) for weekday in weekdays),
        stages=stages_of(kind, rng),
        away=frozenset(away + timedelta(days=n) for n in range(3)) if away else frozenset(),
        travel_minutes=travel,
    )


def _prefer(begins: int, ends: int, rng: Random) -> int:
    """The time of day wished for: before work, at noon, after work, or any."""
    before, noon, after = 8 * 60, 12 * 60, 16 * 60
    any_ = rng.randrange(begins, ends - 60, 30)
    wished = rng.choices((before, noon, after, any_), (0.3, 0.2, 0.3, 0.2))[0]
    return min(max(wished, begins), ends - 60)


def _hours(kind: str, rng: Random) -> tuple[int, int]:
    """The hours of the day at which a person can come."""
    whole = (8 * 60, 18 * 60)
    if kind == "snt":
        return whole
    ways = (whole, (8 * 60, 13 * 60), (12 * 60, 18 * 60), (10 * 60, 16 * 60))
    return rng.choices(ways, (0.5, 0.2, 0.2, 0.1))[0]
