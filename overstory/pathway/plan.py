"""The plan: from a person, a treatment and a start to sessions, reviews, needs and holds, to be signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from overstory.engine.facts import Facts
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocols import Combination, Protocol
from overstory.knowledge.shapes.rules import TreatmentId
from overstory.knowledge.shapes.shared import Jurisdiction
from overstory.pathway.planning.assembling import (
    Around,
    around_of,
    between_sessions,
    sessions_in_order,
    sources_of,
)
from overstory.pathway.planning.choosing import (
    Named,
    choose,
    combination_with,
    named_protocols,
    parts_of,
)
from overstory.pathway.planning.combined import constraints_of
from overstory.pathway.planning.conditions import conditions_of
from overstory.pathway.planning.courses import Course, course_of
from overstory.pathway.planning.days_of_plan import (
    PlanDays,
    Wanted,
    closed_within,
    days_of_plan,
    nearest_start,
)
from overstory.pathway.planning.needs import not_now_holds
from overstory.pathway.planning.notes import notes_of
from overstory.pathway.planning.open_days import OpenDays, usual_days
from overstory.pathway.planning.placing import CannotPlaceError
from overstory.pathway.planning.refusals import (
    PlanRefusedError,
    PlanWishError,
    refuse_unless_plannable,
)
from overstory.pathway.planning.values import (
    Calendar,
    Hold,
    Plan,
    Release,
    Safety,
    Session,
)
from overstory.pathway.protocols import Judged, judge
from overstory.pathway.suitability import (
    COMBINATION,
    TREATMENTS,
    Assessment,
    TreatmentAssessment,
    assess,
)
from overstory.pathway.verdicts import PERMITTING

LATEST_START_YEARS = 10
MOST_WEEKS = 104
"""Longer than two years nobody plans; the public holidays that are looked up reach so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWish:
    """
    What is asked for: a treatment from a start on.

    `protocols` names one, or one of each component of the combination; without it the defaults are
    planned. `days` are the open days; without them weekends and public holidays are closed. `weeks` is
    to which week the plan goes. `continue_ketamine` lets ketamine go on beside TMS.
    """

    treatment: TreatmentId
    start: date
    jurisdiction: Jurisdiction = "US"
    protocols: tuple[str, ...] = ()
    days: OpenDays | None = None
    weeks: int | None = None
    continue_ketamine: bool = False


def propose(*, patient: str, facts: Facts, knowledge: Knowledge, wish: PlanWish) -> Plan:
    """
    Return the plan of a treatment for a person, to be signed by a clinician; nothing in it is an order.

    It judges the facts at their moment and proposes doses from the weight on record. The same arguments
    give the same plan. A verdict of not-now gives a draft with holds that cannot be signed.

    :raises PlanWishError: for a start before the facts, no weeks, or a protocol of another treatment.
    :raises PlanRefusedError: if the treatment is contraindicated, not indicated or nothing can be said
        of it yet, or its protocol may not be planned here.
    :raises CannotPlaceError: if the course does not fit on the open days; it names the nearest start.
    """
    _check(wish, facts)
    named = named_protocols(wanted=wish.protocols, treatment=wish.treatment, knowledge=knowledge)
    assessment = _assess(patient, facts, knowledge, wish)
    assessed = _own(assessment, wish)
    try:
        parts, courses = _components(assessment, named, facts, knowledge, wish)
        wanted = _wanted(parts, courses, knowledge, wish)
        placed = _place(wanted, wish.start, assessed)
    except (PlanRefusedError, CannotPlaceError) as error:
        error.safety = assessment.safety
        raise
    return _plan(assessment, facts, wanted, placed, wish)


def _wanted(
    parts: Sequence[TreatmentAssessment],
    courses: tuple[Course, ...],
    knowledge: Knowledge,
    wish: PlanWish,
) -> Wanted:
    days = wish.days or usual_days(jurisdiction=wish.jurisdiction, start=wish.start)
    return Wanted(
        courses=courses,
        days=days,
        knowledge=knowledge,
        weeks=wish.weeks,
        combination=_combination(parts, knowledge, wish),
        continue_ketamine=wish.continue_ketamine,
    )


def _components(
    assessment: Assessment,
    named: Named,
    facts: Facts,
    knowledge: Knowledge,
    wish: PlanWish,
) -> tuple[tuple[TreatmentAssessment, ...], tuple[Course, ...]]:
    """The components of the plan as they are assessed, and their courses; refused where one may not be."""
    refuse_unless_plannable(_own(assessment, wish))
    parts = parts_of(treatment=wish.treatment, forms=named.forms, assessment=assessment)
    for part in parts:
        refuse_unless_plannable(part)
    return parts, _courses(parts, named.protocols, facts, knowledge, wish)


