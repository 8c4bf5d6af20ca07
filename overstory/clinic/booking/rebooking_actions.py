"""What is written when appointments are brought in line with the version of a plan in force."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.booking import actions, course_actions
from overstory.clinic.booking.holding import settle_course
from overstory.clinic.booking.models import Appointment
from overstory.clinic.booking.proposing import Wanted
from overstory.clinic.booking.rebooking import fit_of, times_for
from overstory.clinic.care import living_holds
from overstory.clinic.care.living_holds import Closing
from overstory.clinic.care.planned import CarePlan, HoldClosed
from overstory.clinic.people.models import Staff


@transaction.atomic
def cancel_outdated(
    *, plan: CarePlan, seen: str, by: Staff, at: datetime
) -> tuple[Appointment, ...]:
    """
    Cancel the appointments of a course that no session stands for any more; sent twice, it is once.

    :raises NotBookableError: if the version is not in force, or others would be cancelled than shown.
    """
    locked = _in_force(plan)
    fit = fit_of(locked, now=at)
    if not fit.to_cancel:
        return ()
    if fit.seen != seen:
        raise course_actions.ProposalChangedError(
            "The calendar has changed since; look at it again."
        )
    gone = tuple(
        actions.end_row(appointment=each, state="cancelled", by=by, at=at) for each in fit.to_cancel
    )
    settle_course(locked, actor=f"staff:{by.pk}", at=at)
    return gone


@transaction.atomic
def book_missing(
    *, plan: CarePlan, wanted: Wanted, seen: str, by: Staff, at: datetime
) -> tuple[Appointment, ...]:
    """
    Book the sessions of a course that have no appointment, at the times that were shown.

    All of them, or none; sent twice, it is once.

    :raises NotBookableError: if the version is not in force, or a session found no time.
    :raises ProposalChangedError: if something else was booked in between.
    :raises TakenError: if someone was quicker.
    """
    locked = _in_force(plan)
    actions.lock_site(locked.person.site)
    fit = fit_of(locked, now=at)
    if not fit.to_book:
        return ()
    found = times_for(locked, fit, wanted=wanted, now=at)
    if found.fingerprint != seen:
        raise course_actions.ProposalChangedError(
            "Times changed since this page was made; look again."
        )
    if found.unplaced:
        raise actions.NotBookableError("Some sessions found no time; choose another time or place.")
    booked = course_actions.book_sessions(
        plan=locked,
        placed=found.placed,
        is_tentative=fit.tentative,
        at=at,
        beside=[(session["n"], row) for session, row in fit.kept],
    )
    _tell(locked, "booked sessions again", by, at, sessions=len(booked))
    settle_course(locked, actor=f"staff:{by.pk}", at=at)
    return booked


@transaction.atomic
def settle(*, plan: CarePlan, by: Staff, at: datetime) -> int:
    """
    Confirm the appointments to come of a course, or mark them as tentative, as its holds say.

    Return how many were changed.
    """
    return settle_course(_in_force(plan), actor=f"staff:{by.pk}", at=at)


@transaction.atomic
def close_hold(*, plan: CarePlan, closing: Closing, by: Staff, at: datetime) -> HoldClosed:
    """
    Close a hold of a plan; where none is left on its first session, the course is confirmed.

    :raises HoldError: as `care.living_holds.close_hold` does.
    """
    row = living_holds.close_hold(plan=plan, closing=closing, by=by, at=at)
    if plan.is_in_force:
        settle(plan=plan, by=by, at=at)
    return row


def _in_force(plan: CarePlan) -> CarePlan:
    locked = CarePlan.objects.select_for_update().get(pk=plan.pk)
    if not locked.is_in_force:
        raise actions.NotBookableError("Only the version in force is booked; this one is not.")
    return locked


def _tell(plan: CarePlan, action: str, by: Staff, at: datetime, *, sessions: int) -> None:
    more = {"plan": str(plan.pk), "sessions": sessions}
    subject = f"person:{plan.person.pk}"
    record(Deed(plan.clinic.pk, at, f"staff:{by.pk}", action, subject, more))
