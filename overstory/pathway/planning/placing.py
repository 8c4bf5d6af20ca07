"""From nominal days to days on which a clinic is open, with the gaps and within the windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from overstory.pathway.planning.open_days import ONE_DAY, OpenDays
from overstory.pathway.safety import SafetyAssessment

Day = date
Reach = dict[date, tuple[int, date | None]]
MOVED_FROM_AN_OPEN_DAY = 100
"""What it costs to move a session whose own day is open, against one a day of moving."""


class CannotPlaceError(ValueError):
    """
    Sessions that do not fit on open days; the message says which and why.

    `nearest` is the nearest later start on which everything fits, where it was looked for and found;
    `verdict` is that of the treatment. `safety` is how safe the person is, for a person in danger meets
    the crisis path first.
    """

    safety: SafetyAssessment | None = None

    def __init__(self, says: str, *, nearest: Day | None = None, verdict: str = "") -> None:
        self.says, self.nearest, self.verdict = says, nearest, verdict
        super().__init__(says)


@dataclass(frozen=True, slots=True)
class Slot:
    """
    One session before it has its day: the day that its rhythm gives it, and its window.

    `min_gap_hours` is from the session before; `weekdays` says that it stands on a working day.
    """

    phase: str
    week: int
    nominal: Day
    earliest: Day
    latest: Day
    min_gap_hours: float
    weekdays: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """
    One session with its day; `of_day` counts where there are several a day.

    `nominal` is the day that its rhythm gave it, where it has one.
    """

    phase: str
    week: int
    date: Day
    earliest: Day
    latest: Day
    min_gap_hours: float
    of_day: int = 1
    nominal: Day | None = None


def place(*, slots: Sequence[Slot], days: OpenDays, before: Day | None = None) -> list[Placed]:
    """
    Return each session with its day, those on open days where they are wherever that is possible.

    A session whose day is closed moves to the nearest open day of its window that keeps the least gap
    to its neighbours. `before` is the day of the session before the first.

    :raises CannotPlaceError: if there is no such day for one of them; it names the first.
    """
    start: Reach | None = {before: (0, None)} if before else None
    reached: list[Reach] = []
    for number, slot in enumerate(slots, 1):
        earlier = reached[-1] if reached else start
        here = _step(slot, earlier, days)
        if not here:
            raise CannotPlaceError(_why_not(slot, number, days))
        reached.append(here)
    return _walk_back(slots, reached)


def _step(
    slot: Slot, earlier: dict[Day, tuple[int, date | None]] | None, days: OpenDays
) -> dict[Day, tuple[int, date | None]]:
    """Each day that a session can have, with the least cost of getting there and the day before."""
    found: dict[Day, tuple[int, date | None]] = {}
    for day in _candidates(slot, days):
        shift = abs((day - slot.nominal).days)
        cost = shift + (MOVED_FROM_AN_OPEN_DAY if shift and _fits(slot.nominal, slot, days) else 0)
        if earlier is None:
            found[day] = (cost, None)
            continue
        near = [
            (total + cost, other)
            for other, (total, _) in earlier.items()
            if days.hours_between(other, day) >= slot.min_gap_hours and other < day
        ]
        if near:
            found[day] = min(near)
    return found


def _candidates(slot: Slot, days: OpenDays) -> list[Day]:
    span = (slot.latest - slot.earliest).days + 1
    every = (slot.earliest + ahead * ONE_DAY for ahead in range(span))
    return [day for day in every if _fits(day, slot, days)]


def _fits(day: Day, slot: Slot, days: OpenDays) -> bool:
    return days.is_working(day) if slot.weekdays else days.is_open(day)


def _walk_back(
    slots: Sequence[Slot], reached: Sequence[dict[Day, tuple[int, date | None]]]
) -> list[Placed]:
    last = reached[-1] if reached else {}
    day = min(last, key=lambda each: (last[each][0], each), default=None)
    chosen: list[Day] = []
    for here in reversed(reached):
        assert day is not None
        chosen.append(day)
        day = here[day][1]
    return [
        Placed(
            phase=each.phase,
            week=each.week,
            date=day,
            earliest=each.earliest,
            latest=each.latest,
            min_gap_hours=each.min_gap_hours,
            nominal=each.nominal,
        )
        for each, day in zip(slots, reversed(chosen), strict=True)
    ]


def _why_not(slot: Slot, number: int, days: OpenDays) -> str:
    window = f"{slot.earliest.isoformat()} to {slot.latest.isoformat()}"
    span = (slot.latest - slot.earliest).days + 1
    shut = [
        f"{day.isoformat()} ({days.why_closed(day)})"
        for day in (slot.earliest + ahead * ONE_DAY for ahead in range(span))
        if not days.is_open(day)
    ]
    closed = f"; closed: {', '.join(shut)}" if shut else ""
    return (
        f"session {number}, {slot.phase}, week {slot.week}, has no open day from {window} that is "
        f"{slot.min_gap_hours:g} hours after the session before{closed}"
    )
