"""Why a course has no place, in words, and the smallest changes that would give it one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from overstory.pathway.timetable.choices import Choice, Templates, choices_of, placement_of
from overstory.pathway.timetable.instance import (
    UNPLACED_DAYS,
    Booked,
    Course,
    Instance,
    Placement,
    Unplaced,
)
from overstory.pathway.timetable.loosening import Change, changes, everything
from overstory.pathway.timetable.occupancy import Grid, Occupancy, grid_of
from overstory.pathway.timetable.planning import Desk
from overstory.pathway.timetable.search import earliest
from overstory.pathway.timetable.sessions import hold, sessions_of

MOST_CHANGES = 3


def reasons(desk: Desk, plan: Sequence[Choice | None]) -> list[Unplaced]:
    """Return for every course that a plan leaves out why, and what would give it a place."""
    booked = [
        Booked(each.course, each.visit, each.on, each.start)
        for choices, choice in zip(desk.choices, plan, strict=True)
        if choice is not None
        for each in sessions_of(choices, choice, desk.grid)
    ]
    full = replace(desk.instance, courses=(), booked=(*desk.instance.booked, *booked))
    tried = _Tried(full)
    return [
        tried.reason(choices.course)
        for choices, choice in zip(desk.choices, plan, strict=True)
        if choice is None
    ]


def reason(instance: Instance, course: Course) -> Unplaced:
    """
    Return why a course does not fit beside what is booked, and the smallest changes that would help.

    There is always at least one change, and no two that come to the same. They are tried one at a time,
    from what asks least of the person to what the clinic would have to add; where none is enough
    alone, all are tried together.
    """
    return _Tried(instance).reason(course)


class _Tried:
    """Attempts to place courses in a clinic and in changed ones; what a clinic has free is kept."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._ready: dict[Instance, tuple[Grid, Occupancy, Templates]] = {}

    def reason(self, course: Course) -> Unplaced:
        found: dict[str, str] = {}
        for change in changes(self._instance, course):
            placement = self._place(change)
            if placement is not None:
                told = _told(placement)
                found.setdefault(told, f"{change.says}: then from {told}")
            if len(found) == MOST_CHANGES:
                break
        instead = tuple(found.values()) or (self._last_resort(course),)
        return Unplaced(course.id, self._why(course), instead)

    def _why(self, course: Course) -> str:
        empty = replace(self._instance, booked=())
        if self._first_place(empty, course) is not None:
            return (
                f"at the hours when the person can come, everything is taken on each of the "
                f"{UNPLACED_DAYS} working days after {course.wish}"
            )
        for change in changes(empty, course):
            if self._place(change) is not None:
                return change.because
        return "more than one thing is in the way, even where nothing is booked"

    def _last_resort(self, course: Course) -> str:
        change = everything(self._instance, course)
        placement = self._place(change)
        if placement is not None:
            return f"{change.says}: then from {_told(placement)}"
        return (
            "no change of hours, days, places or staff is enough; a stage or a visit of this course "
            "asks for more than an open day has: make it shorter, or open for longer"
        )

    def _place(self, change: Change) -> Placement | None:
        return self._first_place(change.instance, change.course)

    def _first_place(self, instance: Instance, course: Course) -> Placement | None:
        if instance not in self._ready:
            grid = grid_of(instance)
            base = Occupancy(grid)
            hold(instance.booked, instance, base)
            self._ready[instance] = (grid, base, Templates(grid))
        grid, base, templates = self._ready[instance]
        choices = choices_of(course=course, instance=instance, templates=templates, base=base)
        choice = earliest(choices, base)
        return None if choice is None else placement_of(choices, choice, grid)


def _told(placement: Placement) -> str:
    stages = (
        f"{each.start} at {each.slot // 60:02}:{each.slot % 60:02}" for each in placement.stages
    )
    return ", and ".join(stages)
