"""Refuses an instance that contradicts itself, with the JSON path of the part and what would be right."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from overstory.pathway.timetable.dates import open_days
from overstory.pathway.timetable.instance import (
    DAY_MINUTES,
    MOST_TICKS,
    URGENCIES,
    Clinic,
    Course,
    Instance,
    InstanceError,
    Out,
    Pattern,
    Role,
    Stage,
    Visit,
)

MOST_DAYS = 1500
MOST_SESSIONS = 500
YEARS = range(1900, 2200)


def validated(instance: Instance) -> Instance:
    """
    Return the instance.

    :raises InstanceError: if a part names what is not there, or contradicts itself.
    """
    _validate_clinic(instance.clinic)
    _validate_resources(instance)
    _once((each.id for each in instance.visits), "visit", "visits[{}].id")
    _once((each.id for each in instance.courses), "course", "courses[{}].id")
    for n, visit in enumerate(instance.visits):
        _validate_visit(visit, instance, f"visits[{n}]")
    kinds = {each.id for each in instance.visits}
    for n, course in enumerate(instance.courses):
        _validate_course(course, kinds, f"courses[{n}]")
    for n, booked in enumerate(instance.booked):
        if booked.visit not in kinds:
            what = f"booked {booked.course}: no visit is named {booked.visit!r}"
            raise _error(what, f"booked[{n}].visit")
    return instance


def _error(says: str, path: str) -> InstanceError:
    return InstanceError(f"{says} - at `$.{path}`")


def _validate_clinic(clinic: Clinic) -> None:
    try:
        ZoneInfo(clinic.zone)
    except (KeyError, ValueError, OSError):
        raise _error(
            f"no time zone is named {clinic.zone!r}; write one such as America/New_York",
            "clinic.zone",
        ) from None
    if not 0 <= clinic.opens < clinic.closes <= DAY_MINUTES:
        raise _error("the clinic opens before it closes, on the same day", "clinic.opens")
    if clinic.grid_minutes < 1 or (clinic.closes - clinic.opens) % clinic.grid_minutes:
        says = "the hours of the clinic are a whole number of grid steps"
        raise _error(says, "clinic.grid_minutes")
    if clinic.ticks > MOST_TICKS:
        says = f"a day has {clinic.ticks} grid steps; at most {MOST_TICKS}: use a coarser grid"
        raise _error(says, "clinic.grid_minutes")
    if not clinic.weekdays or not set(clinic.weekdays) <= set(range(7)):
        says = "a clinic is open on at least one weekday, Monday (0) to Sunday (6)"
        raise _error(says, "clinic.weekdays")
    _validate_span(clinic)


def _validate_span(clinic: Clinic) -> None:
    if clinic.first_day.year not in YEARS or clinic.last_day.year not in YEARS:
        says = f"a timetable lies in the years {YEARS[0]} to {YEARS[-1]}"
        raise _error(says, "clinic.first_day")
    span = (clinic.last_day - clinic.first_day).days
    if span < 0:
        raise _error("the last day is not before the first", "clinic.last_day")
    if span >= MOST_DAYS:
        raise _error(f"a timetable reaches over at most {MOST_DAYS} days", "clinic.last_day")
    for day in open_days(clinic):
        opens, closes = (
            (datetime.combine(day, time()) + timedelta(minutes=each)).replace(tzinfo=clinic.tz)
            for each in (clinic.opens, clinic.closes)
        )
        if opens.utcoffset() != closes.utcoffset():
            says = f"the clocks change on {day} while the clinic is open; write it under closed"
            raise _error(says, "clinic.closed")


def _validate_resources(instance: Instance) -> None:
    places, roles = instance.places, instance.roles
    names = [each.id for each in places] + [each.id for each in roles]
    _once(names, "place or role", "places and $.roles")
    members = [unit.id for place in places for unit in place.units]
    members += [person.id for role in roles for person in role.people]
    _once(members, "unit or person", "places and $.roles")
    for n, place in enumerate(places):
        for k, unit in enumerate(place.units):
            _validate_outs(unit.outs, unit.id, f"places[{n}].units[{k}]")
    for n, role in enumerate(roles):
        _validate_role(role, f"roles[{n}]")


def _validate_role(role: Role, path: str) -> None:
    if not 1 <= role.patients_per_monitor <= 100:
        says = f"role {role.id}: patients_per_monitor is 1 to 100"
        raise _error(says, f"{path}.patients_per_monitor")
    for k, person in enumerate(role.people):
        _validate_outs(person.outs, person.id, f"{path}.people[{k}]")
        for m, shift in enumerate(person.shifts):
            if not 0 <= shift.begins < shift.ends <= DAY_MINUTES:
                says = f"{person.id}: a shift begins before it ends, on the same day"
                raise _error(says, f"{path}.people[{k}].shifts[{m}]")


def _validate_outs(outs: Sequence[Out], name: str, path: str) -> None:
    for n, out in enumerate(outs):
        if not 0 <= out.begins < out.ends <= DAY_MINUTES:
            says = f"{name}: an out begins before it ends, on the same day"
            raise _error(says, f"{path}.outs[{n}]")


def _validate_visit(visit: Visit, instance: Instance, path: str) -> None:
    places = {each.id for each in instance.places}
    roles = {each.id for each in instance.roles}
    if not 1 <= visit.minutes <= DAY_MINUTES:
        raise _error(f"visit {visit.id}: minutes is 1 to {DAY_MINUTES}", f"{path}.minutes")
    for n, need in enumerate(visit.needs):
        where = f"{path}.needs[{n}]"
        if need.of not in places | roles:
            raise _error(f"visit {visit.id}: no place or role is named {need.of!r}", f"{where}.of")
        if not -DAY_MINUTES <= need.begins < need.ends <= 2 * DAY_MINUTES:
            raise _error(f"visit {visit.id}: the need of {need.of} ends after it begins", where)
        if need.how == "watch" and need.of in places:
            says = f"visit {visit.id}: {need.of} is a place and cannot watch"
            raise _error(says, f"{where}.how")
    for one, other in itertools.permutations(visit.needs, 2):
        if one.of == other.of and one.of in places and one.ends == other.begins:
            says = f"visit {visit.id}: needs of {one.of} that follow each other are one need"
            raise _error(says, f"{path}.needs")


def _validate_course(course: Course, kinds: set[str], path: str) -> None:
    where = f"course {course.id}"
    if course.urgency not in URGENCIES:
        says = f"{where}: urgency is one of {', '.join(map(str, URGENCIES))}"
        raise _error(says, f"{path}.urgency")
    if not course.stages:
        raise _error(f"{where}: a course has at least one stage", f"{path}.stages")
    if course.sessions > MOST_SESSIONS:
        says = f"{where}: a course has at most {MOST_SESSIONS} sessions"
        raise _error(says, f"{path}.stages")
    if not 0 <= course.travel_minutes <= DAY_MINUTES:
        says = f"{where}: travel_minutes is not below 0, and less than a day"
        raise _error(says, f"{path}.travel_minutes")
    if course.wish.year not in YEARS:
        raise _error(f"{where}: the wish lies in no year of a timetable", f"{path}.wish")
    for n, window in enumerate(course.free):
        if not (0 <= window.weekday <= 6 and 0 <= window.begins < window.ends <= DAY_MINUTES):
            says = f"{where}: a free time begins before it ends, on a weekday 0 to 6"
            raise _error(says, f"{path}.free[{n}]")
    for n, stage in enumerate(course.stages):
        _validate_stage(stage, where, kinds, f"{path}.stages[{n}]")


def _validate_stage(stage: Stage, where: str, kinds: set[str], path: str) -> None:
    if not stage.blocks or not stage.patterns:
        raise _error(f"{where}: a stage has at least one block and one pattern", path)
    if stage.min_gap_days < 1 or not 1 <= stage.least_days <= stage.most_days:
        raise _error(f"{where}: gaps are at least one day, and least_days <= most_days", path)
    if stage.least_hours < 0:
        raise _error(f"{where}: least_hours is not below 0", f"{path}.least_hours")
    for n, block in enumerate(stage.blocks):
        if block.sessions < 1 or not block.visits:
            says = f"{where}: a block has at least one session and one visit"
            raise _error(says, f"{path}.blocks[{n}]")
        for kind in block.visits:
            if kind not in kinds:
                raise _error(f"{where}: no visit is named {kind!r}", f"{path}.blocks[{n}].visits")
    for n, pattern in enumerate(stage.patterns):
        _validate_pattern(pattern, stage, where, f"{path}.patterns[{n}]")


def _validate_pattern(pattern: Pattern, stage: Stage, where: str, path: str) -> None:
    if len(pattern) != len(stage.blocks):
        raise _error(f"{where}: a pattern names the weekdays of each block", path)
    for weekdays in pattern:
        if not weekdays or list(weekdays) != sorted(set(weekdays) & set(range(7))):
            says = f"{where}: weekdays of a pattern are in order, each once, 0 to 6"
            raise _error(says, path)
        near = [later - day for day, later in itertools.pairwise((*weekdays, weekdays[0] + 7))]
        if min(near) < stage.min_gap_days:
            raise _error(f"{where}: weekdays of a pattern keep the gap of the stage", path)


def _once(names: Iterable[str], what: str, path: str) -> None:
    seen: set[str] = set()
    for n, name in enumerate(names):
        where = path.format(n)
        if not name.strip():
            raise _error(f"a {what} has a name that is not empty", where)
        if name in seen:
            raise _error(f"{what} {name!r} stands twice", where)
        seen.add(name)
