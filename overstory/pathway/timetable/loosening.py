"""What could be otherwise so that a course fits: one change at a time, the smallest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from overstory.pathway.timetable.dates import open_days
from overstory.pathway.timetable.instance import (
    DAY_MINUTES,
    UNPLACED_DAYS,
    Course,
    Free,
    Instance,
    Place,
    Role,
    Shift,
    StaffMember,
    Unit,
)

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WIDER_MINUTES = (60, 120, 240)
FURTHER_DAYS = 366


@dataclass(frozen=True, slots=True)
class Change:
    """
    An instance and a course of which one thing is otherwise.

    `says` is the change, as a condition; `because` what is in the way without it.
    """

    says: str
    because: str
    instance: Instance
    course: Course


def changes(instance: Instance, course: Course) -> Iterator[Change]:
    """Yield changes from what asks least of the person to what the clinic would have to add."""
    yield from _hours(instance, course)
    yield from _weekdays(instance, course)
    yield from _when(instance, course)
    yield from _more(instance, course)


def everything(instance: Instance, course: Course) -> Change:
    """Return all changes together: the person can always come, and one more of all that is needed."""
    wide = _with_free(course, instance.clinic.weekdays)
    clinic = instance.clinic
    last = clinic.last_day + timedelta(days=FURTHER_DAYS)
    more = replace(instance, clinic=replace(clinic, last_day=last))
    needed = _needed(instance, course)
    for name in needed:
        more = _one_more(more, name)
    return Change(
        f"if the person can come on every open day, the timetable reaches to {last}, and there is one "
        f"more of each of: {', '.join(needed)}",
        "",
        more,
        replace(wide, away=frozenset()),
    )


def _hours(instance: Instance, course: Course) -> Iterator[Change]:
    longest = max(
        visit.minutes
        for visit in instance.visits
        if any(visit.id in stage.visits() for stage in course.stages)
    )
    because = (
        f"the hours when the person can come do not hold a visit of {longest} minutes at a time when "
        "the clinic can give it"
    )
    for minutes in WIDER_MINUTES:
        free = tuple(
            Free(
                each.weekday,
                max(each.begins - minutes, 0),
                min(each.ends + minutes, DAY_MINUTES),
            )
            for each in course.free
        )
        says = f"if the person can come up to {minutes // 60} h earlier or later on the same days"
        yield Change(says, because, instance, replace(course, free=free))
    days = sorted({each.weekday for each in course.free})
    says = "if the person can come at any hour of the same days"
    yield Change(says, because, instance, _with_free(course, tuple(days)))


def _weekdays(instance: Instance, course: Course) -> Iterator[Change]:
    free = {each.weekday for each in course.free}
    wanted = {day for stage in course.stages for each in stage.patterns for b in each for day in b}
    named = ", ".join(DAYS[day] for day in sorted(free)) or "no day"
    least = min(
        len({day for block in pattern for day in block})
        for stage in course.stages
        for pattern in stage.patterns
    )
    because = (
        f"the person can come on {named} only, and a course like this needs {least} days a week"
    )
    if least == 1:
        because = (
            f"the person can come on {named} only, and no pattern of this course has those days"
        )
    for day in sorted(wanted - free):
        says = f"if the person can also come on {DAYS[day]}s"
        yield Change(says, because, instance, _with_more_days(course, (day,)))
    missing = tuple(sorted(wanted - free))
    if len(missing) > 1:
        says = f"if the person can also come on {', '.join(DAYS[day] for day in missing)}"
        yield Change(says, because, instance, _with_more_days(course, missing))


def _when(instance: Instance, course: Course) -> Iterator[Change]:
    if course.away:
        because = "the person is away on days that the course needs"
        home = replace(course, away=frozenset())
        yield Change("if the person is not away", because, instance, home)
    clinic = instance.clinic
    days = [day for day in open_days(clinic) if day >= course.wish]
    for later in range(UNPLACED_DAYS, len(days), UNPLACED_DAYS):
        says = f"if the start may wait for more than {later} working days"
        because = f"nothing begins within {later} working days of {course.wish}"
        yield Change(says, because, instance, replace(course, wish=days[later]))
    last = clinic.last_day + timedelta(days=FURTHER_DAYS)
    further = replace(instance, clinic=replace(clinic, last_day=last))
    yield Change(
        f"if the timetable reaches further than {clinic.last_day}",
        f"the timetable ends on {clinic.last_day}, before a course that starts on {course.wish} or "
        "later would end",
        further,
        course,
    )


def _more(instance: Instance, course: Course) -> Iterator[Change]:
    have = {place.id: len(place.units) for place in instance.places}
    have |= {role.id: len(role.people) for role in instance.roles}
    for name in _needed(instance, course):
        because = f"there is no {name}" if not have[name] else f"there is too little of {name}"
        yield Change(f"with one {name} more", because, _one_more(instance, name), course)


def _needed(instance: Instance, course: Course) -> list[str]:
    kinds = {name for stage in course.stages for name in stage.visits()}
    wanted = {need.of for visit in instance.visits if visit.id in kinds for need in visit.needs}
    names = [place.id for place in instance.places] + [role.id for role in instance.roles]
    return [name for name in names if name in wanted]


def _one_more(instance: Instance, name: str) -> Instance:
    clinic = instance.clinic

    def place(each: Place) -> Place:
        return replace(each, units=(*each.units, Unit("one more"))) if each.id == name else each

    def role(each: Role) -> Role:
        whole = Shift(clinic.weekdays, clinic.opens, clinic.closes)
        person = StaffMember("one more", (whole,))
        return replace(each, people=(*each.people, person)) if each.id == name else each

    return replace(
        instance,
        places=tuple(place(each) for each in instance.places),
        roles=tuple(role(each) for each in instance.roles),
    )


def _with_free(course: Course, weekdays: tuple[int, ...]) -> Course:
    return replace(course, free=tuple(Free(day, 0, DAY_MINUTES) for day in weekdays))


def _with_more_days(course: Course, weekdays: tuple[int, ...]) -> Course:
    """The course of a person who can come on more days, at the hours of the others or, if none, at any."""
    begins = min((each.begins for each in course.free), default=0)
    ends = max((each.ends for each in course.free), default=DAY_MINUTES)
    more = tuple(Free(day, begins, ends) for day in weekdays)
    return replace(course, free=(*course.free, *more))
