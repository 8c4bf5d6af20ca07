"""
A day that cannot stay as it is: what drops out touches whom, and where each could go instead.

Nothing is written here. What is proposed follows from the rows and the moment alone, so that the same day
gives the same proposal, and one that is accepted can be held against what was shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from uuid import UUID

from overstory.clinic.booking.needed import ROLES
from overstory.clinic.booking.staffing import TEAM, named
from overstory.clinic.people.models import Site
from overstory.clinic.people.ways import ways_of
from overstory.clinic.week.board import Board, Lane, board_of
from overstory.clinic.week.repair_rules import THERE, DayRules, read_rules
from overstory.clinic.week.seats import Coming, Taken, Work
from overstory.pathway.slots import Stretch, merged, within
from overstory.pathway.timetable.rearranged import Day, Line, hit, rearranged
from overstory.pathway.timetable.rearranging import People, Place, Share, Visit

PLACES = frozenset({"room", "chair", "tms-device"})
EVER = datetime(2000, 1, 1, tzinfo=UTC)
MANY = 10_000
DAYS_BEFORE = 4
DAYS_AFTER = 10
"""How far around a day other days are looked at, where plans allow another day."""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hit:
    """An appointment that cannot take place where it stands, and why."""

    coming: Coming
    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A day as it was read: its board, what is hit on it, and how many are hit on the days around it."""

    board: Board
    on: date
    day: Day
    rules: DayRules
    hits: tuple[Hit, ...]
    around: Mapping[date, int]

    @property
    def state(self) -> str:
        """What must be the same when a proposal is written as when it was made."""
        known = (self.day, sorted(self.rules.whose.items()), sorted(self.rules.others.items()),
                 sorted(map(str, self.rules.plans)))  # fmt: skip
        return sha256(repr(known).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Proposed:
    """What could be done about a day: the lines, and the hash of what was read and found."""

    trouble: Trouble
    lines: tuple[Line, ...]

    def why(self, line: Line) -> str:
        """Return why a line has no spot, in words; nothing where it has one."""
        if line.to is not None:
            return ""
        return line.why or self.trouble.rules.nothing_free(line.visit)

    @property
    def seen(self) -> str:
        """What is compared with what the reader saw."""
        told = [(each.visit.id, each.to, each.why) for each in self.lines]
        return sha256(repr((self.trouble.state, told)).encode()).hexdigest()


def proposed(site: Site, on: date, *, now: datetime) -> Proposed:
    """Return the fewest changes found that let the appointments of a day take place."""
    found = trouble(site, on, now=now)
    return Proposed(found, rearranged(found.day, found.rules) if found.hits else ())


def trouble(site: Site, on: date, *, now: datetime) -> Trouble:
    """Return what is hit on a day of a site, in a number of questions that does not grow with it."""
    today = now.astimezone(site.zone).date()
    first = max(on - DAYS_BEFORE * ONE_DAY, min(today, on))
    days = [first + n * ONE_DAY for n in range((on - first).days + DAYS_AFTER + 1)]
    board = board_of(site, days, most=None)
    movable = {each.id for each in board.comings if _is_movable(each, on, site, now)}
    mine = [each for each in board.comings if each.id in movable]
    rules = read_rules(board, mine, now=now)
    day = day_of(board, on, rules)
    ill = hit(day)
    return Trouble(
        board=board,
        on=on,
        day=day,
        rules=rules,
        hits=tuple(_hits(board, day, ill)),
        around=_around(board, now),
    )


def day_of(board: Board, on: date, rules: DayRules) -> Day:
    """Return a board as the search takes it; the visits that the rules know may move."""
    visits = tuple(_visits(board, rules))
    people = (*_staff(board), *_teams(rules))
    return Day(visits, tuple(_places(board)), people, _frame(board, on))


def _is_movable(coming: Coming, on: date, site: Site, now: datetime) -> bool:
    is_then = coming.starts.astimezone(site.zone).date() == on
    return is_then and coming.state == "booked" and coming.starts > now


def _frame(board: Board, on: date) -> Stretch:
    """The open hours of the day; where it is closed, from the first appointment until the last."""
    frame = board.open.get(on)
    if frame is not None:
        return frame
    zone = board.site.zone
    mine = [each for each in board.comings if each.starts.astimezone(zone).date() == on]
    if not mine:
        return Stretch(board.span.starts, board.span.starts + ONE_DAY)
    return Stretch(min(each.starts for each in mine), max(each.ends for each in mine))


def _visits(board: Board, rules: DayRules) -> Iterator[Visit]:
    """Each appointment with its place and the people whom it takes."""
    places: dict[UUID, tuple[Lane, Taken]] = {}
    shares: dict[UUID, list[Share]] = {}
    for lane in board.lanes:
        for seat, coming in lane.booked:
            if lane.kind == "staff":
                shares.setdefault(coming.id, []).append(_share(seat, coming))
            elif lane.kind in PLACES:
                places[coming.id] = (lane, seat)
    works: dict[UUID, list[Work]] = {}
    for work in board.works:
        works.setdefault(work.appointment, []).append(work)
    for each in board.comings:
        session = rules.session(each)
        if session is None:
            own = [_worked(work, each, rules) for work in works.get(each.id, ())]
        else:
            own = list(rules.shares(session))
        found = places.get(each.id)
        held = found[1].stretch if found else Stretch(each.starts, each.ends)
        turnaround = rules.gate.turnaround_minutes if session is not None else 0
        least = _minutes(each.ends - each.starts) + turnaround
        yield Visit(
            id=str(each.id),
            starts=each.starts,
            minutes=max(_minutes(held.ends - each.starts), least),
            kind=found[0].kind if found else "",
            place=str(found[1].resource) if found else "",
            seat=found[1].seat if found else 0,
            shares=(*shares.get(each.id, ()), *own),
            can_move=str(each.id) in rules.comings,
        )


def _worked(work: Work, coming: Coming, rules: DayRules) -> Share:
    begins, ends = (each - coming.starts for each in (work.stretch.starts, work.stretch.ends))
    whole = ways_of(rules.gate.site.clinic.ways).patients_per_monitor
    return Share(work.team, _minutes(begins), _minutes(ends), whole if work.is_whole else 1)


def _share(seat: Taken, coming: Coming) -> Share:
    begins, ends = (each - coming.starts for each in (seat.stretch.starts, seat.stretch.ends))
    return Share(str(seat.resource), _minutes(begins), _minutes(ends))


def _places(board: Board) -> Iterator[Place]:
    for lane in board.lanes:
        if lane.kind in PLACES:
            yield Place(str(lane.resource), lane.kind, lane.seats, lane.usable)


def _staff(board: Board) -> Iterator[People]:
    """Each member of staff who is booked themselves, as those are who evaluate."""
    for lane in board.lanes:
        if lane.kind == "staff" and lane.resource is not None:
            there = [(each, 1) for each in lane.usable]
            gone = [(each, -1) for each in within(lane.elsewhere, lane.usable)]
            yield People(str(lane.resource), (*there, *gone))


def _teams(rules: DayRules) -> Iterator[People]:
    """The people of each role by the roster; beyond it nobody knows yet who is there."""
    roster, zone = rules.gate.roster, rules.gate.site.zone
    seats = ways_of(rules.gate.site.clinic.ways).patients_per_monitor
    for role in ROLES:
        works = [each for (of, _), own in roster.works.items() if of == role for each in own]
        whole = [stretch for each in works for stretch in each]
        until = roster.known_until.get(role)
        ends = EVER if until is None else datetime.combine(until + ONE_DAY, time(), tzinfo=zone)
        known = Stretch(EVER, ends)
        yield People(f"{TEAM}{role}", tuple((each, seats) for each in whole), known)
        yield People(f"{THERE}{role}", tuple((each, MANY) for each in merged(whole)), known)


def _hits(board: Board, day: Day, ill: frozenset[str]) -> Iterator[Hit]:
    """Each appointment that is hit, once, with the first reason."""
    told: set[UUID] = set()
    for lane in board.lanes:
        for seat, coming in lane.booked:
            if str(coming.id) in ill and coming.id not in told and lane.stands_ill(seat, coming):
                told.add(coming.id)
                yield Hit(coming, lane.name, _why(lane, seat))
    ledger = day.ledger()
    visits = {each.id: each for each in day.visits}
    where = {coming.id: lane.name for lane in board.lanes if lane.kind in PLACES
             for _, coming in lane.booked}  # fmt: skip
    for coming in board.comings:
        if str(coming.id) in ill and coming.id not in told:
            roles = dict.fromkeys(
                of.partition(":")[2] for of, _ in ledger.short(visits[str(coming.id)])
            )
            words = " or ".join(named(each) for each in roles)
            yield Hit(coming, where.get(coming.id, ""), f"Too few are on duty: {words}")


def _why(lane: Lane, seat: Taken) -> str:
    for out, why in lane.outs:
        if out.meets(seat.stretch):
            return f"{lane.name} is out: {why}"
    if any(each.meets(seat.stretch) for each in lane.leaves):
        return f"{lane.name} is on leave"
    if lane.kind == "staff":
        return f"{lane.name} has no shift then"
    return f"{lane.name} cannot be used then: the site is closed, or it was retired"


def _around(board: Board, now: datetime) -> dict[date, int]:
    """How many appointments are hit on each day of the board."""
    zone = board.site.zone
    hit_ = board.hit(now)
    found: dict[date, int] = {}
    for each in board.comings:
        if each.id in hit_:
            day = each.starts.astimezone(zone).date()
            found[day] = found.get(day, 0) + 1
    return found


def _minutes(length: timedelta) -> int:
    return round(length / timedelta(minutes=1))
