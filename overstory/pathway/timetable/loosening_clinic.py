"""What a clinic could do so that a course fits: mend, open, add, shorten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from overstory.pathway.timetable.instance import (
    Course,
    Instance,
    Need,
    Place,
    Role,
    Shift,
    StaffMember,
    Unit,
    Visit,
)
from overstory.pathway.timetable.validation import MOST_DAYS

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FURTHER_DAYS = 366
WEEKS_A_SESSION = 2

Asked = tuple[Instance, Course]
Step = Callable[[Instance, Course], Asked]
Made = TypeVar("Made")
Make = Callable[[str, str, str, Step], Made]


def further(asked: Instance, course: Course) -> Asked:
    """Return the instance with an end that leaves room for the course, wherever it starts."""
    clinic = asked.clinic
    weeks = WEEKS_A_SESSION * course.sessions
    wanted = max(clinic.last_day, course.wish) + timedelta(days=FURTHER_DAYS, weeks=weeks)
    most = clinic.first_day + timedelta(days=MOST_DAYS - 1)
    last = max(min(wanted, most), clinic.last_day)
    return replace(asked, clinic=replace(clinic, last_day=last)), course


def outs(instance: Instance, course: Course, make: Make[Made]) -> Iterator[Made]:
    """Yield what would help of all that is out: one unit or person, then all of a kind."""
    for name in needed(instance, course):
        members = _members(instance, name)
        out = [each.id for each in members if each.outs]
        if not out:
            continue
        because = f"{', '.join(out)} {'is' if len(out) == 1 else 'are'} out on days that it needs"
        if len(out) == len(members) > 1:
            because = f"every {name} is out on days that the course needs"
        kind = f"out {name}"
        for each in out if len(out) > 1 else ():
            yield make(kind, f"{each} is not out", because, _mended(name, {each}))
        verb = "is" if len(out) == 1 else "are"
        yield make(kind, f"{', '.join(out)} {verb} not out", because, _mended(name, set(out)))


def opening(instance: Instance, course: Course, make: Make[Made]) -> Iterator[Made]:
    """Yield opening on the weekdays of the course on which the clinic is closed."""
    wanted = {day for stage in course.stages for each in stage.patterns for b in each for day in b}
    closed = sorted(wanted - set(instance.clinic.weekdays))
    if not closed:
        return
    named = ", ".join(DAYS[day] for day in closed)
    because = f"the clinic is never open on {named}, a day of the pattern"
    says = f"the clinic also opens on {named}, with staff, and the person can come"
    yield make("weekday", says, because, _open_on(closed))


def more(instance: Instance, course: Course, make: Make[Made]) -> Iterator[Made]:
    """Yield one more of each place and role that the course needs, then two, as far as a visit needs."""
    for name in needed(instance, course):
        members = _members(instance, name)
        role = any(each.id == name for each in instance.roles)
        because = f"there is too little of {name}"
        if role:
            because = f"too few of {name} are at work when they are needed"
        if not members:
            because = f"there is no {name}"
        for count in range(1, _most_at_once(instance, course, name) + 1):
            says = f"there is one {name} more" if count == 1 else f"there are {count} {name} more"
            yield make(f"more {name}", says, because, _added(name, count))


def shorter(instance: Instance, course: Course, make: Make[Made]) -> Iterator[Made]:
    """Yield visits that an open day holds at one slot, set-up and turnaround included."""
    grid = instance.clinic.grid_minutes
    hours = instance.clinic.closes - instance.clinic.opens
    kinds = {name for stage in course.stages for name in stage.visits()}
    own = [visit for visit in instance.visits if visit.id in kinds]
    before = max(_before(visit, grid) for visit in own)
    if before >= hours:
        before = 0
    long = {
        visit.id: _cut(visit, before, hours)
        for visit in own
        if _before(visit, grid) > before or _ends(visit, grid) > hours - before
    }
    if not long:
        return
    named = ", ".join(long)
    says = f"{named} takes no more than {hours} minutes, set-up and turnaround included"
    because = f"{named} takes longer than the clinic is open"

    def step(asked: Instance, own: Course) -> Asked:
        visits = tuple(long.get(each.id, each) for each in asked.visits)
        return replace(asked, visits=visits), own

    yield make("shorter", says, because, step)


def needed(instance: Instance, course: Course) -> list[str]:
    """Return the places and roles that a course needs, in the order of the instance."""
    kinds = {name for stage in course.stages for name in stage.visits()}
    wanted = {need.of for visit in instance.visits if visit.id in kinds for need in visit.needs}
    names = [place.id for place in instance.places] + [role.id for role in instance.roles]
    return [name for name in names if name in wanted]


def _members(instance: Instance, name: str) -> Sequence[Unit | StaffMember]:
    for place in instance.places:
        if place.id == name:
            return place.units
    return next(role.people for role in instance.roles if role.id == name)


def _most_at_once(instance: Instance, course: Course, name: str) -> int:
    """How many of a place or role one visit of a course has at the same time."""
    kinds = {each for stage in course.stages for each in stage.visits()}
    watching = {role.id: role.patients_per_monitor for role in instance.roles}
    most = 1
    for visit in instance.visits:
        needs = [need for need in visit.needs if need.of == name and visit.id in kinds]
        for moment in {need.begins for need in needs}:
            now = [need for need in needs if need.begins <= moment < need.ends]
            whole = sum(need.how == "whole" for need in now)
            most = max(most, whole - (whole - len(now)) // watching.get(name, 1))
    return most


def _changed(
    asked: Instance, place: Callable[[Place], Place], role: Callable[[Role], Role]
) -> Instance:
    return replace(
        asked,
        places=tuple(place(each) for each in asked.places),
        roles=tuple(role(each) for each in asked.roles),
    )


def _mended(name: str, members: set[str]) -> Step:
    def mended(each: Made) -> Made:
        return replace(each, outs=()) if each.id in members else each  # type: ignore

    def step(asked: Instance, course: Course) -> Asked:
        def place(each: Place) -> Place:
            if each.id != name:
                return each
            return replace(each, units=tuple(mended(unit) for unit in each.units))

        def role(each: Role) -> Role:
            if each.id != name:
                return each
            return replace(each, people=tuple(mended(person) for person in each.people))

        return _changed(asked, place, role), course

    return step


def _added(name: str, count: int) -> Step:
    def step(asked: Instance, course: Course) -> Asked:
        clinic = asked.clinic
        shift = Shift(clinic.weekdays, clinic.opens, clinic.closes)
        names = [f"one more {name} {n + 1}" for n in range(count)]

        def place(each: Place) -> Place:
            if each.id != name:
                return each
            return replace(each, units=(*each.units, *map(Unit, names)))

        def role(each: Role) -> Role:
            if each.id != name:
                return each
            people = (StaffMember(one, (shift,)) for one in names)
            return replace(each, people=(*each.people, *people))

        return _changed(asked, place, role), course

    return step


def _open_on(days: Sequence[int]) -> Step:
    def step(asked: Instance, course: Course) -> Asked:
        clinic = asked.clinic
        shift = Shift(tuple(days), clinic.opens, clinic.closes)
        wanted = set(needed(asked, course))

        def role(each: Role) -> Role:
            if each.id not in wanted:
                return each
            count = _most_at_once(asked, course, each.id)
            people = tuple(
                replace(person, shifts=(*person.shifts, shift)) for person in each.people[:count]
            )
            return replace(each, people=(*people, *each.people[count:]))

        open_too = replace(clinic, weekdays=tuple(sorted({*clinic.weekdays, *days})))
        more_days = tuple(
            replace(window, weekday=day)
            for day in days
            for window in course.free
            if window.weekday == course.free[0].weekday
        )
        free = (*(each for each in course.free if each.weekday not in days), *more_days)
        changed = _changed(replace(asked, clinic=open_too), lambda each: each, role)
        return changed, replace(course, free=free)

    return step


def _before(visit: Visit, grid: int) -> int:
    """How long before the arrival a visit needs something, in minutes of whole steps."""
    return -(min([0, *(need.begins for need in visit.needs)]) // grid) * grid


def _ends(visit: Visit, grid: int) -> int:
    """When all that a visit needs has ended, in minutes of whole steps from the arrival."""
    return -(-max([visit.minutes, *(need.ends for need in visit.needs)]) // grid) * grid


def _cut(visit: Visit, before: int, hours: int) -> Visit:
    after = max([0, *(need.ends - visit.minutes for need in visit.needs)])
    if before + after >= hours:
        after = 0
    left = min(visit.minutes, hours - before - after)
    needs = (
        Need(each.of, max(each.begins, -before), min(each.ends, left + after), each.how)
        for each in visit.needs
    )
    return Visit(visit.id, left, tuple(each for each in needs if each.begins < each.ends))
