"""What is written in the calendar of a whole course: every session of a signed plan, or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.booking.actions import NotBookableError, keep_wall_time, lock_site, take
from overstory.clinic.booking.checking import Asked, At, Gate, Stands, gate_of
from overstory.clinic.booking.holding import holds_of_plan
from overstory.clinic.booking.models import Appointment
from overstory.clinic.booking.occupying import stretch_of
from overstory.clinic.booking.proposing import Proposal, Proposals, Wanted, proposals
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.people.models import Staff
from overstory.pathway.slots import Stretch


class ProposalChangedError(NotBookableError):
    """Times that were free when the page was made, and are not any more."""


@transaction.atomic
def book_course(
    *, plan: CarePlan, wanted: Wanted, seen: str, key: UUID, by: Staff, at: datetime
) -> tuple[Appointment, ...]:
    """
    Book every session of a signed plan at the times that were shown; all of them, or none.

    `seen` is the hash of what the page proposed. With a hold on the first session the course is
    booked tentatively. The same form sent twice is one course.

    :raises NotBookableError: if the plan is not signed, or a session found no place.
    :raises ProposalChangedError: if something else was booked in between.
    """
    locked = CarePlan.objects.select_for_update().get(pk=plan.pk)
    before = booked_of(locked)
    if before:
        return before
    refuse_unbookable(locked)
    lock_site(locked.person.site)
    found = proposals(plan=locked, wanted=wanted, now=at)
    if found.fingerprint != seen:
        raise ProposalChangedError("Times changed since this page was made; look at them again.")
    if found.unplaced:
        raise NotBookableError("Some sessions found no time; choose another time or place.")
    return write_course(plan=locked, found=found, key=key, by=by, at=at)


def booked_of(plan: CarePlan) -> tuple[Appointment, ...]:
    """Return what is booked of a version of a plan, in order."""
    return tuple(plan.appointments.filter(state__in=["booked", "done"]).order_by("n"))


def refuse_unbookable(plan: CarePlan) -> None:
    """
    Refuse a version that is not in force, or whose course is booked already.

    :raises NotBookableError: if it is so.
    """
    if plan.signed_at is None or plan.ended_at is not None:
        raise NotBookableError("Only a signed plan that has not ended is booked.")
    if Appointment.objects.filter(plan__course=plan.course, state__in=["booked", "done"]).exists():
        raise NotBookableError("This course is booked already, under another version of its plan.")


def write_course(
    *, plan: CarePlan, found: Proposals, key: UUID, by: Staff, at: datetime
) -> tuple[Appointment, ...]:
    """
    Write all sessions of a course at their times, each looked at as one that is moved is.

    :raises NotBookableError: if anything stands against one of them.
    :raises TakenError: if someone was quicker.
    """
    is_tentative = holds_of_plan(plan, at=at).is_tentative
    booked = book_sessions(plan=plan, placed=found.placed, is_tentative=is_tentative, at=at)
    more = {"plan": str(plan.pk), "sessions": len(booked), "key": str(key)}
    subject = f"person:{plan.person_id}"
    record(Deed(plan.clinic_id, at, f"staff:{by.pk}", "booked a course", subject, more))
    return booked


def book_sessions(
    *,
    plan: CarePlan,
    placed: Sequence[Proposal],
    is_tentative: bool,
    at: datetime,
    beside: Sequence[tuple[int, Appointment]] = (),
) -> tuple[Appointment, ...]:
    """
    Book sessions of a plan at their times; the caller holds the site.

    `beside` are appointments of the course that stay, with the number that each has in this version.

    :raises NotBookableError: if hours, people, the person or the plan stand against one of them.
    :raises TakenError: if a place or the people are taken.
    """
    if not placed:
        return ()
    last = max(placed, key=lambda each: each.starts)
    span = Stretch(min(each.starts for each in placed), stretch_of(last.starts, last.minutes).ends)
    places = list({each.resource.pk: each.resource for each in placed}.values())
    gate = gate_of(At(plan.person.site, plan.person, plan, places, span), now=at)
    others = [each for each in gate.stands if each.course != plan.course]
    own = [(n, row) for n, row in beside if row.state in ("booked", "done")]
    gate.stands[:] = [*others, *(_stands(row, plan, n) for n, row in own)]
    by_number = {each["n"]: each for each in plan.content["sessions"]}
    booked = []
    for each in placed:
        session = by_number[each.n]
        asked = Asked(
            each.starts, session["minutes"]["chair"], each.resource, session["treatment"], session
        )
        against = gate.against(asked)
        if against:
            raise NotBookableError(f"Session {each.n}: {' '.join(against)}")
        row = _session(plan, asked, gate, is_tentative, at)
        booked.append(row)
        gate.stands.append(_stands(row, plan, each.n))
    return tuple(booked)


def _stands(row: Appointment, plan: CarePlan, n: int) -> Stands:
    """An appointment of the course, as the next one is looked at beside it."""
    return Stands(row.starts, row.minutes, row.treatment, plan.course, plan.pk, n)


def _session(
    plan: CarePlan, asked: Asked, gate: Gate, is_tentative: bool, at: datetime
) -> Appointment:
    session = asked.session
    assert session is not None
    appointment = keep_wall_time(
        Appointment(
            id=uuid4(),
            clinic_id=plan.clinic_id,
            site=asked.resource.site,
            person_id=plan.person_id,
            plan=plan,
            n=session["n"],
            kind="session",
            treatment=asked.treatment,
            starts=asked.starts,
            minutes=asked.minutes,
            is_tentative=is_tentative,
            made_at=at,
        )
    )
    take(appointment, asked.resource, gate)
    return appointment
