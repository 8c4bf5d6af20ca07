"""The part of the independent check that looks at hours, rooms, devices and staff, minute by minute."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

Document = Mapping[str, Any]
Told = tuple[str, str, str]
Taken = tuple[int, int, Document]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def room_violations(instance: Document, timetable: Document) -> Iterator[Told]:
    """Yield the kind, course and words of all that is wrong with hours, units and staff."""
    visits = {each["id"]: each for each in instance["visits"]}
    places = {each["id"]: each for each in instance["places"]}
    by_day: dict[str, list[Document]] = {}
    for session in (*timetable["sessions"], *timetable["booked"]):
        if session["visit"] not in visits:
            yield "unknown", session["course"], f"no visit is named {session['visit']}"
        else:
            by_day.setdefault(session["on"], []).append(session)
    for day, sessions in sorted(by_day.items()):
        yield from _open_hours(instance, visits, sessions)
        yield from _units(day, sessions, visits, places)
        for role in instance["roles"]:
            yield from _staff(day, role, sessions, visits)


def _open_hours(
    instance: Document, visits: Mapping[str, Document], sessions: list[Document]
) -> Iterator[Told]:
    opens, closes = (_minute(instance["clinic"][each]) for each in ("opens", "closes"))
    for session in sessions:
        visit = visits[session["visit"]]
        start = _minute(session["start"])
        begins = min([0, *(need["from"] for need in visit["needs"])])
        ends = max([visit["minutes"], *(need["until"] for need in visit["needs"])])
        if start + begins < opens or start + ends > closes:
            yield "hours", session["course"], f"{session['on']}: it is not within the open hours"


def _units(
    day: str,
    sessions: list[Document],
    visits: Mapping[str, Document],
    places: Mapping[str, Document],
) -> Iterator[Told]:
    taken: dict[str, list[Taken]] = {}
    units = {unit["id"]: unit for place in places.values() for unit in place["units"]}
    owner = {unit["id"]: name for name, place in places.items() for unit in place["units"]}
    for session in sessions:
        needs = [need for need in visits[session["visit"]]["needs"] if need["of"] in places]
        if len(needs) != len(session["units"]):
            yield "unit", session["course"], f"{day}: it has not one unit for each need"
            continue
        for need, unit in zip(needs, session["units"], strict=True):
            if owner.get(unit) != need["of"]:
                yield "unit", session["course"], f"{day}: {unit or 'nothing'} is no {need['of']}"
                continue
            start = _minute(session["start"])
            begins, ends = start + need["from"], start + need["until"]
            if any(
                out["on"] == day and begins < _minute(out["until"]) and _minute(out["from"]) < ends
                for out in units[unit].get("outs", ())
            ):
                yield "unit-out", session["course"], f"{day}: {unit} cannot be used then"
            taken.setdefault(unit, []).append((begins, ends, session))
    yield from _twice(day, taken)


def _twice(day: str, taken: Mapping[str, list[Taken]]) -> Iterator[Told]:
    for unit, spans in taken.items():
        spans.sort(key=lambda span: span[:2])
        for (_, ends, one), (begins, _, other) in itertools.pairwise(spans):
            if begins < ends:
                yield "double", other["course"], f"{day}: {unit} is taken by {one['course']}"


def _staff(
    day: str, role: Document, sessions: list[Document], visits: Mapping[str, Document]
) -> Iterator[Told]:
    """At the begin of every need, count who is needed whole and who watches, and who is at work."""
    spans = [
        (_minute(each["start"]) + need["from"], _minute(each["start"]) + need["until"],
         need.get("how", "whole"), each["course"])
        for each in sessions
        for need in visits[each["visit"]]["needs"]
        if need["of"] == role["id"]
    ]  # fmt: skip
    moments = {begins for begins, _, _, _ in spans}
    for person in role["people"]:
        for shift in person["shifts"]:
            moments.add(_minute(shift["until"]))
        for out in person.get("outs", ()):
            moments.add(_minute(out["from"]))
    for moment in sorted(moments):
        now = [(how, course) for begins, ends, how, course in spans if begins <= moment < ends]
        whole = sum(how == "whole" for how, _ in now)
        watched = len(now) - whole
        needed = whole + -(-watched // role["patients_per_monitor"])
        there = sum(_at_work(person, day, moment) for person in role["people"])
        if needed > there:
            clock = f"{moment // 60:02}:{moment % 60:02}"
            says = f"{day} {clock}: {needed} of {role['id']} are needed and {there} are there"
            yield "staff", now[-1][1], says


def _at_work(person: Document, day: str, moment: int) -> bool:
    weekday = WEEKDAYS[date.fromisoformat(day).weekday()]
    return any(
        weekday in shift["weekdays"] and _minute(shift["from"]) <= moment < _minute(shift["until"])
        for shift in person["shifts"]
    ) and not any(
        out["on"] == day and _minute(out["from"]) <= moment < _minute(out["until"])
        for out in person.get("outs", ())
    )


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)
