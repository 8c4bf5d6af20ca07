"""What could be otherwise so that a course fits: one change at a time, the smallest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from overstory.pathway.timetable import loosening_clinic as clinics
from overstory.pathway.timetable.dates import open_days
from overstory.pathway.timetable.instance import (
    DAY_MINUTES,
    UNPLACED_DAYS,
    Course,
    Free,
    Instance,
)

DAYS = clinics.DAYS
WIDER_MINUTES = (60, 120, 240)
WIDER_GAPS = (3, 7, 14, 28, 70)

Asked = tuple[Instance, Course]
Step = Callable[[Instance, Course], Asked]


@dataclass(frozen=True, slots=True)
class Change:
    """
    One thing that is otherwise.

    `says` is the change, as a condition; `because` what is in the way without it; `kind` what it is
    about: of one kind, the first that helps is the smallest.
    """

    kind: str
    says: str
    because: str
    step: Step

    def made(self, instance: Instance, course: Course) -> Asked:
        """Return the instance and the course with the change made."""
        return self.step(instance, course)


def changes(instance: Instance, course: Course) -> Iterator[Change]:
    """Yield changes from what asks least of the person to what the clinic would have to add."""
    yield from _hours(instance, course)
    yield from _weekdays(instance, course)
    yield from _away(course)
    yield from clinics.outs(instance, course, Change)
    yield from _when(instance, course)
    yield from _gaps(course)
    yield from clinics.opening(instance, course, Change)
    yield from clinics.more(instance, course, Change)
    yield from clinics.shorter(instance, course, Change)


def widest(instance: Instance, course: Course) -> list[Change]:
    """Return the largest change of each kind, from what asks least to what asks most."""
    days = tuple(sorted({*instance.clinic.weekdays, *_wanted(course)}))
    found = {
        "days": Change(
            "days",
            "the person can come on every day of the pattern at any hour",
            _because_of_days(course),
            lambda asked, own: (asked, _with_free(own, days)),
        )
    }
    for each in changes(instance, course):
        if each.kind not in {"hours", "weekdays"}:
            found[each.kind] = each
    found |= {each.kind: each for each in _travel(instance, course)}
    return list(found.values())


def _hours(instance: Instance, course: Course) -> Iterator[Change]:
    kinds = {name for stage in course.stages for name in stage.visits()}
    longest = max(visit.minutes for visit in instance.visits if visit.id in kinds)
    because = (
        f"the hours when the person can come do not hold a visit of {longest} minutes at a time when "
        "the clinic can give it"
    )
    for minutes in WIDER_MINUTES:
        says = f"the person can come up to {minutes // 60} h earlier or later on the same days"
        yield Change("hours", says, because, _wider(minutes))
    says = "the person can come at any hour of the same days"
    days = tuple(sorted({each.weekday for each in course.free}))
    if days:
        yield Change("hours", says, because, lambda asked, own: (asked, _with_free(own, days)))


def _wider(minutes: int) -> Step:
    def step(asked: Instance, course: Course) -> Asked:
        free = tuple(
            Free(
                each.weekday,
                max(each.begins - minutes, 0),
                min(each.ends + minutes, DAY_MINUTES),
            )
            for each in course.free
        )
        return asked, replace(course, free=free)

    return step


def _wanted(course: Course) -> set[int]:
    return {day for stage in course.stages for each in stage.patterns for b in each for day in b}


def _because_of_days(course: Course) -> str:
    free = {each.weekday for each in course.free}
    named = ", ".join(DAYS[day] for day in sorted(free)) or "no day"
    least = min(
        len({day for block in pattern for day in block})
        for stage in course.stages
        for pattern in stage.patterns
    )
    if least == 1:
        return f"the person can come on {named} only, and no pattern of this course has those days"
    return f"the person can come on {named} only, and a course like this needs {least} days a week"


def _weekdays(instance: Instance, course: Course) -> Iterator[Change]:
    free = {each.weekday for each in course.free}
    missing = sorted((_wanted(course) & set(instance.clinic.weekdays)) - free)
    because = _because_of_days(course)
    for day in missing:
        says = f"the person can also come on {DAYS[day]}s"
        yield Change("weekdays", says, because, _with_more_days((day,)))
    if len(missing) > 1:
        says = f"the person can also come on {', '.join(DAYS[day] for day in missing)}"
        yield Change("weekdays", says, because, _with_more_days(missing))


def _away(course: Course) -> Iterator[Change]:
    if course.away:
        because = "the person is away on days that the course needs"
        yield Change(
            "away",
            "the person is not away",
            because,
            lambda asked, own: (asked, replace(own, away=frozenset())),
        )


def _when(instance: Instance, course: Course) -> Iterator[Change]:
    clinic = instance.clinic
    days = [day for day in open_days(clinic) if day >= course.wish]
    for later in range(UNPLACED_DAYS, len(days), UNPLACED_DAYS):
        says = f"the start may wait for more than {later} working days"
        because = f"nothing begins within {later} working days of {course.wish}"
        yield Change("start", says, because, _wishing(days[later]))
    if course.wish > clinic.last_day:
        because = f"the wish, {course.wish}, is after the timetable ends on {clinic.last_day}"
    else:
        because = (
            f"the timetable ends on {clinic.last_day}, before a course that starts on {course.wish} "
            "or later would end"
        )
    says = f"the timetable reaches further than {clinic.last_day}"
    yield Change("horizon", says, because, clinics.further)


def _wishing(day: date) -> Step:
    return lambda asked, course: (asked, replace(course, wish=day))


def _gaps(course: Course) -> Iterator[Change]:
    for number, stage in enumerate(course.stages[1:], 1):
        asked = f"{stage.least_days} to {stage.most_days} days"
        if stage.least_hours:
            asked += f" and at least {stage.least_hours} hours"
        because = f"no day for stage {number + 1} lies {asked} after the stage before"
        least = max(stage.most_days, stage.least_days, -(-stage.least_hours // 24))
        for wider in WIDER_GAPS:
            most = least + wider
            says = f"up to {most} days may lie between stages {number} and {number + 1}"
            yield Change(f"gap {number}", says, because, _with_gap(number, most))


def _with_gap(number: int, most: int) -> Step:
    def step(asked: Instance, course: Course) -> Asked:
        stages = list(course.stages)
        stages[number] = replace(stages[number], most_days=most)
        return asked, replace(course, stages=tuple(stages))

    return step


def _travel(instance: Instance, course: Course) -> Iterator[Change]:
    clinic = instance.clinic
    most = min(clinic.opens, DAY_MINUTES - clinic.closes, course.travel_minutes)
    if most < course.travel_minutes:
        yield Change(
            "travel",
            f"the way takes at most {most} minutes",
            f"the way takes {course.travel_minutes} minutes, there and back within a day",
            lambda asked, own: (asked, replace(own, travel_minutes=most)),
        )


def _with_free(course: Course, weekdays: Sequence[int]) -> Course:
    return replace(course, free=tuple(Free(day, 0, DAY_MINUTES) for day in weekdays))


def _with_more_days(weekdays: Sequence[int]) -> Step:
    """A person who can come on more days, at the hours of the others or, if none, at any."""

    def step(asked: Instance, course: Course) -> Asked:
        begins = min((each.begins for each in course.free), default=0)
        ends = max((each.ends for each in course.free), default=DAY_MINUTES)
        more = tuple(Free(day, begins, ends) for day in weekdays)
        return asked, replace(course, free=(*course.free, *more))

    return step
