"""Where staff arrive: what waits for them, and no more than their role may see."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine

from overstory.clinic.booking.models import Appointment
from overstory.clinic.people.permissions import Role
from tests.clinic.conftest import make_site

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Monday, 10:00 in New York."""


@pytest.fixture
def now():
    with time_machine.travel(AT, tick=False):
        yield AT


@pytest.fixture
def visit(person, site):
    return Appointment.objects.create(
        clinic=site.clinic,
        site=site,
        person=person,
        kind="evaluation",
        starts=AT,
        minutes=60,
        wall_date=AT.date(),
        wall_time=time(10),
        zone=site.time_zone,
        made_at=AT,
    )


def ask(client, site, name):
    form = {
        "id": str(uuid4()), "asker": "self", "name": name, "phone": "5550123",
        "prefers": "phone", "speak": "en", "reason": "depression",
    }  # fmt: skip
    assert client.post(f"/en/at/{site.slug}/ask/", form).status_code == 302


def test_a_coordinator_sees_the_day_and_the_requests(now, visit, site, client, signed_in):
    ask(client, site, "Rowan Invented")

    page = signed_in(Role.COORDINATOR).get("/").content.decode()

    assert "Today, Monday 23 November 2026</h1>" in page
    assert f"{site.name}: Mon 23 Nov 2026, 10:00 EST" in page
    assert "Rowan Invented" in page
    assert "10:00" in page
    assert "Maya" in page


def test_an_auditor_sees_nobody(now, visit, site, client, signed_in):
    ask(client, site, "Rowan Invented")

    page = signed_in(Role.AUDITOR).get("/").content.decode()

    assert "Rowan" not in page
    assert "Maya" not in page


@pytest.mark.parametrize("role", list(Role))
def test_every_role_arrives(now, visit, signed_in, role):
    assert signed_in(role).get("/").status_code == 200


def test_another_clinic_sees_none_of_it(now, visit, site, client, signed_in, other_site):
    ask(client, site, "Rowan Invented")

    page = signed_in(Role.MEDICAL_DIRECTOR, of=other_site.clinic).get("/").content.decode()

    assert "Rowan" not in page
    assert "Maya" not in page


def test_the_page_asks_no_more_for_many(
    now, visit, site, client, signed_in, django_assert_max_num_queries
):
    for n in range(25):
        ask(client, site, f"Person {n}")
    desk = signed_in(Role.MEDICAL_DIRECTOR)
    desk.get("/")

    with django_assert_max_num_queries(20):
        desk.get("/")


def test_a_full_day_at_one_site_hides_nobody_at_another(now, clinic, site, person, signed_in):
    other = make_site(clinic, slug="fern-south")
    Appointment.objects.bulk_create(
        Appointment(
            clinic=clinic, site=where, person=person, kind="evaluation", minutes=60, made_at=AT,
            starts=AT + timedelta(minutes=minute), wall_date=AT.date(), wall_time=time(10),
            zone=site.time_zone,
        )
        for where, minutes in ((site, range(60)), (other, [61]))
        for minute in minutes
    )  # fmt: skip

    page = signed_in(Role.COORDINATOR).get("/").content.decode()

    assert page.count("Appointments today at") == 2
    assert "The whole day" in page
    assert "Nothing is booked today" not in page
