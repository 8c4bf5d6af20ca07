"""Living plans: what happened, and the next version of the plan with what changed and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.shared import cites
from overstory.pathway.planning.extending import (
    CLOSES,
    check_apart,
    extended,
    stepped_back,
    with_booster,
)
from overstory.pathway.planning.inducing import induced_again
from overstory.pathway.planning.layout import WEEK
from overstory.pathway.planning.missed import Gone, after_missed, moved_rest
from overstory.pathway.planning.open_days import ONE_DAY, OpenDays
from overstory.pathway.planning.raising import raised
from overstory.pathway.planning.redosing import lowered
from overstory.pathway.planning.revising import (
    FURTHEST_DAYS,
    PlanEventError,
    Revision,
    calendar_of,
    held,
    revised,
    still_held,
    with_pauses,
)
from overstory.pathway.planning.values import Change, Hold, Plan, Session, When
from overstory.pathway.protocols import protocol_named


class EventKind(StrEnum):
    """What can happen to a plan."""

    MISSED = "missed"
    PAUSE = "pause"
    EARLY_RESPONSE = "early-response"
    NON_RESPONSE = "non-response"
    INTOLERANCE = "intolerance"
    EXTEND = "extend"
    STEP_BACK = "step-back"
    BOOSTER = "booster"
    RELAPSE = "relapse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """
    Something that happened on a day.

    `sessions` are the numbers of those missed or not tolerated; a pause lasts to `until`, both days
    included. `review` is the decision point at which nothing had changed; `mg` the dose that was not
    tolerated, where it was another than planned; `worse` whether depression has got worse.
    """

    kind: EventKind
    on: date
    sessions: tuple[int, ...] = ()
    until: date | None = None
    treatment: str = ""
    review: str = ""
    mg: Decimal | None = None
    worse: bool | None = None


def after_event(
    *, plan: Plan, event: Event, knowledge: Knowledge, days: OpenDays | None = None
) -> Plan:
    """
    Return the next version of a plan after something happened; what stands before it stays as it was.

    Nothing is signed by it: the new version is a proposal like the first.

    :raises PlanEventError: if the event cannot change this plan so.
    :raises CannotPlaceError: if what it adds does not fit on open days.
    """
    if not (plan.sessions and plan.protocols):
        raise PlanEventError("the plan has no session, or names no protocol")
    last = plan.sessions[-1].date
    if not plan.at[:10] <= event.on.isoformat() or (event.on - last).days > FURTHEST_DAYS:
        raise PlanEventError(
            f"an event of this plan is from {plan.at[:10]} to two years after {last.isoformat()}"
        )
    open_ = with_pauses(plan=plan, days=days) if days else calendar_of(plan)
    revision = Revision(plan, event.on, knowledge, open_)
    sessions, change = HAPPENINGS[event.kind](revision, event)
    again = revised(
        revision=revision,
        sessions=still_held(revision, sessions),
        change=replace(change, event=event.kind.value),
    )
    if event.kind is not EventKind.PAUSE or event.until is None:
        return again
    return replace(again, pauses=(*plan.pauses, When(earliest=event.on, latest=event.until)))


def _missed(revision: Revision, event: Event) -> tuple[list[Session], Change]:
    gone = _numbered(revision, event)
    if len({each.treatment for each in gone}) > 1:
        raise PlanEventError("name the missed sessions of one treatment at a time")
    return _without(revision, event, gone, gone[-1].date)


def _pause(revision: Revision, event: Event) -> tuple[list[Session], Change]:
    if event.until is None or event.until < event.on:
        raise PlanEventError("a pause has a last day, --until, on or after its first")
    gone = [each for each in revision.plan.sessions if event.on <= each.date <= event.until]
    if not gone:
        raise PlanEventError("no session stands in the pause; nothing changes")
    return _without(revision, event, gone, event.until)


def _without(
    revision: Revision, event: Event, gone: Sequence[Session], until: date
) -> tuple[list[Session], Change]:
    """The sessions of every component after some of them are gone; the changes as one."""
    sessions: list[Session] = []
    changes = []
    for treatment in dict.fromkeys(each.treatment for each in revision.plan.sessions):
        own = tuple(each for each in gone if each.treatment == treatment)
        if not own:
            sessions += revision.of(treatment)
            continue
        left, change = after_missed(
            revision=revision, gone=Gone(sessions=own, until=until, worse=event.worse)
        )
        sessions += left
        changes.append(change)
    check_apart(sessions)
    return sessions, replace(
        changes[0],
        says=" ".join(each.says for each in changes),
        rules=tuple(rule for each in changes for rule in each.rules),
        sources=tuple(cite for each in changes for cite in each.sources),
    )


def _early_response(revision: Revision, event: Event) -> tuple[list[Session], Change]:
    """Offer to end a phase after its least number of weeks; a course without one goes on."""
    sessions = list(revision.plan.sessions)
    for name in revision.plan.protocols:
        protocol = protocol_named(protocol_id=name, knowledge=revision.knowledge)
        for phase in protocol.schedule:
            own = [each for each in sessions if (each.protocol, each.phase) == (name, phase.name)]
            if phase.least_weeks is None or not own:
                continue
            end = own[0].date + phase.least_weeks * WEEK
            cut = [each for each in own if each.date >= max(end, event.on + ONE_DAY)]
            if not cut:
                continue
            last = max(each.date for each in own if each not in cut)
            kept = [each for each in sessions if each not in cut]
            if own[0].treatment == "tms" and len(protocol.schedule) > 1:
                kept = [each for each in kept if each.treatment != "tms" or each.date <= last]
                kept += moved_rest(revision=revision, after=last)
            return kept, Change(
                version=0,
                on=event.on,
                event="",
                says=f"{name} may end after {phase.least_weeks} weeks; the plan now ends its "
                f"{phase.name} on {last.isoformat()}. A physician decides.",
                status=phase.status or protocol.status,
                sources=cites(phase.source or protocol.source),
            )
    return sessions, Change(
        version=0,
        on=event.on,
        event="",
        says="The course goes on as planned: its protocol names no shorter one for an early response.",
    )


def _non_response(revision: Revision, event: Event) -> tuple[list[Session], Change]:
    found = [each for each in revision.plan.reviews if each.id == event.review]
    if not found:
        known = ", ".join(each.id for each in revision.plan.reviews)
        raise PlanEventError(f"no review is named {event.review!r}; the plan has {known}")
    review = found[0]
    sessions = revision.plan.sessions
    after = [each for each in sessions if each.date > max(review.date, event.on)]
    before = [each for each in sessions if each not in after]
    step = raised(revision=revision, before=before, later=after, treatment=review.treatment)
    hold = Hold(
        id=f"no-response.{review.id}",
        why="decision",
        says=f"No response at {review.id}: {review.says} {review.then} {step.says}".strip(),
        closes=CLOSES,
        part=review.treatment,
        sources=review.sources,
    )
    return [*before, *held(step.sessions, hold=hold)], Change(
        version=0,
        on=event.on,
        event="",
        says=f"No response at {review.id} on {review.date.isoformat()}; every later session waits "
        f"for a decision. {review.then} {step.says}".strip(),
        rules=(review.id,),
        status=review.status,
        sources=review.sources,
    )


def _intolerance(revision: Revision, event: Event) -> tuple[list[Session], Change]:
    session = _numbered(revision, event)[-1]
    done = lowered(revision=revision, session=session, given=event.mg, closes=CLOSES)
    return done.sessions, Change(version=0, on=event.on, event="", says=done.says)


def _numbered(revision: Revision, event: Event) -> list[Session]:
    found = [each for each in revision.plan.sessions if each.n in event.sessions]
    if not event.sessions or len(found) < len(set(event.sessions)):
        raise PlanEventError(
            f"name sessions of the plan, 1 to {len(revision.plan.sessions)}, with --session"
        )
    return found


def _relapse(revision: Revision, event: Event) -> tuple[list[Session], Change]:
    del event
    return induced_again(revision)


def _extend(revision: Revision, event: Event) -> tuple[list[Session], Change]:
    del event
    return extended(revision)


def _step_back(revision: Revision, event: Event) -> tuple[list[Session], Change]:
    del event
    return stepped_back(revision)


def _booster(revision: Revision, event: Event) -> tuple[list[Session], Change]:
    return with_booster(revision, event.treatment)


HAPPENINGS: dict[EventKind, Callable[[Revision, Event], tuple[list[Session], Change]]] = {
    EventKind.MISSED: _missed,
    EventKind.PAUSE: _pause,
    EventKind.EARLY_RESPONSE: _early_response,
    EventKind.NON_RESPONSE: _non_response,
    EventKind.INTOLERANCE: _intolerance,
    EventKind.EXTEND: _extend,
    EventKind.STEP_BACK: _step_back,
    EventKind.BOOSTER: _booster,
    EventKind.RELAPSE: _relapse,
}
