"""What stands against an appointment at another time: hours, the past, people, the person, the plan."""

from __future__ import annotations

from datetime import datetime

from overstory.clinic.booking.checking import Asked, At, Gate, gate_of
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.booking.needed import Session
from overstory.clinic.booking.occupying import stretch_of


def gate_for(appointment: Appointment, *, to: datetime, resource: Resource, now: datetime) -> Gate:
    """Return what is looked at before an appointment is moved there."""
    span = stretch_of(to, appointment.minutes)
    at = At(
        appointment.site, appointment.whose, appointment.plan, [resource], span,
        frozenset({appointment.pk}),
    )  # fmt: skip
    return gate_of(at, now=now)


def against_moving(
    appointment: Appointment, *, to: datetime, resource: Resource, now: datetime
) -> tuple[str, ...]:
    """Return what stands against moving an appointment there, in words; nothing where it can be."""
    gate = gate_for(appointment, to=to, resource=resource, now=now)
    return gate.against(asked_for(appointment, to=to, resource=resource))


def asked_for(appointment: Appointment, *, to: datetime, resource: Resource) -> Asked:
    """Return what is asked for where an appointment is to stand at another time."""
    return Asked(to, appointment.minutes, resource, appointment.treatment, session_of(appointment))


def session_of(appointment: Appointment) -> Session | None:
    """Return the session of a plan that an appointment is for, by its number; none for an evaluation."""
    if appointment.plan is None or appointment.n is None:
        return None
    found: Session = next(
        each for each in appointment.plan.content["sessions"] if each["n"] == appointment.n
    )
    return found