def _check(wish: PlanWish, facts: Facts) -> None:
    today = facts.at.date()
    if wish.start < today:
        raise PlanWishError(
            f"the start, {wish.start.isoformat()}, is before the moment of the facts, "
            f"{today.isoformat()}; a plan begins on that day or later"
        )
    if wish.start.year > today.year + LATEST_START_YEARS:
        raise PlanWishError(f"the start, {wish.start.isoformat()}, is too far ahead")
    if wish.weeks is not None and not 1 <= wish.weeks <= MOST_WEEKS:
        raise PlanWishError(f"a plan has at least one week, and {MOST_WEEKS} at most")
    if wish.continue_ketamine and wish.treatment != COMBINATION:
        raise PlanWishError(f"only {COMBINATION} can continue ketamine beside TMS")


def _assess(patient: str, facts: Facts, knowledge: Knowledge, wish: PlanWish) -> Assessment:
    combined = wish.treatment == COMBINATION
    return assess(
        patient=patient,
        facts=facts,
        knowledge=knowledge,
        jurisdiction=wish.jurisdiction,
        treatments=TREATMENTS if combined else (wish.treatment,),
    )


def _own(assessment: Assessment, wish: PlanWish) -> TreatmentAssessment:
    return next(each for each in assessment.treatments if each.treatment == wish.treatment)


def _combination(
    parts: Sequence[TreatmentAssessment], knowledge: Knowledge, wish: PlanWish
) -> Combination | None:
    if wish.treatment != COMBINATION:
        return None
    return combination_with(first=parts[0].treatment, knowledge=knowledge)


def _courses(
    parts: Sequence[TreatmentAssessment],
    named: Sequence[Protocol],
    facts: Facts,
    knowledge: Knowledge,
    wish: PlanWish,
) -> tuple[Course, ...]:
    combination = _combination(parts, knowledge, wish)
    found = []
    for at, part in enumerate(parts):
        judged = choose(
            part=part,
            named=named,
            facts=facts,
            knowledge=knowledge,
            jurisdiction=wish.jurisdiction,
        )
        phases, following = judged.protocol.schedule, _following(judged, knowledge, wish)
        if combination is not None and at == 0:
            phases = [each for each in phases if each.name in combination.phases]
            _check_continuing(part, judged, following, wish)
        elif combination is not None:
            _check_accelerated(part, judged, wish)
        found.append(
            course_of(
                judged=judged,
                phases=phases,
                following=following if combination is None else (),
                facts=facts,
                knowledge=knowledge,
                jurisdiction=wish.jurisdiction,
            )
        )
    return tuple(found)


def _following(judged: Judged, knowledge: Knowledge, wish: PlanWish) -> list[Judged]:
    """What goes on after a default, where the site enables it; a single course that was named ends."""
    if judged.protocol.id in wish.protocols and wish.treatment != COMBINATION:
        return []
    every: tuple[Protocol, ...] = knowledge.sections.get("protocols", ())
    found = [
        judge(protocol=each, knowledge=knowledge, jurisdiction=wish.jurisdiction)
        for each in every
        if judged.protocol.id in each.follows
    ]
    return [each for each in found if each.plannable]


def _check_continuing(
    part: TreatmentAssessment, judged: Judged, following: Sequence[Judged], wish: PlanWish
) -> None:
    """Refuse to go on with ketamine beyond a course that has no later phases, without a site policy."""
    if wish.continue_ketamine and len(judged.protocol.schedule) == 1 and not following:
        raise PlanRefusedError(
            treatment=part.treatment,
            verdict=part.verdict,
            says=f"{judged.protocol.id} ends with its induction; to go on with ketamine beside TMS "
            "needs a site policy that enables its maintenance",
            protocol=judged.protocol.id,
        )


def _check_accelerated(part: TreatmentAssessment, judged: Judged, wish: PlanWish) -> None:
    """Refuse ketamine beside accelerated TMS, which the constraint CMB_10 forbids."""
    if wish.continue_ketamine and any((each.per_day or 1) > 1 for each in judged.protocol.schedule):
        raise PlanRefusedError(
            treatment=part.treatment,
            verdict=part.verdict,
            says=f"no ketamine goes on beside {judged.protocol.id}: CMB_10 keeps it away from TMS with "
            "several sessions a day",
            protocol=judged.protocol.id,
        )


