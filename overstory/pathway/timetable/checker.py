"""
An independent check of a timetable: what is wrong in it, in words.

It knows nothing of how timetables are made. It reads the two documents (`overstory.timetable-instance/1`
and `overstory.timetable/1`) by itself, in dates and minutes, and shares no code with the rest.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from overstory.pathway.timetable.checker_rooms import room_violations

Document = Mapping[str, Any]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LATE_AFTER = {1: 10, 2: 5, 4: 2}
PER_DELAY_DAY = 10
UNPLACED_DAYS = 40


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong: its kind, the course, and words."""

    kind: str
    course: str
    says: str


def violations(instance: Document, timetable: Document) -> list[Violation]:
    """Return everything that is wrong in a timetable; nothing where it is valid."""
    found = [Violation(*each) for each in room_violations(instance, timetable)]
    courses = {each["id"]: each for each in instance["courses"]}
    sessions: dict[str, list[Document]] = {name: [] for name in courses}
    for session in timetable["sessions"]:
        if session["course"] not in courses:
            found.append(Violation("unknown", session["course"], "no such course was asked for"))
        else:
            sessions[session["course"]].append(session)
    placed = {each["course"]: each for each in timetable["courses"]}
    for name, course in courses.items():
        found += _course(instance, course, placed.get(name), sessions[name])
    found += _unplaced(timetable, courses, placed)
    found += _booked(instance, timetable)
    found += _totals(timetable, courses)
    return found


def _course(
    instance: Document, course: Document, placed: Document | None, sessions: list[Document]
) -> list[Violation]:
    name = course["id"]
    if placed is None:
        if sessions:
            return [Violation("unplaced", name, "it has sessions and no place")]
        return []
    sessions = sorted(sessions, key=lambda each: each["n"])
    visits = [
        (number, block["visits"][n % len(block["visits"])])
        for number, stage in enumerate(course["stages"])
        for block in stage["blocks"]
        for n in range(block["sessions"])
    ]
    given = [(each["stage"], each["visit"]) for each in sessions]
    numbers = [each["n"] for each in sessions]
    if given != visits or numbers != list(range(1, len(visits) + 1)):
        return [Violation("sessions", name, "its sessions are not those of the course, in order")]
    told = [
        *_days(instance, course, sessions),
        *_hours(instance, course, sessions),
        *_stages(instance, course, placed, sessions),
        *_cost(instance, course, placed, sessions),
    ]
    return [Violation(kind, name, says) for kind, says in told]


def _days(
    instance: Document, course: Document, sessions: list[Document]
) -> Iterator[tuple[str, str]]:
    for session in sessions:
        if not _is_open(instance, session["on"]):
            yield "closed-day", f"session {session['n']} is on {session['on']}, a closed day"
        if session["on"] in course.get("away", ()):
            yield "away", f"session {session['n']} is on {session['on']}, when the person is away"
    if sessions[0]["on"] < course["wish"]:
        yield "before-wish", f"it starts on {sessions[0]['on']}, before the wish"
    for before, after in itertools.pairwise(sessions):
        if after["on"] <= before["on"]:
            yield "order", f"session {after['n']} is not on a later day than the one before"


def _hours(
    instance: Document, course: Document, sessions: list[Document]
) -> Iterator[tuple[str, str]]:
    zone = ZoneInfo(instance["clinic"]["zone"])
    visits = {each["id"]: each for each in instance["visits"]}
    travel = course.get("travel_minutes", 0)
    for session in sessions:
        begins = _minute(session["start"])
        ends = begins + visits[session["visit"]]["minutes"]
        weekday = WEEKDAYS[date.fromisoformat(session["on"]).weekday()]
        if not any(
            window["weekday"] == weekday
            and _minute(window["from"]) + travel <= begins
            and ends + travel <= _minute(window["until"])
            for window in course["free"]
        ):
            yield "not-free", f"session {session['n']}: the person is not free then"
        wall = _moment(session, zone)
        if wall.astimezone(ZoneInfo("UTC")).astimezone(zone).replace(fold=0) != wall:
            yield "no-such-time", f"session {session['n']}: the clocks skip its start"


