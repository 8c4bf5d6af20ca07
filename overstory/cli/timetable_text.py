"""Timetables in words, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from overstory.exchange.clock_times import clock
from overstory.pathway.timetable.instance import Course, Instance, Timetable

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
        stages = " · ".join(
            f"{one.start} {clock(one.slot)} "
            + _pattern(courses[each.course].stages[n].patterns[one.pattern])
            for n, one in enumerate(each.stages)
        )
        waits = _waits(each.delay_days)
        lines.append(f"{each.course}  {stages}  ({waits}{', LATE' if each.course in late else ''})")
    for gone in timetable.unplaced:
        lines += ["", f"{gone.course} has no place: {gone.why}."]
        lines += [f"  - {each}" for each in gone.instead]
    return "\n".join(lines)


def offers_text(offers: Sequence[Offer], course: Course) -> str:
    """Return what can be offered for a course, best first."""
    lines = [f"{course.id}: {course.sessions} sessions"]
    for number, each in enumerate(offers, 1):
        stages = " · ".join(
            f"from {one.start} at {clock(one.slot)}, "
            + _pattern(course.stages[n].patterns[one.pattern])
            for n, one in enumerate(each.placement.stages)
        )
        waits = _waits(each.placement.delay_days)
        lines.append(
            f"{number}. {stages} ({waits}; closes {each.closes} slots to a next one like it)"
        )
    return "\n".join(lines)


def repair_text(repair: Repair, on: date) -> str:
    """Return what to change on a day, and what is proven."""
    if not repair.moves:
        return f"{on}: nothing needs to move."
    proven = (
        "proven: no repair needs less"
        if repair.count == repair.least
        else f"proven: no repair needs less than {repair.least}"
    )
    number = f"{len(repair.moves)} session{'s change' if len(repair.moves) > 1 else ' changes'}"
    lines = [f"{on}: {number}, counting {repair.count} ({proven})."]
    for each in repair.moves:
        was = f"{each.session.course} {clock(each.session.start)}"
        if each.start is not None:
            lines.append(f"  {was} → {clock(each.start)}")
        elif each.instead is not None:
            lines.append(f"  {was} → {each.instead[0]} {clock(each.instead[1])}")
        else:
            lines.append(f"  {was} → another day, to be booked: none is free in this timetable")
    return "\n".join(lines)


def check_text(violations: Sequence[Violation]) -> str:
    """Return what is wrong in a timetable, a line each."""
    if not violations:
        return "The timetable is valid."
    lines = [f"{len(violations)} things are wrong:"]
    return "\n".join(
        [*lines, *(f"  {each.course} {each.kind}: {each.says}" for each in violations)]
    )


def _headline(timetable: Timetable) -> str:
    placed, gone = len(timetable.placements), len(timetable.unplaced)
    words = f"{placed} courses placed, {gone} without a place; {len(timetable.late)} start late"
    gap = timetable.gap
    if gap is None:
        return f"{words}. Cost {timetable.cost}; no bound was worked out."
    near = "the best possible" if gap == 0 else f"within {gap:.1%} of the best possible"
    return f"{words}. Cost {timetable.cost}: {near} (no timetable costs less than {timetable.bound:g})."


def _waits(days: int) -> str:
    if not days:
        return "as wished"
    return f"{days} working day{'s' if days > 1 else ''} after the wish"


def _pattern(pattern: tuple[tuple[int, ...], ...]) -> str:
    blocks = ["Mon–Fri" if each == (0, 1, 2, 3, 4) else "+".join(DAYS[day] for day in each)
              for each in pattern]  # fmt: skip
    return ", then ".join(blocks)
