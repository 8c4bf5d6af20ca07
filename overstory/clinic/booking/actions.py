"""What is written in the calendar: visits and courses booked, moved and cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.booking.hours import visit_offers
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.booking.moving import against_moving
from overstory.clinic.booking.occupying import TakenError, free_again, occupy
from overstory.clinic.booking.proposing import Wanted, proposals
from overstory.clinic.care.living_holds import waits
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.intake.asking import CareRequest
from overstory.clinic.people.models import Person, Site, Staff
from overstory.clinic.people.ways import ways_of


class NotBookableError(ValueError):
    """Something that cannot be booked as asked; the message says why."""


class ProposalChangedError(NotBookableError):
    """Times that were free when the page was made, and are not any more."""


@dataclass(frozen=True, slots=True)
class Visit:
    """An evaluation visit that is asked for; a remote one has the place and an emergency contact."""

    id: UUID
    site: Site
    clinician: Staff
    starts: datetime
    is_remote: bool = False
    place: str = ""
    emergency_contact: str = ""


@transaction.atomic
def book_visit(
    *,
    visit: Visit,
    person: Person | None,
    care_request: CareRequest | None,
    at: datetime,
    actor: str,
) -> Appointment:
    """
    Book an evaluation visit; the same form sent twice is one visit.

    :raises NotBookableError: if it was not offered, or a remote one lacks place or contact.
    :raises TakenError: if someone was quicker.
    """
    kept = Appointment.objects.filter(pk=visit.id, clinic=visit.site.clinic).first()
    if kept is not None:
        return kept
    if visit.is_remote and not (visit.place and visit.emergency_contact):
        raise NotBookableError("a visit by video needs where the person is, and whom to call")
    offered = {(each.starts, each.clinician.pk) for each in visit_offers(visit.site, now=at)}
    if (visit.starts, visit.clinician.pk) not in offered:
        raise TakenError("This time is not free any more.")
    appointment = _keep(
        Appointment(
            id=visit.id,
            clinic=visit.site.clinic,
            site=visit.site,
            person=person,
            care_request=care_request,
            kind="evaluation",
            clinician=visit.clinician,
            starts=visit.starts,
            minutes=ways_of(visit.site.clinic.ways).visit_minutes,
            is_remote=visit.is_remote,
            place=visit.place or None,
            emergency_contact=visit.emergency_contact or None,
            made_at=at,
        )
    )
    occupy(appointment=appointment, resource=resource_of(visit.clinician, visit.site))
    _tell(appointment, "booked a visit", at=at, actor=actor)
    return appointment


def resource_of(staff: Staff, site: Site) -> Resource:
    """Return the one row by which a member of staff is booked, at whatever site."""
    row, _ = Resource.objects.get_or_create(
        staff=staff, defaults={"site": site, "kind": "staff", "name": f"staff:{staff.pk}"}
    )
    return row


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
    before = tuple(locked.appointments.filter(state__in=["booked", "done"]).order_by("n"))
    if before:
        return before
    if locked.signed_at is None or locked.ended_at is not None:
        raise NotBookableError("Only a signed plan that has not ended is booked.")
    if Appointment.objects.filter(
        plan__course=locked.course, state__in=["booked", "done"]
    ).exists():
        raise NotBookableError("This course is booked already, under another version of its plan.")
    found = proposals(plan=locked, wanted=wanted, now=at)
    if found.fingerprint != seen:
        raise ProposalChangedError("Times changed since this page was made; look at them again.")
    if found.unplaced:
        raise NotBookableError("Some sessions found no time; choose another time or place.")
    is_tentative = waits(locked, n=1)
    booked = tuple(
        book_session(locked, each.n, each.starts, each.resource, is_tentative, at)
        for each in found.placed
    )
    more = {"plan": str(locked.pk), "sessions": len(booked), "key": str(key)}
    subject = f"person:{locked.person_id}"
    record(Deed(locked.clinic_id, at, f"staff:{by.pk}", "booked a course", subject, more))
    return booked


@transaction.atomic
def cancel(*, appointment: Appointment, state: str, by: Staff, at: datetime) -> Appointment:
    """End an appointment as `cancelled` or `no-show`; a seat that it held is free again if cancelled."""
    locked = Appointment.objects.select_for_update().get(pk=appointment.pk)
    if locked.state != "booked":
        raise NotBookableError(f"This appointment is {locked.state} already.")
    locked.state, locked.ended_at = state, at
    locked.save(update_fields=["state", "ended_at"])
    if state == "cancelled":
        free_again([locked])
    _tell(locked, f"appointment {state}", at=at, actor=f"staff:{by.pk}")
    return locked


@transaction.atomic
def take_back_no_show(*, appointment: Appointment, by: Staff, at: datetime) -> None:
    """
    Take back that nobody came; the appointment stands as booked again.

    :raises NotBookableError: if that was not said, or the session was booked again since.
    """
    locked = Appointment.objects.select_for_update().get(pk=appointment.pk)
    if locked.state != "no-show":
        raise NotBookableError(f"This appointment is {locked.state}.")
    again = Appointment.objects.filter(plan=locked.plan, n=locked.n, state__in=["booked", "done"])
    if locked.plan is not None and again.exists():
        raise NotBookableError("This session was booked again since.")
    locked.state, locked.ended_at = "booked", None
    locked.save(update_fields=["state", "ended_at"])
    _tell(locked, "took back a no-show", at=at, actor=f"staff:{by.pk}")


@transaction.atomic
def move(
    *, appointment: Appointment, to: datetime, resource: Resource, by: Staff, at: datetime
) -> Appointment:
    """
    Move an appointment: the old row ends as moved, and a new one stands for it.

    :raises NotBookableError: if it is not booked any more, or hours, the person's other appointments
        or the plan stand against it.
    :raises TakenError: if the new time is taken.
    """
    locked = Appointment.objects.select_for_update().get(pk=appointment.pk)
    if locked.state != "booked":
        raise NotBookableError(f"This appointment is {locked.state} already.")
    against = against_moving(locked, to=to, resource=resource, now=at)
    if against:
        raise NotBookableError(" ".join(against))
    locked.state, locked.ended_at = "moved", at
    locked.save(update_fields=["state", "ended_at"])
    free_again([locked])
    new = _keep(
        Appointment(
            id=uuid4(),
            clinic=locked.clinic,
            site=locked.site,
            person=locked.person,
            care_request=locked.care_request,
            plan=locked.plan,
            n=locked.n,
            kind=locked.kind,
            treatment=locked.treatment,
            clinician=locked.clinician,
            starts=to,
            minutes=locked.minutes,
            is_remote=locked.is_remote,
            is_tentative=locked.is_tentative,
            place=locked.place,
            emergency_contact=locked.emergency_contact,
            instead_of=locked,
            made_at=at,
        )
    )
    occupy(appointment=new, resource=resource)
    _tell(new, "moved an appointment", at=at, actor=f"staff:{by.pk}")
    return new


def book_session(
    plan: CarePlan,
    n: int,
    starts: datetime,
    resource: Resource,
    is_tentative: bool,
    at: datetime,
) -> Appointment:
    """
    Book one session of a plan at a time and place.

    :raises TakenError: if someone was quicker.
    """
    session = plan.content["sessions"][n - 1]
    appointment = _keep(
        Appointment(
            id=uuid4(),
            clinic_id=plan.clinic_id,
            site=resource.site,
            person_id=plan.person_id,
            plan=plan,
            n=n,
            kind="session",
            treatment=session["treatment"],
            starts=starts,
            minutes=session["minutes"]["chair"],
            is_tentative=is_tentative,
            made_at=at,
        )
    )
    occupy(appointment=appointment, resource=resource)
    return appointment


def _keep(appointment: Appointment) -> Appointment:
    """Keep an appointment with the wall time that is said to the person."""
    local = appointment.starts.astimezone(appointment.site.zone)
    appointment.wall_date, appointment.wall_time = local.date(), local.time()
    appointment.zone = appointment.site.time_zone
    appointment.save(force_insert=True)
    return appointment


def _tell(appointment: Appointment, action: str, *, at: datetime, actor: str) -> None:
    of = appointment.whose.pk if appointment.whose else None
    subject = f"person:{of}" if of else f"request:{appointment.care_request_id}"
    more = {"appointment": str(appointment.pk)}
    record(Deed(appointment.clinic_id, at, actor, action, subject, more))


def places(appointments: Sequence[Appointment]) -> dict[UUID, list[str]]:
    """Return the names of what each appointment occupies."""
    found: dict[UUID, list[str]] = {}
    rows = (
        Resource.objects.filter(occupancies__appointment__in=appointments)
        .exclude(kind="staff")
        .values_list("occupancies__appointment", "name")
        .distinct()
    )
    for appointment, name in rows:
        found.setdefault(appointment, []).append(name)
    return found