def _stages(
    instance: Document, course: Document, placed: Document, sessions: list[Document]
) -> Iterator[tuple[str, str]]:
    if len(placed["stages"]) != len(course["stages"]):
        yield "stages", "it has not one place for each stage"
        return
    before: Document | None = None
    for number, (stage, where) in enumerate(zip(course["stages"], placed["stages"], strict=True)):
        own = [each for each in sessions if each["stage"] == number]
        if any(each["start"] != where["slot"] for each in own if not each.get("moved")):
            yield "slot", f"stage {number + 1} does not keep its standing slot {where['slot']}"
        if not own[0].get("moved") and own[0]["on"] != where["start"]:
            yield "start", f"stage {number + 1} does not start on {where['start']}"
        if before is not None:
            yield from _between(instance, stage, before, own[0])
        yield from _apart(stage, own)
        if not any(each.get("moved") for each in own):
            yield from _pattern(instance, course, stage, where, own)
        before = own[-1]


def _between(
    instance: Document, stage: Document, before: Document, first: Document
) -> Iterator[tuple[str, str]]:
    gap = (date.fromisoformat(first["on"]) - date.fromisoformat(before["on"])).days
    if not stage["least_days"] <= gap <= stage["most_days"]:
        yield "stage-gap", f"{gap} days lie between stages, not those asked for"
    zone = ZoneInfo(instance["clinic"]["zone"])
    minutes = {each["id"]: each["minutes"] for each in instance["visits"]}[before["visit"]]
    ended = _moment(before, zone).astimezone(ZoneInfo("UTC")) + timedelta(minutes=minutes)
    hours = (_moment(first, zone).astimezone(ZoneInfo("UTC")) - ended) / timedelta(hours=1)
    if hours < stage.get("least_hours", 0):
        yield "stage-gap", f"{hours:.1f} hours lie between stages, fewer than asked for"


def _apart(stage: Document, own: list[Document]) -> Iterator[tuple[str, str]]:
    days = [date.fromisoformat(each["on"]) for each in own]
    for before, after in itertools.pairwise(days):
        if (after - before).days < stage["min_gap_days"]:
            yield "gap", f"{before} and {after} are closer than {stage['min_gap_days']} days"


def _pattern(
    instance: Document, course: Document, stage: Document, where: Document, own: list[Document]
) -> Iterator[tuple[str, str]]:
    """Each block on its weekdays, none skipped; each after the first in the week after the last."""
    pattern = stage["patterns"][where["pattern"]]
    place = 0
    ended: date | None = None
    for block, weekdays in zip(stage["blocks"], pattern, strict=True):
        days = [date.fromisoformat(each["on"]) for each in own[place : place + block["sessions"]]]
        place += block["sessions"]
        if ended is not None and days[0] < _week(ended) + timedelta(days=7):
            yield "pattern", f"{days[0]} is in the week in which the block before ended"
        first = days[0] if ended is None else _week(ended) + timedelta(days=7)
        can = _Can(instance, course, stage["min_gap_days"], set(weekdays))
        yield from can.wrong(first, days)
        ended = days[-1]


