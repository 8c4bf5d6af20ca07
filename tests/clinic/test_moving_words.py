"""What the pages that book and move a course say to who stands before them, and the ways on."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
import time_machine
from django.urls import reverse

from overstory.clinic.booking import actions
from overstory.clinic.booking.forms import places_instead
from overstory.clinic.booking.models import Appointment
from overstory.clinic.booking.near import near
from overstory.clinic.people.permissions import Role
from overstory.pathway.slots import instant
from tests.clinic.knowing import adopt_running, state
from tests.clinic.test_course_offers import AT, BEGIN, choose, page_of, place, signed


@pytest.fixture
def now():
    with time_machine.travel(AT, tick=False):
        yield AT


@pytest.fixture
def doctor(staff, clinic):
    adopt_running(clinic, staff(Role.MEDICAL_DIRECTOR), AT)
    return staff(Role.PSYCHIATRIST, name="Dr. Ada Reed")


@pytest.fixture
def booked(now, person, site, doctor, signed_in):
    """A course of TMS on five days a week at one time, and the second device that could give it."""
    place(site)
    plan = signed(person, doctor)
    desk = signed_in(Role.COORDINATOR)
    choose(desk, plan, desk.get(page_of(plan)).context["shown"].offers[0])
    place(site, name="Device 2")
    return plan


def middle() -> Appointment:
    """A session on a Wednesday, with one on each other day of its week."""
    rows = Appointment.objects.filter(state="booked", wall_date__gt=BEGIN + timedelta(days=7))
    return next(each for each in rows.order_by("n") if each.wall_date.weekday() == 2)


def test_who_may_not_change_the_plan_is_told_why_no_other_day_is_possible_and_whom_to_ask(
    booked, signed_in
):
    page = reverse("appointment_move", args=(middle().pk,))
    event = reverse("plan_event", args=(booked.person_id, booked.pk, "missed"))

    desk = signed_in(Role.COORDINATOR).get(page).content.decode()
    prescriber = signed_in(Role.PSYCHIATRIST).get(page).content.decode()

    for shown in (desk, prescriber):
        assert "No other day is possible for this session" in shown
        assert "nother session of this course is booked already" in shown
    assert "medical director or psychiatrist" in desk
    assert "Dr. Ada Reed" in desk
    assert f'href="{reverse("roster")}"' in desk
    assert event not in desk
    assert f'href="{event}?session={middle().n}"' in prescriber
    assert signed_in(Role.PSYCHIATRIST).get(event).status_code == 200


def test_a_day_outside_of_the_plan_is_refused_with_the_ways_on(booked, signed_in):
    row = middle()
    form = {"day": f"{row.wall_date + timedelta(days=30)}", "at": "09:00"}
    form["resource"] = str(places_instead(row)[0].pk)

    answer = signed_in(Role.COORDINATOR).post(reverse("appointment_move", args=(row.pk,)), form)

    assert answer.status_code == 409
    assert "Dr. Ada Reed" in answer.content.decode()


def test_the_standing_time_in_its_own_device_comes_first_where_it_is_free(
    booked, doctor, site, signed_in
):
    row = middle()
    own, other = places_instead(row)
    standing = row.starts
    noon = instant(on=row.wall_date, at=time(15), zone=site.zone)
    away = actions.move(appointment=row, to=noon, resource=own, by=doctor, at=AT)

    found = near(away, resources=places_instead(away), aim=away.starts, now=AT)
    assert (found.nearest[0].starts, found.nearest[0].resource) == (standing, own)
    at_ten = instant(on=row.wall_date, at=time(10), zone=site.zone)
    asked = near(away, resources=places_instead(away), aim=at_ten, now=AT)
    assert asked.nearest[0].starts == at_ten  # who asks for another hour has that first

    there = actions.move(appointment=away, to=noon, resource=other, by=doctor, at=AT)
    page = signed_in(Role.COORDINATOR).get(reverse("appointment_move", args=(there.pk,)))
    assert page.context["own_place"] == other
    shown = page.content.decode()
    assert "No prescriber is on the roster" in shown  # nobody has a shift: it is not known


def test_after_a_move_and_a_cancel_one_is_back_at_the_row_which_says_so(booked, signed_in, site):
    desk, row = signed_in(Role.COORDINATOR), middle()
    page = reverse("appointments", args=(booked.person_id,))
    address = reverse("appointment_move", args=(row.pk,))
    to = next(
        each.key for each in desk.get(address).context["near"].nearest if each.starts != row.starts
    )

    answer = desk.post(address, {"to": to, "back": page})
    new = row.moved_to.get()
    assert answer.url == f"{page}?row={new.pk}#row-{new.pk}"
    shown = desk.get(answer.url)
    assert next(str(each) for each in shown.context["told"]).startswith("Moved to ")
    assert shown.content.decode().count(f'id="row-{new.pk}"') == 1
    (_, coming), (_, earlier) = shown.context["parts"]
    assert [each for each, _ in earlier] == [row]
    assert new in [each for each, _ in coming]

    ended = desk.post(reverse("appointment_end", args=(new.pk, "cancelled")))
    assert ended.url == f"{page}?row={new.pk}#row-{new.pk}"


def test_fewer_days_than_the_plan_has_are_a_warning_at_the_button_and_after_booking(
    now, person, site, doctor, signed_in
):
    place(site)
    plan = signed(person, doctor)
    state(person, AT, weekdays_available=2)
    desk = signed_in(Role.COORDINATOR)
    words = "They said they can come 2 days a week; this plan has 5."

    before = desk.get(page_of(plan))
    choose(desk, plan, before.context["shown"].offers[0])
    after = desk.get(reverse("appointments", args=(person.pk,))).content.decode()

    shown = before.content.decode()
    assert f'<p class="notice is-warn">{words}' in shown
    assert reverse("holds", args=(person.pk, plan.pk)) in shown
    assert "booked as <strong>tentative</strong>" in shown
    assert f'<p class="notice is-warn" role="status">{words}' in after
