"""A new version of a plan: sessions kept, dropped, added and held, and what stands around them anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from overstory.knowledge.load import Knowledge
from overstory.pathway.planning.assembling import around_of, documents
from overstory.pathway.planning.courses import Course
from overstory.pathway.planning.layout import WORKING_DAYS, check_pause, monday_of
from overstory.pathway.planning.needs import ASK_AGAIN
from overstory.pathway.planning.numbers import planning_number
from overstory.pathway.planning.open_days import (
    ONE_DAY,
    OpenDays,
    every_day,
    site_days,
    usual_days,
)
from overstory.pathway.planning.placing import Placed
from overstory.pathway.planning.repeating import known_by, with_repeated
from overstory.pathway.planning.values import Change, Hold, Need, Plan, Session
from overstory.pathway.protocols import judge, protocol_named
from overstory.pathway.surroundings import surroundings

FURTHEST_DAYS = 730


class PlanEventError(ValueError):
    """What happened cannot change this plan so; the message says why, or what would have to be said."""


class AsksWorseError(PlanEventError):
    """A rule asks whether depression has got worse, and nobody said."""


@dataclass(frozen=True, slots=True)
class Revision:
    """
    A plan that is being changed, with what is needed for it.

    `on` is the day of the event: what stands on it or before is history and stays as it is.
    """

    plan: Plan
    on: date
    knowledge: Knowledge
    days: OpenDays

    def of(self, treatment: str) -> tuple[Session, ...]:
        """Return the sessions of a component, in order."""
        return tuple(each for each in self.plan.sessions if each.treatment == treatment)

    def usual(self, treatment: str) -> Session:
        """
        Return a session as a further one of a component would be: no first-session needs.

        Its dose is that of the last session.

        :raises PlanEventError: if the plan has no session of it.
        """
        own = self.of(treatment)
        if not own:
            raise PlanEventError(f"the plan has no session of {treatment}")
        rest = own[1:] or own
        common = set.intersection(*({need.id for need in each.needs} for each in rest))
        needs = tuple(need for need in rest[0].needs if need.id in common and need.id != ASK_AGAIN)
        now = own[-1] if len(own) > 1 else rest[0]
        return replace(rest[0], needs=needs, dose=now.dose, minutes=now.minutes)


def calendar_of(plan: Plan) -> OpenDays:
    """Return the open days that a plan was made for, its pauses taken out."""
    return with_pauses(plan=plan, days=_calendar(plan))


def with_pauses(*, plan: Plan, days: OpenDays) -> OpenDays:
    """Return open days without those on which a plan pauses."""
    paused = {
        each.earliest + ahead * ONE_DAY
        for each in plan.pauses
        for ahead in range((each.latest - each.earliest).days + 1)
    }
    return replace(days, paused=frozenset(paused))


def _calendar(plan: Plan) -> OpenDays:
    if plan.calendar.kind == "none":
        return every_day(jurisdiction=plan.jurisdiction)
    if plan.calendar.kind == "given":
        return site_days(jurisdiction=plan.jurisdiction, closed=plan.calendar.closed)
    return usual_days(jurisdiction=plan.jurisdiction, start=plan.sessions[0].date)


def further(*, revision: Revision, usual: Session, placed: Iterable[Placed]) -> list[Session]:
    """Return further sessions of a component on the days that were found for them."""
    own = revision.of(usual.treatment)
    return [
        replace(
            usual,
            needs=(*usual.needs, *known_by(own=own, day=each.date)),
            phase=each.phase,
            date=each.date,
            earliest=min(each.earliest, each.date),
            latest=max(each.latest, each.date),
            min_gap_hours=each.min_gap_hours,
            week=each.week,
            of_day=each.of_day,
        )
        for each in placed
    ]


def held(
    sessions: Iterable[Session], *, hold: Hold | None = None, need: Need | None = None
) -> list[Session]:
    """Return sessions with one hold more, and one need more on the first of them."""
    found = []
    for at, each in enumerate(sessions):
        holds = each.holds if hold is None or hold in each.holds else (*each.holds, hold)
        needs = each.needs if need is None or at else (*each.needs, need)
        found.append(replace(each, holds=holds, needs=needs))
    return found


def still_held(revision: Revision, sessions: Iterable[Session]) -> list[Session]:
    """
    Return sessions of a next version, those that were moved or added with the holds that stay open.

    A session that is planned anew takes every hold of the later sessions of its phase; one of a phase
    that has none, those that stand on all later sessions of its component.
    """
    known = {(each.n, each.date) for each in revision.plan.sessions}
    later = [each for each in revision.plan.sessions if each.date >= revision.on]
    found = []
    for each in sessions:
        if (each.n, each.date) in known:
            found.append(each)
            continue
        own = [old for old in later if old.treatment == each.treatment]
        more = [hold for hold in _open_for(each, own) if hold not in each.holds]
        found.append(replace(each, holds=(*each.holds, *more)))
    return found


def _open_for(session: Session, later: Sequence[Session]) -> list[Hold]:
    own = [each for each in later if each.phase == session.phase]
    every = {hold.id: hold for each in own or later for hold in each.holds}
    if own:
        return list(every.values())
    return [hold for hold in every.values() if all(hold in each.holds for each in later)]


def working_days(
    *, revision: Revision, after: date, count: int, taken: Collection[date], per_week: int
) -> list[date]:
    """
    Return the next working days after a day, none that is taken, at most so many a week.

    A week with a taken day has at most `per_week`.

    :raises CannotPlaceError: if too many of them in a row are closed.
    """
    days, found = revision.days, list[date]()
    most = int(planning_number(revision.knowledge, "daily-greatest-pause-weekdays"))
    day, shut = after + ONE_DAY, 0
    while len(found) < count:
        if days.is_working(day):
            shut = 0
            week = [each for each in found if monday_of(each) == monday_of(day)]
            crowded = any(monday_of(each) == monday_of(day) for each in taken)
            if day not in taken and not (crowded and len(week) >= per_week):
                found.append(day)
        elif day.weekday() < WORKING_DAYS and day not in days.paused:
            shut += 1
            check_pause(shut, day, days, most)
        day += ONE_DAY
    return found


def revised(*, revision: Revision, sessions: Sequence[Session], change: Change) -> Plan:
    """
    Return the next version of a plan with these sessions, all that stands around them made anew.

    :raises PlanEventError: if its protocol may not be planned with this knowledge any more.
    """
    plan = revision.plan
    ordered = sorted(sessions, key=lambda each: (each.date, each.of_day))
    if not ordered:
        raise PlanEventError("no session would be left; stop the plan instead")
    repeated = _repeated(revision, ordered)
    numbered = tuple(replace(each, n=number) for number, each in enumerate(repeated, 1))
    around = around_of(
        courses=_courses(plan, revision.knowledge),
        sessions=numbered,
        days=revision.days,
        knowledge=revision.knowledge,
    )
    before = {(each.treatment, each.date, each.of_day) for each in plan.sessions}
    after = {(each.treatment, each.date, each.of_day) for each in numbered}
    return replace(
        plan,
        version=plan.version + 1,
        sessions=numbered,
        phases=around.phases,
        reviews=around.reviews,
        alongside=around.alongside,
        holds=_holds(plan, numbered),
        sources=documents(
            ids=[each.id for each in plan.sources] + [each.id for each in change.sources],
            knowledge=revision.knowledge,
        ),
        changes=(
            *plan.changes,
            replace(
                change,
                version=plan.version + 1,
                added=len(after - before),
                removed=len(before - after),
            ),
        ),
    )


def _repeated(revision: Revision, ordered: Sequence[Session]) -> list[Session]:
    """Sessions in order, those after the event with what repeats every so many weeks."""
    found: list[Session] = []
    for treatment in dict.fromkeys(each.treatment for each in ordered):
        own = [each for each in ordered if each.treatment == treatment]
        found += with_repeated(
            plan=revision.plan, sessions=own, after=revision.on, knowledge=revision.knowledge
        )
    return sorted(found, key=lambda each: (each.date, each.of_day))


def _courses(plan: Plan, knowledge: Knowledge) -> tuple[Course, ...]:
    where = plan.jurisdiction
    found: dict[str, Course] = {}
    for name in plan.protocols:
        judged = judge(
            protocol=protocol_named(protocol_id=name, knowledge=knowledge),
            knowledge=knowledge,
            jurisdiction=where,
        )
        if not judged.plannable:
            says = " ".join(each.says for each in judged.refusals)
            raise PlanEventError(f"{name} may not be planned here: {says}")
        treatment = judged.protocol.treatment
        if treatment in found:
            first = found[treatment]
            phases = (*first.phases, *judged.protocol.schedule)
            found[treatment] = replace(first, phases=phases, following=(*first.following, judged))
            continue
        around = surroundings(protocol=judged.protocol, knowledge=knowledge, jurisdiction=where)
        found[treatment] = Course(judged, tuple(judged.protocol.schedule), around, ())
    return tuple(found.values())


def _holds(plan: Plan, sessions: Sequence[Session]) -> tuple[Hold, ...]:
    """The holds of the sessions, each once; those of the plan first."""
    every = [*plan.holds, *(hold for each in sessions for hold in each.holds)]
    still = {hold.id for each in sessions for hold in each.holds}
    return tuple({hold.id: hold for hold in every if hold.id in still}.values())


@dataclass(frozen=True, slots=True)
class Difference:
    """What a new version changes: sessions by treatment and day, and the holds that it adds."""

    removed: tuple[Session, ...]
    added: tuple[Session, ...]
    doses: tuple[tuple[Session, Session], ...]
    holds: tuple[Hold, ...]


def difference(*, before: Plan, after: Plan) -> Difference:
    """Return what differs between two versions of a plan."""
    old = {(each.treatment, each.date, each.of_day): each for each in before.sessions}
    new = {(each.treatment, each.date, each.of_day): each for each in after.sessions}
    known = {each.id for each in before.holds}
    return Difference(
        removed=tuple(each for key, each in old.items() if key not in new),
        added=tuple(each for key, each in new.items() if key not in old),
        doses=tuple(
            (old[key], each)
            for key, each in new.items()
            if key in old and old[key].dose != each.dose
        ),
        holds=tuple(each for each in after.holds if each.id not in known),
    )
