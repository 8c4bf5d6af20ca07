"""What the clinic knows of the visits of a day beside seats: hours, plans, what else the person has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q

from overstory.clinic.booking.checking import Asked, At, Gate, Stands, gate_of
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.booking.needed import Session
from overstory.clinic.booking.rostered import roster_from
from overstory.clinic.booking.staffing import TEAM
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.people.models import Site
from overstory.clinic.people.ways import ways_of
from overstory.clinic.week.board import Board
from overstory.clinic.week.seats import Coming
from overstory.pathway.slots import Stretch
from overstory.pathway.timetable.rearranging import Share, Visit

STEP = timedelta(minutes=10)
ROWS = ("", "__merged_into", "__merged_into__merged_into")
"""The row that an appointment hangs on, and those that it was merged into."""
NEAR = timedelta(days=8)
"""How far around the days other appointments of the people are looked at."""
THERE = "there:"
"""Someone of a role who has to be on the site, though not in the room."""


@dataclass(slots=True)
class DayRules:
    """
    What must hold for each visit wherever it stands: the one list that booking and moving ask, read once.

    `open` is when the site is open by day; `comings` the visits by their ids; `whose` the person of each;
    `plans` those of the visits; `others` what else each person has.
    """

    gate: Gate
    open: Mapping[date, Stretch]
    comings: Mapping[str, Coming]
    whose: Mapping[str, UUID]
    plans: Mapping[UUID, CarePlan]
    others: Mapping[UUID, Sequence[Stands]]
    anywhere: Resource
    _same: dict[UUID, list[str]] = field(default_factory=dict)
    _sessions: dict[UUID, dict[int, Session]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for each, person in self.whose.items():
            self._same.setdefault(person, []).append(each)
        for key, plan in self.plans.items():
            self._sessions[key] = {each["n"]: each for each in plan.content["sessions"]}

    def starts(self, visit: Visit) -> list[datetime]:
        """Return the times within the open hours of the days that a visit may be on, the nearest first."""
        day = self._day(visit.starts)
        days = [each for each in self.open if self._may_be_on(visit, each)]
        days.sort(key=lambda each: (abs((each - day).days), each < day))
        found: list[datetime] = []
        for each in days:
            aim = visit.starts + (each - day)
            found += sorted(_steps(self.open[each]), key=lambda at: (abs(at - aim), at))
        return found

    def against(
        self, visit: Visit, starts: datetime, stands: Mapping[str, datetime]
    ) -> tuple[str, ...]:
        """Return what stands against a time, in words; nothing where it may be."""
        frame = self.open.get(self._day(starts))
        if starts <= self.gate.now:
            return ("The time has passed.",)
        if frame is None or starts < frame.starts or visit.held(starts).ends > frame.ends:
            return (f"{self.gate.site.name} is not open long enough.",)
        if not self._may_be_on(visit, self._day(starts)):
            return (self._window(visit),)
        mine = self.comings[visit.id]
        plan = self.plans.get(mine.plan) if mine.plan is not None else None
        gate = replace(self.gate, plan=plan, stands=list(self._others(visit, stands)))
        length = round((mine.ends - mine.starts) / timedelta(minutes=1))
        session = self.session(mine)
        return gate.against(Asked(starts, length, self.anywhere, mine.treatment, session))

    def session(self, coming: Coming) -> Session | None:
        """Return the session of a plan that an appointment is for; none for an evaluation."""
        if coming.plan is None or coming.n is None:
            return None
        return self._sessions.get(coming.plan, {}).get(coming.n)

    def shares(self, session: Session) -> tuple[Share, ...]:
        """Return the people whom a session needs, as the search counts them."""
        whole = ways_of(self.gate.site.clinic.ways).patients_per_monitor
        return tuple(
            Share(f"{THERE}{each.role}", each.begins, each.ends)
            if each.how == "there"
            else Share(
                f"{TEAM}{each.role}", each.begins, each.ends, whole if each.how == "whole" else 1
            )
            for each in self.gate.needs(session).staff
        )

    def nothing_free(self, visit: Visit) -> str:
        """Return, for a visit that finds no room on any day, what that means in words."""
        return f"Nothing is free that fits. {self._window(visit)}"

    def _may_be_on(self, visit: Visit, day: date) -> bool:
        session = self.session(self.comings[visit.id])
        if session is None:
            return True
        return bool(session["earliest"] <= day.isoformat() <= session["latest"])

    def _window(self, visit: Visit) -> str:
        session = self.session(self.comings[visit.id])
        if session is None:
            return "No other day of the next ones fits."
        first, last = (date.fromisoformat(session[each]) for each in ("earliest", "latest"))
        span = f"on {first:%a %-d %b}" if first == last else (
            f"between {first:%a %-d %b} and {last:%a %-d %b}"
        )  # fmt: skip
        return f"The plan has it {span}; another day is an event of the plan, for a prescriber."

    def _others(self, visit: Visit, stands: Mapping[str, datetime]) -> Iterator[Stands]:
        """What the person has beside a visit: what is not of this day, and the rest of it as it stands."""
        person = self.whose.get(visit.id)
        if person is None:
            return
        yield from self.others.get(person, ())
        for each in self._same[person]:
            if each != visit.id and each in stands:
                coming = self.comings[each]
                plan = self.plans.get(coming.plan) if coming.plan is not None else None
                minutes = round((coming.ends - coming.starts) / timedelta(minutes=1))
                course = plan.course if plan is not None else None
                yield Stands(stands[each], minutes, coming.treatment, course, coming.plan, coming.n)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.gate.site.zone).date()


def read_rules(
    board: Board, comings: Sequence[Coming], *, now: datetime, known: Sequence[CarePlan] = ()
) -> DayRules:
    """
    Read what must hold for some visits on the days of a board; more visits are no more questions.

    `known` are plans that were read already.
    """
    site = board.site
    plans = {each.pk: each for each in known}
    lacking = {each.plan for each in comings if each.plan is not None} - set(plans)
    if lacking:
        rows = CarePlan.objects.filter(clinic=site.clinic, pk__in=lacking)
        plans |= rows.only("course", "content").in_bulk()
    roster = roster_from(site, board.shifts, board.leaves)
    return DayRules(
        gate=gate_of(At(site, None, None, [], board.span), now=now, roster=roster),
        open=board.open,
        comings={str(each.id): each for each in comings},
        whose={str(each.id): each.root for each in comings if each.root},
        plans=plans,
        others=_others(site, comings),
        anywhere=Resource(site=site, kind="chair"),
    )


def _others(site: Site, comings: Sequence[Coming]) -> dict[UUID, list[Stands]]:
    """What else the people have near these visits, at any site, on any of their rows."""
    people = {each.root for each in comings if each.root}
    if not people:
        return {}
    first = min(each.starts for each in comings) - NEAR
    last = max(each.starts for each in comings) + 2 * NEAR
    ways = [f"{of}{each}" for of in ("person", "care_request__person") for each in ROWS]
    rows = (
        Appointment.objects.filter(clinic=site.clinic, state__in=["booked", "done"])
        .filter(starts__gte=first, starts__lt=last)
        .filter(reduce(or_, (Q(**{f"{way}__in": people}) for way in ways)))
        .exclude(pk__in=[each.id for each in comings])
        .order_by("starts", "pk")
    )
    found: dict[UUID, list[Stands]] = {}
    for starts, minutes, treatment, course, plan, n, *who in rows.values_list(
        "starts", "minutes", "treatment", "plan__course", "plan", "n", *ways
    ):
        root = next(each for each in who if each in people)
        found.setdefault(root, []).append(Stands(starts, minutes, treatment, course, plan, n))
    return found


def _steps(frame: Stretch) -> Iterable[datetime]:
    at = frame.starts
    while at < frame.ends:
        yield at
        at += STEP
