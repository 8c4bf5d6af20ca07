"""The state of a site as the timetable's grid: what is free of places and people, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db.models import CharField, F, FilteredRelation, Q
from django.db.models.functions import Cast, Substr
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

ONE_DAY = timedelta(days=1)
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


@dataclass(frozen=True)
class SiteRows:
    """
    What is read of a site once, for many grids: its places, when each is out, and what is booked of them
    and of its teams.

    The arrays have one entry for each use: when it begins and ends in minutes since 1970 (UTC), which
    seat, and whether it is whole; `of` names its place by id, its team by name.
    """

    resources: tuple[Resource, ...]
    outs: Mapping[Any, Sequence[Stretch]]
    of: tuple[str, ...]
    seat: NDArray[np.int64]
    whole: NDArray[np.int64]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]


def read_site(site: Site, span: Stretch) -> SiteRows:
    """Return what there is and what is booked at a site within a span, in two queries."""
    resources, outs = _resources(site, span)
    names = {each.pk.hex: each.name if each.kind == "staff" else each.pk.hex for each in resources}
    rows = list(
        Use.objects.filter(
            resource__in=resources, starts__gte=span.starts - ONE_DAY, starts__lt=span.ends
        )
        .annotate(of=_text("resource", 36), begins=_text("starts", 16), until=_text("ends", 16))
        .order_by()
        .values_list("of", "seat", "is_whole", "begins", "until")
    )
    of, seat, whole, begins, ends = zip(*rows, strict=True) if rows else ((),) * 5
    return SiteRows(
        resources=tuple(resources),
        outs=outs,
        of=tuple(names[each.replace("-", "")] for each in of),
        seat=np.array(seat, np.int64),
        whole=np.array(whole, np.int64),
        begins=_minutes_of(begins),
        ends=_minutes_of(ends),
    )


def _resources(site: Site, span: Stretch) -> tuple[list[Resource], dict[Any, list[Stretch]]]:
    """What there is at a site, by name, and when each of it is out within a span."""
    is_out = Q(outages__withdrawn_at=None) & Q(outages__starts__lt=span.ends)
    open_outs = FilteredRelation("outages", condition=is_out & Q(outages__ends__gt=span.starts))
    own = Resource.objects.filter(site=site).annotate(
        open_outs=open_outs, out_from=F("open_outs__starts"), out_until=F("open_outs__ends")
    )
    by_key: dict[Any, Resource] = {}
    outs: dict[Any, list[Stretch]] = {}
    for each in own.select_related("site").order_by("name"):
        by_key.setdefault(each.pk, each)
        if each.out_from is not None:
            outs.setdefault(each.pk, []).append(Stretch(each.out_from, each.out_until))
    return list(by_key.values()), outs


def _text(name: str, length: int) -> Substr:
    """A column as text: thousands of rows are read so in a tenth of the time, and turned at once."""
    return Substr(Cast(name, CharField()), 1, length)


def _minutes_of(texts: Sequence[str]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = np.array(list(texts), "datetime64[m]").astype(np.int64)
    return found


def site_grid(
    gate: Gate,
    visits: Sequence[Visit],
    days: Sequence[date],
    rows: SiteRows,
    *,
    changed: Changed | None = None,
) -> SiteGrid:
    """Return a site as it stands on some days, with the seats that these visits could have."""
    changed = changed or Changed()
    site = gate.site
    opens = {day: gate.hours.opens(day) for day in days}
    dates = tuple(day for day in days if opens[day] is not None)
    stretches = [Stretch(opens[day], gate.hours.closes(day)) for day in dates]  # type: ignore[arg-type]
    clock, clinic = _clock(site, dates, stretches)
    seats = _seats(rows, {each.kind for each in visits}, changed)
    roles = sorted({span.role for each in visits for span in each.needs.staff})
    scene = _Scene(gate, dates, stretches, clock, clinic, rows, changed)
    pools: list[Any] = [each for own in seats.values() for each in own]
    names = (*(f"{e.resource.pk}:{e.seat}" for e in pools), *roles, *(f"{r} there" for r in roles))
    capacity = np.concatenate([scene.places(pools), *scene.people(roles)])
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


def _seats(rows: SiteRows, kinds: set[str], changed: Changed) -> dict[str, tuple[Seat, ...]]:
    found: dict[str, list[Seat]] = {each: [] for each in sorted(kinds)}
    for row in rows.resources:
        if row.kind in found and row.retired_at is None:
            found[row.kind] += [Seat(row, seat) for seat in range(1, row.seats + 1)]
    if changed.one_more in found:
        more = Resource(kind=changed.one_more, name="one more", seats=1)
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
    rows: SiteRows
    changed: Changed

    def places(self, seats: Sequence[Seat]) -> NDArray[np.int16]:
        """One of each seat in open hours, less what is booked and out."""
        found = self._nothing(len(seats))
        base = self._nothing(1)
        for day, stretch in enumerate(self.open):
            base[0, day, self._inside(day, stretch)] = 1
        found += base
        pools = {(each.resource.pk.hex, each.seat): n for n, each in enumerate(seats)}
        keys = zip(self.rows.of, self.rows.seat.tolist(), strict=True)
        self._take(found, [pools.get(each, -1) for each in keys], np.ones_like(self.rows.seat))
        if not self.changed.without_outs:
            for pool, seat in enumerate(seats):
                for out in self.gate.outs.get(seat.resource.pk, ()):
                    self._close(found[pool], out)
        return found

    def people(self, roles: Sequence[str]) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """
        The shares of people of each role, less what is booked, and whether anyone of it is there.

        Of a role that the roster does not reach there is more than enough.
        """
        per = ways_of(self.gate.site.clinic.ways).patients_per_monitor
        there = self._on_duty(roles)
        shares = np.where(there == UNKNOWN, UNKNOWN, there * np.int16(per)).astype(np.int16)
        pools = {f"{TEAM}{role}": n for n, role in enumerate(roles)}
        amounts = np.where(self.rows.whole == 1, per, 1)
        self._take(shares, [pools.get(each, -1) for each in self.rows.of], amounts)
        return shares, np.minimum(there, 1) * np.int16(PLENTY)

    def _on_duty(self, roles: Sequence[str]) -> NDArray[np.int16]:
        found = self._nothing(len(roles))
        for pool, role in enumerate(roles):
            for day, date_ in enumerate(self.days):
                if not self.gate.roster.knows(role, date_):
                    found[pool, day, : self.clinic.ticks] = UNKNOWN
                    continue
                for works in self.gate.roster.works.get((role, date_), ()):
                    for each in works:
                        found[pool, day, self._inside(day, each)] += 1
                if self.changed.one_more == role:
                    found[pool, day, : self.clinic.ticks] += 1
        return found

    def _take(
        self, found: NDArray[np.int16], pools: Sequence[int], amounts: NDArray[np.int64]
    ) -> None:
        """Take what is booked of pools, by use (-1 is of none): every step that one touches."""
        every = np.array(pools, np.int64)
        own = every >= 0
        if self.changed.emptied or not self.days or not own.any():
            return
        pool, amount = every[own], amounts[own]
        begins, ends = self.rows.begins[own], self.rows.ends[own]
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
