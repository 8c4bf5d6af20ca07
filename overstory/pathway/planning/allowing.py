"""Which events a plan allows on a day, and why it does not allow the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from overstory.pathway.planning.events import Event, EventKind, after_event
from overstory.pathway.planning.placing import CannotPlaceError
from overstory.pathway.planning.revising import PlanEventError, Revision
from overstory.pathway.planning.values import Plan, Session
from overstory.pathway.protocols import NoProtocolError


@dataclass(frozen=True, slots=True)
class Allowed:
    """An event, and what it may name; `why_not` is empty where the plan allows it."""

    kind: EventKind
    why_not: str = ""
    sessions: tuple[Session, ...] = ()
    reviews: tuple[str, ...] = ()
    treatments: tuple[str, ...] = ()


def allowed_events(revision: Revision) -> tuple[Allowed, ...]:
    """Return every kind of event with what it may name, or why the plan does not allow it."""
    found = tuple(ASKED[kind](revision, kind) for kind in EventKind)
    return tuple(sorted(found, key=lambda each: bool(each.why_not)))


def _missed(revision: Revision, kind: EventKind) -> Allowed:
    return Allowed(kind, sessions=revision.plan.sessions)


def _pause(revision: Revision, kind: EventKind) -> Allowed:
    later = any(each.date >= revision.on for each in revision.plan.sessions)
    return Allowed(kind, "" if later else "no session is left")


def _intolerance(revision: Revision, kind: EventKind) -> Allowed:
    begun = tuple(each for each in revision.plan.sessions if each.date <= revision.on)
    last = revision.plan.sessions[-1]
    if not begun:
        return Allowed(kind, "no session has taken place")
    if last.date < revision.on or len(begun) == len(revision.plan.sessions):
        return Allowed(kind, "no session is left")
    return Allowed(kind, sessions=begun)


def _non_response(revision: Revision, kind: EventKind) -> Allowed:
    plan = revision.plan
    reached = tuple(each.id for each in plan.reviews if each.date <= revision.on)
    if reached:
        return Allowed(kind, reviews=reached)
    first = min((each.date for each in plan.reviews), default=None)
    why = (
        f"its first decision point is {first.isoformat()}" if first else "it has no decision point"
    )
    return Allowed(kind, why)


def _booster(revision: Revision, kind: EventKind) -> Allowed:
    names = tuple(dict.fromkeys(each.treatment for each in revision.plan.sessions))
    tried = {
        each: _tried(revision, Event(kind=kind, on=revision.on, treatment=each)) for each in names
    }
    fit = tuple(each for each in names if not isinstance(tried[each], str))
    if fit:
        return Allowed(kind, treatments=fit)
    return Allowed(kind, "; ".join(str(each) for each in tried.values()))


def _plain(revision: Revision, kind: EventKind) -> Allowed:
    """An event that names nothing is allowed where it changes something."""
    tried = _tried(revision, Event(kind=kind, on=revision.on))
    if isinstance(tried, str):
        return Allowed(kind, tried)
    if tried.sessions == revision.plan.sessions:
        return Allowed(kind, tried.changes[-1].says)
    return Allowed(kind)


def _tried(revision: Revision, event: Event) -> Plan | str:
    """The next version after an event, or why there is none."""
    try:
        return after_event(
            plan=revision.plan, event=event, knowledge=revision.knowledge, days=revision.days
        )
    except (PlanEventError, CannotPlaceError, NoProtocolError) as error:
        return str(error)


ASKED: dict[EventKind, Callable[[Revision, EventKind], Allowed]] = {
    EventKind.MISSED: _missed,
    EventKind.PAUSE: _pause,
    EventKind.EARLY_RESPONSE: _plain,
    EventKind.NON_RESPONSE: _non_response,
    EventKind.INTOLERANCE: _intolerance,
    EventKind.EXTEND: _plain,
    EventKind.STEP_BACK: _plain,
    EventKind.BOOSTER: _booster,
    EventKind.RELAPSE: _plain,
}
