"""A relapse after a course has ended: induced again where that was published, else a person decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from overstory.knowledge.shapes.protocol_parts import Phase
from overstory.knowledge.shapes.protocol_surroundings import CourseRule
from overstory.knowledge.shapes.shared import cites
from overstory.pathway.planning.assembling import RE_INDUCTION
from overstory.pathway.planning.layout import (
    FURTHEST_START_DAYS,
    WEEK_DAYS,
    Rhythm,
    first_day,
    lay_out,
)
from overstory.pathway.planning.numbers import planning_number
from overstory.pathway.planning.open_days import ONE_DAY
from overstory.pathway.planning.placing import CannotPlaceError, Placed
from overstory.pathway.planning.revising import PlanEventError, Revision, further, held
from overstory.pathway.planning.values import Change, Hold, Session
from overstory.pathway.protocols import protocol_named

CLOSES = "A physician confirms the relapse, assesses the person again and decides."


def induced_again(revision: Revision) -> tuple[list[Session], Change]:
    """
    Return the plan's sessions with a second induction after the last of them, held for a physician.

    :raises PlanEventError: where no published rule induces again, or the course has not ended.
    :raises CannotPlaceError: if it fits on no open days within a year.
    """
    rule = next(
        each for each in revision.knowledge.sections["missed_sessions"] if "re-induce" in each.do
    )
    own = [each for each in revision.plan.sessions if each.treatment in rule.applies_to]
    phase = _induction(revision, own)
    placed = _placed(revision, phase, own)
    hold = Hold(
        id=rule.id,
        why="decision",
        says=f"{rule.says} The facts of this plan are of {revision.plan.at[:10]}.",
        closes=CLOSES,
        part=own[0].treatment,
        sources=cites(rule.source),
    )
    usual = revision.usual(own[0].treatment)
    added = held(further(revision=revision, usual=usual, placed=placed), hold=hold)
    return [*revision.plan.sessions, *added], Change(
        version=0,
        on=revision.on,
        event="",
        says=f"{rule.says} {len(added)} sessions from {added[0].date.isoformat()}; what follows them is "
        "decided at their end.",
        rules=(rule.id,),
        status=rule.status,
        sources=cites(rule.source),
    )


def _induction(revision: Revision, own: Sequence[Session]) -> Phase:
    """
    The first phase of the course, to be given again.

    :raises PlanEventError: if the rule is not for this plan, or not yet.
    """
    if not own or len({each.treatment for each in revision.plan.sessions}) > 1:
        raise PlanEventError(_nobody_published(revision))
    protocol = protocol_named(protocol_id=revision.plan.protocols[0], knowledge=revision.knowledge)
    if len(protocol.schedule) == 1:
        raise PlanEventError(
            f"{protocol.id} ends with its induction and no source gives a second one; assess the person "
            "again and make a new plan"
        )
    if any(each.phase == RE_INDUCTION for each in own):
        raise PlanEventError(
            "this plan has a second induction already; a further one is a new plan"
        )
    if revision.on <= own[-1].date:
        raise PlanEventError(
            f"the published rule is for a relapse after stopping, and the plan goes on to "
            f"{own[-1].date.isoformat()}; until then take step-back, or missed with --worse"
        )
    return protocol.schedule[0]


def _nobody_published(revision: Revision) -> str:
    """Why a relapse makes no new version here, with what is known of it and who decides."""
    treatment = revision.plan.treatment
    rules: tuple[CourseRule, ...] = revision.knowledge.sections.get("course_rules", ())
    known = [
        f"{each.id}, {'unverified' if each.status == 'recalled' else each.status}: {each.says}"
        for each in rules
        if each.kind == "reintroduction" and treatment in each.applies_to
    ]
    known += [
        f"{each.id}, {each.status}: {each.says}"
        for each in revision.knowledge.sections.get("combination_constraints", ())
        if "relapse_within_weeks" in each.numbers
        and any(one.id == each.id for one in revision.plan.constraints)
    ]
    said = f" ({' '.join(known)})" if known else ""
    return (
        f"no source that was read says how {treatment} is given again after a relapse{said}; a physician "
        "decides: assess the person again and make a new plan"
    )


def _placed(revision: Revision, phase: Phase, own: Sequence[Session]) -> list[Placed]:
    rhythm = Rhythm(
        gap_hours=revision.usual(own[0].treatment).min_gap_hours,
        greatest_pause=int(planning_number(revision.knowledge, "daily-greatest-pause-weekdays")),
    )
    found, start = _laid_out(revision, phase, own[-1].date, rhythm)
    weeks = (start - own[0].earliest).days // WEEK_DAYS
    return [replace(each, phase=RE_INDUCTION, week=each.week + weeks) for each in found]


def _laid_out(
    revision: Revision, phase: Phase, last: date, rhythm: Rhythm
) -> tuple[Sequence[Placed], date]:
    """The days of the phase from the first day after the event on which it fits."""
    why: CannotPlaceError | None = None
    for ahead in range(1, FURTHEST_START_DAYS + 1):
        asked = revision.on + ahead * ONE_DAY
        try:
            start = first_day(phases=[phase], start=asked, days=revision.days)
            laid = lay_out(
                phases=[phase], start=start, days=revision.days, rhythm=rhythm, before=last
            )
        except CannotPlaceError as error:
            why = why or error
            continue
        return laid.placed, start
    assert why is not None
    raise why
