"""What is written in the calendar of one appointment: a visit booked, anything moved or cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.booking.checking import Gate
from overstory.clinic.booking.holding import settle_course
from overstory.clinic.booking.hours import visit_offers
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.booking.moving import asked_for, gate_for, session_of
from overstory.clinic.booking.occupying import TakenError, free_again, occupy
from overstory.clinic.booking.staffing import take_staff
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.intake.asking import CareRequest
from overstory.clinic.people.models import Person, Site, Staff
from overstory.clinic.people.ways import ways_of


class NotBookableError(ValueError):
    """Something that cannot be booked as asked; the message says why."""


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

    :raises NotBookableError: if a remote one lacks place or contact, or the person's other
        appointments stand against it.
    :raises TakenError: if it is not offered, or someone was quicker.
    """
    kept = Appointment.objects.filter(pk=visit.id, clinic=visit.site.clinic).first()
    if kept is not None:
        return kept
    if visit.is_remote and not (visit.place and visit.emergency_contact):
        raise NotBookableError("a visit by video needs where the person is, and whom to call")
    offered = {(each.starts, each.clinician.pk) for each in visit_offers(visit.site, now=at)}
    if (visit.starts, visit.clinician.pk) not in offered:
        raise TakenError("This time is not free any more.")
    appointment = Appointment(
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
    resource = resource_of(visit.clinician, visit.site)
    if appointment.whose is not None:
        lock_site(visit.site)
        _refuse_against(appointment, to=visit.starts, resource=resource, at=at)
    occupy(appointment=keep_wall_time(appointment), resource=resource)
    _tell(appointment, "booked a visit", at=at, actor=actor)
    return appointment


def _refuse_against(
    appointment: Appointment, *, to: datetime, resource: Resource, at: datetime
) -> Gate:
    """Return what was looked at; raise `NotBookableError` where anything stands against it."""
    gate = gate_for(appointment, to=to, resource=resource, now=at)
    against = gate.against(asked_for(appointment, to=to, resource=resource))
    if against:
        raise NotBookableError(" ".join(against))
    return gate


def resource_of(staff: Staff, site: Site) -> Resource:
    """Return the one row by which a member of staff is booked, at whatever site."""
    row, _ = Resource.objects.get_or_create(
        staff=staff, defaults={"site": site, "kind": "staff", "name": f"staff:{staff.pk}"}
    )
    return row


def lock_site(site: Site) -> None:
    """Let whoever else writes in the calendar of a site wait until this transaction ends."""
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)


@transaction.atomic
def cancel(*, appointment: Appointment, state: str, by: Staff, at: datetime) -> Appointment:
    """
    End an appointment as `cancelled` or `no-show`; a seat that it held is free again if cancelled.

    Its course is then as its holds say: a unit of an authorization is given back.

    :raises NotBookableError: if it is not booked any more.
    """
    locked = end_row(appointment=appointment, state=state, by=by, at=at)
    _settle(locked, by, at)
    return locked


@transaction.atomic
def end_row(*, appointment: Appointment, state: str, by: Staff, at: datetime) -> Appointment:
    """
    End one appointment of several, as `cancel` does; whoever calls this settles the course after all.

    :raises NotBookableError: if it is not booked any more.
    """
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
    _settle(locked, by, at)


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
    left = leave(appointment=appointment, at=at)
    return stand_again(appointment=left, to=to, resource=resource, by=by, at=at)


@transaction.atomic
def leave(*, appointment: Appointment, at: datetime) -> Appointment:
    """
    End an appointment as moved and free its place; the same transaction has to let it stand again.

    :raises NotBookableError: if it is not booked any more.
    """
    locked = Appointment.objects.select_for_update().get(pk=appointment.pk)
    if locked.state != "booked":
        raise NotBookableError(f"This appointment is {locked.state} already.")
    locked.state, locked.ended_at = "moved", at
    locked.save(update_fields=["state", "ended_at"])
    free_again([locked])
    return locked


@transaction.atomic
def stand_again(
    *, appointment: Appointment, to: datetime, resource: Resource, by: Staff, at: datetime
) -> Appointment:
    """
    Let a new row stand for an appointment that has left its place.

    :raises NotBookableError: if hours, the person's other appointments or the plan stand against it.
    :raises TakenError: if the new time is taken.
    """
    lock_site(appointment.site)
    gate = _refuse_against(appointment, to=to, resource=resource, at=at)
    new = keep_wall_time(
        Appointment(
            id=uuid4(),
            clinic=appointment.clinic,
            site=appointment.site,
            person=appointment.person,
            care_request=appointment.care_request,
            plan=appointment.plan,
            n=appointment.n,
            kind=appointment.kind,
            treatment=appointment.treatment,
            clinician=appointment.clinician,
            starts=to,
            minutes=appointment.minutes,
            is_remote=appointment.is_remote,
            is_tentative=appointment.is_tentative,
            place=appointment.place,
            emergency_contact=appointment.emergency_contact,
            instead_of=appointment,
            made_at=at,
        )
    )
    take(new, resource, gate)
    _tell(new, "moved an appointment", at=at, actor=f"staff:{by.pk}")
    _settle(new, by, at)
    return new


def _settle(appointment: Appointment, by: Staff, at: datetime) -> None:
    """Let a course be as its holds say: another day, or one visit fewer, may open or close some."""
    if appointment.plan is None:
        return
    now = CarePlan.objects.filter(
        course=appointment.plan.course, signed_at__isnull=False, ended_at=None
    ).first()
    if now is not None:
        settle_course(now, actor=f"staff:{by.pk}", at=at)


def take(appointment: Appointment, resource: Resource, gate: Gate) -> None:
    """Take the place and the people of an appointment."""
    session = session_of(appointment)
    if session is None:
        occupy(appointment=appointment, resource=resource)
        return
    needs = gate.needs(session)
    longer = appointment.minutes + gate.turnaround_minutes
    occupy(appointment=appointment, resource=resource, until_free_minutes=longer)
    take_staff(appointment=appointment, needs=needs, roster=gate.roster)


def keep_wall_time(appointment: Appointment) -> Appointment:
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
