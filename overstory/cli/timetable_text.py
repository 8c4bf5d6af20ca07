"""Timetables in words, for a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from overstory.exchange.clock_times import clock
from overstory.pathway.timetable.instance import Course, Instance, Session, Timetable

if TYPE_CHECKING:  # these load numpy and ortools, which a command does only when it needs them
    from overstory.pathway.timetable.booking import Offer
    from overstory.pathway.timetable.checker import Violation
    from overstory.pathway.timetable.repair import Repair

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def plan_text(timetable: Timetable, instance: Instance) -> str:
    """Return a plan in words: how near it is to the best possible, each course, who has no place."""
    lines = [_headline(timetable), ""]
    late = set(timetable.late)
    courses = {each.id: each for each in instance.courses}
    for each in timetable.placements:
        stages = ", and from ".join(
            f"{_day(one.start)} at {clock(one.slot)}, "
            + _pattern(courses[each.course].stages[n].patterns[one.pattern])
            for n, one in enumerate(each.stages)
        )
        waits = _waits(each.delay_days)
        lines.append(
            f"{each.course}: from {stages} ({waits}{', LATE' if each.course in late else ''})"
        )
    for gone in timetable.unplaced:
        lines += ["", f"{gone.course} has no place: {gone.why}."]
        lines += [f"  - {each}" for each in gone.instead]
    return "\n".join(lines)


def offers_text(offers: Sequence[Offer], course: Course, others_wait: bool) -> str:
    """Return what can be offered for a course, best first, with what it costs those who wait."""
    lines = [f"{course.id}: {course.sessions} sessions"]
    for number, each in enumerate(offers, 1):
        stages = ", and ".join(
            f"from {_day(one.start)} at {clock(one.slot)}, "
            + _pattern(course.stages[n].patterns[one.pattern])
            for n, one in enumerate(each.placement.stages)
        )
        waits = _waits(each.placement.delay_days)
        told = [waits, f"closes {each.closes} slots to a next one like it"]
        if others_wait:
            told.append(f"costs those who wait {each.costs_others or 'nothing'}")
        lines.append(f"{number}. {stages} ({'; '.join(told)})")
    return "\n".join(lines)


def repair_text(repair: Repair, on: date, cancelled: Sequence[Session]) -> str:
    """Return what to change on a day, and what is proven."""
    lines = [
        f"  {each.course} {clock(each.start)} is cancelled; session {each.n} is still to be booked"
        if each.n
        else f"  {each.course} {clock(each.start)} is cancelled"
        for each in cancelled
    ]
    if not repair.moves:
        return "\n".join([f"{_day(on)}: nothing needs to move.", *lines])
    proven = (
        "proven: no repair needs less"
        if repair.count == repair.least
        else f"proven: no repair needs less than {repair.least}"
    )
    number = f"{len(repair.moves)} session{'s change' if len(repair.moves) > 1 else ' changes'}"
    lines.insert(0, f"{_day(on)}: {number}, counting {repair.count} ({proven}).")
    for each in repair.moves:
        was = f"{each.session.course} {clock(each.session.start)}"
        if each.start is not None:
            lines.append(f"  {was} → {clock(each.start)}")
        elif each.instead is not None:
            lines.append(f"  {was} → {_day(each.instead[0])} at {clock(each.instead[1])}")
        else:
            lines.append(f"  {was} → another day, to be booked: none is free in this timetable")
    return "\n".join(lines)


def check_text(violations: Sequence[Violation]) -> str:
    """Return what is wrong in a timetable, a line each."""
    if not violations:
        return "The timetable is valid."
    many = len(violations) > 1
    lines = [f"{len(violations)} {'things are' if many else 'thing is'} wrong:"]
    return "\n".join(
        [
            *lines,
            *(f"  {each.course or 'the whole'} {each.kind}: {each.says}" for each in violations),
        ]
    )


def _headline(timetable: Timetable) -> str:
    placed, gone = len(timetable.placements), len(timetable.unplaced)
    words = (
        f"{placed} course{'' if placed == 1 else 's'} placed, {gone} without a place; "
        f"{len(timetable.late)} start{'s' if len(timetable.late) == 1 else ''} late"
    )
    if timetable.bound is None:
        return f"{words}. Cost {timetable.cost}; no bound was worked out."
    return f"{words}. Cost {timetable.cost}: {_nearness(timetable)}."


def _nearness(timetable: Timetable) -> str:
    """How near a cost is to the best possible; a share is never told smaller than it is."""
    bound, gap = timetable.bound or 0, timetable.gap
    least = math.floor(bound * 10 + 1e-6) / 10
    if gap is None:
        return f"how near it is to the best possible is not known (proven: none costs less than {least:g})"
    if gap <= 1e-9:
        return f"the best possible (no timetable costs less than {least:g})"
    share = math.ceil(gap * 1000 - 1e-6) / 10
    return f"within {share:.1f}% of the best possible (no timetable costs less than {least:g})"


def _day(day: date) -> str:
    return f"{DAYS[day.weekday()]} {day}"


def _waits(days: int) -> str:
    if not days:
        return "as wished"
    return f"{days} working day{'s' if days > 1 else ''} after the wish"


def _pattern(pattern: tuple[tuple[int, ...], ...]) -> str:
    blocks = ["Mon–Fri" if each == (0, 1, 2, 3, 4) else "+".join(DAYS[day] for day in each)
              for each in pattern]  # fmt: skip
    return ", then ".join(blocks)
