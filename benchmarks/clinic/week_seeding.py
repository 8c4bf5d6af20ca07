"""
`python -m benchmarks.clinic.week_seeding --appointments N`: fill calendars of three sites; say how to enter.

Every site has as many sessions a day as its rooms hold, so that more appointments are more days.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import click

from benchmarks.clinic.seeding import cookie_of, house, one_commit
from overstory.clinic.config.opening import make_tables, open_clinic

PEOPLE = 2_000
AT_ONCE = 5_000
KINDS = (("tms-device", "TMS", "tms", 40, 15), ("chair", "Chair", "esketamine", 140, 4))
"""Kind, name, treatment, minutes, and how many a day on each; five of each kind at a site."""


@click.command()
@click.option("--appointments", type=click.IntRange(min=100), default=50_000)
def main(appointments: int) -> None:
    """Fill the clinic and print the reader's cookie and the week to look at, as JSON."""
    open_clinic(make=True)
    make_tables()
    print(json.dumps(fill(appointments)))


def fill(appointments: int) -> dict[str, Any]:
    """Put invented sessions into the calendars, half of them before now; return how to enter."""
    from django.utils import timezone

    from benchmarks.clinic import crowd
    from overstory.clinic.booking.models import Appointment, Occupancy, Use

    now = timezone.now()
    with one_commit():
        site, reader = house(now)
        sites = list(site.clinic.sites.order_by("name"))
        people = crowd.persons(site, PEOPLE, at=now)
        places = [(each, _places(each)) for each in sites]
        made = islice(_sessions(places, people, appointments, now), appointments)
        while some := list(islice(made, AT_ONCE)):
            Appointment.objects.bulk_create([each for each, _ in some])
            Use.objects.bulk_create(_use(Use, each, place) for each, place in some)
            Occupancy.objects.bulk_create(
                (row for each, place in some for row in _steps(Occupancy, each, place)),
                batch_size=AT_ONCE,
            )
    working = next(day for n in range(7) if (day := now + timedelta(days=n)).weekday() < 5)
    return {"cookie": cookie_of(reader), "site": site.slug, "day": working.date().isoformat(),
            "appointments": appointments, "entries_before": 0}  # fmt: skip


def _places(site: Any) -> list[tuple[Any, str, int, int]]:
    from overstory.clinic.booking.models import Resource

    return [
        (
            Resource.objects.create(site=site, kind=kind, name=f"{name} {n}"),
            treatment,
            minutes,
            a_day,
        )
        for kind, name, treatment, minutes, a_day in KINDS
        for n in range(1, 6)
    ]


def _sessions(
    places: list[tuple[Any, Any]], people: list[Any], count: int, now: datetime
) -> Iterator[tuple[Any, Any]]:
    """Yield sessions day by day, from so far back that half of them are over."""
    from overstory.clinic.booking.models import Appointment

    a_day = sum(own[3] for _, of in places for own in of)
    day = now.date() - timedelta(days=count // a_day * 7 // 10)
    number = 0
    while True:
        if day.weekday() < 5:
            for site, own in places:
                midnight = datetime(day.year, day.month, day.day, tzinfo=site.zone)
                for place, treatment, minutes, most in own:
                    for n in range(most):
                        starts = midnight + timedelta(hours=8, minutes=n * minutes)
                        number += 1
                        yield Appointment(
                            clinic_id=site.clinic_id, site=site, person=people[number % len(people)],
                            kind="session", treatment=treatment, n=1, starts=starts, minutes=minutes,
                            wall_date=day, wall_time=starts.time(), zone=site.time_zone, made_at=now,
                        ), place  # fmt: skip
        day += timedelta(days=1)


def _use(model: Any, each: Any, place: Any) -> Any:
    ends = each.starts + timedelta(minutes=each.minutes)
    return model(appointment=each, resource=place, starts=each.starts, ends=ends)


def _steps(model: Any, each: Any, place: Any) -> Iterator[Any]:
    for n in range(each.minutes // 5):
        tick = each.starts + timedelta(minutes=5 * n)
        yield model(resource=place, seat=1, tick=tick, appointment=each)


if __name__ == "__main__":
    main()
