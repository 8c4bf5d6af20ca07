"""One component of a plan: its protocol, its days, and its sessions with dose, minutes and people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from overstory.engine.facts import Facts
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocol_parts import Phase
from overstory.knowledge.shapes.protocol_surroundings import Visit
from overstory.knowledge.shapes.protocols import Protocol
from overstory.knowledge.shapes.shared import Jurisdiction
from overstory.pathway.planning.doses import Provisional, provisional_dose, stimulation_of
from overstory.pathway.planning.needs import (
    NeedHere,
    known_again,
    needed_here,
    session_needs,
    unverified_holds,
)
from overstory.pathway.planning.placing import Placed
from overstory.pathway.planning.values import Minutes, Person, PlannedPhase, Session
from overstory.pathway.protocols import Judged
from overstory.pathway.surroundings import Surroundings, surroundings

NO_MINUTES = Decimal(0)


@dataclass(frozen=True, slots=True)
class Course:
    """
    One component: its protocol as judged, its phases, and what surrounds it.

    `following` is what goes on after it at a site that enables that, `phases` are of both. `needs` are
    those that are not known to be needless here.
    """

    judged: Judged
    phases: tuple[Phase, ...]
    around: Surroundings
    needs: tuple[NeedHere, ...]
    following: tuple[Judged, ...] = ()

    @property
    def protocol(self) -> Protocol:
        """The protocol, whole."""
        return self.judged.protocol

    @property
    def horizon_weeks(self) -> int | None:
        """To which week open-ended phases are planned."""
        found = [each.protocol.horizon_weeks for each in (self.judged, *self.following)]
        return max((int(each.value) for each in found if each is not None), default=None)

    def of_phase(self, name: str) -> Judged:
        """Return the protocol that a phase is of: the following one for its own phases."""
        for each in self.following:
            if name in {phase.name for phase in each.protocol.schedule}:
                return each
        return self.judged

    @property
    def visit(self) -> Visit | None:
        """The visit of the protocol, with the minutes of the site."""
        return self.around.visit


def course_of(
    *,
    judged: Judged,
    phases: Sequence[Phase],
    following: Sequence[Judged] = (),
    facts: Facts,
    knowledge: Knowledge,
    jurisdiction: Jurisdiction,
) -> Course:
    """Return the component of a plan that a protocol makes for a person."""
    around = surroundings(protocol=judged.protocol, knowledge=knowledge, jurisdiction=jurisdiction)
    return Course(
        judged=judged,
        phases=(*phases, *(phase for each in following for phase in each.protocol.schedule)),
        around=around,
        needs=needed_here(needs=around.needs, facts=facts, knowledge=knowledge),
        following=tuple(following),
    )


def sessions_of(
    *, course: Course, placed: Sequence[Placed], facts: Facts, knowledge: Knowledge
) -> tuple[Session, ...]:
    """Return the sessions of one component, numbered from 1, each with all that it takes."""
    protocol, visit = course.protocol, course.visit
    first = _dose(protocol, facts, knowledge, first=True)
    later = _dose(protocol, facts, knowledge, first=False)
    stimulation = stimulation_of(protocol.stimulation) if protocol.stimulation else None
    holds = {each.phase: unverified_holds(course.of_phase(each.phase)) for each in placed}
    found = []
    for at, each in enumerate(placed):
        dose = later if at else first
        asked = (dose.need,) if dose and dose.need else ()
        again = known_again(
            treatment=protocol.treatment, placed=each, facts=facts, knowledge=knowledge
        )
        found.append(
            Session(
                n=at + 1,
                phase=each.phase,
                treatment=protocol.treatment,
                protocol=course.of_phase(each.phase).protocol.id,
                date=each.date,
                earliest=min(each.earliest, each.date),
                latest=max(each.latest, each.date),
                min_gap_hours=each.min_gap_hours,
                minutes=minutes_of(visit=visit, treat=_treat(course, dose), first=at == 0),
                week=each.week,
                of_day=each.of_day,
                dose=dose.dose if dose else None,
                stimulation=stimulation,
                people=_people(visit),
                resources=tuple(visit.resources) if visit else (),
                needs=(*asked, *session_needs(needs=course.needs, placed=placed, at=at), *again),
                holds=holds[each.phase],
            )
        )
    return tuple(found)


def minutes_of(*, visit: Visit | None, treat: Decimal, first: bool) -> Minutes:
    """
    Return the minutes of a session, whole and rounded up.

    A watch that starts with the first device overlaps the treatment; any other follows it. Mapping and
    motor threshold are part of the preparation of the first session.
    """
    prepare = _whole(visit.prepare_minutes.value) if visit else 0
    if visit and first and visit.first_minutes is not None:
        prepare += _whole(visit.first_minutes.value)
    watch = visit.observe if visit else None
    observe = _whole(watch.minutes) if watch else 0
    treated = _whole(treat)
    overlaps = watch is not None and watch.starts == "first-device"
    chair = prepare + (max(treated, observe) if overlaps else treated + observe)
    return Minutes(prepare=prepare, treat=treated, observe=observe, chair=chair)


def phases_of(*, course: Course, sessions: Sequence[Session]) -> tuple[PlannedPhase, ...]:
    """Return the phases of a component that have sessions in the plan, in order."""
    says = {each.name: each.says for each in course.phases}
    found = []
    for name in dict.fromkeys(each.phase for each in sessions):
        within = [each.date for each in sessions if each.phase == name]
        found.append(
            PlannedPhase(
                name=name,
                treatment=course.protocol.treatment,
                protocol=course.of_phase(name).protocol.id,
                says=says.get(name, ""),
                sessions=len(within),
                first=within[0],
                last=within[-1],
            )
        )
    return tuple(found)


def _people(visit: Visit | None) -> tuple[Person, ...]:
    found = visit.people if visit else []
    return tuple(
        Person(role=each.role, where=each.where, during=tuple(each.during)) for each in found
    )


def _dose(
    protocol: Protocol, facts: Facts, knowledge: Knowledge, *, first: bool
) -> Provisional | None:
    if protocol.stimulation is not None:
        return None
    return provisional_dose(protocol=protocol, facts=facts, knowledge=knowledge, first=first)


def _treat(course: Course, dose: Provisional | None) -> Decimal:
    stimulation, visit = course.protocol.stimulation, course.visit
    if stimulation is not None:
        return Decimal(str(stimulation.minutes.value))
    if dose is not None and dose.spray_minutes is not None:
        return dose.spray_minutes
    if dose is not None and dose.dose.over_minutes is not None:
        return dose.dose.over_minutes
    span = visit.treat_minutes if visit else None
    return Decimal(str(span.high or span.low)) if span else NO_MINUTES


def _whole(minutes: float | Decimal) -> int:
    return int(Decimal(str(minutes)).to_integral_value(rounding=ROUND_CEILING))
