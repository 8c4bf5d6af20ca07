"""Invented clinics and courses for the laws of timetables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from overstory.pathway.timetable.instance import (
    Block,
    Booked,
    Clinic,
    Course,
    Free,
    Instance,
    Need,
    Out,
    Place,
    Role,
    Shift,
    StaffMember,
    Stage,
    Unit,
    Visit,
)

FIVE = (0, 1, 2, 3, 4)
ZONES = ("America/New_York", "Europe/Berlin")
STARTS = (date(2027, 3, 1), date(2027, 10, 18))
"""Both changes of the clocks lie in the weeks after these Mondays."""

VISITS = (
    Visit("tms", 20, (Need("device", 0, 30), Need("technician", 0, 20))),
    Visit("long-tms", 40, (Need("device", 0, 50), Need("technician", 0, 40))),
    Visit(
        "infusion",
        120,
        (Need("chair", -10, 130), Need("nurse", -10, 20), Need("nurse", 20, 120, "watch")),
    ),
    Visit("talk", 60, (Need("chair", 0, 60),)),
)
STAGES = (
    Stage((Block(("tms",), 8), Block(("tms",), 2)), ((FIVE, (0, 3)), (FIVE, (1, 4)))),
    Stage((Block(("long-tms",), 6),), ((FIVE,),)),
    Stage((Block(("infusion",), 4),), (((0, 3),), ((1, 4),), ((0, 2),)), min_gap_days=2),
    Stage((Block(("talk",), 1), Block(("infusion", "talk"), 4)), (((1,), (1, 3)), ((0,), (0, 2)))),
)


@st.composite
def clinics(draw: st.DrawFn) -> Clinic:
    first = draw(st.sampled_from(STARTS))
    closed = draw(st.frozensets(st.integers(0, 50), max_size=4))
    return Clinic(
        id="invented",
        zone=draw(st.sampled_from(ZONES)),
        first_day=first,
        last_day=first + timedelta(days=draw(st.integers(40, 75))),
        opens=8 * 60,
        closes=draw(st.sampled_from((12 * 60, 16 * 60))),
        closed=frozenset(first + timedelta(days=n) for n in closed),
    )


@st.composite
def outs(draw: st.DrawFn, first: date) -> tuple[Out, ...]:
    found = []
    for day in draw(st.lists(st.integers(0, 20), max_size=2, unique=True)):
        begins = draw(st.integers(47, 90)) * 10
        length = draw(st.integers(3, 40)) * 10
        found.append(Out(first + timedelta(days=day), begins, min(begins + length, 1440)))
    return tuple(found)


@st.composite
def courses(draw: st.DrawFn, number: int, first: date) -> Course:
    stages: tuple[Stage, ...] = (draw(st.sampled_from(STAGES)),)
    if draw(st.integers(0, 4)) == 0:
        stages = (STAGES[2], replace(STAGES[0], least_days=3, most_days=7, least_hours=24))
    begins = draw(st.sampled_from((7 * 60, 8 * 60, 10 * 60)))
    ends = draw(st.sampled_from((12 * 60, 17 * 60)))
    away = draw(st.frozensets(st.integers(0, 40), max_size=2))
    return Course(
        id=f"c{number}",
        person=f"p{number}",
        requested=first,
        wish=first + timedelta(days=draw(st.integers(0, 10))),
        urgency=draw(st.sampled_from((1, 1, 2, 4))),
        prefer=draw(st.integers(8, 15)) * 60,
        free=tuple(Free(day, begins, ends) for day in FIVE),
        stages=stages,
        away=frozenset(first + timedelta(days=n) for n in away),
        travel_minutes=draw(st.sampled_from((0, 0, 20))),
    )


@st.composite
def instances(draw: st.DrawFn, most: int = 7) -> Instance:
    clinic = draw(clinics())
    first = clinic.first_day

    def units(name: str, count: int) -> tuple[Unit, ...]:
        return tuple(Unit(f"{name}-{n}", draw(outs(first))) for n in range(count))

    def people(name: str, count: int) -> tuple[StaffMember, ...]:
        ends = [draw(st.sampled_from((11 * 60, 16 * 60))) for _ in range(count)]
        return tuple(
            StaffMember(f"{name}-{n}", (Shift(FIVE, 8 * 60, end),), draw(outs(first)))
            for n, end in enumerate(ends)
        )

    devices = draw(st.integers(1, 2))
    return Instance(
        clinic=clinic,
        places=(
            Place("device", units("device", devices)),
            Place("chair", units("chair", draw(st.integers(1, 3)))),
        ),
        roles=(
            Role("technician", people("technician", devices)),
            Role("nurse", people("nurse", draw(st.integers(1, 2))), draw(st.integers(1, 3))),
        ),
        visits=VISITS,
        courses=tuple(draw(courses(n, first)) for n in range(draw(st.integers(1, most)))),
    )


def as_booked(sessions: object) -> tuple[Booked, ...]:
    """The sessions of a timetable as what stands already."""
    return tuple(
        Booked(each.course, each.visit, each.on, each.start)  # type: ignore[attr-defined]
        for each in sessions  # type: ignore[attr-defined]
    )
