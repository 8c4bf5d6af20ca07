"""Rooms, chairs and devices: added, retired, and out for maintenance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.booking.models import Appointment, Outage, Resource
from overstory.clinic.people.models import Site, Staff


class ResourceError(ValueError):
    """A room, chair or device that cannot be so; the message says why."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is added: `id` is made by the form, so that twice is once."""

    id: UUID
    kind: str
    name: str
    seats: int


@transaction.atomic
def add_resource(*, site: Site, kept: Kept, by: Staff, at: datetime) -> Resource:
    """
    Add a room, chair or device to a site.

    :raises ResourceError: if the site has one of that name.
    """
    found = Resource.objects.filter(pk=kept.id, site=site).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            row = Resource.objects.create(
                id=kept.id, site=site, kind=kept.kind, name=kept.name, seats=kept.seats
            )
    except IntegrityError:
        raise ResourceError(f"{site.name} has a {kept.name} already.") from None
    _tell(row, "added a resource", by, at)
    return row


@transaction.atomic
def retire(*, resource: Resource, by: Staff, at: datetime) -> None:
    """
    Take a room, chair or device out of use for good.

    :raises ResourceError: if something is still booked on it.
    """
    locked = Resource.objects.select_for_update().get(pk=resource.pk)
    if locked.retired_at is not None:
        return
    ahead = booked_on(locked, starts=at, ends=None).count()
    if ahead:
        raise ResourceError(f"{ahead} appointments are booked on {locked.name}; move them first.")
    locked.retired_at = at
    locked.save(update_fields=["retired_at"])
    _tell(locked, "retired a resource", by, at)


@transaction.atomic
def add_outage(
    *, key: UUID, resource: Resource, starts: datetime, ends: datetime, why: str, by: Staff,
    at: datetime,
) -> Outage:  # fmt: skip
    """
    Say that a device or place is out from one instant until another; what stands there stays booked.

    :raises ResourceError: if it ends before it starts.
    """
    found = Outage.objects.filter(pk=key, resource=resource).first()
    if found is not None:
        return found
    if ends <= starts:
        raise ResourceError("It ends before it starts.")
    row = Outage.objects.create(id=key, resource=resource, starts=starts, ends=ends, why=why)
    _tell(resource, "added an outage", by, at)
    return row


@transaction.atomic
def end_outage(*, outage: Outage, by: Staff, at: datetime) -> None:
    """Take an outage back."""
    still = Outage.objects.filter(pk=outage.pk, withdrawn_at=None)
    if still.update(withdrawn_at=at):
        _tell(outage.resource, "took back an outage", by, at)


def booked_on(
    resource: Resource, *, starts: datetime, ends: datetime | None
) -> QuerySet[Appointment]:
    """Return the appointments that occupy a resource within a span, the first first."""
    ticks = {"occupancies__resource": resource, "occupancies__tick__gte": starts}
    if ends is not None:
        ticks["occupancies__tick__lt"] = ends
    rows = Appointment.objects.filter(clinic=resource.site.clinic, state="booked", **ticks)
    return rows.distinct().order_by("starts", "pk")


def _tell(resource: Resource, action: str, by: Staff, at: datetime) -> None:
    clinic = resource.site.clinic
    record(Deed(clinic.pk, at, f"staff:{by.pk}", action, f"resource:{resource.pk}"))
