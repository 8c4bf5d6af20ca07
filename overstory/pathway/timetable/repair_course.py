"""What a repair must keep of the course around a session: gaps, hours, the order of stages, the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from overstory.pathway.timetable.instance import Course, Instance, Session


class Around:
    """All sessions of a clinic, asked about what one of them must keep from the others."""

    def __init__(self, instance: Instance, sessions: Sequence[Session]) -> None:
        self._clinic = instance.clinic
        self._courses = {each.id: each for each in instance.courses}
        self._minutes = {each.id: each.minutes for each in instance.visits}
        self._whose = {each.course: each.person for each in instance.booked}
        self._whose |= {each.id: each.person for each in instance.courses}
        self._own: dict[str, list[Session]] = {}
        self._days: dict[str, set[date]] = {}
        for each in sessions:
            self._own.setdefault(each.course, []).append(each)
            self._days.setdefault(self._person(each.course), set()).add(each.on)

    def can_be_on(self, session: Session, day: date) -> bool:
        """Return whether a session could wait for a day: after those of its stage, before the next."""
        if day in self._days[self._person(session.course)]:
            return False
        own = self._own[session.course]
        course = self._courses.get(session.course)
        if course is None:
            return day > max(each.on for each in own)
        stage = course.stages[session.stage]
        last = max(each.on for each in own if each.stage == session.stage)
        if (day - last).days < stage.min_gap_days:
            return False
        after = [each for each in own if each.stage > session.stage]
        if not after:
            return True
        first = min(after, key=lambda each: each.on)
        return (first.on - day).days >= course.stages[first.stage].least_days

    def that_keep_hours(self, session: Session, day: date, bits: int) -> int:
        """Return those of the steps of a day that keep the hours asked for between stages."""
        course = self._courses.get(session.course)
        if course is None or not any(each.least_hours for each in course.stages):
            return bits
        if self._is_far(course, session, day):
            return bits
        clinic = self._clinic
        found = 0
        for tick in range(bits.bit_length()):
            start = clinic.opens + tick * clinic.grid_minutes
            if bits >> tick & 1 and self._keeps_hours(
                course, replace(session, on=day, start=start)
            ):
                found |= 1 << tick
        return found

    def _is_far(self, course: Course, session: Session, day: date) -> bool:
        """Whether a day is so far from all other stages, in their order, that no hour of it matters."""
        far = max(each.least_hours for each in course.stages) // 24 + 2
        return all(
            (other.on - day).days * (1 if other.stage > session.stage else -1) > far
            for other in self._own[course.id]
            if other.stage != session.stage
        )

    def _keeps_hours(self, course: Course, session: Session) -> bool:
        for other in self._own[course.id]:
            if other.stage == session.stage or other.n == session.n:
                continue
            first, second = sorted((other, session), key=lambda each: each.stage)
            least = timedelta(hours=course.stages[second.stage].least_hours)
            if self._moment(second, 0) - self._moment(first, self._minutes[first.visit]) < least:
                return False
        return True

    def _moment(self, session: Session, minutes: int) -> datetime:
        wall = datetime.combine(session.on, time()) + timedelta(minutes=session.start)
        return wall.replace(tzinfo=self._clinic.tz).astimezone(UTC) + timedelta(minutes=minutes)

    def _person(self, course: str) -> str:
        return self._whose.get(course) or f"of {course}"
