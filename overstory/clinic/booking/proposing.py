"""At which times the sessions of a plan could stand: the wanted time of day, or the nearest free one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from overstory.clinic.booking.checking import Asked, At, Gate, Stands, gate_of
from overstory.clinic.booking.models import Resource
from overstory.clinic.booking.needed import Session
from overstory.clinic.booking.occupying import taken_by
from overstory.clinic.booking.staffing import Teams, teams_of
from overstory.clinic.care.planned import CarePlan
from overstory.pathway.slots import Stretch, WallTimeError, free, instant

STEP = timedelta(minutes=10)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    The time of day that is wanted, and the place or device by treatment.

    `others` has those that would do as well, where any would.
    """

    at: time
    resources: Mapping[str, Resource]
    others: Mapping[str, tuple[Resource, ...]] = field(default_factory=dict)

    def of(self, treatment: str) -> tuple[Resource, ...]:
        """Return the places or devices that will do for a treatment."""
        return (self.resources[treatment], *self.others.get(treatment, ()))

    @property
    def all(self) -> list[Resource]:
        """Every place or device once."""
        found = [each for treatment in self.resources for each in self.of(treatment)]
        return list({each.pk: each for each in found}.values())


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where one session could stand; `moved_minutes` is how far from the wanted time of day."""

    n: int
    day: date
    treatment: str
    minutes: int
    resource: Resource
    starts: datetime
    moved_minutes: int


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A session that finds no time on its day, and why."""

    n: int
    day: date
    treatment: str
    why: str


@dataclass(frozen=True, slots=True)
class Proposals:
    """All sessions of a plan, placed or not."""

    placed: tuple[Proposal, ...]
    unplaced: tuple[Unplaced, ...]

    @property
    def fingerprint(self) -> str:
        """What is compared with what the reader saw."""
        text = ";".join(
            [f"{each.n}@{each.starts.isoformat()}#{each.resource.pk}" for each in self.placed]
            + [f"{each.n}!" for each in self.unplaced]
        )
        return sha256(text.encode()).hexdigest()


def proposals(*, plan: CarePlan, wanted: Wanted, now: datetime) -> Proposals:
    """Return where each session of a plan could stand on its day."""
    sessions = plan.content["sessions"]
    return times_beside(plan=plan, sessions=sessions, stands={}, wanted=wanted, now=now)


def times_beside(
    *,
    plan: CarePlan,
    sessions: Sequence[Session],
    stands: Mapping[int, datetime],
    wanted: Wanted,
    now: datetime,
) -> Proposals:
    """
    Return where the sessions could stand that do not yet, each on its day.

    `sessions` are in order; `stands` says by number when those begin that have a time already. The
    gaps to the sessions before and after are kept in real hours; one that finds no time says why.
    """
    calendar = _calendar(plan, [each for each in sessions if each["n"] not in stands], wanted, now)
    calendar.stand(sessions, stands)
    begins = dict(stands)
    placed: list[Proposal] = []
    unplaced: list[Unplaced] = []
    for at, session in enumerate(sessions):
        if session["n"] in stands:
            continue
        room = _room(session, sessions[:at], sessions[at + 1 :], begins, now)
        found = calendar.place(session, wanted, room)
        if isinstance(found, Proposal):
            placed.append(found)
            begins[found.n] = found.starts
            calendar.stand([session], begins)
        else:
            unplaced.append(found)
    return Proposals(tuple(placed), tuple(unplaced))


def _room(
    session: Session,
    before: Sequence[Session],
    after: Sequence[Session],
    begins: Mapping[int, datetime],
    now: datetime,
) -> tuple[datetime, datetime | None]:
    """After when a session may begin, and when at the latest: the gaps to those beside it."""
    earlier = [begins[each["n"]] + _gap(session) - _ONE for each in before if each["n"] in begins]
    later = [begins[each["n"]] - _gap(each) for each in after if each["n"] in begins]
    return max([now, *earlier[-1:]]), next(iter(later), None)


def day_of(session: Session) -> date:
    """Return the day on which a plan has a session."""
    return date.fromisoformat(session["date"])


def _calendar(
    plan: CarePlan, sessions: Sequence[Session], wanted: Wanted, now: datetime
) -> _Calendar:
    resources = wanted.all
    own = plan.person.site
    sites = {own if each.site == own else each.site for each in resources}
    days = [day_of(each) for each in sessions]
    last = datetime.combine(max(days, default=now.date()), time(0), tzinfo=UTC)
    span = Stretch(now, max(now, last) + 2 * ONE_DAY)
    gates = {site: gate_of(At(site, plan.person, plan, resources, span), now=now) for site in sites}
    out: dict[UUID, Sequence[Stretch]] = {}
    for gate in gates.values():
        gate.stands[:] = [each for each in gate.stands if each.course != plan.course]
        out |= gate.outs
    return _Calendar(
        plan,
        taken_by(resources, span),
        out,
        {site: _open(gate, days) for site, gate in gates.items()},
        gates,
        {site: teams_of(gate.roster, span) for site, gate in gates.items()},
        now,
    )


