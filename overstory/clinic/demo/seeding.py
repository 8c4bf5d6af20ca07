"""Filling an empty home with the invented clinic: once, the same for the same seed and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from overstory.clinic.demo.house import make_house
from overstory.clinic.demo.stories import stories
from overstory.clinic.demo.world import play
from overstory.clinic.people.models import Clinic


class RealClinicError(ValueError):
    """A database that holds a clinic which is not invented."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """The invented clinic, and whether it was made now."""

    clinic: Clinic
    is_new: bool


def seed_clinic(*, seed: int, now: datetime, is_empty: bool = False) -> Seeded:
    """
    Return the invented clinic of this database; made now if there is none.

    `now` is rounded to its day (UTC): all that happened lies before, all that is booked around it.
    Either everything is made or nothing. An empty clinic has its staff and their times only, and its
    knowledge is not adopted yet.

    :raises RealClinicError: if there is a clinic that is not invented.
    """
    if Clinic.objects.filter(is_invented=False).exists():
        raise RealClinicError(
            "there is a clinic here that is not invented; the demo needs a home of its own (--home)"
        )
    held = Clinic.objects.order_by("name").first()
    if held is not None:
        return Seeded(held, is_new=False)
    base = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        world = make_house(seed=seed, base=base, adopts=not is_empty)
        play(() if is_empty else stories(world))
    return Seeded(world.clinic, is_new=True)
