"""Needs of sessions that were moved or added: what repeats, what the first session has, what is too old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocol_surroundings import SessionNeed
from overstory.pathway.planning.needs import ASK_AGAIN, NeedHere, session_needs
from overstory.pathway.planning.values import Need, Plan, Session


def as_first(*, first: Session, now: Session) -> Session:
    """Return the session that is the first of its component now, with what the first one takes."""
    own = {each.id for each in first.needs if each.id != ASK_AGAIN}
    kept = [each for each in now.needs if each.id not in own and not _confirms(each, first)]
    needs = (*(each for each in first.needs if each.id != ASK_AGAIN), *kept)
    return replace(now, needs=needs, minutes=first.minutes, dose=first.dose)


def known_by(*, own: Sequence[Session], day: date) -> tuple[Need, ...]:
    """
    Return what is known now and too old on a day, as the last session of the plan before it says.

    A fact that is too old on one day is too old on every later one.
    """
    found = [
        need for each in own if each.date <= day for need in each.needs if need.id == ASK_AGAIN
    ]
    return tuple(found[-1:])


def with_repeated(
    *, plan: Plan, sessions: Sequence[Session], after: date, knowledge: Knowledge
) -> tuple[Session, ...]:
    """Return sessions of one component, those after a day with what repeats every so many weeks."""
    repeating = _repeating(plan, sessions[0].treatment, knowledge)
    ids = {need.id for _, need in repeating}
    found = []
    for at, each in enumerate(sessions):
        if not at or each.date <= after:
            found.append(each)
            continue
        kept = tuple(need for need in each.needs if need.id not in ids)
        again = session_needs(needs=repeating, placed=sessions, at=at)
        found.append(replace(each, needs=(*kept, *again)))
    return tuple(found)


def _repeating(plan: Plan, treatment: str, knowledge: Knowledge) -> list[NeedHere]:
    """What the plan of this person repeats, with its entry of the knowledge."""
    own = [each for each in plan.sessions if each.treatment == treatment]
    known = {need.id: need for each in own for need in each.needs}
    known |= {need.id: need for need in plan.before_course}
    entries: tuple[SessionNeed, ...] = knowledge.sections.get("session_needs", ())
    return [
        (each, known[each.id])
        for each in entries
        if each.id in known
        and treatment in each.applies_to
        and each.repeat_weeks is not None
        and each.when in {"first-session", "before-course"}
    ]


def _confirms(need: Need, first: Session) -> bool:
    """Whether a need is about the dose of later sessions, which the first does not have."""
    return need.id == "prescriber-confirms-dose" and first.dose is not None
