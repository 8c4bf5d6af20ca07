"""Holds of a plan: which are open, and closing one with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.care.adopted import InForce
from overstory.clinic.care.consenting import standing
from overstory.clinic.care.consenting_rows import Consent
from overstory.clinic.care.planned import CarePlan, HoldClosed
from overstory.clinic.people.models import Staff

CLOSABLE = frozenset({"unverified", "decision"})
"""What a named clinician can close; any other hold is closed by assessing the person again."""
CONSENT = "consent"
NOON = time(12)
OF_THE_PLAN = 0
"""Stands for a session where a hold is of the whole plan."""


class HoldError(ValueError):
    """A hold that cannot be closed so; the message says why."""


@dataclass(frozen=True, slots=True)
class Closings:
    """What was closed of the holds of one version."""

    rows: tuple[HoldClosed, ...]

    def has(self, hold: str, n: int) -> bool:
        """Return whether a hold is closed for a session."""
        return any(each.hold == hold and each.n in {None, n} for each in self.rows)

    def of(self, hold: str) -> tuple[HoldClosed, ...]:
        """Return what was closed of one hold."""
        return tuple(each for each in self.rows if each.hold == hold)


@dataclass(frozen=True, slots=True)
class HoldHere:
    """
    One hold of a plan: for which sessions it is open, and what was closed of it.

    `of` has every session that it is of, closed or not; `cites` its sources in words.
    """

    id: str
    why: str
    says: str
    closes: str
    open_for: tuple[int, ...]
    closed: tuple[HoldClosed, ...]
    of: tuple[int, ...] = ()
    cites: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it keeps anything from being ordered."""
        return bool(self.open_for)

    @property
    def is_closable(self) -> bool:
        """Whether a named clinician can close it with a reason."""
        return self.is_open and self.why in CLOSABLE

    @property
    def is_of_the_plan(self) -> bool:
        """Whether it is open for the plan as a whole, not for single sessions."""
        return self.open_for == (OF_THE_PLAN,)


def closings(plan: CarePlan) -> Closings:
    """Return what was closed of the holds of a version."""
    return Closings(tuple(plan.holds_closed.select_related("by").order_by("at")))


def holds_of(plan: CarePlan) -> tuple[HoldHere, ...]:
    """Return every hold of a version, the open ones first."""
    return holds_with(plan, closings(plan))


def holds_with(plan: CarePlan, closed: Closings) -> tuple[HoldHere, ...]:
    """Return every hold of a version beside what was closed of them, the open ones first."""
    found = [_here(each, sessions, closed) for each, sessions in _holds(plan.content)]
    return tuple(sorted(found, key=lambda each: not each.is_open))


def holds_open(plan: CarePlan) -> tuple[HoldHere, ...]:
    """Return the holds of a version that are open."""
    return tuple(each for each in holds_of(plan) if each.is_open)


def waits(plan: CarePlan, *, n: int | None) -> bool:
    """Return whether a session has an open hold, or the plan as a whole; `n` is none for no session."""
    of = {OF_THE_PLAN} if n is None else {OF_THE_PLAN, n}
    return any(of & set(each.open_for) for each in holds_open(plan))


@dataclass(frozen=True, slots=True)
class ConsentNeed:
    """A consent that a plan needs; `row` is the one that counts on its next day, none where it is open."""

    treatment: str
    day: date
    row: Consent | None


def consents_for(plan: CarePlan, *, force: InForce, at: datetime) -> tuple[ConsentNeed, ...]:
    """Return the consents that a plan needs from now on, for the next session of each treatment."""
    zone = plan.person.site.zone
    today = at.astimezone(zone).date()
    sessions: Sequence[Mapping[str, Any]] = plan.content["sessions"]
    needed = dict.fromkeys(
        each["treatment"]
        for each in sessions
        if any(need["kind"] == CONSENT for need in each["needs"])
    )
    parts = {each["treatment"] for each in sessions}
    if needed and plan.treatment not in parts:  # the combination has a document of its own
        needed[plan.treatment] = None
    found = []
    for treatment in needed:
        to_come = (
            each
            for each in sessions
            if (treatment == each["treatment"] or treatment not in parts)
            and date.fromisoformat(each["date"]) >= today
        )
        session = next(to_come, None)
        if session is not None:
            day = date.fromisoformat(session["date"])
            moment = datetime.combine(day, NOON, tzinfo=zone)
            route = (session.get("dose") or {}).get("route", "") if treatment in parts else ""
            row = standing(plan.person, treatment, moment, route=route, force=force)
            found.append(ConsentNeed(treatment, day, row))
    return tuple(found)


def _holds(content: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], tuple[int, ...]]]:
    """Each hold of a plan with the sessions that it is of; those of the plan with none."""
    every = {hold["id"]: hold for hold in content["holds"]}
    every |= {hold["id"]: hold for each in content["sessions"] for hold in each["holds"]}
    return [
        (
            hold,
            tuple(
                each["n"]
                for each in content["sessions"]
                if any(own["id"] == name for own in each["holds"])
            ),
        )
        for name, hold in every.items()
    ]


def _here(hold: Mapping[str, Any], sessions: tuple[int, ...], closed: Closings) -> HoldHere:
    of = sessions or (OF_THE_PLAN,)
    return HoldHere(
        hold["id"],
        hold["why"],
        hold["says"],
        hold["closes"],
        tuple(n for n in of if not closed.has(hold["id"], n)),
        closed.of(hold["id"]),
        of,
        "; ".join(
            f"{each['id']}, {each['at']}" if each.get("at") else each["id"]
            for each in hold["sources"]
        ),
    )


@dataclass(frozen=True, slots=True)
class Closing:
    """What a clinician closes, and why; `id` is made by the form. `n` is none for all sessions."""

    id: UUID
    hold: str
    n: int | None
    words: str


@transaction.atomic
def close_hold(*, plan: CarePlan, closing: Closing, by: Staff, at: datetime) -> HoldClosed:
    """
    Close a hold of a version with the reason; the same form sent twice is one row.

    :raises HoldError: if the version has ended, or has no such hold that is open and can be closed so.
    """
    kept = HoldClosed.objects.filter(pk=closing.id, plan=plan).first()
    if kept is not None:
        return kept
    locked = CarePlan.objects.select_for_update().get(pk=plan.pk)
    if locked.ended_at is not None:
        raise HoldError("This version is outdated; its holds are not closed any more.")
    here = next((each for each in holds_of(locked) if each.id == closing.hold), None)
    if here is None or (closing.n is not None and closing.n not in here.open_for):
        raise HoldError("This hold is not open for that session.")
    if not here.is_open:
        raise HoldError("Someone closed this hold a moment ago.")
    if here.why not in CLOSABLE:
        raise HoldError(f"This hold is closed so: {here.closes}")
    try:
        with transaction.atomic():
            row = HoldClosed.objects.create(
                id=closing.id, plan=locked, hold=closing.hold, n=closing.n, words=closing.words,
                by=by, at=at,
            )  # fmt: skip
    except IntegrityError:
        raise HoldError("Someone closed this hold a moment ago.") from None
    more = {"plan": str(plan.pk), "hold": closing.hold, "session": closing.n}
    subject = f"person:{plan.person.pk}"
    record(Deed(plan.clinic.pk, at, f"staff:{by.pk}", "closed a hold", subject, more))
    return row
