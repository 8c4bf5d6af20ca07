"""
Each page asks little, and no more of many than of one.

The pages come from the URL table: every one that is read (GET) and that some role may enter.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.clinic import crowd
from overstory.clinic.audit.models import Entry
from overstory.clinic.care.models import Assessment, ImportedRecord, Note, NoteVersion, StatedTrial
from overstory.clinic.intake.models import Letter, Upload
from overstory.clinic.people.doors import LINK, PUBLIC, door_of
from overstory.clinic.people.models import Closure, Contact, Cover, Invitation, Message, Person
from overstory.clinic.people.permissions import Role
from tests.clinic.conftest import make_site, make_staff
from tests.clinic.rows_for_routes import ROWS, WORDS, House
from tests.clinic.test_matrix import ROUTES, address_of, entered, make_house

MOST = 15
MANY = 1_000
MANY_OF_ONE = 60
DAY = timedelta(days=1)
MORNING = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""07:00 in New York, before a site opens."""
NOT_COUNTED = re.compile(r"SAVEPOINT|RELEASE SAVEPOINT|(SELECT|INSERT INTO|UPDATE) \"audit_")
"""
What is not the page's own: the marks of a transaction within the test's, and the record of the read, which
in a served clinic one thread writes for many pages at once (`audit.reading.Writer`).
"""


def fill(house: House, *, many: int, of_one: int, start: int) -> None:
    """Put rows into a clinic: of so many persons, and so many of each kind of the one person."""
    now = timezone.now()
    by = house.staff
    people = crowd.persons(house.site, many, at=now, start=start)
    crowd.requests(house.site, many, at=now, owner=by)
    crowd.questionnaires(people, answers=9, at=now, by=by)
    crowd.plans(people, at=now, by=by)
    crowd.appointments(people, at=now, a_day=MANY * 2)
    crowd.alerts(people[:MANY_OF_ONE], at=now, is_open=True)
    crowd.alerts(people[MANY_OF_ONE:], at=now, is_open=False)
    same = [house.person] * of_one
    crowd.registered(same, at=now, by=by)
    crowd.questionnaires(same, answers=9, at=now - DAY, by=by)
    crowd.plans(same, at=now, by=by)
    crowd.appointments(same, at=now + DAY, a_day=MANY)
    crowd.facts(same, [("pregnant", False), ("systolic_bp", 124.0)], at=now)
    crowd.read_before(people + same, times=1, at=now, by=by)
    for n in range(of_one):
        of_the_person(house, n + start)
        of_the_clinic(house, n + start)


def of_the_person(house: House, n: int) -> None:
    for model in (Contact, Cover, Letter, Assessment):
        house.make(model, person=house.person)
    house.make(StatedTrial, person=house.person, trial={"medicine": f"invented{n}"})
    house.make(ImportedRecord, person=house.person, content="{}", sha256=f"{n:064}")
    house.make(Upload, person=house.person, care_request=None, kind="pdf")
    note = house.make(Note, person=house.person, draft={"sentences": []})
    house.make(NoteVersion, note=note, number=1, words="words")
    house.make(Message, to_person=house.person, to_staff=None, withheld="no e-mail address")


def of_the_clinic(house: House, n: int) -> None:
    now = timezone.now()
    nurse = make_staff(house.clinic, Role.NURSE)
    make_site(house.clinic, slug=f"site-{n}")
    house.make(Closure, site=house.site, first_day=now.date(), last_day=now.date())
    house.make(Invitation, clinic=house.clinic, roles=[], expires_at=now + DAY)
    span = {"staff": nurse, "starts": now, "ends": now + timedelta(hours=8)}
    house.make(house.staff.shifts.model, site=house.site, **span)
    house.make(house.staff.leaves.model, **span)
    house.make(house.staff.on_calls.model, clinic=house.clinic, **span)


def pages(house):
    """The addresses of the pages of staff with their names; the matrix asks that all arguments are known."""
    for _, (each, patterns, arguments) in sorted(ROUTES.items()):
        known = all(
            x in ROWS or x in WORDS or f"{each.name}/{x}" in {**ROWS, **WORDS} for x in arguments
        )
        if known and door_of(each.name, each.callback) not in {PUBLIC, LINK}:
            values = {name: house.key(each.name, name) for name in arguments}
            yield address_of(patterns, values), each.name


def asked(client, address, *, least: int = 0) -> list[str] | None:
    """
    What a page asks the database; nothing where it is not read by GET.

    The least of three readings, unless one asks no more than `least`: once a second one of them also
    looks whether anything is due anew.
    """
    cache.clear()
    if client.get(address).status_code != 200:
        return None
    found = _asked_once(client, address)
    for _ in range(2):
        if len(found) > least:
            found = min(found, _asked_once(client, address), key=len)
    return found


def _asked_once(client, address) -> list[str]:
    with CaptureQueriesContext(connection) as found:
        client.get(address)
    return [each["sql"] for each in found if not NOT_COUNTED.match(each["sql"])]


@pytest.fixture
def house(db):
    """A house of few rows on a Monday morning: what a page of a day asks depends on the hour."""
    with time_machine.travel(MORNING):
        made = make_house("ours", None)
        fill(made, many=1, of_one=1, start=0)
        yield made


def test_a_page_asks_little_and_of_a_thousand_as_little_as_of_one(house):
    client = entered(house.clinic, *Role)
    addresses = dict(pages(house))
    few = {address: asked(client, address) for address in addresses}
    fill(house, many=MANY - 1, of_one=MANY_OF_ONE - 1, start=1)
    many = {
        address: asked(client, address, least=len(known))
        for address, known in few.items()
        if known is not None
    }

    read = {address: name for address, name in addresses.items() if few[address] is not None}
    grown = {
        name: f"{len(few[address])} -> {len(many[address] or ())}"
        for address, name in read.items()
        if many[address] is None or len(many[address]) > len(few[address])
    }
    heavy = {
        name: len(many[address] or ())
        for address, name in read.items()
        if len(many[address] or ()) > MOST
    }
    assert {"home", "requests", "people", "person", "board", "alerts", "questionnaires", "calendar",
            "knowledge", "audit", "roster", "api_worklist"} <= set(read.values())  # fmt: skip
    assert (grown, heavy) == ({}, {})
    assert Person.objects.count() >= MANY
    assert Entry.objects.count() >= MANY
