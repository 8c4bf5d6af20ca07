"""
A day of visits that cannot all stay where they are: as few as possible at another time.

The exact repair of the timetable (`repair_model`) says which must give way and where there is room, on its
own grid; what it finds is then placed seat by seat, and only where every rule of the clinic is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from overstory.pathway.slots import TICK, Stretch, ticks
from overstory.pathway.timetable.instance import MOST_TICKS
from overstory.pathway.timetable.occupancy import Use
from overstory.pathway.timetable.rearranging import (
    Ledger,
    People,
    Place,
    Rules,
    Spot,
    Visit,
    ledger_of,
)
from overstory.pathway.timetable.repair import EFFORT, POSTPONED_COUNTS
from overstory.pathway.timetable.repair_model import Free, Item, Limit, Repaired, repaired

GRIDS = tuple(timedelta(minutes=each) for each in (10, 15, 20, 30))
UNPLACED_COUNTS = 100
"""A visit without any place counts as so many moved within the day."""
PLENTY = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """
    What to change: `to` is the new spot, none where there is none, with `why`.

    `is_hit` tells that the visit could not stay, others make room for it. `needs` are the visits whose
    spots it takes, in whole or in part: they must move too.
    """

    visit: Visit
    to: Spot | None
    is_hit: bool
    why: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """All that a day is repaired from: what stands, on what, and when the day begins and ends."""

    visits: tuple[Visit, ...]
    places: tuple[Place, ...]
    people: tuple[People, ...]
    frame: Stretch

    def ledger(self) -> Ledger:
        """Return what is taken while everything stands as it does."""
        return ledger_of(self.visits, self.places, self.people)


def hit(day: Day) -> frozenset[str]:
    """Return the visits that can move and stand where a place cannot be used or people are short."""
    ledger = day.ledger()
    return frozenset(
        each.id
        for each in day.visits
        if each.can_move and (not ledger.is_usable(each) or ledger.short(each))
    )


def rearranged(day: Day, rules: Rules, *, effort: float = EFFORT) -> tuple[Line, ...]:
    """
    Return the fewest changes found that let every visit of a day take place, or wait, or say why not.

    Nothing that stands well is left without a spot. The same day gives the same lines: the search ends by
    `effort`, in the solver's own units. Source of the search: decision 0023.
    """
    troubled = hit(day)
    if not troubled:
        return ()
    ledger = day.ledger()
    seatless = {
        each.id for each in day.visits if each.id in troubled and not ledger.is_usable(each)
    }
    ways = [_placed(day, rules, dict.fromkeys(_sorted(day, seatless)), troubled)]
    searched = _searched(day, rules, troubled, effort)
    ways.append(_placed(day, rules, searched, troubled))
    kept = {each: at for each, at in searched.items() if each in troubled}
    ways.append(_placed(day, rules, kept, troubled))
    if all(each.is_bad for each in ways):
        ways.append(_placed(day, rules, dict.fromkeys(_sorted(day, troubled)), troubled))
    return min(ways, key=lambda each: (each.is_bad, each.count)).lines


@dataclass(frozen=True, slots=True)
class _Way:
    """What some changes count; bad if anything still stands ill, or one who stood well lost the day."""

    lines: tuple[Line, ...]
    count: int
    is_bad: bool


def _sorted(day: Day, some: Collection[str]) -> list[str]:
    return [each.id for each in day.visits if each.id in some]


def _placed(
    day: Day, rules: Rules, wanted: Mapping[str, datetime | None], troubled: Collection[str]
) -> _Way:
    """Lift some visits and place each exactly: at the wanted time, else near it, else on another day."""
    by_id = {each.id: each for each in day.visits}
    ledger = day.ledger()
    for each in wanted:
        ledger.lift(by_id[each])
    found: dict[str, Spot] = {}
    whys: dict[str, str] = {}
    order = sorted(wanted, key=lambda each: _turn(by_id[each], wanted[each]))
    for each in order:
        spot, why = _spot(by_id[each], wanted[each], ledger, rules)
        if spot is None:
            whys[each] = why
        else:
            ledger.put(by_id[each], spot)
            found[each] = spot
    lines = [
        Line(by_id[each], found.get(each), each in troubled, whys.get(each, ""))
        for each in order
        if each not in found or found[each] != _own(by_id[each])
    ]
    still_short = any(
        ledger.short(each) or not ledger.is_usable(each)
        for each in day.visits
        if each.id in troubled and each.id not in wanted
    )
    lost = any(each not in found and each not in troubled for each in wanted)
    away = any(not line.is_hit and line.to is not None and _is_away(day, line.to) for line in lines)
    count = sum(_counts(day, line) for line in lines)
    return _Way(_with_needs(lines), count, still_short or lost or away)


def _turn(visit: Visit, wanted: datetime | None) -> tuple[bool, bool, datetime]:
    """Who stays at their time comes first, then who moves within the day, then who waits."""
    return wanted is None, wanted != visit.starts, wanted or visit.starts


def _own(visit: Visit) -> Spot:
    return Spot(visit.starts, visit.place, visit.seat)


def _spot(
    visit: Visit, wanted: datetime | None, ledger: Ledger, rules: Rules
) -> tuple[Spot | None, str]:
    """The first spot that keeps every rule, or why there is none."""
    against: Counter[str] = Counter()
    tried = [*([wanted] if wanted is not None else []), visit.starts, *rules.starts(visit)]
    for at in dict.fromkeys(tried):
        stands = rules.against(visit, at, ledger.stands)
        if stands:
            against[stands[0]] += 1
            continue
        spot = ledger.room(visit, at)
        if spot is not None:
            return spot, ""
        against[""] += 1
    if against.get(""):
        return None, ""
    return None, max(against, key=lambda each: against[each], default="")


def _is_away(day: Day, spot: Spot) -> bool:
    return not day.frame.starts <= spot.starts < day.frame.ends


def _counts(day: Day, line: Line) -> int:
    """What a line counts, in thousands of a move within the day; another seat counts hardly."""
    if line.to is None:
        return UNPLACED_COUNTS * PLENTY
    if line.to.starts == line.visit.starts:
        return 1
    if _is_away(day, line.to):
        return POSTPONED_COUNTS * PLENTY
    return PLENTY + min(int(abs(line.to.starts - line.visit.starts) / TICK), PLENTY - 1)


def _with_needs(lines: Sequence[Line]) -> tuple[Line, ...]:
    held = {
        (line.visit.place, line.visit.seat, tick): line.visit.id
        for line in lines
        if line.visit.kind
        for tick in ticks(line.visit.held(line.visit.starts))
    }
    found = []
    for line in lines:
        needs: set[str] = set()
        if line.to is not None and line.visit.kind:
            for tick in ticks(line.visit.held(line.to.starts)):
                needs.add(held.get((line.to.place, line.to.seat, tick), ""))
        found.append(replace(line, needs=tuple(sorted(needs - {"", line.visit.id}))))
    return tuple(found)


def _searched(
    day: Day, rules: Rules, troubled: Collection[str], effort: float
) -> dict[str, datetime | None]:
    """The visits that the exact search would move, and to when; none for another day."""
    grid = next(
        (each for each in GRIDS if day.frame.starts + MOST_TICKS * each >= day.frame.ends),
        GRIDS[-1],
    )
    board = _Board(day, grid, troubled)
    found = board.solve(rules, effort)
    outside = board.seatless - {each.id for each in board.items}
    return dict.fromkeys(_sorted(day, outside)) | {
        visit.id: None if tick is None else day.frame.starts + tick * grid
        for visit, tick, was in zip(board.items, found.ticks, board.were, strict=True)
        if tick != was or visit.id in board.seatless
    }


class _Board:
    """A day on the grid of the search: pools, what there is of them, and what may move."""

    def __init__(self, day: Day, grid: timedelta, troubled: Collection[str]) -> None:
        self.day = day
        self.grid = grid
        self.ledger = day.ledger()
        self.seatless = {
            each.id
            for each in day.visits
            if each.id in troubled and not self.ledger.is_usable(each)
        }
        today = [each for each in day.visits if day.frame.starts <= each.starts < day.frame.ends]
        pools = {of for each in today if each.id in troubled for of in _pools_of(each)}
        near = [each for each in today if pools & set(_pools_of(each))]
        self.items = [each for each in near if each.can_move]
        self.were = [int((each.starts - day.frame.starts) / grid) for each in self.items]
        self.pools = sorted({of for each in near for of in _pools_of(each)})
        self._fixed = [each for each in near if not each.can_move]
        self._kinds: dict[tuple[Use, ...], int] = {}

    def solve(self, rules: Rules, effort: float) -> Repaired:
        """Ask the exact search."""
        items = [
            self._item(each, was, rules) for each, was in zip(self.items, self.were, strict=True)
        ]
        uses = list(self._kinds)
        return repaired(items, self._free(), uses, postponed=POSTPONED_COUNTS, limit=Limit(effort))

    def _item(self, visit: Visit, was: int, rules: Rules) -> Item:
        allowed = 0
        others = {each: at for each, at in self.ledger.stands.items() if each != visit.id}
        for tick in range(MOST_TICKS):
            at = self.day.frame.starts + tick * self.grid
            if visit.held(at).ends > self.day.frame.ends:
                break
            if not rules.against(visit, at, others):
                allowed |= 1 << tick
        return Item(self._kind(self._uses(visit)), was, allowed)

    def _kind(self, uses: tuple[Use, ...]) -> int:
        return self._kinds.setdefault(uses, len(self._kinds))

    def _uses(self, visit: Visit) -> tuple[Use, ...]:
        """What a visit takes, in steps; where it begins between two steps, of both."""
        rest = (visit.starts - self.day.frame.starts) % self.grid
        found = []
        if visit.kind:
            ends = -(-(rest + timedelta(minutes=visit.minutes)) // self.grid)
            found.append(Use(self.pools.index(f"place {visit.kind}"), 0, ends, 1))
        for share in visit.shares:
            begins = (rest + timedelta(minutes=share.begins)) // self.grid
            ends = -(-(rest + timedelta(minutes=share.ends)) // self.grid)
            found.append(Use(self.pools.index(f"people {share.of}"), begins, ends, share.amount))
        return tuple(found)

    def _free(self) -> Free:
        """
        What there is of each pool at each step, less what stays.

        Rounding to the grid never makes those short who stand well on the calendar's own.
        """
        free = np.zeros((len(self.pools), MOST_TICKS), int)
        well = np.zeros_like(free)
        for row, pool in enumerate(self.pools):
            for step in range(MOST_TICKS):
                free[row, step] = self._least(pool, step)
        for visit in self._fixed:
            self._add(free, visit, -1)
        for visit in self.items:
            if visit.id not in self.seatless and not self.ledger.short(visit):
                self._add(well, visit, 1)
        return np.maximum(np.maximum(free, well), 0)

    def _add(self, to: Free, visit: Visit, sign: int) -> None:
        at = (visit.starts - self.day.frame.starts) // self.grid
        for use in self._uses(visit):
            to[use.pool, max(at + use.begins, 0) : at + use.ends] += sign * use.amount

    def _least(self, pool: str, step: int) -> int:
        first = self.day.frame.starts + step * self.grid
        what, _, name = pool.partition(" ")
        found = []
        for tick in ticks(Stretch(first, first + self.grid)):
            if what == "people":
                found.append(min(self.ledger.there(name, tick), PLENTY))
            else:
                found.append(self._seats_open(name, tick))
        return int(min(found))

    def _seats_open(self, kind: str, tick: datetime) -> int:
        return sum(
            each.seats
            for each in self.day.places
            if each.kind == kind and tick in self.ledger.opens(each)
        )


def _pools_of(visit: Visit) -> list[str]:
    """The pools that a visit takes of: its kind of place, and its people."""
    places = [f"place {visit.kind}"] if visit.kind else []
    return [*places, *dict.fromkeys(f"people {each.of}" for each in visit.shares)]
