"""The parts of a plan put together: sessions in date order, what stands around them, sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from overstory.engine.facts import Facts
from overstory.knowledge.load import Knowledge
from overstory.knowledge.protocol_standing import standings
from overstory.knowledge.shapes.protocol_parts import Decision
from overstory.knowledge.shapes.protocol_surroundings import DecisionPoint
from overstory.knowledge.shapes.protocols import Combination
from overstory.knowledge.shapes.rules import TreatmentId
from overstory.knowledge.shapes.shared import Jurisdiction
from overstory.pathway.planning.around import beside, reviews_of, told
from overstory.pathway.planning.combined import (
    BEFORE_KETAMINE,
    BEFORE_TMS,
    between_needs,
    constraints_of,
)
from overstory.pathway.planning.courses import Course, phases_of, sessions_of
from overstory.pathway.planning.days_of_plan import PlanDays
from overstory.pathway.planning.needs import course_needs, needed_here
from overstory.pathway.planning.open_days import OpenDays
from overstory.pathway.planning.values import (
    Beside,
    Need,
    PlannedPhase,
    Review,
    Session,
    Source,
    Told,
)
from overstory.pathway.planning.watching import Leaving, Watched, leaving, watched
from overstory.pathway.suitability import COMBINATION
from overstory.pathway.surroundings import needs_of

COMBINED: TreatmentId = "ketamine-then-tms"
RE_INDUCTION = "re-induction"
"""The phase of a second induction, after a relapse."""


@dataclass(frozen=True, slots=True)
class Around:
    """Everything of a plan but its sessions."""

    phases: tuple[PlannedPhase, ...]
    reviews: tuple[Review, ...]
    alongside: tuple[Beside, ...]
    restrictions: tuple[Told, ...]
    before_course: tuple[Need, ...]
    monitoring: tuple[Watched, ...]
    leaving: tuple[Leaving, ...]


def sessions_in_order(
    *, courses: Sequence[Course], days: PlanDays, facts: Facts, knowledge: Knowledge
) -> tuple[Session, ...]:
    """Return the sessions of all components in date order, numbered from 1."""
    found = [
        session
        for course, placed in zip(courses, days.placed, strict=True)
        for session in sessions_of(course=course, placed=placed, facts=facts, knowledge=knowledge)
    ]
    found.sort(key=lambda each: (each.date, each.of_day))
    return tuple(replace(each, n=number) for number, each in enumerate(found, 1))


def between_sessions(
    *,
    sessions: Sequence[Session],
    combination: Combination,
    facts: Facts,
    knowledge: Knowledge,
    jurisdiction: Jurisdiction,
) -> tuple[Session, ...]:
    """Return the sessions with what the combination needs: consent, and checks after ketamine."""
    constraints = constraints_of(combination=combination, knowledge=knowledge)
    own = needed_here(
        needs=needs_of(knowledge=knowledge, treatment=COMBINED, jurisdictions={jurisdiction}),
        facts=facts,
        knowledge=knowledge,
    )
    found = []
    for at, each in enumerate(sessions):
        more: list[Need] = [
            need for entry, need in own if at == 0 and entry.when == "first-session"
        ]
        if each.treatment != "tms":
            more += between_needs(constraints=constraints, wanted=BEFORE_KETAMINE)
        elif at and sessions[at - 1].treatment != "tms":
            more += between_needs(constraints=constraints, wanted=BEFORE_TMS)
        found.append(replace(each, needs=(*each.needs, *more)))
    return tuple(found)


def around_of(
    *,
    courses: Sequence[Course],
    sessions: Sequence[Session],
    days: OpenDays,
    knowledge: Knowledge,
) -> Around:
    """Return what stands around the sessions of all components, each entry once."""
    phases: list[PlannedPhase] = []
    reviews: list[Review] = []
    alongside: list[Beside] = []
    restrictions: list[Told] = []
    before: dict[str, Need] = {}
    monitoring: list[Watched] = []
    release: list[Leaving] = []
    for course in courses:
        own = [each for each in sessions if each.treatment == course.protocol.treatment]
        if not own:
            continue
        around = course.around
        points: list[DecisionPoint | Decision] = list(course.protocol.decisions)
        points += [point for each in course.following for point in each.protocol.decisions]
        points += around.decision_points
        phases += phases_of(course=course, sessions=own)
        reviews += reviews_of(points=points, protocol=course.protocol, sessions=own, days=days)
        reviews += _reviews_again(points, course, own, days)
        alongside += beside(entries=around.alongside, sessions=own)
        treatment = course.protocol.treatment
        restrictions += told(restrictions=around.restrictions, treatment=treatment)
        monitoring += watched(schedule=around.monitoring, treatment=treatment)
        release += leaving(schedule=around.monitoring, treatment=treatment)
        before |= {each.id: each for each in course_needs(course.needs)}
    if len(courses) > 1:
        reviews += _combined_reviews(courses[-1], sessions, days, knowledge)
    reviews.sort(key=lambda each: (each.date, each.session))
    return Around(
        phases=tuple(phases),
        reviews=tuple(reviews),
        alongside=tuple(alongside),
        restrictions=tuple(restrictions),
        before_course=tuple(before.values()),
        monitoring=tuple(monitoring),
        leaving=tuple(release),
    )


def _reviews_again(
    points: Sequence[DecisionPoint | Decision],
    course: Course,
    own: Sequence[Session],
    days: OpenDays,
) -> Iterator[Review]:
    """The reviews by weeks of a second induction, counted from its own first session."""
    again = [each for each in own if each.phase == RE_INDUCTION]
    if not again:
        return
    weeks = [each for each in points if each.after_weeks is not None]
    for each in reviews_of(points=weeks, protocol=course.protocol, sessions=again, days=days):
        yield replace(each, id=f"{each.id}.again")


def _combined_reviews(
    tms: Course, sessions: Sequence[Session], days: OpenDays, knowledge: Knowledge
) -> tuple[Review, ...]:
    """The reviews of the combination, counted from the first TMS session."""
    own = [each for each in sessions if each.treatment == "tms"]
    if not own:
        return ()
    points = [
        each
        for each in knowledge.sections.get("decision_points", ())
        if COMBINATION in each.applies_to
    ]
    return reviews_of(
        points=points, protocol=tms.protocol, sessions=own, days=days, named=COMBINATION
    )


def sources_of(
    *, courses: Sequence[Course], parts: Iterable[Any], knowledge: Knowledge
) -> tuple[Source, ...]:
    """Return every document that a plan cites, each once: protocols first, then what is around them."""
    cited = [
        cite.id
        for course in courses
        for judged in (course.judged, *course.following)
        for each in standings(judged.protocol)
        for cite in each.sources
    ]
    return documents(ids=[*cited, *_cited(parts)], knowledge=knowledge)


def documents(*, ids: Iterable[str], knowledge: Knowledge) -> tuple[Source, ...]:
    """Return the documents of some ids, each once, with where they are found."""
    found = []
    for each in dict.fromkeys(ids):
        source = knowledge.sources[each]
        url = source.url or (f"https://doi.org/{source.doi}" if source.doi else "")
        found.append(Source(id=each, title=source.title, url=url))
    return tuple(found)


def _cited(parts: Iterable[Any]) -> Iterator[str]:
    for each in parts:
        yield from (cite.id for cite in each.sources)