def _open(gate: Gate, days: Sequence[date]) -> dict[date, Stretch]:
    """When a site is open on some days; a closed day is not among them."""
    found = {}
    for day in days:
        opens = gate.hours.opens(day)
        if opens is not None:
            found[day] = Stretch(opens, gate.hours.closes(day))
    return found


@dataclass(frozen=True, slots=True)
class _Calendar:
    """What is taken, out and open in the days of a plan, and who is there, by site."""

    plan: CarePlan
    taken: Mapping[UUID, Mapping[int, Sequence[Stretch]]]
    out: Mapping[UUID, Sequence[Stretch]]
    open: Mapping[Any, Mapping[date, Stretch]]
    gates: Mapping[Any, Gate]
    teams: Mapping[Any, Teams]
    now: datetime

    def stand(self, sessions: Sequence[Session], begins: Mapping[int, datetime]) -> None:
        """Count sessions of the course that have their time as appointments of the person."""
        for each in sessions:
            if each["n"] in begins:
                stands = Stands(
                    begins[each["n"]], each["minutes"]["chair"], each["treatment"],
                    self.plan.course, self.plan.pk, each["n"],
                )  # fmt: skip
                for gate in self.gates.values():
                    gate.stands.append(stands)

    def place(
        self, session: Session, wanted: Wanted, room: tuple[datetime, datetime | None]
    ) -> Proposal | Unplaced:
        """Return where a session could stand on its day: the place that is nearest to the wanted time."""
        found = [
            self._place(session, wanted.at, resource, room)
            for resource in wanted.of(session["treatment"])
        ]
        placed = [each for each in found if isinstance(each, Proposal)]
        return min(placed, key=lambda each: abs(each.moved_minutes), default=found[0])

    def _place(
        self,
        session: Session,
        at: time,
        resource: Resource,
        room: tuple[datetime, datetime | None],
    ) -> Proposal | Unplaced:
        n, day, treatment = session["n"], day_of(session), session["treatment"]
        gate = self.gates[resource.site]
        needs = gate.needs(session)
        opening = self.open[resource.site].get(day)
        if opening is None:
            return Unplaced(n, day, treatment, f"{resource.site.name} is closed on this day")
        if opening.ends <= self.now:
            return Unplaced(n, day, treatment, "this day has passed")
        starts = self._free(resource, opening, needs.place_minutes, room)
        if not starts:
            why = (
                f"{resource.name} has no {needs.place_minutes} minutes free on this day, far enough "
                "from others"
            )
            return Unplaced(n, day, treatment, why)
        aim = _aim(day, at, resource)
        best, why = self._best(session, resource, sorted(starts, key=lambda x: (abs(x - aim), x)))
        if best is None:
            return Unplaced(n, day, treatment, why)
        moved = round((best - aim).total_seconds() / 60)
        return Proposal(n, day, treatment, needs.minutes, resource, best, moved)

    def _best(
        self, session: Session, resource: Resource, starts: Sequence[datetime]
    ) -> tuple[datetime | None, str]:
        """The first of these times at which nothing stands against it; else why the first is none."""
        gate, why = self.gates[resource.site], ""
        needs = gate.needs(session)
        for each in starts:
            asked = Asked(each, needs.minutes, resource, session["treatment"], session)
            against = (*gate.against(asked), *self.teams[resource.site].short(needs, each))
            if not against:
                return each, ""
            why = why or against[0]
        return None, why

    def _free(
        self,
        resource: Resource,
        opening: Stretch,
        minutes: int,
        room: tuple[datetime, datetime | None],
    ) -> list[datetime]:
        after, latest = room
        found: set[datetime] = set()
        for seat in range(1, resource.seats + 1):
            busy = [*self.taken[resource.pk].get(seat, ()), *self.out[resource.pk]]
            found.update(free(open_=[opening], taken=busy, minutes=minutes, step=STEP, after=after))
        return sorted(each for each in found if latest is None or each <= latest)


_ONE = timedelta(microseconds=1)


def _gap(session: Session) -> timedelta:
    return timedelta(hours=session["min_gap_hours"])


def _aim(day: date, at: time, resource: Resource) -> datetime:
    """Return the instant of the wanted time; where clocks skip it, of an hour later."""
    zone = resource.site.zone
    try:
        return instant(on=day, at=at, zone=zone)
    except WallTimeError:
        return instant(on=day, at=time(at.hour + 1, at.minute), zone=zone)
