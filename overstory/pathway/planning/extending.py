"""A course made longer, denser again, or kept up by one more session: each held until somebody decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from overstory.knowledge.shapes.protocol_surroundings import CourseRule
from overstory.knowledge.shapes.shared import cites
from overstory.pathway.planning.layout import WEEK_DAYS, monday_of
from overstory.pathway.planning.missed import daily, more_often, moved_rest
from overstory.pathway.planning.missed_days import EXTENSION
from overstory.pathway.planning.open_days import ONE_DAY
from overstory.pathway.planning.placing import CannotPlaceError, Placed
from overstory.pathway.planning.revising import (
    FURTHEST_DAYS,
    PlanEventError,
    Revision,
    further,
    held,
)
from overstory.pathway.planning.values import Change, Hold, Session
from overstory.pathway.protocols import judge, protocol_named

BOOSTER = "booster"
CLOSES = "A physician decides and records it."


def extended(revision: Revision) -> tuple[list[Session], Change]:
    """
    Return the plan's sessions with a TMS course made longer by the least extension.

    Source: the course rule for extensions.

    :raises PlanEventError: if it has no TMS course, or has been extended by the most already.
    """
    rule = _course_rule(revision, "extension", "tms")
    if any(each.of_day > 1 for each in revision.of("tms")):
        raise PlanEventError("no source extends a course with several sessions a day")
    more = int(rule.numbers["least_sessions"].value)
    most = int(rule.numbers["greatest_sessions"].value)
    already = sum(each.phase == EXTENSION for each in revision.plan.sessions)
    if already + more > most:
        raise PlanEventError(f"a course is extended by {most} sessions at most, and {already} are")
    own = revision.of("tms")
    phase = own[0].phase
    acute = [each for each in own if each.phase in {phase, EXTENSION}]
    rest = [each for each in own if each not in acute]
    begun = [each for each in rest if each.date <= revision.on]
    after = own[-1].date if begun else acute[-1].date
    added = daily(revision=revision, phase=EXTENSION, count=more, after=max(after, revision.on))
    tail = rest if begun else moved_rest(revision=revision, after=added[-1].date) if rest else []
    hold = Hold(
        id=rule.id, why="decision", says=rule.says, closes=CLOSES, sources=cites(rule.source)
    )
    others = [each for each in revision.plan.sessions if each.treatment != "tms"]
    return [*others, *acute, *held(added, hold=hold), *tail], Change(
        version=0,
        on=revision.on,
        event="",
        says=f"{more} more sessions; what came after them moves. {rule.says}",
        rules=(rule.id,),
        status=rule.status,
        sources=cites(rule.source),
    )


def stepped_back(revision: Revision) -> tuple[list[Session], Change]:
    """
    Return the sessions on the more frequent schedule before; the rule for worsening says so, by judgement.

    :raises PlanEventError: if no rule gives one for the plan.
    """
    rules = [
        each
        for each in revision.knowledge.sections.get("missed_sessions", ())
        if "previous-frequency" in each.do
    ]
    own = [each for each in revision.plan.sessions if each.treatment in rules[0].applies_to]
    if not own:
        raise PlanEventError("only a course of esketamine has a published step back in frequency")
    before = [each for each in own if each.date <= revision.on]
    hold = Hold(
        id=rules[0].id,
        why="decision",
        says=rules[0].says,
        closes=CLOSES,
        part=own[0].treatment,
        sources=cites(rules[0].source),
    )
    again = held(
        more_often(revision=revision, treatment=own[0].treatment, after=revision.on), hold=hold
    )
    others = [each for each in revision.plan.sessions if each.treatment != own[0].treatment]
    sessions = [*others, *before, *again]
    check_apart(sessions)
    return sessions, Change(
        version=0,
        on=revision.on,
        event="",
        says=f"Back to the more frequent schedule. {rules[0].says}",
        rules=(rules[0].id,),
        status=rules[0].status,
        sources=cites(rules[0].source),
    )


def with_booster(revision: Revision, wanted: str = "") -> tuple[list[Session], Change]:
    """
    Return the sessions with one more after the course, held by what it rests on.

    :raises PlanEventError: if no source gives a booster of the treatment, or a site has to enable it.
    """
    treatment = wanted or revision.plan.sessions[-1].treatment
    own = revision.of(treatment)
    usual = revision.usual(treatment)
    hold = _booster_hold(revision, treatment)
    first = max(revision.on, own[-1].date + ONE_DAY)
    day = _next_day(revision, first, own[-1], usual)
    placed = Placed(
        phase=BOOSTER,
        week=(monday_of(day) - monday_of(own[0].date)).days // WEEK_DAYS + 1,
        date=day,
        earliest=day,
        latest=day,
        min_gap_hours=usual.min_gap_hours,
    )
    added = held(further(revision=revision, usual=usual, placed=[placed]), hold=hold)
    return [*revision.plan.sessions, *added], Change(
        version=0,
        on=revision.on,
        event="",
        says=f"One booster of {treatment} on {day.isoformat()}. {hold.says}",
        rules=(hold.id,),
        status="recalled" if hold.why == "unverified" else "site-policy",
        sources=hold.sources,
    )


def _booster_hold(revision: Revision, treatment: str) -> Hold:
    if treatment == "tms":
        rule = _course_rule(revision, "maintenance", "tms")
        why = "unverified" if rule.status == "recalled" else "decision"
        return Hold(id=rule.id, why=why, says=rule.says, closes=CLOSES, sources=cites(rule.source))
    name = "P-IV-MAINT"
    if treatment == "ketamine-iv":
        judged = judge(
            protocol=protocol_named(protocol_id=name, knowledge=revision.knowledge),
            knowledge=revision.knowledge,
        )
        if judged.plannable:
            return Hold(
                id=name, why="decision", says="At the first sign of relapse.", closes=CLOSES
            )
        raise PlanEventError(f"a booster infusion needs a site policy that enables {name}")
    raise PlanEventError(f"no source gives a booster of {treatment}; plan more weeks or step back")


def _next_day(revision: Revision, first: date, last: Session, usual: Session) -> date:
    taken = {each.date for each in revision.plan.sessions}
    for ahead in range(FURTHEST_DAYS):
        day = first + ahead * ONE_DAY
        far = revision.days.hours_between(last.date, day) >= usual.min_gap_hours
        if revision.days.is_working(day) and far and day not in taken:
            return day
    raise CannotPlaceError(f"there is no open day after {first.isoformat()}")


def _course_rule(revision: Revision, kind: str, treatment: str) -> CourseRule:
    if not revision.of(treatment):
        raise PlanEventError(f"no source gives an {kind} for {revision.plan.treatment}")
    every: tuple[CourseRule, ...] = revision.knowledge.sections.get("course_rules", ())
    return next(each for each in every if each.kind == kind and treatment in each.applies_to)


def check_apart(sessions: Sequence[Session]) -> None:
    """
    Refuse a version that puts ketamine and TMS on one day, as the combination forbids it.

    :raises PlanEventError: with the first such day.
    """
    tms = {each.date for each in sessions if each.treatment == "tms"}
    both = sorted(tms & {each.date for each in sessions if each.treatment != "tms"})
    if both:
        raise PlanEventError(
            f"ketamine and TMS would both stand on {both[0].isoformat()}; plan the rest anew from there"
        )
