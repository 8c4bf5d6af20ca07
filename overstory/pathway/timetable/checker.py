"""
An independent check of a timetable: what is wrong in it, in words.

It knows nothing of how timetables are made. It reads the two documents (`overstory.timetable-instance/1`
and `overstory.timetable/1`) by itself, in dates and minutes, and shares no code with the rest.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from overstory.pathway.timetable.checker_patterns import pattern_faults
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
    placed = {each["course"]: each for each in timetable["courses"]}
    found += _names(timetable, courses)
    whose = _owners(instance)
    for name, course in courses.items():
        own, gone = (
            [each for each in timetable.get(part, ()) if each["course"] == name]
            for part in ("sessions", "cancelled")
        )
        alone = sum(each == course["person"] for each in whose.values()) == 1
        whole = dict(course, alone=alone or not course["person"])
        found += _course(instance, whole, placed.get(name), _Sessions(own, gone))
    found += _persons(timetable, whose)
    found += _unplaced(timetable, courses, placed)
    found += _booked(instance, timetable)
    found += _totals(timetable, courses)
    return found


@dataclass(frozen=True, slots=True)
class _Sessions:
    """What a course has, and what a repair took out of it without another day."""

    given: list[Document]
    gone: list[Document]

    def off(self) -> int:
        """How many are not where the plan had them."""
        return len(self.gone) + sum(bool(each.get("moved")) for each in self.given)


def _names(timetable: Document, courses: Mapping[str, Document]) -> Iterator[Violation]:
    """Courses that nobody asked for, and courses that stand twice."""
    for part in ("sessions", "courses", "unplaced"):
        names = [each["course"] for each in timetable[part]]
        for name in sorted(set(names) - set(courses)):
            yield Violation("unknown", name, f"no such course was asked for, and it has {part}")
        for name in sorted({each for each in names if names.count(each) > 1}):
            if part != "sessions":
                yield Violation("twice", name, f"it stands twice under {part}")


def _course(
    instance: Document, course: Document, placed: Document | None, sessions: _Sessions
) -> list[Violation]:
    name = course["id"]
    if placed is None:
        if sessions.given:
            return [Violation("unplaced", name, "it has sessions and no place")]
        return []
    if (says := _shape(course, placed)) is not None:
        return [Violation("stages", name, says)]
    told = list(_numbers(course, sessions))
    if not told:
        given = sorted(sessions.given, key=lambda each: each["n"])
        told += _days(instance, course, given)
        told += _stages(instance, course, placed, _Sessions(given, sessions.gone))
    told += _hours(instance, course, sessions.given)
    told += _cost(instance, course, placed)
    return [Violation(kind, name, says) for kind, says in told]


def _shape(course: Document, placed: Document) -> str | None:
    if len(placed["stages"]) != len(course["stages"]):
        return f"it has {len(placed['stages'])} places for {len(course['stages'])} stages"
    for number, (stage, where) in enumerate(zip(course["stages"], placed["stages"], strict=True)):
        if not 0 <= where["pattern"] < len(stage["patterns"]):
            return f"stage {number + 1} has no pattern {where['pattern']}"
    return None


def _numbers(course: Document, sessions: _Sessions) -> Iterator[tuple[str, str]]:
    """Every session of the course is there once, with its stage and visit."""
    wanted = dict(
        enumerate(
            (
                (number, block["visits"][n % len(block["visits"])])
                for number, stage in enumerate(course["stages"])
                for block in stage["blocks"]
                for n in range(block["sessions"])
            ),
            1,
        )
    )
    seen: set[int] = set()
    for each in (*sessions.given, *sessions.gone):
        n = each["n"]
        if n not in wanted:
            yield "sessions", f"{_named(each)}: the course has {len(wanted)} sessions, none {n}"
        elif n in seen:
            yield "sessions", f"{_named(each)}: it stands twice"
        elif (each["stage"], each["visit"]) != wanted[n]:
            stage, visit = wanted[n]
            yield "sessions", f"{_named(each)}: it is to be {visit} of stage {stage + 1}"
        seen.add(n)
    for n in sorted(set(wanted) - seen):
        yield "sessions", f"session {n} of {len(wanted)} ({wanted[n][1]}) is missing"


def _named(session: Document) -> str:
    return f"session {session['n']} ({session['visit']}) on {session['on']} at {session['start']}"


def _days(
    instance: Document, course: Document, sessions: list[Document]
) -> Iterator[tuple[str, str]]:
    for session in sessions:
        if not _is_open(instance, session["on"]):
            yield "closed-day", f"{_named(session)}: a closed day"
        if session["on"] in course.get("away", ()):
            yield "away", f"{_named(session)}: the person is away"
        if session["on"] < course["wish"]:
            yield "before-wish", f"{_named(session)}: before the wish, {course['wish']}"
    for before, after in itertools.pairwise(each for each in sessions if not each.get("moved")):
        if after["on"] <= before["on"]:
            yield "order", f"{_named(after)}: not on a later day than session {before['n']}"
    by_day = sorted(sessions, key=lambda each: (each["on"], each["n"]))
    for before, after in itertools.pairwise(by_day):
        if after["on"] == before["on"]:
            yield "order", f"{_named(after)}: session {before['n']} is on the same day"
        if after["stage"] < before["stage"]:
            yield (
                "order",
                f"{_named(after)}: after session {before['n']}, which is of a later stage",
            )


def _hours(
    instance: Document, course: Document, sessions: list[Document]
) -> Iterator[tuple[str, str]]:
    visits = {each["id"]: each for each in instance["visits"]}
    travel = course.get("travel_minutes", 0)
    for session in sessions:
        if session["visit"] not in visits:
            continue
        begins = _minute(session["start"])
        ends = begins + visits[session["visit"]]["minutes"]
        weekday = WEEKDAYS[date.fromisoformat(session["on"]).weekday()]
        if not any(
            window["weekday"] == weekday
            and _minute(window["from"]) + travel <= begins
            and ends + travel <= _minute(window["until"])
            for window in course["free"]
        ):
            yield "not-free", f"{_named(session)}: the person is not free from then to the end"


def _stages(
    instance: Document, course: Document, placed: Document, sessions: _Sessions
) -> Iterator[tuple[str, str]]:
    before: list[Document] = []
    for number, (stage, where) in enumerate(zip(course["stages"], placed["stages"], strict=True)):
        own, gone = (
            [each for each in part if each["stage"] == number]
            for part in (sessions.given, sessions.gone)
        )
        for each in own:
            if each["start"] != where["slot"] and not each.get("moved"):
                yield "slot", f"{_named(each)}: the standing slot of its stage is {where['slot']}"
        numbers = [each["n"] for each in (*own, *gone)]
        first = next((each for each in own if each["n"] == min(numbers)), None)
        if first and not first.get("moved") and first["on"] != where["start"]:
            yield "start", f"{_named(first)}: its stage starts on {where['start']}"
        if before and own:
            free = not sessions.off()
            yield from _between(instance, stage, before, own, free)
        yield from _apart(stage, own)
        yield from pattern_faults(instance, course, stage, where, (own, len(gone)))
        before = own or before


def _between(
    instance: Document, stage: Document, earlier: list[Document], own: list[Document], whole: bool
) -> Iterator[tuple[str, str]]:
    """What lies between two stages; the most only where nothing was moved or taken out."""
    before = max(earlier, key=lambda each: str(each["on"]))
    first = min(own, key=lambda each: str(each["on"]))
    gap = (date.fromisoformat(first["on"]) - date.fromisoformat(before["on"])).days
    if gap < stage["least_days"] or (whole and gap > stage["most_days"]):
        asked = f"{stage['least_days']} to {stage['most_days']}"
        yield "stage-gap", f"{_named(first)}: {gap} days after the stage before, not {asked}"
    zone = ZoneInfo(instance["clinic"]["zone"])
    minutes = {each["id"]: each["minutes"] for each in instance["visits"]}[before["visit"]]
    ended = _moment(before, zone).astimezone(ZoneInfo("UTC")) + timedelta(minutes=minutes)
    hours = (_moment(first, zone).astimezone(ZoneInfo("UTC")) - ended) / timedelta(hours=1)
    least = stage.get("least_hours", 0)
    if hours < least:
        says = f"{hours:.1f} hours after the end of session {before['n']}, and not at least {least}"
        yield "stage-gap", f"{_named(first)}: {says}"


def _apart(stage: Document, own: list[Document]) -> Iterator[tuple[str, str]]:
    by_day = sorted(own, key=lambda each: str(each["on"]))
    for before, after in itertools.pairwise(by_day):
        days = (date.fromisoformat(after["on"]) - date.fromisoformat(before["on"])).days
        if days < stage["min_gap_days"]:
            least = stage["min_gap_days"]
            says = f"{days} days after session {before['n']}, not at least {least}"
            yield "gap", f"{_named(after)}: {says}"


def _cost(instance: Document, course: Document, placed: Document) -> Iterator[tuple[str, str]]:
    delay = _delay(instance, course["wish"], placed["stages"][0]["start"])
    cost = PER_DELAY_DAY * course["urgency"] * delay
    for where in placed["stages"]:
        cost += abs(_minute(where["slot"]) - _minute(course["prefer"])) // 10 + where["pattern"]
    if delay != placed["delay_days"]:
        yield "delay", f"it starts {delay} working days after the wish, not {placed['delay_days']}"
    if delay >= UNPLACED_DAYS:
        yield "delay", f"it starts {delay} working days after the wish; at most {UNPLACED_DAYS - 1}"
    if cost != placed["cost"]:
        yield "cost", f"it costs {cost}, not {placed['cost']}"
    late = delay > LATE_AFTER[course["urgency"]]
    if placed["late"] != late:
        says = f"{delay} working days after the wish is {'' if late else 'not '}late"
        yield "late", f"{says}, and the timetable says otherwise"


def _delay(instance: Document, wish: str, start: str) -> int:
    first = date.fromisoformat(max(wish, instance["clinic"]["first_day"]))
    last = date.fromisoformat(min(start, instance["clinic"]["last_day"]))
    days = (first + timedelta(days=n) for n in range((last - first).days))
    return sum(_is_open(instance, day.isoformat()) for day in days)


def _persons(timetable: Document, whose: Mapping[str, str]) -> Iterator[Violation]:
    """No two courses of one person on one day."""
    seen: dict[tuple[str, str], str] = {}
    for each in (*timetable["booked"], *timetable["sessions"]):
        name, person = each["course"], whose.get(each["course"], "")
        other = seen.setdefault((person, each["on"]), name)
        if person and other != name:
            says = f"{_named(each)}: the same person has {other} on this day"
            yield Violation("person", name, says)


def _owners(instance: Document) -> dict[str, str]:
    """Whose each course is; a booked one without a person is nobody's."""
    whose = {each["course"]: each.get("person", "") for each in instance["booked"]}
    return whose | {each["id"]: each["person"] for each in instance["courses"]}


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
    """What was booked stands as it was, but for what a repair moved or took out, and says so."""
    stand = Counter(
        (each["course"], each["visit"], each["on"], each["start"]) for each in instance["booked"]
    )
    kept = Counter(
        (each["course"], each["visit"], each["on"], each["start"])
        for each in timetable["booked"]
        if not each.get("moved")
    )
    courses = {each["id"] for each in instance["courses"]}
    moved = Counter(
        (each["course"], each["visit"])
        for each in (*timetable["booked"], *timetable.get("cancelled", ()))
        if each.get("moved") or (each in timetable.get("cancelled", ()) and each["n"] == 0)
    )
    for each in timetable["booked"]:
        if each["n"] or each["stage"]:
            says = f"{_named(each)}: what is booked has the number 0 and the stage 0"
            yield Violation("booked", each["course"], says)
    for course, visit, day, start in (stand - kept).elements():
        if moved[course, visit]:
            moved[course, visit] -= 1
        else:
            says = f"{visit} on {day} at {start} was booked, and is not there"
            yield Violation("booked", course, says)
    for course, visit, day, start in (kept - stand).elements():
        says = f"{visit} on {day} at {start} is there as booked, and was not"
        yield Violation("booked", course, says)
    for (course, visit), count in moved.items():
        if count and course not in courses:
            says = f"{count} of {visit} more were moved or taken out than were booked"
            yield Violation("booked", course, says)


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
    gap = timetable.get("gap")
    if gap is not None:
        true = _gap(timetable["cost"], bound)
        if true is None or abs(gap - true) > 1e-6:
            yield Violation("gap", "", f"the gap is {true}, not {gap}")


def _gap(cost: int, bound: float | None) -> float | None:
    if bound is None or (bound <= 0 and cost > 0):
        return None
    return 0.0 if bound <= 0 else max(cost - bound, 0.0) / bound


def _is_open(instance: Document, day: str) -> bool:
    clinic = instance["clinic"]
    weekday = WEEKDAYS[date.fromisoformat(day).weekday()]
    return (
        clinic["first_day"] <= day <= clinic["last_day"]
        and weekday in clinic["weekdays"]
        and day not in clinic["closed"]
    )


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)


def _moment(session: Document, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(f"{session['on']}T{session['start']}").replace(tzinfo=zone)
