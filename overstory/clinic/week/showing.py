"""A board as a page shows it: blocks and bands with their words, and the steps at which they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.urls import reverse

from overstory.clinic.ui.templatetags.overstory import TREATMENTS
from overstory.clinic.week.board import Board, Lane, Seated
from overstory.clinic.week.seats import Coming
from overstory.pathway.slots import TICK, Stretch, floor, within, without

HOUR = timedelta(hours=1)
MOST_STEPS = 312
"""As many steps of five minutes as the style sheet has: a day of 26 hours."""
MOST_SEATS = 20
KIND_WORDS = {
    "room": "room", "chair": "chair", "tms-device": "TMS device", "staff": "staff", "team": "of this role",
    "none": "booked all the same",
}  # fmt: skip
STATES = {"done": "done", "no-show": "nobody came"}


@dataclass(frozen=True, slots=True)
class Block:
    """One appointment in a lane: where it leads, its words, and where it stands (steps from 1)."""

    address: str
    times: str
    name: str
    what: str
    state: str
    tone: str
    row: int
    steps: int
    seat: int


@dataclass(frozen=True, slots=True)
class Band:
    """A time at which a lane cannot be used, and why."""

    tone: str
    words: str
    row: int
    steps: int


@dataclass(frozen=True, slots=True)
class LaneShown:
    """A lane with its blocks and bands in the order of time."""

    name: str
    kind: str
    blocks: list[Block]
    bands: list[Band]
    resource: UUID | None


@dataclass(frozen=True, slots=True)
class DayShown:
    """A day: how many steps it has, its hours with the step at which each begins, its lanes."""

    steps: int
    hours: list[tuple[str, int]]
    lanes: list[LaneShown]


@dataclass(frozen=True, slots=True)
class CellShown:
    """A lane on one day of a week."""

    day: date
    blocks: list[Block]
    bands: list[Band]
    booked_minutes: int
    usable_minutes: int

    @property
    def load(self) -> str:
        """How much of the time in which it can be used is booked, in words."""
        return f"{_hours(self.booked_minutes)} of {_hours(self.usable_minutes)} h"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at a board: whether they may move what stands there, and what is marked as hit."""

    may_book: bool
    hit: frozenset[UUID]


def day_shown(board: Board, reader: Reader, *, kind: str = "") -> DayShown:
    """Return a board of one day; with `kind` only lanes of that kind."""
    frame = _frame(board)
    lanes = [_lane(board, lane, frame, reader) for lane in _of(board.lanes, kind)]
    zone = board.site.zone
    hours = []
    at = frame.starts
    while at < frame.ends:
        hours.append((at.astimezone(zone).strftime("%H:%M"), _step(at, frame)))
        at += HOUR
    return DayShown(_step(frame.ends, frame) - 1, hours, lanes)


def week_shown(
    board: Board, reader: Reader, *, kind: str = ""
) -> list[tuple[LaneShown, list[CellShown]]]:
    """Return a board of some days: each lane with a cell for each day."""
    found = []
    for lane in _of(board.lanes, kind):
        cells = [_cell(board, lane, day, reader) for day in board.days]
        head = LaneShown(lane.name, KIND_WORDS[lane.kind], [], [], lane.resource)
        found.append((head, cells))
    return found


def _of(lanes: Iterable[Lane], kind: str) -> list[Lane]:
    kinds = {"staff", "team"} if kind == "staff" else {kind}
    return [each for each in lanes if not kind or each.kind in kinds]


def _frame(board: Board) -> Stretch:
    """From the first full hour that is open or booked until the last; at least an hour."""
    spans = [
        *board.open.values(),
        *(seat.stretch for lane in board.lanes for seat, _ in lane.booked),
    ]
    if not spans:
        return Stretch(board.span.starts, board.span.starts + HOUR)
    first = min(each.starts for each in spans)
    last = max(each.ends for each in spans)
    first = first.replace(minute=0, second=0, microsecond=0)
    last = min(last, first + MOST_STEPS * TICK)
    return Stretch(first, last)


def _lane(board: Board, lane: Lane, frame: Stretch, reader: Reader) -> LaneShown:
    blocks = [_block(board, each, frame, reader) for each in _in_order(lane.booked)]
    bands = [
        _placed(f"{words}, {_times(board, each)}", tone, each, frame)
        for each, tone, words in _away(lane, frame)
    ]
    return LaneShown(lane.name, KIND_WORDS[lane.kind], blocks, bands, lane.resource)


