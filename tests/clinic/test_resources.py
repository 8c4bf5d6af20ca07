"""Rooms, chairs and devices: added once, out for maintenance, retired when nothing is booked."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine

from overstory.clinic.booking.models import Appointment, Outage, Resource
from overstory.clinic.booking.occupying import occupy
from overstory.clinic.people.permissions import Role

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Monday, 10:00 in New York."""


@pytest.fixture
def now():
    with time_machine.travel(AT, tick=False):
        yield AT


@pytest.fixture
def chair(site):
    return Resource.objects.create(site=site, kind="chair", name="Chair 1")


def out(**more) -> dict:
    return {
        "id": str(uuid4()),
        "first_day": "2026-11-24",
        "first_time": "08:00",
        "last_day": "2026-11-24",
        "last_time": "12:00",
        "why": "service",
        **more,
    }


def test_a_device_sent_twice_is_added_once(now, site, signed_in):
    client = signed_in(Role.MANAGER)
    form = {"id": str(uuid4()), "site": site.pk, "kind": "tms-device", "name": "TMS A", "seats": 1}

    client.post("/resources/add/", form)
    client.post("/resources/add/", form)

    assert Resource.objects.get().name == "TMS A"
    assert "TMS A" in client.get("/resources/").content.decode()


def test_a_name_stands_once_a_site(now, site, chair, signed_in):
    form = {"id": str(uuid4()), "site": site.pk, "kind": "chair", "name": "Chair 1", "seats": 1}

    answer = signed_in(Role.MANAGER).post("/resources/add/", form)

    assert answer.status_code == 422
    assert "has a Chair 1 already" in answer.content.decode()


def test_maintenance_is_kept_in_the_time_of_the_site_and_taken_back(now, chair, signed_in):
    client = signed_in(Role.MANAGER)
    client.post(f"/resources/{chair.pk}/", out())
    kept = Outage.objects.get()
    assert kept.starts == datetime(2026, 11, 24, 13, 0, tzinfo=UTC)  # 08:00 in New York

    client.post(f"/resources/{chair.pk}/outages/{kept.pk}/end/")

    kept.refresh_from_db()
    assert kept.withdrawn_at == AT


def test_an_outage_says_how_many_it_meets(now, person, site, chair, signed_in):
    starts = AT + timedelta(days=1)
    visit = Appointment.objects.create(
        clinic=site.clinic, site=site, person=person, kind="session", treatment="esketamine",
        starts=starts, minutes=140, wall_date=starts.date(), wall_time=time(10),
        zone=site.time_zone, made_at=AT,
    )  # fmt: skip
    occupy(appointment=visit, resource=chair)
    client = signed_in(Role.MANAGER)
    client.post(f"/resources/{chair.pk}/", out())

    page = client.get(f"/resources/{chair.pk}/").content.decode()
    client.post(f"/resources/{chair.pk}/retire/")

    assert "1 booked then" in page
    chair.refresh_from_db()
    assert chair.retired_at is None


@pytest.mark.parametrize(
    "wrong", [{"last_time": "07:00"}, {"first_day": "2027-03-14", "first_time": "02:30"}]
)
def test_what_cannot_be_is_said(now, chair, signed_in, wrong):
    answer = signed_in(Role.MANAGER).post(f"/resources/{chair.pk}/", out(**wrong))

    assert answer.status_code == 422
    assert Outage.objects.count() == 0


def test_a_device_of_another_clinic_is_not_there(now, chair, other_clinic, signed_in):
    answer = signed_in(Role.MANAGER, of=other_clinic).get(f"/resources/{chair.pk}/")

    assert answer.status_code == 404
    assert b"Chair 1" not in answer.content
