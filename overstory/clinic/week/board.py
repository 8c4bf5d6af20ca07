"""
The board of a site: its rooms, chairs, devices and staff beside one another, and what stands on each.

All that a board shows is read in a number of questions that does not depend on how much is booked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from django.db.models import F, Value

from overstory.clinic.booking.forms import midnight
from overstory.clinic.booking.models import KINDS, TEAM, Outage, Resource
from overstory.clinic.booking.staffing import TEAM as TEAM_NAME
from overstory.clinic.booking.staffing import named
from overstory.clinic.care.standing import STANDING
from overstory.clinic.people.calendar import OpenHours, hours_of
from overstory.clinic.people.models import DutyLeave, Shift, Site
from overstory.clinic.people.times import between
from overstory.clinic.week.seats import MOST, Coming, Taken, Work, coming, uses
from overstory.pathway.slots import Stretch, merged, without

NOWHERE = "no room or device"
Seated: TypeAlias = "tuple[Taken, Coming]"
"""A seat, and who has it."""


@dataclass(frozen=True, slots=True)
class Lane:
    """
    One resource or member of staff: what is booked on each seat, and when it cannot be used.

    `use` is when it can be used: the site is open, a member of staff has a shift; outs and leave are
    not taken off it. `elsewhere` is when a member of staff is booked at another site.
    """

    kind: str
    name: str
    seats: int
    resource: UUID | None
    staff: UUID | None
    use: tuple[Stretch, ...]
    outs: tuple[tuple[Stretch, str], ...] = ()
    leaves: tuple[Stretch, ...] = ()
    booked: tuple[Seated, ...] = ()
    elsewhere: tuple[Stretch, ...] = ()

    @property
    def usable(self) -> tuple[Stretch, ...]:
        """When it can be used indeed: outs and leave taken off."""
        return without(self.use, [*(each for each, _ in self.outs), *self.leaves])

    def stands_ill(self, seat: Taken, visit: Coming) -> bool:
        """Return whether an appointment to come stands where this cannot be used."""
        if self.kind in {"team", "none"}:
            return False
        return visit.state == "booked" and bool(without([seat.stretch], self.usable))


@dataclass(frozen=True, slots=True)
class Board:
    """A site within a span of its days, by lane; `closed` says by day why the site is closed."""

    site: Site
    days: tuple[date, ...]
    span: Stretch
    lanes: tuple[Lane, ...]
    comings: tuple[Coming, ...]
    closed: Mapping[date, str]
    open: Mapping[date, Stretch]
    works: tuple[Work, ...] = ()
    shifts: Mapping[UUID, Sequence[Stretch]] = field(default_factory=dict)
    leaves: Mapping[UUID, Sequence[Stretch]] = field(default_factory=dict)
    also: tuple[Coming, ...] = ()
    has_more: bool = False

    def hit(self, now: datetime) -> frozenset[UUID]:
        """Return the appointments to come that stand where they cannot take place."""
        return frozenset(
            visit.id
            for lane in self.lanes
            for seat, visit in lane.booked
            if visit.starts > now and lane.stands_ill(seat, visit)
        )


def board_of(
    site: Site, days: Sequence[date], *, most: int | None = MOST, also: Collection[UUID] = ()
) -> Board:
    """
    Return a site on some days in a row; with `most` none, all that stands in them.

    `also` are appointments of the clinic that are told beside the board, whatever their day and state.
    """
    span = Stretch(midnight(days[0], site), midnight(days[-1] + timedelta(days=1), site))
    told = coming(site, span, most=most, also=also)
    comings = [each for each in told if not also or _stands(each, site, span)]
    rows = _Rows.read(site, span)
    hours = hours_of(site)
    open_ = {day: _open(hours, day) for day in days}
    is_open = {day: each for day, each in open_.items() if each is not None}
    return Board(
        site=site,
        days=tuple(days),
        span=span,
        lanes=tuple(rows.lanes(comings[:most], tuple(is_open.values()))),
        comings=tuple(comings[:most]),
        closed={day: _why_closed(site, hours, day) for day, each in open_.items() if each is None},
        open=is_open,
        works=tuple(rows.works),
        shifts=rows.shifts,
        leaves=rows.leaves,
        also=tuple(each for each in told if each.id in also),
        has_more=most is not None and len(comings) > most,
    )


def _stands(each: Coming, site: Site, span: Stretch) -> bool:
    is_then = span.starts <= each.starts < span.ends
    return is_then and each.state in STANDING and each.site == site.pk


def _open(hours: OpenHours, day: date) -> Stretch | None:
    opens = hours.opens(day)
    return None if opens is None else Stretch(opens, hours.closes(day))


def _why_closed(site: Site, hours: OpenHours, day: date) -> str:
    for each in site.closures.all():
        if not each.ended_at and each.first_day <= day <= each.last_day:
            return str(each.why)
    if day.weekday() not in hours.hours:
        return "no hours on this day of the week"
    return "public holiday"


@dataclass(slots=True)
class _Rows:
    """What was read of a site within a span."""

    site: UUID
    resources: list[Resource]
    seats: list[Taken]
    works: list[Work]
    outs: dict[UUID, list[tuple[Stretch, str]]] = field(default_factory=dict)
    shifts: dict[UUID, list[Stretch]] = field(default_factory=dict)
    leaves: dict[UUID, list[Stretch]] = field(default_factory=dict)
    names: dict[UUID, str] = field(default_factory=dict)

    @classmethod
    def read(cls, site: Site, span: Stretch) -> _Rows:
        rows = Resource.objects.filter(site__clinic=site.clinic).select_related("staff")
        seats, works = uses(site, span)
        found = cls(site.pk, list(rows.exclude(TEAM).order_by("name", "pk")), seats, works)
        for what, whose, words, starts, ends in _spans(site, span):
            stretch = Stretch(starts, ends)
            if what == "out":
                found.outs.setdefault(whose, []).append((stretch, words))
            elif what == "shift":
                found.names[whose] = words
                found.shifts.setdefault(whose, []).append(stretch)
            else:
                found.leaves.setdefault(whose, []).append(stretch)
        return found

    def lanes(self, comings: Sequence[Coming], open_: tuple[Stretch, ...]) -> Iterator[Lane]:
        """Yield the places, then the staff, then what stands nowhere."""
        by_id = {each.id: each for each in comings}
        booked: dict[UUID, list[Seated]] = {}
        elsewhere: dict[UUID, list[Stretch]] = {}
        for seat in self.seats:
            if seat.appointment in by_id:
                booked.setdefault(seat.resource, []).append((seat, by_id[seat.appointment]))
            else:
                elsewhere.setdefault(seat.resource, []).append(seat.stretch)
        lanes = [*self._places(booked, open_), *self._staff(booked, elsewhere)]
        yield from sorted(lanes, key=lambda lane: (KINDS.index(lane.kind), lane.name))
        yield from self._teams(by_id)
        seated = {seat.appointment for rows in booked.values() for seat, _ in rows}
        nowhere = [each for each in comings if each.id not in seated]
        if nowhere:
            yield _nowhere(nowhere)

    def _places(
        self, booked: Mapping[UUID, list[Seated]], open_: tuple[Stretch, ...]
    ) -> Iterator[Lane]:
        for each in self.resources:
            mine = each.site_id == self.site and each.kind != "staff"
            if mine and (each.retired_at is None or each.pk in booked):
                yield Lane(
                    kind=each.kind, name=each.name, seats=each.seats, resource=each.pk, staff=None,
                    use=open_ if each.retired_at is None else (),
                    outs=tuple(self.outs.get(each.pk, ())), booked=tuple(booked.get(each.pk, ())),
                )  # fmt: skip

    def _staff(
        self, booked: Mapping[UUID, list[Seated]], elsewhere: Mapping[UUID, list[Stretch]]
    ) -> Iterator[Lane]:
        rows = {each.staff_id: each for each in self.resources if each.staff_id is not None}
        there = {key for key, row in rows.items() if row.pk in booked} | set(self.shifts)
        for key in there:
            row = rows.get(key)
            yield Lane(
                kind="staff", name=self.names.get(key) or str(row), seats=row.seats if row else 1,
                resource=row.pk if row else None, staff=key,
                use=merged(self.shifts.get(key, ())), leaves=tuple(self.leaves.get(key, ())),
                outs=tuple(self.outs.get(row.pk, ())) if row else (),
                booked=tuple(booked.get(row.pk, ())) if row else (),
                elsewhere=merged(elsewhere.get(row.pk, ())) if row else (),
            )  # fmt: skip

    def _teams(self, by_id: Mapping[UUID, Coming]) -> Iterator[Lane]:
        """A lane for the people of each role whom sessions take, each session once."""
        spans: dict[str, dict[UUID, Stretch]] = {}
        for each in self.works:
            if each.appointment in by_id:
                own = spans.setdefault(each.team, {})
                was = own.get(each.appointment, each.stretch)
                own[each.appointment] = Stretch(
                    min(was.starts, each.stretch.starts), max(was.ends, each.stretch.ends)
                )
        for team, own in sorted(spans.items()):
            booked = _beside(((span, by_id[key]) for key, span in own.items()), None)
            seats = max(seat.seat for seat, _ in booked)
            yield Lane("team", named(team.removeprefix(TEAM_NAME)), seats, None, None, (),
                       booked=tuple(booked))  # fmt: skip


def _spans(site: Site, span: Stretch) -> list[tuple[str, UUID, str, datetime, datetime]]:
    """Outs of resources, shifts at the site and leaves of staff that touch a span, in one question."""
    times = ("starts", "ends")
    outs = Outage.objects.filter(
        resource__site__clinic=site.clinic, withdrawn_at=None, starts__lt=span.ends,
        ends__gt=span.starts,
    )  # fmt: skip
    shifts = between(Shift.objects.filter(site=site), span.starts, span.ends)
    leaves = between(DutyLeave.objects.filter(staff__clinic=site.clinic), span.starts, span.ends)
    every = [
        rows.order_by().annotate(what=Value(what), whose=F(of), words=F(words))
        for rows, what, of, words in (
            (outs, "out", "resource", "why"),
            (shifts, "shift", "staff", "staff__name"),
            (leaves, "leave", "staff", "staff__name"),
        )
    ]
    told = [rows.values_list("what", "whose", "words", *times) for rows in every]
    return sorted(told[0].union(*told[1:], all=True), key=lambda each: (each[3], str(each[1])))


def _beside(spans: Iterable[tuple[Stretch, Coming]], resource: UUID | None) -> list[Seated]:
    """Give each span a number, such that no two at the same time have the same."""
    ends: list[datetime] = []
    booked: list[Seated] = []
    for stretch, who in spans:
        seat = next((n for n, last in enumerate(ends) if last <= stretch.starts), len(ends))
        ends[seat : seat + 1] = [stretch.ends]
        booked.append((Taken(who.id, resource or who.id, seat + 1, stretch), who))
    return booked


def _nowhere(comings: Sequence[Coming]) -> Lane:
    """A lane for what is booked with nothing that it occupies."""
    booked = _beside(((Stretch(each.starts, each.ends), each) for each in comings), None)
    seats = max(seat.seat for seat, _ in booked)
    return Lane("none", NOWHERE, seats, None, None, (), booked=tuple(booked))
