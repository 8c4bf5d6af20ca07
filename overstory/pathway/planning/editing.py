"""Edits of a plan within its protocol: a dose that it leaves open, a day within the session's window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from overstory.engine.facts import Facts
from overstory.knowledge.load import Knowledge
from overstory.knowledge.protocol_standing import in_full
from overstory.knowledge.shapes.protocol_parts import Dose
from overstory.knowledge.shapes.protocol_surroundings import Product
from overstory.knowledge.shapes.protocols import Protocol
from overstory.knowledge.shapes.shared import cites
from overstory.pathway.dosing import dose_of
from overstory.pathway.dosing_limits import plain
from overstory.pathway.dosing_values import DoseError, Sprays, Wish
from overstory.pathway.dosing_weights import Basis, WeightError
from overstory.pathway.planning.doses import SET_DOSE, weights_on_record
from overstory.pathway.planning.open_days import ONE_DAY
from overstory.pathway.planning.redosing import with_dose
from overstory.pathway.planning.revising import PlanEventError, Revision, revised
from overstory.pathway.planning.values import Change, Need, Plan, PlannedDose, Session
from overstory.pathway.protocols import protocol_named

DOSE_WAS_SET = "dose-set-by-prescriber"
EDIT = "edit"


class EditError(PlanEventError):
    """A change that the plan does not leave open; the message says what it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """
    What the prescriber changes in the session numbered `n`: its day, or its dose.

    A dose is `mg` among the choices; where the prescriber sets it, `mg`, `mg_per_kg` or the weight to
    dose by. `onward` gives it to the later sessions of the same course that leave it open too.
    """

    n: int
    day: date | None = None
    mg: Decimal | None = None
    mg_per_kg: Decimal | None = None
    basis: Basis | None = None
    onward: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """
    What a session leaves open: other doses in mg, what the prescriber sets, other days.

    `sets` is `mg`, `mg-per-kg` or `weight`, empty where the protocol gives the dose or has none.
    """

    n: int
    doses: tuple[Decimal, ...]
    sets: str
    days: tuple[date, ...]

    @property
    def is_open(self) -> bool:
        """Whether there is anything to change."""
        return bool(self.doses or self.sets or self.days)


def openings(revision: Revision) -> tuple[Opening, ...]:
    """Return what each session from the day of the revision on leaves open, those that do."""
    found = (
        Opening(
            n=each.n,
            doses=_doses(each),
            sets=_sets(each, revision),
            days=_days(each, revision),
        )
        for each in revision.plan.sessions
        if each.date >= revision.on
    )
    return tuple(each for each in found if each.is_open)


def edited(*, revision: Revision, edit: Edit, facts: Facts) -> Plan:
    """
    Return the next version of a plan with one edit; the weight for a dose is from the facts.

    :raises EditError: if the plan does not leave it open; it says what it does.
    """
    session = next((each for each in revision.plan.sessions if each.n == edit.n), None)
    if session is None or session.date < revision.on:
        raise EditError("name a session of the plan that has not taken place")
    if (edit.day is None) == (edit.mg is None and edit.mg_per_kg is None and edit.basis is None):
        raise EditError("change the day of a session or its dose, one at a time")
    if edit.day is not None:
        return _moved(revision, session, edit.day)
    return _dosed(revision, session, edit, facts)


def _moved(revision: Revision, session: Session, day: date) -> Plan:
    free = _days(session, revision)
    if day not in free:
        there_is = ", ".join(each.isoformat() for each in free) or "none"
        raise EditError(
            f"session {session.n} cannot stand on {day.isoformat()}; the open days of its window "
            f"that keep the least gap to its neighbours: {there_is}"
        )
    sessions = [
        replace(each, date=day) if each is session else each for each in revision.plan.sessions
    ]
    says = (
        f"Session {session.n} of {session.treatment} moves from {session.date.isoformat()} to "
        f"{day.isoformat()}, within its window."
    )
    return revised(revision=revision, sessions=sessions, change=_change(revision, session, says))


def _dosed(revision: Revision, session: Session, edit: Edit, facts: Facts) -> Plan:
    sets = _sets(session, revision)
    if sets:
        mg, says = _set_dose(revision, session, edit, facts)
    elif edit.mg is not None and edit.mg in _doses(session):
        mg, says = edit.mg, f"The prescriber chose {plain(edit.mg)} mg"
    else:
        there_is = " or ".join(plain(each) for each in _doses(session)) or "no other dose"
        raise EditError(f"session {session.n} leaves open: {there_is}")
    cap = session.dose.cap if session.dose else None
    if cap is not None and mg > cap:
        raise EditError(f"{plain(mg)} mg is above the cap of {plain(cap)} mg")
    found, changed = [], []
    for each in revision.plan.sessions:
        if each is not session and not (edit.onward and _alike(each, session, mg, revision)):
            found.append(each)
            continue
        dosed = _with_set_dose(each, mg, says) if sets else None
        found.append(dosed or with_dose(each, mg, revision, says=f"{says}."))
        changed.append(each.n)
    numbers = ", ".join(str(each) for each in changed)
    told = f"{says}, for session{'s' if len(changed) > 1 else ''} {numbers} of {session.treatment}."
    return revised(revision=revision, sessions=found, change=_change(revision, session, told))


