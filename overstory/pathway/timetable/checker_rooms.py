"""The part of the independent check that looks at hours, rooms, devices and staff, minute by minute."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

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
            yield "unknown", session["course"], f"{_named(session)}: no such visit"
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
    """Within the open hours, set-up and turnaround too, and not while the clocks change."""
    opens, closes = (_minute(instance["clinic"][each]) for each in ("opens", "closes"))
    zone = ZoneInfo(instance["clinic"]["zone"])
    for session in sessions:
        visit = visits[session["visit"]]
        start = _minute(session["start"])
        begins = start + min([0, *(need["from"] for need in visit["needs"])])
        ends = start + max([visit["minutes"], *(need["until"] for need in visit["needs"])])
        if begins < opens or ends > closes:
            says = (
                f"it needs the clinic from {_clock(begins)} to {_clock(ends)}, and it is not open"
            )
            yield "hours", session["course"], f"{_named(session)}: {says}"
        if _clocks_change(session, zone, begins, ends):
            yield "no-such-time", session["course"], f"{_named(session)}: the clocks change then"


def _clocks_change(session: Document, zone: ZoneInfo, begins: int, ends: int) -> bool:
    """Whether its start stands twice on that day or never, or a change lies between begin and end."""
    midnight = datetime.fromisoformat(session["on"])

    def offset(minute: int, fold: int) -> timedelta | None:
        wall = midnight + timedelta(minutes=minute)
        return wall.replace(tzinfo=zone, fold=fold).utcoffset()

    start, last = _minute(session["start"]), ends - 1
    offsets = {offset(start, 0), offset(start, 1), offset(last, 0)}
    if begins < start:
        offsets.add(offset(begins, 1))
    skipped = (offset(last, 1) or timedelta()) > (offset(last, 0) or timedelta())
    return len(offsets) > 1 or skipped


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
        named = session.get("units", ())
        if len(needs) != len(named):
            says = f"it has {len(named)} units for {len(needs)} needs of a place"
            yield "unit", session["course"], f"{_named(session)}: {says}"
            continue
        yield from _handed_over(session, needs)
        for need, unit in zip(needs, named, strict=True):
            if owner.get(unit) != need["of"]:
                says = f"{_named(session)}: {unit or 'nothing'} is no {need['of']}"
                yield "unit", session["course"], says
                continue
            start = _minute(session["start"])
            begins, ends = start + need["from"], start + need["until"]
            for out in units[unit].get("outs", ()):
                out_from, out_until = _minute(out["from"]), _minute(out["until"])
                if out["on"] == day and begins < out_until and out_from < ends:
                    says = f"{unit} is out from {out['from']} to {out['until']}"
                    yield "unit-out", session["course"], f"{_named(session)}: {says}"
            taken.setdefault(unit, []).append((begins, ends, session))
    yield from _twice(taken)


def _handed_over(session: Document, needs: list[Document]) -> Iterator[Told]:
    """A patient stays in one unit of a place where one need of it ends as the next begins."""
    for (one, unit), (other, next_unit) in itertools.permutations(
        zip(needs, session["units"], strict=True), 2
    ):
        if one["of"] == other["of"] and one["until"] == other["from"] and unit != next_unit:
            says = f"{_named(session)}: it changes from {unit} to {next_unit} while it lasts"
            yield "handed-over", session["course"], says


def _twice(taken: Mapping[str, list[Taken]]) -> Iterator[Told]:
    for unit, spans in taken.items():
        spans.sort(key=lambda span: span[:2])
        for (_, ends, one), (begins, _, other) in itertools.combinations(spans, 2):
            if begins < ends:
                says = f"{unit} is taken by {one['course']}, {_named(one)}"
                yield "double", other["course"], f"{_named(other)}: {says}"


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
        if not now:
            continue
        whole = sum(how == "whole" for how, _ in now)
        watched = len(now) - whole
        needed = whole + -(-watched // role["patients_per_monitor"])
        there = sum(_at_work(person, day, moment) for person in role["people"])
        if needed > there:
            who = ", ".join(sorted({course for _, course in now}))
            says = f"{needed} of {role['id']} are needed and {there} are there, for {who}"
            yield "staff", now[-1][1], f"{day} {_clock(moment)}: {says}"


def _at_work(person: Document, day: str, moment: int) -> bool:
    weekday = WEEKDAYS[date.fromisoformat(day).weekday()]
    return any(
        weekday in shift["weekdays"] and _minute(shift["from"]) <= moment < _minute(shift["until"])
        for shift in person["shifts"]
    ) and not any(
        out["on"] == day and _minute(out["from"]) <= moment < _minute(out["until"])
        for out in person.get("outs", ())
    )


def _named(session: Document) -> str:
    return f"session {session['n']} ({session['visit']}) on {session['on']} at {session['start']}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)
