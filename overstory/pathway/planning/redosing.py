"""Doses of a plan that change: another of the protocol, a step lower, and whether a version raises one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from overstory.pathway.dosing import dose_of
from overstory.pathway.dosing_limits import plain
from overstory.pathway.dosing_values import Sprays, Wish
from overstory.pathway.planning.courses import minutes_of
from overstory.pathway.planning.revising import Revision, held
from overstory.pathway.planning.values import Hold, Plan, PlannedDose, Session
from overstory.pathway.protocols import protocol_named
from overstory.pathway.surroundings import surroundings


def with_dose(session: Session, mg: Decimal, revision: Revision, *, says: str) -> Session:
    """
    Return a later session with another dose of its protocol, and the minutes of its devices.

    `says` tells where the dose comes from. How much it is by weight is told where every step of the
    protocol has its own mg.
    """
    assert isinstance(session.dose, PlannedDose)
    dose = session.dose
    protocol = protocol_named(protocol_id=session.protocol, knowledge=revision.knowledge)
    steps = protocol.dose.steps.mg_per_kg if protocol.dose and protocol.dose.steps else []
    is_a_step = mg in dose.choices and len(steps) == len(dose.choices)
    per_kg = Decimal(str(steps[dose.choices.index(mg)])) if is_a_step else None
    dosed = replace(session, dose=replace(dose, value=mg, per_kg=per_kg, says=says))
    if dose.route != "nasal":
        return dosed
    done = dose_of(protocol=protocol, wish=Wish(mg=mg), weights=None, knowledge=revision.knowledge)
    assert isinstance(done, Sprays)
    visit = surroundings(protocol=protocol, knowledge=revision.knowledge).visit
    return replace(dosed, minutes=minutes_of(visit=visit, treat=done.at_minutes[-1], first=False))


@dataclass(frozen=True, slots=True)
class Lowered:
    """The sessions of a plan after one that was not tolerated, and what is said of them."""

    sessions: list[Session]
    says: str


def lowered(*, revision: Revision, session: Session, given: Decimal | None, closes: str) -> Lowered:
    """
    Lower the later doses above the next step under the one not tolerated; no dose is raised or set.

    `given` is the dose in mg that was not tolerated, where it was another than planned. Where nothing
    can be lowered, every later session waits for the person whom `closes` names.
    """
    later = [
        each
        for each in revision.of(session.treatment)
        if each.n > session.n and each.date >= revision.on
    ]
    start = f"Session {session.n} of {session.treatment} was not tolerated"
    if not later:
        return Lowered(
            list(revision.plan.sessions), f"{start}; no later session stands in the plan."
        )
    step = _step_below(revision.of(session.treatment), session, given)
    above = [each for each in later if step is not None and _is_above(each, step)]
    if step is None or not above:
        why = _why_none(later, step)
        waits = "every later session waits until a prescriber decides."
        hold = _not_tolerated(session, why, closes)
        found = [
            held([each], hold=hold)[0] if each in later else each for each in revision.plan.sessions
        ]
        return Lowered(found, f"{start}, and {why}; {waits}")
    says = f"A step lower, since the session of {session.date.isoformat()} was not tolerated."
    found = [
        with_dose(each, step, revision, says=says) if each in above else each
        for each in revision.plan.sessions
    ]
    if len(above) == len(later):
        return Lowered(found, f"{start}; later doses are lowered to {plain(step)} mg.")
    return Lowered(
        found, f"{start}; {_which(above)} lowered to {plain(step)} mg{_rest(later, above)}."
    )


def _which(above: Sequence[Session]) -> str:
    numbers = ", ".join(str(each.n) for each in above)
    return f"sessions {numbers} are" if len(above) > 1 else f"session {numbers} is"


def _rest(later: Sequence[Session], above: Sequence[Session]) -> str:
    """What is said of the later sessions that are not lowered."""
    rest = [each for each in later if each not in above]
    told = []
    if any(_mg(each) is not None for each in rest):
        told.append("the other doses are not above it")
    if any(_mg(each) is None for each in rest):
        told.append("the prescriber sets those that are open")
    return "".join(f"; {each}" for each in told)


def _why_none(later: Sequence[Session], step: Decimal | None) -> str:
    if step is None:
        return "the protocol lists no lower dose"
    planned = sorted({mg for each in later if (mg := _mg(each)) is not None})
    if not planned:
        return "none is lowered: the prescriber sets the later doses"
    listed = " or ".join(plain(each) for each in planned)
    return f"none is lowered: the later doses are {listed} mg, not above the next step under it"


def _step_below(own: Sequence[Session], session: Session, given: Decimal | None) -> Decimal | None:
    """The next lower dose of the protocol, which stands with any session but a first one that is fixed."""
    taken = given if given is not None else _mg(session)
    if taken is None:
        return None
    choices = {mg for each in own if each.dose is not None for mg in each.dose.choices}
    return max((each for each in choices if each < taken), default=None)


def _is_above(session: Session, step: Decimal) -> bool:
    mg = _mg(session)
    return mg is not None and mg > step


def _mg(session: Session) -> Decimal | None:
    return session.dose.value if session.dose else None


def _not_tolerated(session: Session, why: str, closes: str) -> Hold:
    return Hold(
        id=f"not-tolerated.{session.treatment}.{session.date.isoformat()}",
        why="decision",
        says=f"The session of {session.date.isoformat()} was not tolerated, and {why}.",
        closes=closes,
        part=session.treatment,
    )


def raises_dose(*, before: Plan, after: Plan) -> bool:
    """
    Return whether a session still to come has a higher dose than before, or one where none was.

    A session is compared with the one of its treatment on the same day; where there is none, with the
    one of its number that left its own day. A session that was added with a dose has one where none
    was. Still to come is what stands from the first change on that `before` does not have.
    """
    changes = after.changes[len(before.changes) :]
    since = min((each.on for each in changes), default=date.min)
    were = _days(before.sessions)
    now = _days(after.sessions)
    moved = {(each.treatment, each.n): each for day, each in were.items() if day not in now}
    return any(
        _is_more(were.get(day) or moved.get((each.treatment, each.n)), each)
        for day, each in now.items()
        if each.date >= since
    )


def _days(sessions: Sequence[Session]) -> dict[tuple[str, date, int], Session]:
    return {(each.treatment, each.date, each.of_day): each for each in sessions}


def _is_more(was: Session | None, now: Session) -> bool:
    """Whether a session has more mg than before."""
    mg = _mg(now)
    if mg is None:
        return False
    least = _mg(was) if was else None
    return least is None or mg > least
