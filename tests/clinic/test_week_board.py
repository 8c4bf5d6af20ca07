"""The board of the calendar: what stands where, told apart in words, for a day and for a week."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine

from overstory.clinic.booking.models import Appointment, Outage, Resource
from overstory.clinic.booking.occupying import occupy
from overstory.clinic.people.models import Closure, DutyLeave, Shift
from overstory.clinic.people.permissions import Role
from overstory.clinic.week import showing
from overstory.clinic.week.board import board_of
from overstory.pathway.slots import instant
from tests.clinic.conftest import make_person

MONDAY = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
"""08:00 in New York."""
DAY = date(2026, 11, 23)
CSS = Path(showing.__file__).parent / "static" / "week" / "week.css"


def at(hour: float) -> datetime:
    """A time of Monday by the clock of the site."""
    return MONDAY + timedelta(hours=hour - 8)


def booked(site, person, resource, starts, minutes=60, **more) -> Appointment:
    local = starts.astimezone(site.zone)
    row = Appointment.objects.create(
        id=uuid4(), clinic=site.clinic, site=site, person=person, kind="session", treatment="tms", n=1,
        starts=starts, minutes=minutes, wall_date=local.date(), wall_time=local.time(),
        zone=site.time_zone, made_at=MONDAY, **more,
    )  # fmt: skip
    if resource is not None:
        occupy(appointment=row, resource=resource)
    return row


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(at(8.5), tick=False) as found:
        yield found


@pytest.fixture
def device(site):
    return Resource.objects.create(site=site, kind="tms-device", name="TMS 1", treatments=["tms"])


@pytest.fixture
def nurse(staff, site):
    who = staff(Role.NURSE, name="Nora Nurse")
    Shift.objects.create(staff=who, site=site, starts=at(9), ends=at(15))
    return who


def page(client, site, more="") -> str:
    answer = client.get(f"/calendar/?site={site.slug}&day=2026-11-23{more}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_day_tells_each_kind_of_time_in_words(site, person, device, nurse, signed_in):
    for hour, more in ((9, {}), (10, {"is_tentative": True}), (11, {"state": "no-show"})):
        booked(site, person, device, at(hour), **more)
    booked(site, person, None, at(16))
    Outage.objects.create(resource=device, starts=at(14), ends=at(20), why="coil service")
    DutyLeave.objects.create(staff=nurse, starts=at(13), ends=at(15))

    read = page(signed_in(Role.NURSE), site)

    assert '<strong>09:00–10:00</strong> <span class="block-who">Maya Fields</span>' in read
    assert "? tentative" in read
    assert "nobody came" in read
    assert "Out: coil service" in read
    assert "On leave" in read
    assert "No shift" in read
    assert "no room or device" in read
    assert " style=" not in read


def test_what_stands_where_it_cannot_be_is_marked(site, person, device, nurse):
    hit = booked(site, person, device, at(14))
    booked(site, person, device, at(9))
    Outage.objects.create(resource=device, starts=at(14.5), ends=at(20), why="coil service")

    board = board_of(site, [DAY])

    assert board.hit(at(8.5)) == {hit.pk}
    assert board.hit(at(14.5)) == set()  # it has begun: whoever is there decides


def test_a_block_begins_at_its_step_and_leads_to_where_it_is_moved(site, person, device, signed_in):
    row = booked(site, person, device, at(9.5), minutes=45)

    nurse, manager = (page(signed_in(role), site) for role in (Role.NURSE, Role.MANAGER))

    assert 'class="block is-booked r19 h9 s1"' in nurse  # 90 minutes after eight; 45 minutes
    assert f'href="/appointments/{row.pk}/move/"' in nurse
    assert f'href="/appointments/{row.pk}/move/"' not in manager


def test_a_week_shows_each_day_with_how_much_is_booked(site, person, device, signed_in):
    booked(site, person, device, at(9))
    booked(site, person, device, at(24 + 9))
    Closure.objects.create(
        site=site, first_day=date(2026, 11, 27), last_day=date(2026, 11, 27), why="floor"
    )

    read = page(signed_in(Role.NURSE), site, "&view=week")

    assert read.count("Maya Fields") == 2
    assert read.count("1 of 10 h booked</p>") == 2
    assert "closed: public holiday" in read  # Thanksgiving, Thursday 26 November 2026
    assert "closed: floor" in read


def test_the_kind_that_is_asked_for_is_shown_alone(site, person, device, nurse, signed_in):
    Resource.objects.create(site=site, kind="chair", name="Chair 1")

    read = page(signed_in(Role.NURSE), site, "&kind=chair")

    assert "Chair 1" in read
    assert "TMS 1" not in read
    assert "Nora Nurse" not in read


def test_a_day_on_which_clocks_change_has_its_steps_by_the_instant(site, person, device):
    site.hours.create(weekday=6, opens=time(0), closes=time(6))
    sunday = date(2026, 11, 1)
    row = booked(site, person, device, instant(on=sunday, at=time(4), zone=site.zone))

    found = showing.day_shown(board_of(site, [sunday]), showing.Reader(True, frozenset()))

    lane = next(each for each in found.lanes if each.name == "TMS 1")
    assert row.wall_time == time(4)
    assert lane.blocks[0].times == "04:00–05:00"
    assert lane.blocks[0].row == 61  # five hours after midnight: one came twice
    assert found.steps == 84


def test_another_clinic_sees_nothing_of_it(site, person, device, other_site, signed_in):
    booked(site, person, device, at(9))

    answer = signed_in(Role.NURSE, of=other_site.clinic).get(
        f"/calendar/?site={site.slug}&day=2026-11-23"
    )

    assert b"Maya" not in answer.content
    assert b"TMS 1" not in answer.content


def test_the_style_sheet_has_every_step_and_seat():
    text = CSS.read_text("utf-8")

    for n in range(1, showing.MOST_STEPS + 1):
        assert f".r{n}{{grid-row-start:{n}}}" in text
        assert f".h{n}{{grid-row-end:span {n}}}" in text
    for n in range(1, showing.MOST_SEATS + 1):
        assert f".s{n}{{grid-column:{n}}}" in text


def test_who_looked_at_whom_is_on_record(site, person, device, signed_in, clinic):
    from overstory.clinic.audit.models import Entry

    booked(site, person, device, at(9))
    booked(site, make_person(clinic, site, legal_name="Otto Other"), device, at(10))

    page(signed_in(Role.NURSE), site)

    seen = Entry.objects.filter(action="saw calendar").get()
    assert len(seen.more["subjects"]) == 2
