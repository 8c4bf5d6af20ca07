"""The state of a site as the timetable's grid: what is free of places and people, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overstory.clinic.booking.checking import Gate
from overstory.clinic.booking.models import Resource, Use
from overstory.clinic.booking.needed import Needs
from overstory.clinic.booking.staffing import TEAM
from overstory.clinic.people.models import Site
from overstory.clinic.people.ways import ways_of
from overstory.pathway.slots import Stretch
from overstory.pathway.timetable.instance import DAY_MINUTES, MOST_TICKS
from overstory.pathway.timetable.instance import Clinic as GridClinic

from overstory.pathway.timetable.occupancy import Grid, Occupancy, Use as GridUse  # isort: skip
from overstory.pathway.timetable.standing import Clock, Free

STEPS = (10, 15, 20, 30, 60)
"""Lengths of a step in minutes; the finest of which a day has no more than the grid holds."""
UNKNOWN = 10_000
"""How much there is of people on days that the roster does not reach."""
PLENTY = 1_000
"""So many sessions may rest on one person who has only to be on the site."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A kind of sitting: what it needs at each of its beginnings, in minutes from the first."""

    kind: str
    runs: tuple[int, ...]
    needs: Needs

    @property
    def minutes(self) -> int:
        """How long the person is there."""
        return self.runs[-1] + self.needs.minutes


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat of one place or device."""

    resource: Resource
    seat: int


@dataclass(frozen=True)
class SiteGrid:
    """
    A site on a grid, for the visits of a course and of those that wait.

    `seats` are by kind of place the seats that a visit could have; `taken` changes as sittings are put
    and lifted.
    """

    site: Site
    days: tuple[date, ...]
    number: Mapping[date, int]
    clock: Clock
    visits: tuple[Visit, ...]
    seats: Mapping[str, tuple[Seat, ...]]
    taken: Occupancy
    kinds: Mapping[tuple[int, int], int]

    def free(self) -> Free:
        """Return by visit, unit and day the steps at which it could begin."""
        most = max((len(each) for each in self.seats.values()), default=0)
        found: Free = np.zeros((len(self.visits), max(most, 1), len(self.days)), np.uint64)
        for (visit, unit), kind in self.kinds.items():
            found[visit, unit] = self.taken.starts(kind)
        return found

    def seat(self, visit: int, unit: int) -> Seat:
        """Return a seat by the number that a way gives it."""
        return self.seats[self.visits[visit].kind][unit]


@dataclass(frozen=True, slots=True)
class Changed:
    """What would be otherwise at the site, to see whether it helps; nothing by default."""

    without_outs: bool = False
    one_more: str = ""
    emptied: bool = False


def site_grid(
    gate: Gate, visits: Sequence[Visit], days: Sequence[date], *, changed: Changed | None = None
) -> SiteGrid:
    """Return a site as it stands on some days, with the seats that these visits could have."""
    changed = changed or Changed()
    site = gate.site
    opens = {day: gate.hours.opens(day) for day in days}
    dates = tuple(day for day in days if opens[day] is not None)
    stretches = [Stretch(opens[day], gate.hours.closes(day)) for day in dates]  # type: ignore[arg-type]
    clock, clinic = _clock(site, dates, stretches)
    seats = _seats(site, {each.kind for each in visits}, changed)
    roles = sorted({span.role for each in visits for span in each.needs.staff})
    scene = _Scene(gate, dates, stretches, clock, clinic, changed)
    pools: list[Any] = [each for own in seats.values() for each in own]
    names = (*(f"{e.resource.pk}:{e.seat}" for e in pools), *roles, *(f"{r} there" for r in roles))
    capacity = np.concatenate([scene.places(pools), scene.roles(roles), scene.there(roles)])
    kinds, uses = _kinds(visits, seats, {name: n for n, name in enumerate(names)}, clock, site)
    levels = tuple(
        tuple(sorted({use.amount for own in uses for use in own if use.pool == pool}))
        for pool in range(len(names))
    )
    number = {day: n for n, day in enumerate(dates)}
    grid = Grid(
        clinic, dates, number, names, {str(n): n for n in range(len(uses))}, uses, capacity, levels
    )
    return SiteGrid(site, dates, number, clock, tuple(visits), seats, Occupancy(grid), kinds)


def _clock(
    site: Site, dates: Sequence[date], stretches: Sequence[Stretch]
) -> tuple[Clock, GridClinic]:
    """The first opening and the last closing of all days, and the step on which they lie."""
    walls = [
        (_minutes(each.starts, day, site), _minutes(each.ends, day, site))
        for day, each in zip(dates, stretches, strict=True)
    ]
    first = min((each[0] for each in walls), default=0)
    last = max((each[1] for each in walls), default=60)
    step = next(each for each in STEPS if (last - first) / each <= MOST_TICKS)
    last = min(first + -(-(last - first) // step) * step, first + MOST_TICKS * step)
    begins = tuple(_epoch(each.starts) - wall[0] + first for each, wall in
                   zip(stretches, walls, strict=True))  # fmt: skip
    clinic = GridClinic(
        site.slug, site.time_zone, dates[0] if dates else date.min,
        dates[-1] if dates else date.min, first, last, step,
    )  # fmt: skip
    return Clock(begins, step), clinic


def _minutes(moment: datetime, day: date, site: Site) -> int:
    """Minutes after midnight on the clock on the wall."""
    local = moment.astimezone(site.zone)
    after = (local.date() - day).days * DAY_MINUTES
    return after + local.hour * 60 + local.minute


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


def _seats(site: Site, kinds: set[str], changed: Changed) -> dict[str, tuple[Seat, ...]]:
    rows = Resource.objects.filter(site=site, kind__in=kinds, retired_at=None)
    found: dict[str, list[Seat]] = {each: [] for each in sorted(kinds)}
    for row in rows.select_related("site").order_by("name"):
        found[row.kind] += [Seat(row, seat) for seat in range(1, row.seats + 1)]
    if changed.one_more in found:
        more = Resource(site=site, kind=changed.one_more, name="one more", seats=1)
        found[changed.one_more].append(Seat(more, 1))
    return {kind: tuple(own) for kind, own in found.items()}


def _kinds(
    visits: Sequence[Visit],
    seats: Mapping[str, Sequence[Seat]],
    pools: Mapping[str, int],
    clock: Clock,
    site: Site,
) -> tuple[dict[tuple[int, int], int], tuple[tuple[GridUse, ...], ...]]:
    """A kind of the grid for each visit in each seat, and what it takes."""
    kinds: dict[tuple[int, int], int] = {}
    uses: list[tuple[GridUse, ...]] = []
    whole = ways_of(site.clinic.ways).patients_per_monitor
    for n, visit in enumerate(visits):
        people: dict[tuple[int, int], int] = {}
        for run in visit.runs:
            for span in visit.needs.staff:
                name = span.role if span.how != "there" else f"{span.role} there"
                amount = whole if span.how == "whole" else 1
                for tick in _touched(run + span.begins, run + span.ends, clock.step_minutes):
                    key = (pools[name], tick)
                    people[key] = max(people.get(key, 0), amount)
        own = [GridUse(pool, tick, tick + 1, amount) for (pool, tick), amount in people.items()]
        for unit, seat in enumerate(seats[visit.kind]):
            pool = pools[f"{seat.resource.pk}:{seat.seat}"]
            place = [
                GridUse(pool, each.start, each.stop, 1)
                for each in (
                    _touched(run, run + visit.needs.place_minutes, clock.step_minutes)
                    for run in visit.runs
                )
            ]
            kinds[n, unit] = len(uses)
            uses.append((*place, *_joined(own)))
    return kinds, tuple(uses)


def _joined(uses: Sequence[GridUse]) -> list[GridUse]:
    """Uses of one pool and amount that follow one another as one."""
    found: list[GridUse] = []
    for use in sorted(uses, key=lambda each: (each.pool, each.begins)):
        last = found[-1] if found else None
        if last and (last.pool, last.amount, last.ends) == (use.pool, use.amount, use.begins):
            found[-1] = GridUse(use.pool, last.begins, use.ends, use.amount)
        else:
            found.append(use)
    return found


def _touched(begins: int, ends: int, step: int) -> range:
    return range(begins // step, -(-ends // step))


@dataclass(frozen=True)
class _Scene:
    """What the capacity of a site is worked out from."""

    gate: Gate
    days: tuple[date, ...]
    open: Sequence[Stretch]
    clock: Clock
    clinic: GridClinic
    changed: Changed

    def places(self, seats: Sequence[Seat]) -> NDArray[np.int16]:
        """One of each seat in open hours, less what is booked and out."""
        found = self._nothing(len(seats))
        base = self._nothing(1)
        for day, stretch in enumerate(self.open):
            base[0, day, self._inside(day, stretch)] = 1
        found += base
        pools = {(each.resource.pk, each.seat): n for n, each in enumerate(seats)}
        if not self.changed.emptied:
            ids = list({each.resource.pk for each in seats})
            rows = self._uses(resource__in=ids).values_list("resource", "seat", "starts", "ends")
            self._take(found, ((pools.get((r, s)), a, b, 1) for r, s, a, b in rows))
        if not self.changed.without_outs:
            for pool, seat in enumerate(seats):
                for out in self.gate.outs.get(seat.resource.pk, ()):
                    self._close(found[pool], out)
        return found

    def roles(self, roles: Sequence[str]) -> NDArray[np.int16]:
        """The shares of people of each role, less what is booked; more than enough where unknown."""
        per = ways_of(self.gate.site.clinic.ways).patients_per_monitor
        found = self._on_duty(roles, per)
        if not self.changed.emptied and roles:
            pools = {f"{TEAM}{role}": n for n, role in enumerate(roles)}
            rows = self._uses(
                resource__site=self.gate.site, resource__name__in=list(pools)
            ).values_list("resource__name", "is_whole", "starts", "ends")
            self._take(
                found, ((pools[name], a, b, per if whole else 1) for name, whole, a, b in rows)
            )
        return found

    def there(self, roles: Sequence[str]) -> NDArray[np.int16]:
        """Whether anyone of a role is on the site."""
        return np.minimum(self._on_duty(roles, 1), 1) * np.int16(PLENTY)

    def _on_duty(self, roles: Sequence[str], per: int) -> NDArray[np.int16]:
        found = self._nothing(len(roles))
        for pool, role in enumerate(roles):
            for day, date_ in enumerate(self.days):
                if not self.gate.roster.knows(role, date_):
                    found[pool, day, : self.clinic.ticks] = UNKNOWN
                    continue
                for works in self.gate.roster.works.get((role, date_), ()):
                    for each in works:
                        found[pool, day, self._inside(day, each)] += per
                if self.changed.one_more == role:
                    found[pool, day, : self.clinic.ticks] += per
        return found

    def _uses(self, **of: Any) -> Any:
        if not self.open:
            return Use.objects.none()
        first, last = self.open[0].starts, self.open[-1].ends
        return Use.objects.filter(
            starts__gte=first - timedelta(days=1), starts__lt=last, **of
        ).order_by()

    def _take(self, found: NDArray[np.int16], rows: Any) -> None:
        """Take spans of pools: every step that one touches."""
        kept = [(pool, _epoch(a), _epoch(b), n) for pool, a, b, n in rows if pool is not None]
        if not kept or not self.days:
            return
        pool, begins, ends, amount = np.array(kept, np.int64).T
        clock = np.array(self.clock.begins, np.int64)
        day = np.searchsorted(clock, begins + self.clock.step_minutes, side="right") - 1
        day = np.clip(day, 0, len(clock) - 1)
        step = self.clock.step_minutes
        first = np.clip((begins - clock[day]) // step, 0, MOST_TICKS)
        last = np.clip(-((clock[day] - ends) // step), 0, MOST_TICKS)
        edges = np.zeros((*found.shape[:2], MOST_TICKS + 1), np.int64)
        np.add.at(edges, (pool, day, first), amount)
        np.add.at(edges, (pool, day, last), -amount)
        found -= edges.cumsum(axis=2)[:, :, :MOST_TICKS].astype(np.int16)

    def _close(self, found: NDArray[np.int16], out: Stretch) -> None:
        for day, begins in enumerate(self.clock.begins):
            step = self.clock.step_minutes
            first = (_epoch(out.starts) - begins) // step
            last = -((begins - _epoch(out.ends)) // step)
            if last > 0 and first < MOST_TICKS:
                found[day, max(first, 0) : min(last, MOST_TICKS)] = 0

    def _inside(self, day: int, stretch: Stretch) -> slice:
        """The steps that lie whole within a stretch of a day."""
        begins, step = self.clock.begins[day], self.clock.step_minutes
        first = -((begins - _epoch(stretch.starts)) // step)
        last = (_epoch(stretch.ends) - begins) // step
        return slice(min(max(first, 0), self.clinic.ticks), min(max(last, 0), self.clinic.ticks))

    def _nothing(self, pools: int) -> NDArray[np.int16]:
        return np.zeros((pools, len(self.days), MOST_TICKS), np.int16)


def at_step(clock: Clock, day: int, tick: int) -> datetime:
    """Return the instant of a step."""
    return datetime.fromtimestamp(clock.minute(day, tick) * 60, UTC)


def wall(minute: int) -> time:
    """Return minutes after midnight as a time of day."""
    return time(minute // 60, minute % 60)
