"""The part of the independent check that looks at the weekdays of a stage, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Document = Mapping[str, Any]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def pattern_faults(
    instance: Document,
    course: Document,
    stage: Document,
    where: Document,
    sessions: tuple[Sequence[Document], int],
) -> Iterator[tuple[str, str]]:
    """
    Yield what is wrong with the weekdays of a stage.

    Each block is on its weekdays, none skipped; each after the first begins in the week after the last.
    `sessions` are those that there are, in the order of their numbers, and how many a repair took out.
    A day of the pattern may be passed over for each that was moved or taken out, and any where the
    person has another course: that one may have stood there when this one was booked.
    """
    own, gone = sessions
    spare = gone + sum(bool(each.get("moved")) for each in own)
    first_n = _first_number(course, stage)
    ended: date | None = None
    sure = True
    for number, (block, weekdays) in enumerate(
        zip(stage["blocks"], stage["patterns"][where["pattern"]], strict=True)
    ):
        numbers = range(first_n, first_n + block["sessions"])
        first_n += block["sessions"]
        stay = [each for each in own if each["n"] in numbers and not each.get("moved")]
        days = [date.fromisoformat(each["on"]) for each in stay]
        if not days:
            sure = False
            continue
        if ended is not None and days[0] < _week(ended) + timedelta(days=7):
            yield "pattern", f"{days[0]} is in the week in which the block before ended"
        first = days[0]
        if number and sure and ended is not None:
            first = _week(ended) + timedelta(days=7)
        can = _Can(instance, course, stage["min_gap_days"], set(weekdays))
        yield from can.wrong(days)
        if not spare and course["alone"]:
            yield from can.not_nearest(first, days, ended)
        passed = can.passed_over(first, days)
        for day in passed[spare:]:
            yield "pattern", f"{day} is a day of the pattern and is passed over"
        spare = max(spare - len(passed), 0)
        ended = days[-1]
        sure = stay[-1]["n"] == numbers[-1]


def _first_number(course: Document, stage: Document) -> int:
    n = 1
    for each in course["stages"]:
        if each is stage:
            return n
        n += sum(block["sessions"] for block in each["blocks"])
    raise AssertionError("a stage is one of its course")


@dataclass(frozen=True, slots=True)
class _Can:
    """On which days a course could have had the sessions of a block."""

    instance: Document
    course: Document
    gap: int
    weekdays: set[str]

    def day(self, day: date) -> bool:
        """Whether clinic and person can."""
        clinic = self.instance["clinic"]
        text = day.isoformat()
        return (
            clinic["first_day"] <= text <= clinic["last_day"]
            and WEEKDAYS[day.weekday()] in clinic["weekdays"]
            and text not in clinic["closed"]
            and text not in self.course.get("away", ())
        )

    def wrong(self, days: Sequence[date]) -> Iterator[tuple[str, str]]:
        """Days off the pattern for no closed day, and weeks with too many."""
        for day in days:
            week = [_week(day) + timedelta(days=n) for n in range(7)]
            off = WEEKDAYS[day.weekday()] not in self.weekdays and self.course["alone"]
            if off and not any(
                WEEKDAYS[each.weekday()] in self.weekdays and not self.day(each) for each in week
            ):
                yield "pattern", f"{day} is not on a weekday of the pattern, for no closed day"
            if sum(each in week for each in days) > len(self.weekdays):
                yield "pattern", f"the week of {day} has more sessions than the pattern"

    def not_nearest(
        self, first: date, days: Sequence[date], ended: date | None
    ) -> Iterator[tuple[str, str]]:
        """Sessions that moved from a closed day of their week further than they had to."""
        for day in days:
            if WEEKDAYS[day.weekday()] in self.weekdays:
                continue
            week = [_week(day) + timedelta(days=n) for n in range(7)]
            closed = [
                each
                for each in week
                if WEEKDAYS[each.weekday()] in self.weekdays and not self.day(each)
            ]
            others = [*(each for each in days if each != day), *([ended] if ended else [])]
            could = [
                each
                for each in week
                if each >= first
                and self.day(each)
                and all(abs((each - other).days) >= self.gap for other in others)
            ]
            off = [e for e in days if e in week and WEEKDAYS[e.weekday()] not in self.weekdays]
            if len(off) > len(closed):
                yield "pattern", f"{day}: its week has fewer closed days than moved sessions"
            if closed and not any(
                all((abs(day - was), day) <= (abs(each - was), each) for each in could)
                for was in closed
            ):
                yield "pattern", f"{day} is not the open day nearest to the closed one of its week"

    def passed_over(self, first: date, days: Sequence[date]) -> list[date]:
        """Return the days of the pattern on which a session could have been and was not."""
        span = (days[-1] - first).days if self.course["alone"] else 0
        found = (first + timedelta(days=n) for n in range(span))
        return [
            day
            for day in found
            if WEEKDAYS[day.weekday()] in self.weekdays
            and self.day(day)
            and all(abs((day - each).days) >= self.gap for each in days)  # itself included
        ]


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())
