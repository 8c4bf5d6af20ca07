"""Two hundred bookings, repairs and cancellations one after another leave a valid timetable each time."""

# The random generators here plan; they hide nothing.
# ruff: noqa: S311

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from overstory.exchange.timetable_json import instance_json
from overstory.exchange.timetable_result import timetable_json
from overstory.pathway.timetable.booking import offers
from overstory.pathway.timetable.changed import after_repair, around, with_offer
from overstory.pathway.timetable.checker import violations
from overstory.pathway.timetable.choices import unplaced_cost
from overstory.pathway.timetable.explain import reason
from overstory.pathway.timetable.instance import (
    Clinic,
    Course,
    Free,
    Instance,
    Out,
    Place,
    Role,
    Shift,
    StaffMember,
    Timetable,
    Unit,
)
from overstory.pathway.timetable.planning import desk_of
from overstory.pathway.timetable.repair import repair_day
from tests.generated.timetables import FIVE, STAGES, VISITS

FIRST = date(2027, 3, 1)
ZONES = ("America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe")


def shifts(*hours: tuple[int, int]) -> tuple[Shift, ...]:
    return tuple(Shift(FIVE, 60 * begins, 60 * ends) for begins, ends in hours)


def clinic(zone: str, chairs: int, watched: int) -> Instance:
    """A clinic with a lunch break, two shifts, one device, few chairs, and nobody booked."""
    return Instance(
        clinic=Clinic("days", zone, FIRST, FIRST + timedelta(days=200), 480, 1080),
        places=(
            Place("device", (Unit("device-1"),)),
            Place("chair", tuple(Unit(f"chair-{n + 1}") for n in range(chairs))),
        ),
        roles=(
            Role("technician", (
                StaffMember("t-1", shifts((8, 12), (13, 17))),
                StaffMember("t-2", shifts((12, 18))),
            )),
            Role("nurse", (
                StaffMember("n-1", shifts((8, 13))), StaffMember("n-2", shifts((12, 18))),
            ), watched),
        ),
        visits=VISITS,
        courses=(),
    )  # fmt: skip


def a_course(n: int, rng: Random) -> Course:
    stages = (rng.choice(STAGES),)
    if rng.random() < 0.3:
        stages = (STAGES[2], replace(STAGES[0], least_days=1, most_days=7, least_hours=24))
    begins, ends = rng.choice(((480, 1080), (480, 780), (720, 1080)))
    return Course(
        id=f"c{n}",
        person=f"p{rng.randrange(8)}" if rng.random() < 0.4 else f"own-{n}",
        requested=FIRST,
        wish=FIRST + timedelta(days=rng.randrange(40)),
        urgency=rng.choice((1, 2, 4)),
        prefer=rng.randrange(8, 17) * 60,
        free=tuple(Free(day, begins, ends) for day in FIVE),
        stages=stages,
    )


class Desk:
    """A coordinator's desk: one timetable, changed by one thing after another."""

    def __init__(self, asked: Instance, seed: int) -> None:
        self.asked = asked
        self.timetable = Timetable((), (), (), (), cost=0)
        self.rng = Random(seed)
        self.done: Counter[str] = Counter()

    def book(self) -> None:
        course = a_course(len(self.asked.courses), self.rng)
        self.asked = replace(self.asked, courses=(*self.asked.courses, course))
        self._place(course)

    def book_again(self) -> None:
        if self.asked.courses:
            self._place(self.rng.choice(self.asked.courses))

    def _place(self, course: Course) -> None:
        full = around(self.asked, self.timetable, course)
        desk = desk_of(full)
        found = offers(desk.choices[0], desk.base)
        if found:
            offer = self.rng.choice(found)
            self.timetable = with_offer(
                self.timetable, offer, desk.choices[0], self.asked, desk.grid
            )
            self.done["booked"] += 1
        elif course.id not in {each.course for each in self.timetable.placements}:
            if course.id not in {each.course for each in self.timetable.unplaced}:
                told = reason(replace(full, courses=()), course)
                self.timetable = replace(
                    self.timetable,
                    unplaced=(*self.timetable.unplaced, told),
                    cost=self.timetable.cost + unplaced_cost(course),
                )
            self.done["told why not"] += 1

    def trouble(self) -> None:
        on = self._day()
        members = [unit.id for place in self.asked.places for unit in place.units]
        members += [person.id for role in self.asked.roles for person in role.people]
        begins = self.rng.randrange(480, 900, 10)
        out = Out(on, begins, self.rng.randrange(begins + 10, 1081, 10))
        self.asked = with_out(self.asked, self.rng.choice(members), out)
        self._repair(on, ())
        self.done["repaired"] += 1

    def cancellation(self) -> None:
        on = self._day()
        courses = [each.course for each in self.timetable.sessions if each.on == on]
        if courses:
            self._repair(on, (self.rng.choice(courses),))
            self.done["cancelled"] += 1

    def _day(self) -> date:
        days = sorted({each.on for each in self.timetable.sessions}) or [FIRST]
        return self.rng.choice(days)

    def _repair(self, on: date, cancelled: tuple[str, ...]) -> None:
        every = [*self.timetable.sessions, *self.timetable.booked]
        gone = [each for each in every if each.on == on and each.course in cancelled]
        sessions = [each for each in every if each not in gone]
        found = repair_day(instance=self.asked, sessions=sessions, on=on, effort=0.1)
        self.timetable = after_repair(self.timetable, found, self.asked, on=on, cancelled=gone)


def with_out(asked: Instance, name: str, out: Out) -> Instance:
    def units(place: Place) -> tuple[Unit, ...]:
        return tuple(
            replace(each, outs=(*each.outs, out)) if each.id == name else each
            for each in place.units
        )

    def people(role: Role) -> tuple[StaffMember, ...]:
        return tuple(
            replace(each, outs=(*each.outs, out)) if each.id == name else each
            for each in role.people
        )

    return replace(
        asked,
        places=tuple(replace(each, units=units(each)) for each in asked.places),
        roles=tuple(replace(each, people=people(each)) for each in asked.roles),
    )


def wrong(desk: Desk) -> list[str]:
    told = violations(instance_json(desk.asked), timetable_json(desk.timetable))
    return [f"{each.kind} {each.course}: {each.says}" for each in told]


@pytest.mark.parametrize(("zone", "chairs", "watched", "count"), [
    (ZONES[0], 2, 2, 200), (ZONES[1], 1, 1, 130), (ZONES[2], 3, 3, 80), (ZONES[3], 2, 1, 80),
])  # fmt: skip
def test_things_one_after_another_leave_a_valid_timetable(zone, chairs, watched, count):
    desk = Desk(clinic(zone, chairs, watched), seed=chairs)
    things = (desk.book, desk.book, desk.book_again, desk.trouble, desk.cancellation)

    for n in range(count):
        desk.rng.choice(things)()
        assert wrong(desk) == [], f"after {n + 1}: {desk.done}"

    assert min(desk.done[each] for each in ("booked", "repaired", "cancelled")) >= count // 10
