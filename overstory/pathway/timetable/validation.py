"""Refuses an instance that contradicts itself, and says what would be right."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from overstory.pathway.timetable.instance import (
    DAY_MINUTES,
    MOST_TICKS,
    URGENCIES,
    Clinic,
    Course,
    Instance,
    InstanceError,
    Pattern,
    Stage,
    Visit,
)


def validated(instance: Instance) -> Instance:
    """
    Return the instance.

    :raises InstanceError: if a part names what is not there, or contradicts itself.
    """
    _validate_clinic(instance.clinic)
    pools = [place.id for place in instance.places] + [role.id for role in instance.roles]
    _once(pools, "place or role")
    _once([each.id for each in instance.visits], "visit")
    _once([each.id for each in instance.courses], "course")
    for role in instance.roles:
        if role.patients_per_monitor < 1:
            raise InstanceError(f"role {role.id}: patients_per_monitor is at least 1")
    for visit in instance.visits:
        _validate_visit(visit, instance)
    kinds = {each.id for each in instance.visits}
    for course in instance.courses:
        _validate_course(course, kinds)
    for booked in instance.booked:
        if booked.visit not in kinds:
            raise InstanceError(f"booked {booked.course}: no visit is named {booked.visit!r}")
    return instance


def _validate_clinic(clinic: Clinic) -> None:
    try:
        ZoneInfo(clinic.zone)
    except (KeyError, ValueError, OSError):
        raise InstanceError(
            f"no time zone is named {clinic.zone!r}; write one such as America/New_York"
        ) from None
    if not 0 <= clinic.opens < clinic.closes <= DAY_MINUTES:
        raise InstanceError("the clinic opens before it closes, on the same day")
    if clinic.grid_minutes < 1 or (clinic.closes - clinic.opens) % clinic.grid_minutes:
        raise InstanceError("the hours of the clinic are a whole number of grid steps")
    if clinic.ticks > MOST_TICKS:
        raise InstanceError(
            f"a day has {clinic.ticks} grid steps; at most {MOST_TICKS}: use a coarser grid"
        )
    if clinic.last_day < clinic.first_day:
        raise InstanceError("the last day is not before the first")
    if not clinic.weekdays or not set(clinic.weekdays) <= set(range(7)):
        raise InstanceError("a clinic is open on at least one weekday, Monday (0) to Sunday (6)")


def _validate_visit(visit: Visit, instance: Instance) -> None:
    places = {each.id for each in instance.places}
    roles = {each.id for each in instance.roles}
    if visit.minutes < 1:
        raise InstanceError(f"visit {visit.id}: minutes is at least 1")
    for need in visit.needs:
        if need.of not in places | roles:
            raise InstanceError(f"visit {visit.id}: no place or role is named {need.of!r}")
        if need.begins >= need.ends:
            raise InstanceError(f"visit {visit.id}: the need of {need.of} ends after it begins")
        if need.how == "watch" and need.of in places:
            raise InstanceError(f"visit {visit.id}: {need.of} is a place and cannot watch")


def _validate_course(course: Course, kinds: set[str]) -> None:
    where = f"course {course.id}"
    if course.urgency not in URGENCIES:
        raise InstanceError(f"{where}: urgency is one of {', '.join(map(str, URGENCIES))}")
    if not course.stages:
        raise InstanceError(f"{where}: a course has at least one stage")
    if course.travel_minutes < 0:
        raise InstanceError(f"{where}: travel_minutes is not below 0")
    for window in course.free:
        if not (0 <= window.weekday <= 6 and 0 <= window.begins < window.ends <= DAY_MINUTES):
            raise InstanceError(f"{where}: a free time begins before it ends, on a weekday 0 to 6")
    for stage in course.stages:
        _validate_stage(stage, where, kinds)


def _validate_stage(stage: Stage, where: str, kinds: set[str]) -> None:
    if not stage.blocks or not stage.patterns:
        raise InstanceError(f"{where}: a stage has at least one block and one pattern")
    if stage.min_gap_days < 1 or not 1 <= stage.least_days <= stage.most_days:
        raise InstanceError(f"{where}: gaps are at least one day, and least_days <= most_days")
    for block in stage.blocks:
        if block.sessions < 1 or not block.visits:
            raise InstanceError(f"{where}: a block has at least one session and one visit")
        for kind in block.visits:
            if kind not in kinds:
                raise InstanceError(f"{where}: no visit is named {kind!r}")
    for pattern in stage.patterns:
        _validate_pattern(pattern, stage, where)


def _validate_pattern(pattern: Pattern, stage: Stage, where: str) -> None:
    if len(pattern) != len(stage.blocks):
        raise InstanceError(f"{where}: a pattern names the weekdays of each block")
    for weekdays in pattern:
        if not weekdays or list(weekdays) != sorted(set(weekdays) & set(range(7))):
            raise InstanceError(f"{where}: weekdays of a pattern are in order, each once, 0 to 6")
        near = [later - day for day, later in itertools.pairwise((*weekdays, weekdays[0] + 7))]
        if min(near) < stage.min_gap_days:
            raise InstanceError(f"{where}: weekdays of a pattern keep the gap of the stage")


def _once(names: Sequence[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InstanceError(f"{what} {name!r} stands twice")
        seen.add(name)
