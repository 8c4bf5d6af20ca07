"""The invented world: its clinic, its moments, and the stories that are played in the order of time."""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, TypeAlias
from uuid import UUID, uuid5

from overstory.clinic.demo.cast import Cast
from overstory.clinic.people.clinics import Clinic, Site
from overstory.clinic.people.staff import Staff
from overstory.pathway.slots import instant

NAMESPACE = UUID("6f3c6b0e-6c4f-4f6e-9a53-0d1f5a2b7c11")

Story: TypeAlias = Generator[datetime, None, None]
"""What happens to someone: it yields the moment of each thing that it is about to do."""


@dataclass
class World:
    """
    An invented clinic as it is being filled.

    `base` is the midnight (UTC) before which everything has happened; days count from it, so that
    -1 is the day before and 0 the day on which the demo is looked at. `staff` are found by a word.
    """

    seed: int
    base: datetime
    clinic: Clinic
    sites: tuple[Site, ...] = ()
    staff: dict[str, Staff] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cast = Cast(self.random("cast"))

    def random(self, *what: Any) -> Random:
        """Return a random generator for one thing; nothing else changes what it draws."""
        return Random(f"{self.seed}/{'/'.join(map(str, what))}")  # noqa: S311 - invented people

    def cast_of(self, *what: Any) -> Cast:
        """Return a cast for one thing; what it gives out changes nobody else's name."""
        return Cast(self.random("cast", *what))

    def key(self, *what: Any) -> UUID:
        """Return the key of one thing, the same for the same seed."""
        return uuid5(NAMESPACE, f"{self.seed}/{'/'.join(map(str, what))}")

    def moment(self, site: Site, days: int, hour: int, minute: int = 0) -> datetime:
        """Return an instant by the clock on the wall of a site, some days from the base."""
        on = (self.base + timedelta(days=days)).date()
        return instant(on=on, at=time(hour, minute), zone=site.zone)

    def weekday(self, days: int) -> int:
        """Return which day of the week it is some days from the base; Monday is 0."""
        return (self.base + timedelta(days=days)).weekday()

    def working_day(self, days: int) -> int:
        """Return the last day not after this one that is no weekend, as days from the base."""
        return days - max(0, self.weekday(days) - 4)

    def at_site(self, *roles: str, site: Site) -> Staff:
        """Return the first of those with a role who works at a site."""
        place = self.sites.index(site)
        return next(
            self.staff[f"{role}{place}"] for role in roles if f"{role}{place}" in self.staff
        )


def play(stories: Iterable[Story]) -> None:
    """Play stories side by side, each thing at its moment, the earliest first."""
    waiting: list[tuple[datetime, int, Story]] = []
    for number, story in enumerate(stories):
        _wait(waiting, number, story)
    while waiting:
        _, number, story = heapq.heappop(waiting)
        _wait(waiting, number, story)


def _wait(waiting: list[tuple[datetime, int, Story]], number: int, story: Story) -> None:
    moment = next(story, None)
    if moment is not None:
        heapq.heappush(waiting, (moment, number, story))
