"""
`python -m benchmarks.clinic.seeding --people N`: fill the clinic of this environment, print how to enter.

The folder comes from OVERSTORY_HOME, the database from DATABASE_URL, as in `overstory serve`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time as wall
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from overstory.clinic.config.opening import make_tables, open_clinic

PATIENT = Path(__file__).parents[2] / "examples" / "patients" / "sam.yaml"
ANSWERED = 5
"""One of so many persons filled in a PHQ-9; its nine answers are sealed."""
STAFF = 8
"""How many of each role there are."""


@click.command()
@click.option("--people", type=click.IntRange(min=100), default=5_000)
def main(people: int) -> None:
    """Fill the clinic and print the reader's cookie, and whose board may be opened, as JSON."""
    open_clinic(make=True)
    make_tables()
    print(json.dumps(fill(people)))


def fill(people: int) -> dict[str, Any]:
    """Put invented people into the clinic with what is on record of them; return how to enter."""
    from django.utils import timezone

    from benchmarks.clinic import crowd

    now = timezone.now()
    took: dict[str, float] = {}
    with one_commit():
        site, reader = house(now)
        persons = _timed(took, "persons", lambda: crowd.persons(site, people, at=now))
        least = max(people // 12, 60)
        _timed(took, "requests", lambda: crowd.requests(site, least, at=now, owner=reader))
        _timed(took, "registered", lambda: crowd.registered(persons, at=now, by=reader))
        some = persons[::ANSWERED]
        answered = {"answers": 9, "at": now, "by": reader}
        _timed(took, "answers", lambda: crowd.questionnaires(some, **answered))
        _timed(took, "facts", lambda: crowd.facts(persons, crowd.FACTS, at=now))
        crowd.facts(persons[:1], _example(), at=now)
        crowd.appointments(some, at=now, a_day=40)
        crowd.alerts(persons[:5], at=now, is_open=True)
        crowd.alerts(persons[5 : 5 + people // 100], at=now, is_open=False)
    read = {"times": 4, "at": now, "by": reader}
    entries = _timed(took, "record", lambda: crowd.read_before(persons, **read))
    return {
        "cookie": cookie_of(reader),
        "person": str(persons[0].pk),
        "people": people,
        "open_requests": least,
        "entries_before": entries,
        "seeded_s": {name: round(seconds, 1) for name, seconds in took.items()},
    }


def read_count() -> int:
    """Return how many reads are on record."""
    from overstory.clinic.audit.models import Entry

    return Entry.objects.count()


@contextmanager
def one_commit() -> Iterator[None]:
    """Keep all rows in one transaction: the disk is asked once."""
    from django.db import transaction

    with transaction.atomic():
        yield


def _timed(took: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    found = work()
    took[name] = time.perf_counter() - start
    return found


def house(now: Any) -> tuple[Any, Any]:
    """Make a clinic with three sites, its staff with roles and shifts, and the reader."""
    from overstory.clinic.people.models import (
        Clinic,
        OnCall,
        Shift,
        Site,
        SiteHours,
        Staff,
        StaffRole,
    )  # fmt: skip
    from overstory.clinic.people.permissions import Role

    clinic = Clinic.objects.create(name="Invented Clinic", jurisdiction="US", country="US")
    sites = [
        Site.objects.create(
            clinic=clinic, slug=f"invented-{n}", name=f"Invented {n}", phone="+1 555 0100",
            time_zone="America/New_York", address="1 Invented Street", offers=["tms", "esketamine"],
        )
        for n in range(3)
    ]  # fmt: skip
    for site in sites:
        SiteHours.objects.bulk_create(
            SiteHours(site=site, weekday=day, opens=wall(8), closes=wall(18)) for day in range(5)
        )
    there = {"starts": now - timedelta(hours=2), "ends": now + timedelta(hours=12)}
    staff = []
    for number, role in enumerate([each for each in Role for _ in range(STAFF)]):
        name = f"{role.label.title()} {number}"
        who = Staff(clinic=clinic, email=f"s{number}@example.org", name=name, called=name)
        who.set_unusable_password()
        who.save()
        StaffRole.objects.create(staff=who, role=role)
        Shift.objects.create(staff=who, site=sites[number % 3], **there)
        staff.append((role, who))
    reader = next(who for role, who in staff if role is Role.PSYCHIATRIST)
    OnCall.objects.create(clinic=clinic, staff=reader, rung=1, **there)
    return sites[0], reader


def _example() -> list[tuple[str, Any]]:
    """Return what is known of an example patient, by fact."""
    from overstory.exchange.patient_file import read_patient_file
    from overstory.knowledge.load import load_knowledge

    record = read_patient_file(PATIENT.read_text(), name="sam", knowledge=load_knowledge())
    return [(name, fact.value) for name, fact in record.given.items() if fact.is_known]


def cookie_of(reader: Any) -> str:
    """Return the cookie of a session that was signed in, with the second factor given."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(reader)
    session = client.session
    session["second-factor"] = True
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


if __name__ == "__main__":
    main()
