"""Why a course has no place, in words, and the smallest changes that would give it one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from overstory.pathway.timetable.choices import Choice, Templates, choices_of, placement_of
from overstory.pathway.timetable.instance import (
    UNPLACED_DAYS,
    Booked,
    Course,
    Instance,
    Placement,
    Unplaced,
)
from overstory.pathway.timetable.loosening import Change, changes, widest
from overstory.pathway.timetable.occupancy import Grid, Occupancy, grid_of
from overstory.pathway.timetable.persons import kept_apart
from overstory.pathway.timetable.planning import Desk
from overstory.pathway.timetable.search import earliest
from overstory.pathway.timetable.sessions import hold, sessions_of

MOST_CHANGES = 3
NOT_BOOKED = "it is not booked yet; there is room for it"
SEVERAL = "more than one thing is in the way, even where nothing is booked"
NO_WAY_OUT = (
    "no change of hours, days, places or staff is enough: the course is longer than a timetable can "
    "reach; make it shorter, or give it in parts"
)


def reasons(desk: Desk, plan: Sequence[Choice | None]) -> list[Unplaced]:
    """Return for every course that a plan leaves out why, and what would give it a place."""
    booked = [
        Booked(each.course, each.visit, each.on, each.start, choices.course.person)
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

    There is always at least one change, no two are of one kind, and no two come to the same. They are
    tried one at a time, from what asks least of the person to what the clinic would have to add; where
    none is enough alone, the fewest that are enough together are told.
    """
    return _Tried(instance).reason(course)


def waits(instance: Instance, courses: Sequence[Course]) -> list[Unplaced]:
    """Return for courses that wait why, beside what is booked; where there is room, from when on."""
    tried = _Tried(replace(instance, courses=()))
    return [tried.room(each) or tried.reason(each) for each in courses]


@dataclass(frozen=True, slots=True)
class WayOut:
    """What would have to be otherwise, all of it together, and where the course would then stand."""

    changes: tuple[Change, ...]
    placement: Placement

    @property
    def says(self) -> str:
        """The way out in words."""
        conditions = ", and ".join(each.says for each in self.changes)
        return f"if {conditions}: then from {_told(self.placement)}"


def ways_out(instance: Instance, course: Course) -> tuple[WayOut, ...]:
    """Return the smallest changes with which a course that does not fit would, each found to work."""
    return _Tried(instance).ways_out(course)


def made(instance: Instance, course: Course, changes: Sequence[Change]) -> tuple[Instance, Course]:
    """Return an instance and a course with changes made, one after another."""
    for change in changes:
        instance, course = change.made(instance, course)
    return instance, course


class _Tried:
    """Attempts to place courses in a clinic and in changed ones; what a clinic has free is kept."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._ready: dict[Instance, tuple[Grid, Occupancy, Templates]] = {}

    def room(self, course: Course) -> Unplaced | None:
        """Return where a course would stand without any change; None where it does not fit."""
        placement = self._place(self._instance, course, ())
        if placement is None:
            return None
        instead = f"if it is booked as things are: then from {_told(placement)}"
        return Unplaced(course.id, NOT_BOOKED, (instead,))

    def reason(self, course: Course) -> Unplaced:
        ways = self.ways_out(course)
        instead = tuple(each.says for each in ways) or (NO_WAY_OUT,)
        return Unplaced(course.id, self._why(course), instead)

    def ways_out(self, course: Course) -> tuple[WayOut, ...]:
        found: dict[str, WayOut] = {}
        kinds: set[str] = set()
        for change in changes(self._instance, course):
            if change.kind in kinds:
                continue
            placement = self._place(self._instance, course, (change,))
            if placement is not None:
                kinds.add(change.kind)
                found.setdefault(_told(placement), WayOut((change,), placement))
            if len(found) == MOST_CHANGES:
                break
        return tuple(found.values()) or self._together(self._instance, course)

    def _why(self, course: Course) -> str:
        empty = replace(self._instance, booked=())
        if self._place(empty, course, ()) is not None:
            return (
                f"at the hours when the person can come, everything is taken on each of the "
                f"{UNPLACED_DAYS} working days after {course.wish}"
            )
        for change in changes(empty, course):
            if self._place(empty, course, (change,)) is not None:
                return change.because
        several = self._together(empty, course)
        causes = [each.because for way in several for each in way.changes]
        return ": ".join([SEVERAL, *(["; ".join(causes)] if causes else [])])

    def _together(self, instance: Instance, course: Course) -> tuple[WayOut, ...]:
        """Every largest change at once, without those that are not needed: what asks most goes first."""
        kept = tuple(widest(instance, course))
        placement = self._place(instance, course, kept)
        if placement is None:
            return ()
        for change in reversed(kept):
            fewer = tuple(each for each in kept if each is not change)
            still = self._place(instance, course, fewer)
            if still is not None:
                kept, placement = fewer, still
        return (WayOut(kept, placement),)

    def _place(
        self, instance: Instance, course: Course, steps: Sequence[Change]
    ) -> Placement | None:
        instance, course = made(instance, course, steps)
        if instance not in self._ready:
            grid = grid_of(instance)
            base = Occupancy(grid)
            hold(instance.booked, instance, base)
            self._ready[instance] = (grid, base, Templates(grid))
        grid, base, templates = self._ready[instance]
        choices = choices_of(
            course=kept_apart(course, instance), instance=instance, templates=templates, base=base
        )
        choice = earliest(choices, base)
        return None if choice is None else placement_of(choices, choice, grid)


def _told(placement: Placement) -> str:
    stages = (
        f"{each.start:%a} {each.start} at {each.slot // 60:02}:{each.slot % 60:02}"
        for each in placement.stages
    )
    return ", and ".join(stages)
