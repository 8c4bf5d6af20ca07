"""Taking and freeing seats; the unique key of the rows decides when two want the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from overstory.clinic.booking.models import Appointment, Occupancy, Outage, Resource, Use
from overstory.pathway.slots import Stretch, ticks


class TakenError(ValueError):
    """A seat that someone else has taken; the message says which resource and when."""


def stretch_of(starts: datetime, minutes: int) -> Stretch:
    """Return from when until when something lasts."""
    return Stretch(starts, starts + timedelta(minutes=minutes))


def occupy(
    *, appointment: Appointment, resource: Resource, until_free_minutes: int | None = None
) -> int:
    """
    Take the first seat of a resource that is free for the whole appointment, and return its number.

    `until_free_minutes` is how long it is taken, where that is longer than the appointment.

    :raises TakenError: if none is.
    """
    span = stretch_of(appointment.starts, until_free_minutes or appointment.minutes)
    wanted = list(ticks(span))
    held = Occupancy.objects.filter(resource=resource, tick__in=wanted)
    busy = set(held.values_list("seat", flat=True))
    for seat in range(1, resource.seats + 1):
        if seat in busy:
            continue
        try:
            with transaction.atomic():
                Occupancy.objects.bulk_create(
                    Occupancy(resource=resource, seat=seat, tick=tick, appointment=appointment)
                    for tick in wanted
                )
        except IntegrityError:
            continue
        Use.objects.create(
            appointment=appointment, resource=resource, seat=seat, starts=span.starts,
            ends=span.ends,
        )  # fmt: skip
        return seat
    raise TakenError(f"{resource} is taken at that time.")


def free_again(appointments: Iterable[Appointment]) -> None:
    """Free the seats of appointments that were moved or cancelled."""
    of = list(appointments)
    Occupancy.objects.filter(appointment__in=of).delete()
    Use.objects.filter(appointment__in=of).delete()


def taken_by(
    resources: Sequence[Resource], span: Stretch, *, but: UUID | None = None
) -> dict[UUID, dict[int, list[Stretch]]]:
    """
    Return when each seat of some resources is taken within a span, by resource and seat.

    The appointment `but` is not counted.
    """
    step = timedelta(minutes=5)
    found: dict[UUID, dict[int, list[Stretch]]] = {each.pk: {} for each in resources}
    rows = (
        Occupancy.objects.filter(resource__in=resources, tick__gte=span.starts, tick__lt=span.ends)
        .exclude(appointment=but)
        .order_by("resource", "seat", "tick")
    )
    for resource, seat, tick in rows.values_list("resource", "seat", "tick"):
        seats = found[resource].setdefault(seat, [])
        if seats and seats[-1].ends == tick:
            seats[-1] = Stretch(seats[-1].starts, tick + step)
        else:
            seats.append(Stretch(tick, tick + step))
    return found


def out_of_use(resources: Sequence[Resource], span: Stretch) -> dict[UUID, list[Stretch]]:
    """Return when resources are out within a span."""
    found: dict[UUID, list[Stretch]] = {each.pk: [] for each in resources}
    rows = Outage.objects.filter(
        resource__in=resources, withdrawn_at=None, starts__lt=span.ends, ends__gt=span.starts
    )
    for row in rows:
        found[row.resource_id].append(Stretch(row.starts, row.ends))
    return found