@dataclass(frozen=True, slots=True)
class _Can:
    """On which days a course could have had the sessions of a block."""

    instance: Document
    course: Document
    gap: int
    weekdays: set[str]

    def day(self, day: date) -> bool:
        """Whether clinic and person can."""
        text = day.isoformat()
        return _is_open(self.instance, text) and text not in self.course.get("away", ())

    def wrong(self, first: date, days: list[date]) -> Iterator[tuple[str, str]]:
        for day in days:
            week = [_week(day) + timedelta(days=n) for n in range(7)]
            if WEEKDAYS[day.weekday()] not in self.weekdays and not any(
                WEEKDAYS[each.weekday()] in self.weekdays and not self.day(each) for each in week
            ):
                yield "pattern", f"{day} is not on a weekday of the pattern, for no closed day"
            if sum(each in week for each in days) > len(self.weekdays):
                yield "pattern", f"the week of {day} has more sessions than the pattern"
        for n in range((days[-1] - first).days):
            day = first + timedelta(days=n)
            if WEEKDAYS[day.weekday()] not in self.weekdays or not self.day(day):
                continue
            if all(abs((day - each).days) >= self.gap for each in days):  # itself included
                yield "pattern", f"{day} is a day of the pattern and is passed over"


def _cost(
    instance: Document, course: Document, placed: Document, sessions: list[Document]
) -> Iterator[tuple[str, str]]:
    if any(each.get("moved") for each in sessions):
        return
    day, delay = date.fromisoformat(course["wish"]), 0
    while day.isoformat() < sessions[0]["on"]:
        delay += _is_open(instance, day.isoformat())
        day += timedelta(days=1)
    cost = PER_DELAY_DAY * course["urgency"] * delay
    for where in placed["stages"]:
        cost += abs(_minute(where["slot"]) - _minute(course["prefer"])) // 10 + where["pattern"]
    if delay != placed["delay_days"]:
        yield "delay", f"it starts {delay} working days after the wish, not {placed['delay_days']}"
    if cost != placed["cost"]:
        yield "cost", f"it costs {cost}, not {placed['cost']}"
    if placed["late"] != (delay > LATE_AFTER[course["urgency"]]):
        yield "late", "whether it is late is not told as it is"


def _unplaced(
    timetable: Document, courses: Mapping[str, Document], placed: Mapping[str, Document]
) -> Iterator[Violation]:
    told = {each["course"]: each for each in timetable["unplaced"]}
    for name in courses:
        if (name in placed) == (name in told):
            yield Violation("unplaced", name, "it has neither a place nor a reason, or both")
    for name, each in told.items():
        if not each["why"].strip() or not each["instead"]:
            yield Violation("silent", name, "it has no place, and not both reason and way out")


def _booked(instance: Document, timetable: Document) -> Iterator[Violation]:
    stand = [
        (each["course"], each["visit"], each["on"], each["start"]) for each in instance["booked"]
    ]
    kept = [
        (each["course"], each["visit"], each["on"], each["start"]) for each in timetable["booked"]
    ]
    for each in stand:
        if each not in kept:
            yield Violation("booked", each[0], f"its session of {each[2]} {each[3]} was booked")
    if len(kept) != len(stand):
        yield Violation("booked", "", "the timetable has other booked sessions than the instance")


def _totals(timetable: Document, courses: Mapping[str, Document]) -> Iterator[Violation]:
    cost = sum(each["cost"] for each in timetable["courses"])
    for each in timetable["unplaced"]:
        if each["course"] in courses:
            cost += PER_DELAY_DAY * courses[each["course"]]["urgency"] * UNPLACED_DAYS
    if cost != timetable["cost"]:
        yield Violation("cost", "", f"the whole costs {cost}, not {timetable['cost']}")
    bound = timetable.get("bound")
    if bound is not None and bound > timetable["cost"] + 1e-6:
        yield Violation("bound", "", f"a cost of {timetable['cost']} is below the bound {bound}")


def _is_open(instance: Document, day: str) -> bool:
    clinic = instance["clinic"]
    weekday = WEEKDAYS[date.fromisoformat(day).weekday()]
    return (
        clinic["first_day"] <= day <= clinic["last_day"]
        and weekday in clinic["weekdays"]
        and day not in clinic["closed"]
    )


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)


def _moment(session: Document, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(f"{session['on']}T{session['start']}").replace(tzinfo=zone)