def _place(wanted: Wanted, start: date, assessed: TreatmentAssessment) -> PlanDays:
    try:
        return days_of_plan(wanted=wanted, start=start)
    except CannotPlaceError as error:
        nearest = nearest_start(wanted=wanted, after=start)
        raise CannotPlaceError(
            error.says, nearest=nearest, verdict=assessed.verdict.value
        ) from None


def _sessions(
    assessed: TreatmentAssessment, facts: Facts, wanted: Wanted, placed: PlanDays, wish: PlanWish
) -> tuple[Session, ...]:
    """All sessions in date order, with what the combination needs and what keeps a draft a draft."""
    knowledge = wanted.knowledge
    sessions = sessions_in_order(
        courses=wanted.courses, days=placed, facts=facts, knowledge=knowledge
    )
    if wanted.combination is not None:
        sessions = between_sessions(
            sessions=sessions,
            combination=wanted.combination,
            facts=facts,
            knowledge=knowledge,
            jurisdiction=wish.jurisdiction,
        )
    not_now = () if assessed.verdict in PERMITTING else not_now_holds(assessed)
    return tuple(replace(each, holds=(*not_now, *each.holds)) for each in sessions)


def _plan(
    assessment: Assessment, facts: Facts, wanted: Wanted, placed: PlanDays, wish: PlanWish
) -> Plan:
    knowledge, combination = wanted.knowledge, wanted.combination
    assessed = _own(assessment, wish)
    sessions = _sessions(assessed, facts, wanted, placed, wish)
    around = around_of(
        courses=wanted.courses, sessions=sessions, days=wanted.days, knowledge=knowledge
    )
    plan = Plan(
        patient=assessment.patient,
        at=facts.at.isoformat(),
        jurisdiction=wish.jurisdiction,
        knowledge=Release(version=knowledge.version, sha256=knowledge.sha256),
        treatment=wish.treatment,
        protocol=combination.id if combination else wanted.courses[0].protocol.id,
        protocols=_protocols(wanted),
        verdict=assessed.verdict.value,
        signable=assessed.verdict in PERMITTING,
        safety=Safety(level=assessment.safety.level, actions=assessment.safety.actions),
        start_asked=wish.start,
        start=placed.start,
        calendar=_calendar(wanted.days, sessions, wish.start),
        phases=around.phases,
        sessions=sessions,
        alongside=around.alongside,
        reviews=around.reviews,
        restrictions=around.restrictions,
        conditions=(),
        before_course=around.before_course,
        holds=tuple(_holds(sessions)),
        constraints=(),
        notes=notes_of(wanted=wanted, placed=placed, asked=wish.start),
        sources=(),
        weeks=wish.weeks,
        continue_ketamine=wish.continue_ketamine,
        monitoring=around.monitoring,
        leaving=around.leaving,
    )
    return _with_rules(plan, assessed, wanted, around)


def _protocols(wanted: Wanted) -> tuple[str, ...]:
    return tuple(
        judged.protocol.id for each in wanted.courses for judged in (each.judged, *each.following)
    )


def _with_rules(plan: Plan, assessed: TreatmentAssessment, wanted: Wanted, around: Around) -> Plan:
    """Return the plan with the conditions and constraints under which it stands, and all sources."""
    knowledge, combination = wanted.knowledge, wanted.combination
    conditions = conditions_of(
        assessed.rules, parts=[each.protocol.treatment for each in wanted.courses]
    )
    constraints = (
        constraints_of(combination=combination, knowledge=knowledge) if combination else ()
    )
    parts = [
        *(need for each in plan.sessions for need in each.needs),
        *around.before_course,
        *around.reviews,
        *around.alongside,
        *around.restrictions,
        *around.monitoring,
        *around.leaving,
        *conditions,
        *constraints,
        *plan.holds,
    ]
    return replace(
        plan,
        conditions=conditions,
        constraints=constraints,
        sources=sources_of(courses=wanted.courses, parts=parts, knowledge=knowledge),
    )


def _holds(sessions: Sequence[Session]) -> Iterator[Hold]:
    seen = set()
    for each in sessions:
        for hold in each.holds:
            if hold.id not in seen:
                seen.add(hold.id)
                yield hold


def _calendar(days: OpenDays, sessions: Sequence[Session], start: date) -> Calendar:
    last = sessions[-1].date if sessions else start
    given = days.kind == "given"
    return Calendar(
        kind=days.kind,
        says=days.says,
        weekends_closed=days.weekends_closed,
        closed=dict(days.closed) if given else closed_within(days=days, first=start, last=last),
    )
