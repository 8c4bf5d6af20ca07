"""The calendar: visits offered and booked, seats taken once, wall times kept, courses booked whole."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from overstory.clinic.booking import actions
from overstory.clinic.booking.hours import visit_offers
from overstory.clinic.booking.models import Appointment, Occupancy, Outage, Resource
from overstory.clinic.booking.moving import against_moving
from overstory.clinic.booking.near import near
from overstory.clinic.booking.occupying import TakenError, occupy
from overstory.clinic.intake.models import CareRequest
from overstory.clinic.people.models import DutyLeave, Shift
from overstory.clinic.people.permissions import Role
from overstory.pathway.slots import instant
from tests.clinic.conftest import make_person

MONDAY = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
"""08:00 in New York."""


def shift(staff, site, *, on: date, first: int = 9, last: int = 12) -> Shift:
    return Shift.objects.create(
        staff=staff,
        site=site,
        starts=instant(on=on, at=time(first), zone=site.zone),
        ends=instant(on=on, at=time(last), zone=site.zone),
    )


def appointment(person, site, starts, minutes=60, **more) -> Appointment:
    local = starts.astimezone(site.zone)
    return Appointment.objects.create(
        clinic=site.clinic, site=site, person=person, kind="evaluation", starts=starts,
        minutes=minutes, wall_date=local.date(), wall_time=local.time(), zone=site.time_zone,
        made_at=starts, **more,
    )  # fmt: skip


@pytest.fixture
def chair(site) -> Resource:
    return Resource.objects.create(site=site, kind="chair", name="Chair 1")


@pytest.fixture
def doctor(staff, site):
    who = staff(Role.PSYCHIATRIST, name="Dr. Ada Reed")
    shift(who, site, on=date(2026, 11, 24))
    return who


def told(**more) -> dict:
    return {
        "id": str(uuid4()),
        "visit_id": str(uuid4()),
        "mode": "here",
        "asker": "self",
        "name": "Maya Fields",
        "phone": "+1 555 0123",
        "prefers": "phone",
        "speak": "en",
        "reason": "depression",
        **more,
    }


def slot(doctor, starts="2026-11-24T14:00Z") -> str:
    return f"?at={starts}&with={doctor.pk}"


def test_visits_are_offered_in_a_shift_and_never_in_leave(site, doctor):
    DutyLeave.objects.create(
        staff=doctor,
        starts=instant(on=date(2026, 11, 24), at=time(9), zone=site.zone),
        ends=instant(on=date(2026, 11, 24), at=time(10), zone=site.zone),
    )

    found = [each.starts.astimezone(site.zone).time() for each in visit_offers(site, now=MONDAY)]

    assert found == [time(10), time(10, 30), time(11)]


def test_a_visit_is_booked_from_the_public_page(site, doctor, client):
    page = f"/en/at/{site.slug}/visit/"
    with time_machine.travel(MONDAY, tick=False):
        assert "09:00" in client.get(page).content.decode()
        answer = client.post(page + slot(doctor), told(), follow=True)

    assert "Tuesday 24 November 2026, 09:00 EST, with Dr. Ada Reed" in answer.content.decode()
    found = Appointment.objects.get()
    assert (found.wall_date, found.wall_time, found.zone) == (
        date(2026, 11, 24), time(9), "America/New_York",
    )  # fmt: skip
    assert found.care_request.name == "Maya Fields"
    shown = answer.content.decode()
    assert "We may call you before it" in shown  # the visit is before the request is due
    assert f'href="tel:{site.phone.replace(" ", "")}"' in shown


def test_the_time_of_a_booked_visit_is_taken_home_and_says_nothing_of_health(site, doctor, client):
    page = f"/en/at/{site.slug}/visit/"
    with time_machine.travel(MONDAY, tick=False):
        client.post(page + slot(doctor), told(reason="self-harm", prefers="email", email="m@b.co"))
        shown = client.get(f"{page}booked/").content.decode()
        taken = client.get(f"{page}booked/appointment.ics")
        other = Client().get(f"{page}booked/appointment.ics")
    with time_machine.travel(MONDAY + timedelta(hours=3), tick=False):
        later = client.get(f"{page}booked/").content.decode()

    event = Calendar.from_ical(taken.content).walk("VEVENT")[0]
    assert (event["summary"], event["dtstart"].dt.astimezone(UTC)) == (
        "Appointment", datetime(2026, 11, 24, 14, tzinfo=UTC),
    )  # fmt: skip
    assert not {"location", "description", "organizer"} & {each.lower() for each in event}
    assert other.status_code == 404
    assert "hurting yourself" in shown  # the lines stand first for who books because of it
    assert "hurting yourself" not in later  # and nobody else at this browser reads why
    assert "What we cannot ask you before, we ask at the visit" in shown


def test_who_asked_a_moment_ago_books_without_telling_all_again(site, doctor, client):
    page = f"/en/at/{site.slug}/visit/" + slot(doctor)
    with time_machine.travel(MONDAY, tick=False):
        client.post(f"/en/at/{site.slug}/ask/", told())
        asked = CareRequest.objects.get()
        form, anew = (client.get(each).content.decode() for each in (page, f"{page}&new=1"))
        where = {"visit_id": str(uuid4()), "mode": "here", "emergency_contact": "Jo 555 0177"}
        answers = [client.post(page, {"known": str(asked.pk), **where}) for _ in range(2)]

    visit = Appointment.objects.get()
    assert ([each.status_code for each in answers], visit.care_request) == ([302, 302], asked)
    assert CareRequest.objects.get().emergency_contact == "Jo 555 0177"
    assert "Maya" not in form  # the browser may be anyone's
    assert 'name="phone"' not in form
    assert 'name="phone"' in anew


def test_a_time_that_was_taken_is_not_booked_again(site, doctor, client):
    page = f"/en/at/{site.slug}/visit/"
    with time_machine.travel(MONDAY, tick=False):
        client.post(page + slot(doctor), told())
        answer = client.post(page + slot(doctor), told(name="Someone Quick"))

    assert answer.status_code == 409
    assert "took this time a moment ago" in answer.content.decode()
    assert Appointment.objects.count() == 1


def test_a_form_sent_twice_is_one_visit(site, doctor, client):
    page, form = f"/en/at/{site.slug}/visit/" + slot(doctor), told()
    with time_machine.travel(MONDAY, tick=False):
        client.post(page, form)
        answer = client.post(page, form)

    assert answer.status_code == 302
    assert Appointment.objects.count() == 1


def test_a_visit_by_video_asks_where_the_person_is_and_whom_to_call(site, doctor, client):
    page = f"/en/at/{site.slug}/visit/" + slot(doctor)
    with time_machine.travel(MONDAY, tick=False):
        refused = client.post(page, told(mode="remote"))
        taken = client.post(
            page, told(mode="remote", place="Elm St 4, Ithaca", emergency_contact="Jo 555 0177")
        )

    assert refused.status_code == 422
    assert taken.status_code == 302
    visit = Appointment.objects.get()
    assert visit.place == "Elm St 4, Ithaca"
    assert visit.care_request.emergency_contact == "Jo 555 0177"
    assert "by video" in visit.care_request.steps.get(what="visit").words


def test_a_time_that_was_never_offered_is_not_booked(site, doctor, client):
    with time_machine.travel(MONDAY, tick=False):
        answer = client.post(
            f"/en/at/{site.slug}/visit/" + slot(doctor, "2026-11-24T03:00Z"), told()
        )

    assert answer.status_code == 409
    assert Appointment.objects.count() == 0


def test_a_chair_with_two_seats_takes_two_and_refuses_a_third(person, site, chair):
    chair.seats = 2
    chair.save()
    seats = [occupy(appointment=appointment(person, site, MONDAY), resource=chair) for _ in "ab"]

    assert seats == [1, 2]
    with pytest.raises(TakenError):
        occupy(appointment=appointment(person, site, MONDAY), resource=chair)


def test_what_was_cancelled_is_free_again_and_what_was_moved_stands_once(
    person, site, chair, staff
):
    by = staff(Role.COORDINATOR)
    first = appointment(person, site, MONDAY)
    occupy(appointment=first, resource=chair)

    moved = actions.move(
        appointment=first, to=MONDAY + timedelta(hours=2), resource=chair, by=by, at=MONDAY
    )
    occupy(appointment=appointment(person, site, MONDAY), resource=chair)
    actions.cancel(appointment=moved, state="cancelled", by=by, at=MONDAY)

    first.refresh_from_db()
    assert first.state == "moved"
    assert moved.instead_of == first
    assert not Occupancy.objects.filter(appointment=moved).exists()


def test_a_move_onto_a_taken_seat_changes_nothing(clinic, person, site, chair, staff):
    by = staff(Role.COORDINATOR)
    first = appointment(person, site, MONDAY)
    occupy(appointment=first, resource=chair)
    other = make_person(clinic, site, legal_name="Otto Other")
    occupy(appointment=appointment(other, site, MONDAY + timedelta(hours=2)), resource=chair)

    with pytest.raises(TakenError):
        actions.move(
            appointment=first, to=MONDAY + timedelta(hours=1, minutes=30), resource=chair, by=by,
            at=MONDAY - timedelta(days=1),
        )  # fmt: skip

    first.refresh_from_db()
    assert first.state == "booked"
    assert Occupancy.objects.filter(appointment=first).count() == 12


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_get_one_chair_and_seven_refusals(person, site, chair):
    outcomes: list[str] = []
    ready = threading.Barrier(8)

    def want(starts=MONDAY) -> None:
        try:
            mine = appointment(person, site, starts)
            ready.wait(timeout=20)
            occupy(appointment=mine, resource=chair)
            outcomes.append("booked")
        except TakenError:
            outcomes.append("taken")
        finally:
            connection.close()

    threads = [threading.Thread(target=want) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=60)

    assert sorted(outcomes) == ["booked"] + ["taken"] * 7
    assert Occupancy.objects.count() == 12


DEEDS = st.lists(
    st.tuples(st.sampled_from(["book", "move", "cancel"]), st.integers(0, 30), st.integers(1, 12)),
    max_size=25,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(deeds=DEEDS)
def test_no_seat_is_ever_taken_twice(clinic, site, staff, deeds):
    by = staff(Role.COORDINATOR)
    bed = Resource.objects.create(site=site, kind="chair", name=f"Chair {uuid4()}", seats=2)
    booked: list[Appointment] = []
    for what, place, length in deeds:
        starts = MONDAY + place * timedelta(minutes=5)
        standing = [each for each in booked if each.state == "booked"]
        try:
            if what == "book":
                who = make_person(clinic, site, legal_name=f"Person {len(booked)}")
                with_seat = appointment(who, site, starts, minutes=5 * length)
                booked.append(with_seat)
                occupy(appointment=with_seat, resource=bed)
            elif standing and what == "move":
                chosen = standing[place % len(standing)]
                booked.append(
                    actions.move(
                        appointment=chosen,
                        to=starts,
                        resource=bed,
                        by=by,
                        at=MONDAY - timedelta(days=1),
                    )
                )
                chosen.refresh_from_db()
            elif standing:
                chosen = standing[place % len(standing)]
                actions.cancel(
                    appointment=chosen, state="cancelled", by=by, at=MONDAY - timedelta(days=1)
                )
                chosen.refresh_from_db()
        except TakenError:
            if what == "book":
                booked.pop().delete()

    rows = Occupancy.objects.filter(resource=bed).values_list("seat", "tick", "appointment__state")
    assert len({row[:2] for row in rows}) == len(rows)
    assert {row[2] for row in rows} <= {"booked"}
    for each in booked:
        each.refresh_from_db()
        held = Occupancy.objects.filter(appointment=each)
        assert held.count() == (each.minutes // 5 if each.state == "booked" else 0)
        assert held.values("seat").distinct().count() <= 1


def test_the_calendar_of_another_clinic_is_empty_of_ours(
    person, site, chair, other_site, signed_in
):
    found = appointment(person, site, MONDAY)
    occupy(appointment=found, resource=chair)

    page = signed_in(Role.NURSE, of=other_site.clinic).get("/calendar/?day=2026-11-23")
    answer = signed_in(Role.COORDINATOR, of=other_site.clinic).get(
        reverse("appointment_move", args=(found.pk,))
    )

    assert b"Maya" not in page.content
    assert answer.status_code == 404


def test_a_device_that_is_out_is_not_proposed(site, chair):
    from overstory.clinic.booking.occupying import out_of_use
    from overstory.pathway.slots import Stretch

    Outage.objects.create(
        resource=chair, starts=MONDAY, ends=MONDAY + timedelta(hours=3), why="service"
    )

    found = out_of_use([chair], Stretch(MONDAY, MONDAY + timedelta(days=1)))

    assert found[chair.pk] == [Stretch(MONDAY, MONDAY + timedelta(hours=3))]


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        (-48, "has passed"),
        (-1, "is open from 08:00 to 18:00"),
        (10, "is open from"),
        (24 * 5, "closed"),
    ],
)
def test_nothing_is_moved_into_the_past_or_out_of_hours(person, site, chair, staff, hours, says):
    first = appointment(person, site, MONDAY)
    occupy(appointment=first, resource=chair)

    with pytest.raises(actions.NotBookableError, match=says):
        actions.move(
            appointment=first,
            to=MONDAY + timedelta(hours=hours),
            resource=chair,
            by=staff(Role.COORDINATOR),
            at=MONDAY - timedelta(hours=2),
        )

    first.refresh_from_db()
    assert first.state == "booked"


def test_nobody_is_at_two_places_at_once(person, site, chair, staff):
    second = Resource.objects.create(site=site, kind="chair", name="Chair 2")
    occupy(appointment=appointment(person, site, MONDAY), resource=chair)
    other = appointment(person, site, MONDAY + timedelta(hours=3))
    occupy(appointment=other, resource=second)

    with pytest.raises(actions.NotBookableError, match="booked then already"):
        actions.move(
            appointment=other,
            to=MONDAY + timedelta(minutes=30),
            resource=second,
            by=staff(Role.COORDINATOR),
            at=MONDAY - timedelta(hours=2),
        )


def test_that_nobody_came_is_taken_back(person, site, chair, staff, signed_in):
    first = appointment(person, site, MONDAY)
    occupy(appointment=first, resource=chair)
    client = signed_in(Role.COORDINATOR)
    actions.cancel(appointment=first, state="no-show", by=staff(Role.COORDINATOR), at=MONDAY)

    client.post(reverse("appointment_came", args=(first.pk,)))

    first.refresh_from_db()
    assert first.state == "booked"
    assert first.ended_at is None


def test_a_visit_booked_with_a_request_is_the_persons_once_they_are_registered(
    site, doctor, client, signed_in
):
    with time_machine.travel(MONDAY, tick=False):
        client.post(f"/en/at/{site.slug}/visit/" + slot(doctor), told())
        desk = signed_in(Role.COORDINATOR)
        request = Appointment.objects.get().care_request
        queue = desk.get("/requests/").content.decode()
        desk.post(reverse("request_register", args=(request.pk,)))
        request.refresh_from_db()
        page = desk.get(reverse("appointments", args=(request.person.pk,))).content.decode()
        day = desk.get("/calendar/?day=2026-11-24").content.decode()
        happened = desk.get(reverse("person", args=(request.person.pk,))).content.decode()

    assert "visit booked Tue 24 Nov 2026, 09:00 EST" in queue
    assert "Visit booked with the request</a>: for Tue 24 Nov 2026" in happened
    assert "Evaluation" in page
    assert "(request)" not in day
    assert "Maya Fields" in day


def test_staff_book_a_visit_for_someone_registered(person, site, doctor, signed_in):
    page = f"/people/{person.pk}/visit/"
    form = {"id": str(uuid4()), "mode": "here"}
    with time_machine.travel(MONDAY, tick=False):
        desk = signed_in(Role.COORDINATOR)
        assert "09:00" in desk.get(page).content.decode()
        desk.post(page + slot(doctor), form)
        again = desk.post(page + slot(doctor), {**form, "id": str(uuid4())})
        remote = desk.post(
            page + slot(doctor, "2026-11-24T15:00Z"), {"id": str(uuid4()), "mode": "remote"}
        )

    found = Appointment.objects.get()
    assert (found.person, found.clinician) == (person, doctor)
    assert again.status_code == 409
    assert remote.status_code == 422


def test_an_evaluation_is_not_booked_over_what_the_person_has_already(
    person, site, doctor, signed_in
):
    appointment(person, site, MONDAY + timedelta(days=1, hours=1, minutes=30), minutes=60)
    page = f"/people/{person.pk}/visit/"
    with time_machine.travel(MONDAY, tick=False):
        desk = signed_in(Role.COORDINATOR)
        answer = desk.post(page + slot(doctor), {"id": str(uuid4()), "mode": "here"}, follow=True)

    assert "The person is booked then already (Tue 24 Nov, 09:30)." in answer.content.decode()
    assert Appointment.objects.count() == 1


def test_an_evaluation_is_not_moved_to_where_its_clinician_is_not(person, site, doctor, staff):
    visit = appointment(person, site, MONDAY + timedelta(days=1))
    who = actions.resource_of(doctor, site)
    occupy(appointment=visit, resource=who)
    by, before = staff(Role.COORDINATOR), MONDAY - timedelta(hours=2)

    for hours in (24 + 4, 48):
        with pytest.raises(actions.NotBookableError, match="has no shift"):
            actions.move(
                appointment=visit,
                to=MONDAY + timedelta(hours=hours),
                resource=who,
                by=by,
                at=before,
            )

    where = near(visit, resources=[who], aim=visit.starts, now=before)
    offered = [time_.starts for each in where.days for time_ in each.times]
    assert MONDAY + timedelta(hours=25) in offered
    assert MONDAY + timedelta(hours=28) not in offered
    for at in offered:
        assert against_moving(visit, to=at, resource=who, now=before) == ()
    moved = actions.move(
        appointment=visit, to=MONDAY + timedelta(hours=25), resource=who, by=by, at=before
    )
    assert moved.instead_of == visit
