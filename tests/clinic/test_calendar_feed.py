"""The private calendar: nothing of health in it, true to the wall clock, revocable, quick when unchanged."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from overstory.clinic.arriving import feeds
from overstory.clinic.arriving.rows import CalendarFeed
from overstory.clinic.audit.models import Entry
from overstory.clinic.booking.models import Appointment
from overstory.clinic.people.messages import NEVER_SAID
from overstory.clinic.people.permissions import Role
from tests.clinic.coming import AT, coming
from tests.clinic.conftest import make_person

TUESDAY = date(2026, 11, 24)


@pytest.fixture
def now():
    cache.clear()
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


@pytest.fixture
def visit(person) -> Appointment:
    return coming(person, on=TUESDAY, kind="session", treatment="esketamine")


@pytest.fixture
def token(person) -> str:
    return feeds.make_feed(person=person, by=None, actor="system", at=AT)


def read(token, **headers):
    return Client().get(reverse("calendar_feed", args=(token,)), headers=headers)


def events(token) -> list:
    return Calendar.from_ical(read(token).content).walk("VEVENT")


def moved(visit, *, on, hour=10) -> Appointment:
    visit.state, visit.ended_at = "moved", AT
    visit.save()
    return coming(
        visit.person, on=on, hour=hour, kind="session", treatment="esketamine", instead_of=visit
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    treatment=st.sampled_from(["esketamine", "ketamine-iv", "kap", "tms"]),
    state=st.sampled_from(["booked", "cancelled", "done", "no-show"]),
    days=st.integers(0, 300),
    is_tentative=st.booleans(),
)
def test_no_byte_of_name_treatment_or_place_is_ever_in_it(
    clinic, site, treatment, state, days, is_tentative
):
    person = make_person(clinic, site, legal_name="Quillon Featherstonehaugh", called="Quill")
    coming(
        person, on=TUESDAY + timedelta(days=days), kind="session", treatment=treatment, state=state,
        is_tentative=is_tentative,
    )  # fmt: skip

    content = feeds.calendar_of(person, AT)

    lines = content.decode().casefold().replace("\r\n ", "").split("\r\n")
    text = "\n".join(line for line in lines if not line.startswith("uid:"))
    said = (
        *NEVER_SAID[:8], "psych", "quill", "feather", "fern", "invented", "555", "1982", "session",
        "overstory", treatment, str(person.pk), str(site.pk),
    )  # fmt: skip
    assert not [word for word in said if word.casefold() in text]
    assert not [word for word in (str(person.pk), str(site.pk)) if word in content.decode()]
    assert "location" not in text
    assert "description" not in text
    assert [str(each["summary"]) for each in Calendar.from_ical(content).walk("VEVENT")] == [
        "Appointment"
    ]


def test_times_are_those_of_the_wall_clock_on_both_sides_of_its_change(person, token, now):
    """In New York clocks go forward on 2027-03-14: 10:00 is 15:00 UTC before it and 14:00 after."""
    for on in (date(2027, 3, 12), date(2027, 3, 15)):
        coming(person, on=on)

    found = [each["dtstart"].dt for each in events(token)]

    assert [f"{each:%H:%M}" for each in found] == ["10:00", "10:00"]
    assert [each.astimezone(UTC).hour for each in found] == [15, 14]
    assert b"VTIMEZONE" in read(token).content


def test_a_moved_visit_is_the_same_event_and_counts_up(visit, token, now):
    before = events(token)[0]
    moved(moved(visit, on=date(2026, 11, 25)), on=date(2026, 11, 26), hour=11)

    after = events(token)

    assert len(after) == 1
    assert after[0]["uid"] == before["uid"]
    assert (before["sequence"], after[0]["sequence"]) == (0, 2)
    assert f"{after[0]['dtstart'].dt:%d %H:%M}" == "26 11:00"


def test_a_cancelled_one_stays_as_cancelled_and_counts_up(visit, token, now):
    Appointment.objects.update(state="cancelled", ended_at=AT)

    event = events(token)[0]

    assert (event["status"], event["sequence"]) == ("CANCELLED", 1)


def test_one_that_is_not_confirmed_says_so(visit, token, now):
    Appointment.objects.update(is_tentative=True)

    assert events(token)[0]["status"] == "TENTATIVE"


def test_one_that_has_not_changed_is_answered_304_and_not_recorded_as_read(visit, token, now):
    first = read(token)
    count = Entry.objects.filter(action="saw private calendar").count()
    now.shift(timedelta(days=2))

    again = read(token, **{"If-None-Match": first["ETag"]})
    Appointment.objects.update(state="cancelled", ended_at=AT)
    changed = read(token, **{"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert again.content == b""
    assert count == 1
    assert "no-cache" in first["Cache-Control"]
    assert first["Content-Type"].startswith("text/calendar")


def test_only_the_hash_of_the_address_is_kept_and_a_stranger_finds_no_page(token, now):
    assert token not in str(CalendarFeed.objects.values().get())
    assert len(token) >= 32
    for strange in (token[:-1], token.swapcase(), str(CalendarFeed.objects.get().pk), "x"):
        assert read(strange).status_code == 404


def test_a_new_address_ends_the_one_before_and_stopping_ends_it(person, token, now, signed_in):
    newer = feeds.make_feed(person=person, by=None, actor="system", at=AT)
    assert (read(token).status_code, read(newer).status_code) == (404, 200)

    signed_in(Role.NURSE).post(reverse("visits_calendar", args=(person.pk,)), {"what": "stop"})

    assert read(newer).status_code == 404


def test_the_calendar_of_a_merged_row_is_none(person, token, now, clinic, site):
    person.merged_into = make_person(clinic, site)
    person.save()

    assert read(token).status_code == 404


def test_one_that_is_asked_for_too_often_is_told_to_wait(person, visit, token, now):
    """`Ways.calendar_reads_a_minute` is 20."""
    statuses = [read(token).status_code for _ in range(21)]

    assert statuses == [200] * 20 + [429]


def test_staff_make_an_address_that_is_shown_once(person, visit, now, signed_in):
    page = signed_in(Role.COORDINATOR).post(
        reverse("visits_calendar", args=(person.pk,)), {"what": "make", "key": str(uuid4())}
    )

    address = page.context["address"]
    assert Client().get(address.removeprefix("http://localhost:8000")).status_code == 200
    again = signed_in(Role.COORDINATOR).get(reverse("visits", args=(person.pk,)))
    assert address not in again.content.decode()


def test_only_ones_own_visits_are_in_it(person, token, now, clinic, site):
    coming(make_person(clinic, site, legal_name="Otto Other"), on=TUESDAY)

    assert events(token) == []


def test_it_asks_little_of_many_visits(person, now, django_assert_max_num_queries):
    for n in range(60):
        moved(coming(person, on=TUESDAY + timedelta(days=n), hour=8 + n % 8), on=TUESDAY)

    with django_assert_max_num_queries(5):
        content = feeds.calendar_of(person, datetime(2026, 11, 20, tzinfo=UTC))
    assert content.count(b"BEGIN:VEVENT") == 60
