"""What stands against an appointment at a time and place: the one list that booking and moving ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from overstory.clinic.booking.hours import is_there
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.booking.needed import Needs, Session, needs_of
from overstory.clinic.booking.occupying import out_of_use, stretch_of
from overstory.clinic.booking.rostered import Roster, roster_of
from overstory.clinic.booking.staffing import short_of
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.people.calendar import OpenHours, hours_of
from overstory.clinic.people.models import Person, Site
from overstory.clinic.people.ways import ways_of
from overstory.clinic.ui.templatetags.overstory import day as day_in_words
from overstory.pathway.planning.numbers import constraint_number
from overstory.pathway.slots import Stretch

KETAMINE = frozenset({"esketamine", "ketamine-iv", "kap"})
TMS = "tms"
ONE_DAY = timedelta(days=1)
NEAR = timedelta(days=3)
"""How far around a session other appointments of the person are looked at."""


@dataclass(frozen=True, slots=True)
class Stands:
    """
    An appointment of the person beside the one that is asked for.

    `n` is its number in the version `plan` of the plan of its course.
    """

    starts: datetime
    minutes: int
    treatment: str
    course: Any = None
    plan: Any = None
    n: int | None = None

    @property
    def ends(self) -> datetime:
        """The instant at which it ends."""
        return self.starts + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Asked:
    """A time and place that is asked for; `session` is that of a plan, none for an evaluation."""

    starts: datetime
    minutes: int
    resource: Resource
    treatment: str = ""
    session: Session | None = None


@dataclass(frozen=True)
class Gate:
    """
    What is looked at before an appointment is written, read once for many.

    `stands` are the other appointments of the person; those that are written one after another are
    added to it.
    """

    site: Site
    plan: CarePlan | None
    hours: OpenHours
    roster: Roster
    outs: Mapping[Any, Sequence[Stretch]]
    after_ketamine: timedelta
    turnaround_minutes: int
    now: datetime
    stands: list[Stands] = field(default_factory=list)

    def needs(self, session: Session) -> Needs:
        """Return what a session needs here."""
        return needs_of(session, turnaround_minutes=self.turnaround_minutes)

    def against(self, asked: Asked) -> tuple[str, ...]:
        """Return what stands against a time and place, in words; nothing where it can be."""
        needs = self.needs(asked.session) if asked.session is not None else None
        wanted = stretch_of(asked.starts, asked.minutes)
        held = stretch_of(asked.starts, needs.place_minutes if needs else asked.minutes)
        found = [*self._of_the_site(wanted, held), *self._of_the_resource(asked.resource, held)]
        found += self._of_the_clinician(asked.resource, wanted)
        if needs is not None:
            found += short_of(needs=needs, starts=asked.starts, roster=self.roster)
        found += self._of_the_person(wanted)
        found += self._between_treatments(asked.treatment, wanted)
        if asked.session is not None:
            found += self._of_the_plan(asked.session, asked.starts)
        return tuple(found)

    def _of_the_site(self, wanted: Stretch, held: Stretch) -> Iterator[str]:
        site = self.site
        day = wanted.starts.astimezone(site.zone).date()
        opens = self.hours.opens(day)
        if wanted.starts <= self.now:
            yield "This time has passed."
        if opens is None:
            yield f"{site.name} is closed on {day:%a %-d %b %Y}."
        elif wanted.starts < opens or held.ends > self.hours.closes(day):
            first, last = (x.astimezone(site.zone) for x in (opens, self.hours.closes(day)))
            minutes = round((held.ends - held.starts).total_seconds() / 60)
            yield (
                f"{site.name} is open from {first:%H:%M} to {last:%H:%M}; this takes {minutes} "
                "minutes."
            )

    def _of_the_resource(self, resource: Resource, held: Stretch) -> Iterator[str]:
        if resource.site_id != self.site.pk and resource.kind != "staff":
            yield f"{resource} is not at {self.site.name}."
        if resource.retired_at is not None:
            yield f"{resource} is not in use any more."
        if any(each.meets(held) for each in self.outs.get(resource.pk, ())):
            yield f"{resource} is out of use then."

    def _of_the_clinician(self, resource: Resource, wanted: Stretch) -> Iterator[str]:
        """Who is booked themselves is there by a shift, as for the visits that are offered."""
        staff = resource.staff
        if staff is not None and not is_there(staff, self.site, wanted):
            yield f"{staff.name} has no shift at {self.site.name} then, or is on leave."

    def _of_the_person(self, wanted: Stretch) -> Iterator[str]:
        for each in self.stands:
            if stretch_of(each.starts, each.minutes).meets(wanted):
                yield f"The person is booked then already ({self._said(each)})."

    def _between_treatments(self, treatment: str, wanted: Stretch) -> Iterator[str]:
        """Ketamine and TMS: not on one day, and the hours from the end of ketamine to TMS."""
        hours = self.after_ketamine.total_seconds() / 3600
        for each in self.stands:
            other = each.treatment
            if {treatment, other} & KETAMINE and TMS in {treatment, other}:
                first, then = (each.ends, wanted.starts) if treatment == TMS else (
                    wanted.ends, each.starts
                )  # fmt: skip
                if self._day(each.starts) == self._day(wanted.starts):
                    yield f"Ketamine and TMS are not given on one day ({self._said(each)})."
                elif timedelta() <= then - first < self.after_ketamine:
                    yield (
                        f"TMS waits {hours:g} hours from the end of ketamine ({self._said(each)})."
                    )

    def _of_the_plan(self, session: Session, to: datetime) -> Iterator[str]:
        """The window of the session in its plan, and the gap to the sessions before and after it."""
        if self.plan is None:
            return
        n, day = session["n"], self._day(to).isoformat()
        sessions = {each["n"]: each for each in self.plan.content["sessions"]}
        if not session["earliest"] <= day <= session["latest"]:
            first, last = (day_in_words(session[each]) for each in ("earliest", "latest"))
            span = f"on {first} alone" if first == last else f"between {first} and {last}"
            yield (
                f"The plan has session {n} {span}; another day is an event of the plan, for a "
                "prescriber."
            )
            return
        swapped = ""
        for each in self.stands:
            if each.course != self.plan.course:
                continue
            is_numbered = each.plan == self.plan.pk and each.n in sessions
            later = sessions[each.n] if is_numbered and each.starts >= to else session
            if abs(to - each.starts) < timedelta(hours=later["min_gap_hours"]):
                yield (
                    f"It must be {later['min_gap_hours']:g} hours from session {each.n} "
                    f"({self._said(each)})."
                )
            if is_numbered and (each.starts < to) != (each.n < n):
                swapped = swapped or (
                    f"It would change places with session {each.n} ({self._said(each)})."
                )
        if swapped:
            yield swapped

    def _day(self, moment: datetime) -> Any:
        return moment.astimezone(self.site.zone).date()

    def _said(self, each: Stands) -> str:
        return f"{each.starts.astimezone(self.site.zone):%a %-d %b, %H:%M}"


@dataclass(frozen=True, slots=True)
class At:
    """Where and for whom something is to be written, over which span; `but` are not counted."""

    site: Site
    person: Person | None
    plan: CarePlan | None
    resources: Sequence[Resource]
    span: Stretch
    but: frozenset[Any] = frozenset()


def gate_of(at: At, *, now: datetime, roster: Roster | None = None) -> Gate:
    """
    Return what is looked at before appointments of one person at one site are written.

    `roster` is that of the site, where it was read already.
    """
    around = Stretch(at.span.starts - NEAR, at.span.ends + NEAR)
    knowledge = in_force(at.site.clinic).knowledge
    hours = constraint_number(knowledge, "CMB_06", "least_hours")
    return Gate(
        site=at.site,
        plan=at.plan,
        hours=hours_of(at.site),
        roster=roster or roster_of(at.site, at.span),
        outs=out_of_use(at.resources, around),
        after_ketamine=timedelta(hours=hours),
        turnaround_minutes=ways_of(at.site.clinic.ways).turnaround_minutes,
        now=now,
        stands=_stands(at, around),
    )


def _stands(at: At, around: Stretch) -> list[Stands]:
    """
    The person's appointments near the span, and all of the same course, whose gaps may be longer.

    One that nobody came to keeps nothing apart.
    """
    if at.person is None:
        return []
    rows = Appointment.objects.filter(state__in=["booked", "done"]).of(at.person)
    beside = Q(starts__gt=around.starts, starts__lt=around.ends)
    if at.plan is not None:
        beside |= Q(plan__course=at.plan.course)
    near = rows.filter(beside).exclude(pk__in=at.but)
    found = near.values_list("starts", "minutes", "treatment", "plan__course", "plan", "n")
    return [Stands(*each) for each in found.order_by("starts")]
