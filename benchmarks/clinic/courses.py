"""
Offers for a whole course of TMS at the page that books it, in a clinic of 200 booked courses.

`python -m benchmarks.clinic.courses --courses N` fills the clinic of this environment and prints how to
enter; `offers` measures, with `wrk` asking the page from one connection. The 200 are booked at the times at
which a new one would stand; more are of the years before, since rows stay.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import click

from benchmarks.clinic import seeding
from benchmarks.clinic.serving import Load, Served, free_port, has_wrk, pressed, ran, running
from benchmarks.reporting import report
from overstory.clinic.config.opening import make_tables, open_clinic

COURSES = (200, 2_000)
DEVICES, SLOTS, STEP_MINUTES = 20, 12, 50
SESSIONS, MINUTES, TICKS = 36, 48, 10
APART = timedelta(weeks=9)
P95_MS = 300
WAITING = 3
PAGE = "offers for a whole course of 36 sessions"
SECONDS = int(os.environ.get("BENCH_SECONDS", "8"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))


def offers() -> None:
    """Measure the page at both sizes, and how it grows; SQLite, or DATABASE_URL_FOR_BENCH."""
    if not has_wrk():
        return
    database = os.environ.get("DATABASE_URL_FOR_BENCH", "")
    before: list[Load] = []
    for courses in COURSES[: 1 if database else 2]:
        with TemporaryDirectory(prefix="overstory-courses-") as folder:
            port = free_port()
            origin = f"http://localhost:{port}"
            env = {**os.environ, "OVERSTORY_HOME": f"{folder}/home", "OVERSTORY_ORIGIN": origin,
                   "DATABASE_URL": database}  # fmt: skip
            seed = [sys.executable, "-m", "benchmarks.clinic.courses", "--courses", str(courses)]
            entry = json.loads(ran(seed, env))
            with running(env, port=port):
                loads = _pressed(Served(origin, entry, env))
        _told(loads, entry, engine="PostgreSQL" if database else "SQLite")
        if before:
            middles = [median(each.ms["p50"] for each in some) for some in (before, loads)]
            report(f"{PAGE}: at ten times the rows", [middles[1] / middles[0]], unit="times",
                   budget=None, p50_before=middles[0], p50_after=middles[1])  # fmt: skip
        before = loads


def _pressed(clinic: Served) -> list[Load]:
    path = clinic.entry["page"]
    pressed(clinic, path, connections=1, seconds=2)
    return [pressed(clinic, path, connections=1, seconds=SECONDS) for _ in range(ROUNDS)]


def _told(loads: list[Load], entry: Any, *, engine: str) -> None:
    more = {name: entry[name] for name in ("courses", "appointments", "occupied_steps", "waiting")}
    report(f"{PAGE}: the slowest of twenty", [each.ms["p95"] for each in loads], unit="ms",
           budget=P95_MS, p50=median(each.ms["p50"] for each in loads), connections=1,
           engine=engine, load_average=os.getloadavg()[0], **more)  # fmt: skip


@click.command()
@click.option("--courses", type=click.IntRange(min=1), default=COURSES[0])
def main(courses: int) -> None:
    """Fill the clinic, and print the page and the cookie of one who may book, as JSON."""
    open_clinic(make=True)
    make_tables()
    with seeding.one_commit():
        entry = _fill(courses)
    print(json.dumps(entry))


def _fill(courses: int) -> dict[str, Any]:
    from django.urls import reverse
    from django.utils import timezone

    from benchmarks.clinic import crowd
    from overstory.clinic.booking.models import Appointment, Occupancy

    now = timezone.now()
    site, reader = seeding.house(now)
    places = _devices(site)
    _roster(site, now)
    people = crowd.persons(site, courses + WAITING + 1, at=now)
    _booked(site, people[:courses], places, reader, now)
    plans = [_signed(who, reader, now) for who in people[courses:]]
    return {
        "cookie": seeding.cookie_of(reader),
        "page": reverse("book_course", args=(plans[0].person.pk, plans[0].pk)),
        "courses": courses,
        "waiting": WAITING,
        "appointments": Appointment.objects.count(),
        "occupied_steps": Occupancy.objects.count(),
    }


def _devices(site: Any) -> list[Any]:
    from overstory.clinic.booking.models import Resource

    return [
        Resource.objects.create(site=site, kind="tms-device", name=f"Device {n}")
        for n in range(DEVICES)
    ]


def _roster(site: Any, now: datetime) -> None:
    """A technician for each device and a prescriber, on each working day of eighteen weeks."""
    from benchmarks.clinic import crowd
    from overstory.clinic.people.models import Shift, Staff, StaffRole
    from overstory.clinic.people.permissions import Role

    days = [now.date() + timedelta(days=n) for n in range(126)]
    for n, role in enumerate([Role.TECHNICIAN] * (DEVICES + 2) + [Role.PSYCHIATRIST]):
        who = Staff(clinic=site.clinic, email=f"roster{n}@example.org", name=f"R {n}", called="R")
        who.set_unusable_password()
        who.save()
        StaffRole.objects.create(staff=who, role=role)
        crowd.keep(
            Shift,
            (
                Shift(staff=who, site=site, starts=_at(site, day, 0), ends=_at(site, day, 600))
                for day in days
                if day.weekday() < 5
            ),
        )


def _booked(site: Any, people: Any, places: list[Any], reader: Any, now: datetime) -> None:
    """Book a course for each: at one device and one time of day for thirty-six working days in a row."""
    from benchmarks.clinic import crowd
    from overstory.clinic.booking.models import Appointment, Occupancy, Use
    from overstory.clinic.booking.staffing import team_of
    from overstory.clinic.care.models import CarePlan

    team = team_of(site, "technician")
    plans = crowd.plans(people, at=now, by=reader)
    assert plans == len(people)
    by_person = {each.person_id: each for each in CarePlan.objects.filter(person__in=people)}
    rows = []
    for number, who in enumerate(people):
        pair, ago = number * 7 % (DEVICES * SLOTS), number // (DEVICES * SLOTS)
        device, slot = places[pair % DEVICES], pair // DEVICES
        first = now.date() + timedelta(days=pair * 5 % 28) - ago * APART
        for n, day in enumerate(_working(first)):
            starts = _at(site, day, slot * STEP_MINUTES)
            local = starts.astimezone(site.zone)
            row = Appointment(
                clinic_id=who.clinic_id, site=site, person=who, plan=by_person[who.pk], n=n + 1,
                kind="session", treatment="tms", starts=starts, minutes=MINUTES, made_at=now,
                wall_date=local.date(), wall_time=local.time(), zone=site.time_zone,
            )  # fmt: skip
            rows.append((row, device, pair % DEVICES + 1))
    crowd.keep(Appointment, (row for row, _, _ in rows))
    crowd.keep(Use, (use for row, device, _ in rows for use in (
        Use(appointment=row, resource=device, starts=row.starts, ends=_end(row)),
        Use(appointment=row, resource=team, starts=row.starts, ends=_end(row)),
    )))  # fmt: skip
    crowd.keep(Occupancy, (
        Occupancy(resource=held, seat=seat, tick=row.starts + n * timedelta(minutes=5),
                  appointment=row)
        for row, device, place in rows
        for held, seat in ((device, 1), (team, place))
        for n in range(TICKS)
    ))  # fmt: skip


def _end(row: Any) -> datetime:
    end: datetime = row.starts + timedelta(minutes=MINUTES)
    return end


def _working(first: date) -> Iterator[date]:
    day, left = first, SESSIONS
    while left:
        if day.weekday() < 5:
            yield day
            left -= 1
        day += timedelta(days=1)


def _at(site: Any, day: date, minutes: int) -> datetime:
    """The instant so many minutes after the site opens at eight."""
    opens = datetime.combine(day, time(8), tzinfo=site.zone)
    return opens.astimezone(UTC) + timedelta(minutes=minutes)


def _signed(who: Any, reader: Any, now: datetime) -> Any:
    """A signed plan of thirty-six sessions that begins on a Monday within the fortnight."""
    from overstory.clinic.care.adopting import Act, adopt
    from overstory.clinic.care.models import Adoption, CarePlan
    from overstory.exchange.patient_file import read_patient_file
    from overstory.exchange.plan_json import plan_json
    from overstory.knowledge.load import load_knowledge
    from overstory.pathway.intake import person
    from overstory.pathway.plan import PlanWish, propose

    knowledge = load_knowledge()
    if not Adoption.objects.filter(clinic=who.clinic).exists():
        act = Act(key=uuid4(), sha256=knowledge.sha256, policy="", words="I adopt this.")
        adopt(clinic=who.clinic, act=act, by=reader, at=now)
    record = read_patient_file(seeding.PATIENT.read_text(), name="sam", knowledge=knowledge)
    facts = person(given=record.given, trials=record.trials, at=record.at, knowledge=knowledge)
    monday = now.date() + timedelta(days=14 - now.weekday())
    plan = propose(patient=str(who.pk), facts=facts, knowledge=knowledge,
                   wish=PlanWish(treatment="tms", start=monday, jurisdiction="US"))  # fmt: skip
    return CarePlan.objects.create(
        clinic_id=who.clinic_id, person=who, course=uuid4(), treatment="tms", starts_on=monday,
        content=plan_json(plan), content_sha256="0" * 64, knowledge_version=knowledge.version,
        knowledge_sha256=knowledge.sha256, drafted_by=reader, drafted_at=now, signed_by=reader,
        signed_at=now, adoption=Adoption.objects.get(clinic=who.clinic),
    )  # fmt: skip


if __name__ == "__main__":
    main()