def _cell(board: Board, lane: Lane, day: date, reader: Reader) -> CellShown:
    zone = board.site.zone
    of_day = [each for each in _in_order(lane.booked)
              if each[0].stretch.starts.astimezone(zone).date() == day]  # fmt: skip
    frame = board.open.get(day)
    blocks = [_block(board, each, frame or each[0].stretch, reader) for each in of_day]
    bands, usable = [], 0
    if frame is not None:
        away = [each for each in _away(lane, frame) if each[1] in {"out", "leave"}]
        bands = [Band(tone, f"{words}, {_times(board, each)}", 1, 1) for each, tone, words in away]
        usable = _minutes(within(lane.usable, [frame])) * lane.seats
    booked = _minutes(seat.stretch for seat, _ in of_day)
    return CellShown(day, blocks, bands, booked, usable)


def _in_order(booked: Iterable[Seated]) -> list[Seated]:
    return sorted(booked, key=lambda each: (each[0].stretch, each[0].seat))


def _block(board: Board, seated: Seated, frame: Stretch, reader: Reader) -> Block:
    seat, visit = seated
    tone, state = _standing(visit, reader)
    row, steps = _rows(seat.stretch, frame)
    return Block(
        address=_address(visit, reader),
        times=_times(board, Stretch(visit.starts, visit.ends)),
        name=visit.name,
        what=what_of(visit),
        state=state,
        tone=tone,
        row=row,
        steps=steps,
        seat=min(seat.seat, MOST_SEATS),
    )


def _standing(visit: Coming, reader: Reader) -> tuple[str, str]:
    if visit.id in reader.hit:
        return "hit", "! needs another place"
    if visit.state != "booked":
        return visit.state, STATES[visit.state]
    return ("tentative", "? tentative") if visit.is_tentative else ("booked", "booked")


def _address(visit: Coming, reader: Reader) -> str:
    if reader.may_book and visit.state == "booked":
        return reverse("appointment_move", args=(visit.id,))
    if visit.whose is not None:
        return reverse("appointments", args=(visit.whose,))
    return reverse("request", args=(visit.request,))


def what_of(visit: Coming) -> str:
    """Return what an appointment is for, in words."""
    if visit.kind == "session":
        return f"{TREATMENTS.get(visit.treatment, visit.treatment)}, session {visit.n}"
    video = " by video" if visit.is_remote else ""
    return f"Evaluation{video}, {visit.clinician}" if visit.clinician else f"Evaluation{video}"


def _away(lane: Lane, frame: Stretch) -> Iterator[tuple[Stretch, str, str]]:
    """When a lane cannot be used within a frame, how that is drawn, and why in words."""
    for out, why in lane.outs:
        yield from ((each, "out", f"Out: {why}") for each in within([out], [frame]))
    for leave in lane.leaves:
        yield from ((each, "leave", "On leave") for each in within([leave], [frame]))
    for there in lane.elsewhere:
        yield from ((each, "off", "At another site") for each in within([there], [frame]))
    if lane.kind in {"team", "none"}:
        return
    off = without([frame], lane.use)
    words = ("off", "No shift") if lane.kind == "staff" else ("closed", "Closed")
    yield from ((each, *words) for each in off)


def _placed(words: str, tone: str, away: Stretch, frame: Stretch) -> Band:
    row, steps = _rows(away, frame)
    return Band(tone, words, row, steps)


def _rows(stretch: Stretch, frame: Stretch) -> tuple[int, int]:
    """The step at which a stretch begins within a frame, and over how many it goes."""
    first = min(max(_step(stretch.starts, frame), 1), MOST_STEPS)
    last = min(max(_step(stretch.ends, frame), first + 1), MOST_STEPS + 1)
    return first, last - first


def _step(at: datetime, frame: Stretch) -> int:
    return int((floor(at) - frame.starts) / TICK) + 1


def _times(board: Board, stretch: Stretch) -> str:
    first, last = (each.astimezone(board.site.zone) for each in (stretch.starts, stretch.ends))
    return f"{first:%H:%M}–{last:%H:%M}"


def _minutes(stretches: Iterable[Stretch]) -> int:
    return sum(round((each.ends - each.starts).total_seconds() / 60) for each in stretches)


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}".removesuffix(".0")
