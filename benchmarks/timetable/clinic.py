"""
The invented clinic of the instances.

Every number here is a parameter of the benchmark, chosen to be of the size that clinics meet; none is
clinical knowledge, and nothing is to be treated by it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date

import holidays

from overstory.pathway.timetable.instance import (
    Clinic,
    Need,
    Place,
    Role,
    Shift,
    StaffMember,
    Unit,
    Visit,
)

OPENS, CLOSES = 8 * 60, 18 * 60
OPEN_MINUTES = CLOSES - OPENS
WEEKDAYS = (0, 1, 2, 3, 4)
TURNAROUND = 10
SET_UP = 10
WATCHED_AT_ONCE = 4
LEAST_ALL_DAY = {"technician": 1, "nurse": 2, "therapist": 2}
SHORTEST_SHIFT = 240
PLACES = ("tms-device", "ketamine-chair", "therapy-room")
ROLES = ("technician", "nurse", "therapist")
ROOM = {
    "tms-device": 1.0,
    "ketamine-chair": 0.8,
    "therapy-room": 0.4,
    "technician": 1.0,
    "nurse": 0.6,
    "therapist": 0.4,
}
"""The load of each place and role as a share of the load of the instance."""


def _tms(minutes: int) -> Visit:
    return Visit(
        f"tms-{minutes}",
        minutes,
        (Need("tms-device", 0, minutes + TURNAROUND), Need("technician", 0, minutes)),
    )


def _ketamine(name: str, place: str, minutes: int, *more: Need) -> Visit:
    """A visit with a nurse of its own for the set-up, who then watches others too."""
    needs = (
        Need(place, 0, minutes + TURNAROUND),
        Need("nurse", 0, SET_UP),
        Need("nurse", SET_UP, minutes, "watch"),
        *more,
    )
    return Visit(name, minutes, needs)


def _talk(name: str, minutes: int) -> Visit:
    return Visit(name, minutes, (Need("therapy-room", 0, minutes), Need("therapist", 0, minutes)))


def _snt() -> Visit:
    """A day of ten short runs an hour apart: in between, the device is free for others."""
    runs = [(60 * n, 60 * n + 10) for n in range(10)]
    needs = [Need(of, *run) for run in runs for of in ("tms-device", "technician")]
    return Visit("snt-day", 550, tuple(needs))


VISITS = (
    _ketamine("esketamine", "ketamine-chair", 150),
    _ketamine("iv", "ketamine-chair", 120),
    _tms(20),
    _tms(30),
    _tms(40),
    _snt(),
    _talk("kap-preparation", 60),
    _ketamine("kap-dose", "therapy-room", 180, Need("therapist", 0, 180)),
    _talk("kap-integration", 60),
)


def clinic(first_day: date, last_day: date) -> Clinic:
    """Return the hours of the clinic; it is closed on the federal holidays of the United States."""
    closed = holidays.country_holidays("US", years=range(first_day.year, last_day.year + 1))
    return Clinic(
        id="synthetic",
        zone="America/New_York",
        first_day=first_day,
        last_day=last_day,
        opens=OPENS,
        closes=CLOSES,
        weekdays=WEEKDAYS,
        closed=frozenset(day for day in closed if first_day <= day <= last_day),
    )


def work_of(visit: Visit) -> dict[str, float]:
    """Return the minutes that a visit takes of each place or role; a watch takes its share."""
    found: dict[str, float] = {}
    for need in visit.needs:
        share = 1 / WATCHED_AT_ONCE if need.how == "watch" else 1.0
        found[need.of] = found.get(need.of, 0) + share * (need.ends - need.begins)
    return found


def places(daily: Mapping[str, float], load: float) -> tuple[Place, ...]:
    """Return chairs, rooms and devices for so many minutes of work a day at a load."""
    counts = {of: math.ceil(daily[of] / (load * ROOM[of] * OPEN_MINUTES)) for of in PLACES}
    return tuple(
        Place(of, tuple(Unit(f"{of}-{n + 1}") for n in range(count)))
        for of, count in counts.items()
    )


def roles(daily: Mapping[str, float], load: float) -> tuple[Role, ...]:
    """
    Return the staff for so many minutes of work a day at a load: whole days and one shorter shift.

    The work of technicians is counted as that of the devices, the turnaround included.
    """
    found = []
    for role in ROLES:
        work = daily["tms-device"] if role == "technician" else daily[role]
        minutes = max(work / (load * ROOM[role]), LEAST_ALL_DAY[role] * OPEN_MINUTES)
        whole, rest = divmod(minutes, OPEN_MINUTES)
        people = [_person(role, n, OPENS, CLOSES) for n in range(int(whole))]
        if rest >= 30:
            length = max(SHORTEST_SHIFT, 10 * math.ceil(rest / 10))
            begins = OPENS if int(whole) % 2 else CLOSES - length
            people.append(_person(role, int(whole), begins, begins + length))
        ratio = WATCHED_AT_ONCE if role == "nurse" else 1
        found.append(Role(role, tuple(people), ratio))
    return tuple(found)


def _person(role: str, number: int, begins: int, ends: int) -> StaffMember:
    return StaffMember(f"{role}-{number + 1}", (Shift(WEEKDAYS, begins, ends),))