def _alike(other: Session, session: Session, mg: Decimal, revision: Revision) -> bool:
    """Whether a later session of the same course leaves the same dose open."""
    if other.n <= session.n or other.protocol != session.protocol:
        return False
    if _sets(session, revision):
        return bool(_sets(other, revision))
    return mg in _doses(other)


def _set_dose(
    revision: Revision, session: Session, edit: Edit, facts: Facts
) -> tuple[Decimal, str]:
    """The mg that the protocol gives for what the prescriber sets, as it can be drawn up, and why."""
    protocol = protocol_named(protocol_id=session.protocol, knowledge=revision.knowledge)
    weights, why = weights_on_record(facts, revision.knowledge)
    try:
        wish = Wish(
            mg=edit.mg,
            mg_per_kg=edit.mg_per_kg,
            basis=edit.basis,
            product=_vial(in_full(protocol, revision.knowledge), revision.knowledge),
        )
        done = dose_of(protocol=protocol, wish=wish, weights=weights, knowledge=revision.knowledge)
    except (DoseError, WeightError) as error:
        raise EditError("; ".join(each for each in (str(error), why) if each)) from None
    if isinstance(done, Sprays):
        return done.mg, f"The prescriber set {plain(done.mg)} mg"
    amounts = done.amounts
    by = f", by the {amounts.basis} weight" if amounts.basis and amounts.by_weight_mg else ""
    asks = "".join(f" ({each.rstrip('.')})" for each in amounts.asks)
    return amounts.mg, f"The prescriber set {plain(amounts.mg)} mg{by}{asks}"


def _vial(protocol: Protocol, knowledge: Knowledge) -> str | None:
    """The vial that a planned dose is drawn up from: the protocol's first, else the first of the route."""
    every: tuple[Product, ...] = knowledge.sections.get("products", ())
    route = protocol.dose.route if protocol.dose else ""
    of_route = (each.id for each in every if route in each.route)
    return next(iter((*protocol.products, *of_route)), None)


def _with_set_dose(session: Session, mg: Decimal, says: str) -> Session:
    assert isinstance(session.dose, PlannedDose)
    need = Need(id=DOSE_WAS_SET, kind="check", says=f"{says}.", status="site-policy")
    kept = tuple(each for each in session.needs if each.id not in {SET_DOSE, DOSE_WAS_SET})
    return replace(
        session, dose=replace(session.dose, value=mg, says=f"{says}."), needs=(*kept, need)
    )


def _doses(session: Session) -> tuple[Decimal, ...]:
    """The other doses among the choices of a session, none above its cap."""
    dose = session.dose
    if dose is None or dose.value is None:
        return ()
    within = (each for each in dose.choices if dose.cap is None or each <= dose.cap)
    return tuple(each for each in within if each != dose.value)


def _sets(session: Session, revision: Revision) -> str:
    """What of the dose the prescriber sets in a session, where the protocol has a dose."""
    open_ = {each.id for each in session.needs} & {SET_DOSE, DOSE_WAS_SET}
    if session.dose is None or not open_:
        return ""
    protocol = protocol_named(protocol_id=session.protocol, knowledge=revision.knowledge)
    return _asked(in_full(protocol, revision.knowledge).dose)


def _asked(dose: Dose | None) -> str:
    if dose is None or dose.cap is None:
        return ""
    if dose.range_mg_per_kg is not None:
        return "mg-per-kg"
    if dose.mg_per_kg is not None:
        return "weight"
    return "mg" if dose.range_mg is not None else ""


def _days(session: Session, revision: Revision) -> tuple[date, ...]:
    """The other open days of a session's window that keep the least gap to its neighbours."""
    same_day = [each for each in revision.plan.sessions if each.date == session.date]
    if len(same_day) > 1:
        return ()
    at = revision.plan.sessions.index(session)
    before = revision.plan.sessions[at - 1] if at else None
    after = revision.plan.sessions[at + 1] if at + 1 < len(revision.plan.sessions) else None
    span = (session.latest - session.earliest).days + 1
    every = (session.earliest + ahead * ONE_DAY for ahead in range(span))
    return tuple(
        day
        for day in every
        if day != session.date
        and day >= revision.on
        and _is_open(day, session, revision)
        and _apart(before.date if before else None, day, session, revision)
        and (after is None or _apart(day, after.date, after, revision))
    )


def _is_open(day: date, session: Session, revision: Revision) -> bool:
    days = revision.days
    return days.is_working(day) if session.treatment == "tms" else days.is_open(day)


def _apart(first: date | None, second: date, of: Session, revision: Revision) -> bool:
    """Whether two days are in order and keep the least gap of the second session."""
    if first is None:
        return True
    return first < second and revision.days.hours_between(first, second) >= of.min_gap_hours


def _change(revision: Revision, session: Session, says: str) -> Change:
    protocol = protocol_named(protocol_id=session.protocol, knowledge=revision.knowledge)
    return Change(
        version=0,
        on=revision.on,
        event=EDIT,
        says=says,
        rules=(protocol.id,),
        status=protocol.status,
        sources=cites(protocol.source),
    )
