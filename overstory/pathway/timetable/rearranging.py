"""
Visits, the seats and people they take, and what is still free: exact, on the grid of the calendar.

The timetable's own grid is coarser and its places are pools; here each seat has its number, so that what
is found can be written as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from overstory.pathway.slots import TICK, Stretch, ticks


@dataclass(frozen=True, slots=True)
class Place:
    """A room, chair or device of a kind, with so many seats; `open` is when it can be used."""

    id: str
    kind: str
    seats: int
    open: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class People:
    """
    One person, or a team of a role: what there is of it when.

    Each pair is a stretch and how much there is more in it. Where `known` is given, outside it nobody
    knows yet who is there, and nothing is short.
    """

    id: str
    there: tuple[tuple[Stretch, int], ...]
    known: Stretch | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """How much of some people a visit takes, in minutes from its beginning."""

    of: str
    begins: int
    ends: int
    amount: int = 1


@dataclass(frozen=True, slots=True)
class Visit:
    """
    One visit as it stands: `kind` is the kind of place that it needs for `minutes`, none if it needs none.

    `can_move` is false for what has begun, or stands on another day: it stays as it is.
    """

    id: str
    starts: datetime
    minutes: int
    kind: str = ""
    place: str = ""
    seat: int = 0
    shares: tuple[Share, ...] = ()
    can_move: bool = False

    def held(self, starts: datetime) -> Stretch:
        """Return from when until when its place is taken if it begins then."""
        return Stretch(starts, starts + timedelta(minutes=self.minutes))


@dataclass(frozen=True, slots=True)
class Spot:
    """When a visit begins, and on which seat of which place."""

    starts: datetime
    place: str
    seat: int


class Rules(Protocol):
    """What a clinic knows of its visits beside seats and people."""

    def starts(self, visit: Visit) -> Sequence[datetime]:
        """Return the times at which a visit could be looked for, the best first."""

    def against(
        self, visit: Visit, starts: datetime, stands: Mapping[str, datetime]
    ) -> tuple[str, ...]:
        """Return what stands against a time, in words, while the others stand so."""


@dataclass
class Ledger:
    """What is taken of each seat and of all people, by step; mutable, it is written as visits are placed."""

    places: Mapping[str, Place]
    people: Mapping[str, People]
    stands: dict[str, datetime] = field(default_factory=dict)
    spots: dict[str, Spot] = field(default_factory=dict)
    _seats: dict[tuple[str, int, datetime], str] = field(default_factory=dict)
    _taken: Counter[tuple[str, datetime]] = field(default_factory=Counter)
    _open: dict[str, frozenset[datetime]] = field(default_factory=dict)
    _there: dict[str, Counter[datetime]] = field(default_factory=dict)

    def put(self, visit: Visit, spot: Spot) -> None:
        """Write a visit where it stands; nothing is asked."""
        self.stands[visit.id] = spot.starts
        self.spots[visit.id] = spot
        if visit.kind:
            for tick in ticks(visit.held(spot.starts)):
                self._seats[spot.place, spot.seat, tick] = visit.id
        for of, tick, amount in shares_at(visit, spot.starts):
            self._taken[of, tick] += amount

    def lift(self, visit: Visit) -> None:
        """Take a visit away from where it was written."""
        starts = self.stands.pop(visit.id)
        spot = self.spots.pop(visit.id)
        if visit.kind:
            for tick in ticks(visit.held(starts)):
                if self._seats.get((spot.place, spot.seat, tick)) == visit.id:
                    del self._seats[spot.place, spot.seat, tick]
        for of, tick, amount in shares_at(visit, starts):
            self._taken[of, tick] -= amount

    def room(self, visit: Visit, starts: datetime) -> Spot | None:
        """Return the seat on which a visit could begin then: its own first; none where all are taken."""
        if not self._has_people(visit, starts):
            return None
        if not visit.kind:
            return Spot(starts, "", 0)
        wanted = list(ticks(visit.held(starts)))
        for place in self._nearest(visit):
            if not self.opens(place).issuperset(wanted):
                continue
            for seat in self._seats_of(visit, place):
                if all((place.id, seat, tick) not in self._seats for tick in wanted):
                    return Spot(starts, place.id, seat)
        return None

    def is_usable(self, visit: Visit) -> bool:
        """Return whether the place of a visit can be used all the time that it is taken."""
        place = self.places.get(visit.place)
        if not visit.kind:
            return True
        return place is not None and self.opens(place).issuperset(ticks(visit.held(visit.starts)))

    def short(self, visit: Visit) -> list[tuple[str, datetime]]:
        """Return of whom there is too little while a visit takes them, and when."""
        return [
            (of, tick)
            for of, tick, _ in shares_at(visit, self.stands[visit.id])
            if self._taken[of, tick] > self.there(of, tick)
        ]

    def taken(self, of: str, tick: datetime) -> int:
        """Return how much of some people is taken at a step."""
        return self._taken[of, tick]

    def there(self, of: str, tick: datetime) -> float:
        """Return how much there is of some people at a step."""
        people = self.people[of]
        if people.known is not None and not people.known.starts <= tick < people.known.ends:
            return float("inf")
        if of not in self._there:
            counted: Counter[datetime] = Counter()
            for stretch, amount in people.there:
                for each in whole_ticks(stretch):
                    counted[each] += amount
            self._there[of] = counted
        return self._there[of][tick]

    def opens(self, place: Place) -> frozenset[datetime]:
        """Return the steps at which a place can be used."""
        if place.id not in self._open:
            self._open[place.id] = frozenset(
                tick for stretch in place.open for tick in whole_ticks(stretch)
            )
        return self._open[place.id]

    def _has_people(self, visit: Visit, starts: datetime) -> bool:
        return all(
            self._taken[of, tick] + amount <= self.there(of, tick)
            for of, tick, amount in shares_at(visit, starts)
        )

    def _nearest(self, visit: Visit) -> list[Place]:
        fits = [each for each in self.places.values() if each.kind == visit.kind]
        return sorted(fits, key=lambda each: each.id != visit.place)

    @staticmethod
    def _seats_of(visit: Visit, place: Place) -> list[int]:
        """The seats of a place, the one that the visit has first."""
        return sorted(
            range(1, place.seats + 1),
            key=lambda each: place.id == visit.place and each != visit.seat,
        )


def shares_at(visit: Visit, starts: datetime) -> Iterator[tuple[str, datetime, int]]:
    """Yield of whom a visit takes how much at which step, each once; the most where two spans share one."""
    most: dict[tuple[str, datetime], int] = {}
    for share in visit.shares:
        span = Stretch(
            starts + timedelta(minutes=share.begins), starts + timedelta(minutes=share.ends)
        )
        for tick in ticks(span):
            most[share.of, tick] = max(most.get((share.of, tick), 0), share.amount)
    yield from ((of, tick, amount) for (of, tick), amount in most.items())


def whole_ticks(stretch: Stretch) -> Iterator[datetime]:
    """Yield the steps of the calendar that lie wholly within a stretch."""
    return (
        each for each in ticks(stretch) if stretch.starts <= each and each + TICK <= stretch.ends
    )


def ledger_of(visits: Iterable[Visit], places: Iterable[Place], people: Iterable[People]) -> Ledger:
    """Return what is taken while all visits stand as they do."""
    found = Ledger({each.id: each for each in places}, {each.id: each for each in people})
    for each in visits:
        found.put(each, Spot(each.starts, each.place, each.seat))
    return found
