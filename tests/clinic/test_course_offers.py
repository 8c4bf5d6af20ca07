"""Whole-course offers: standing times for a signed plan, what each costs others, and what would make room."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from overstory.clinic.booking.actions import NotBookableError
from overstory.clinic.booking.models import Appointment, ComingWish, Occupancy, Outage, Resource
from overstory.clinic.booking.moving import against_moving
from overstory.clinic.booking.offering import desk_of, offers_of
from overstory.clinic.booking.offering_actions import book_offer
from overstory.clinic.booking.wishing import Coming
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.people.models import Shift
from overstory.clinic.people.permissions import Role
from overstory.exchange.plan_json import plan_json
from overstory.pathway.slots import instant
from tests.clinic.conftest import make_person
from tests.clinic.knowing import adopt_running, state
from tests.clinic.site_as_timetable import faults
from tests.planning import planned

AT = datetime(2027, 3, 29, 14, 0, tzinfo=UTC)
"""Monday, 10:00 in New York, a week before the plans begin."""
BEGIN = date(2027, 4, 5)


@pytest.fixture
def now():
    with time_machine.travel(AT, tick=False):
        yield AT


@pytest.fixture
def doctor(staff, clinic):
    adopt_running(clinic, staff(Role.MEDICAL_DIRECTOR), AT)
    return staff(Role.PSYCHIATRIST, name="Dr. Ada Reed")


def signed(person, doctor, treatment="tms", start=BEGIN, **more) -> CarePlan:
    """A signed plan as the planner makes it for the person of the plain vignette."""
    plan = plan_json(planned(treatment, start, **more))
    return CarePlan.objects.create(
        id=uuid4(), clinic=person.clinic, person=person, course=uuid4(), treatment=treatment,
        starts_on=start, content=plan, content_sha256="0" * 64, knowledge_version="0",
        knowledge_sha256="0" * 64, drafted_by=doctor, drafted_at=AT, signed_by=doctor,
        signed_at=AT, adoption=person.clinic.adoptions.get(),
    )  # fmt: skip


def place(site, kind="tms-device", name="Device 1") -> Resource:
    return Resource.objects.create(site=site, kind=kind, name=name)


def offers(plan, **wish):
    return offers_of(desk_of(plan, coming=Coming(**wish), now=AT))


def test_an_empty_clinic_offers_the_wanted_time_on_the_days_of_the_plan(now, person, site, doctor):
    place(site)
    plan = signed(person, doctor)

    best = offers(plan, prefer=time(10))[0]

    assert len(best.found.placed) == 36
    assert best.off == ()
    zone = site.zone
    assert {each.starts.astimezone(zone).time() for each in best.found.placed} == {time(10)}
    assert [each.day.isoformat() for each in best.found.placed] == [
        each["date"] for each in plan.content["sessions"]
    ]


@pytest.fixture
def desk(signed_in):
    return signed_in(Role.COORDINATOR)


def page_of(plan) -> str:
    return reverse("book_course", args=(plan.person.pk, plan.pk))


def choose(client, plan, offer):
    form = {"times": offer.times, "seen": offer.found.fingerprint}
    return client.post(reverse("book_offer", args=(plan.person.pk, plan.pk)), form)


def test_choosing_an_offer_books_the_whole_course_at_the_times_shown(
    now, person, site, doctor, desk
):
    device = place(site)
    plan = signed(person, doctor)
    offer = desk.get(page_of(plan)).context["shown"].offers[1]

    answer = choose(desk, plan, offer)
    again = choose(desk, plan, offer)

    assert (answer.status_code, again.status_code) == (302, 302)
    booked = Appointment.objects.order_by("n")
    assert [each.starts for each in booked] == [each.starts for each in offer.found.placed]
    assert {each.occupancies.first().resource_id for each in booked} == {device.pk}
    # the first session takes 93 minutes, 19 steps of five; 35 more take 48, 10 steps
    assert Occupancy.objects.filter(resource=device).count() == 19 + 35 * 10


def test_an_offer_that_was_taken_meanwhile_books_nothing(now, clinic, person, site, doctor, desk):
    place(site)
    plan = signed(person, doctor)
    other = signed(make_person(clinic, site, legal_name="Otto Other"), doctor)
    offer = desk.get(page_of(plan)).context["shown"].offers[0]
    choose(desk, other, desk.get(page_of(other)).context["shown"].offers[0])

    answer = choose(desk, plan, offer)

    assert answer.status_code == 409
    assert "Nothing was booked" in answer.content.decode()
    assert set(Appointment.objects.values_list("person", flat=True)) == {other.person_id}
    assert offer.found.fingerprint not in {
        each.found.fingerprint for each in answer.context["shown"].offers
    }


def test_what_is_asked_for_by_a_forged_form_is_looked_at_as_well(now, person, site, doctor, desk):
    place(site)
    plan = signed(person, doctor)
    offer = offers(plan)[0]
    night = replace(
        offer.found,
        placed=tuple(replace(e, starts=e.starts - timedelta(hours=9)) for e in offer.found.placed),
    )

    answer = choose(desk, plan, replace(offer, found=night))

    assert answer.status_code == 409
    assert "is open from" in answer.content.decode()
    assert not Appointment.objects.exists()


def test_wishes_are_kept_with_their_history_and_shape_the_offers(now, person, site, doctor, desk):
    place(site, "chair", "Chair 1")
    plan = signed(person, doctor, "esketamine")
    page = reverse("course_wishes", args=(person.pk, plan.pk))
    state(person, AT, weekdays_available=3)

    first = desk.get(page_of(plan))

    assert "they can come on 3 weekdays a week, and not on which" in first.content.decode()
    assert first.context["coming_form"]["days"].value() == ["0", "1", "2", "3", "4"]
    for seconds, days in enumerate((["1", "3"], ["1", "4"])):
        form = {"key": str(uuid4()), "days": days, "begins": "12:00", "ends": "17:00"}
        with time_machine.travel(AT + timedelta(seconds=seconds), tick=False):
            desk.post(page, {**form, "prefer": "13:00"})
    found = desk.get(page_of(plan)).context["shown"].offers

    assert ComingWish.objects.filter(person=person).count() == 2
    assert found
    for offer in found:
        local = [each.starts.astimezone(site.zone) for each in offer.found.placed]
        assert {each.weekday() for each in local} <= {1, 4}  # Tuesday and Friday
        assert min(each.time() for each in local) >= time(12)
        assert max((each + timedelta(minutes=140)).time() for each in local) <= time(17)


def test_days_that_cannot_be_are_explained_with_a_change_that_works(
    now, person, site, doctor, desk
):
    place(site)
    plan = signed(person, doctor)
    monday_to_thursday = {"days": ["0", "1", "2", "3"], "prefer": "09:00"}

    shown = desk.get(page_of(plan), monday_to_thursday).context["shown"]

    assert shown.offers == []
    first = shown.no_place.ways_out[0]
    assert first.change.says == "the person can also come on Fridays"
    tried = desk.get(f"{page_of(plan)}?{first.query}").context["shown"]
    assert tried.offers[0].found.placed[0].starts == first.begins
    assert (
        "go back to what they said" in desk.get(f"{page_of(plan)}?{first.query}").content.decode()
    )


def test_a_plan_whose_first_days_have_passed_says_so_and_leads_to_a_new_one(
    now, person, site, doctor, desk, signed_in
):
    place(site)
    plan = signed(person, doctor, start=date(2027, 3, 15))

    shown = desk.get(page_of(plan))
    page = shown.content.decode()
    none = shown.context["shown"].no_place

    # each session of the first two weeks, of five a week, is to be given in its week
    assert [each["n"] for each in none.passed] == list(range(1, 11))
    assert "days that have passed" in none.why
    assert none.anew is not None
    assert none.anew > AT.date()
    assert reverse("worklist_line", args=("to-book", plan.pk)) in page
    assert "Propose it anew" not in page
    prescriber = signed_in(Role.PSYCHIATRIST).get(page_of(plan)).content.decode()
    assert f"start={none.anew}" in prescriber
    again = signed_in(Role.PSYCHIATRIST).get(
        reverse("plans", args=(person.pk,)), {"treatment": "tms", "start": str(none.anew)}
    )
    assert f'value="{none.anew}"' in again.content.decode()


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_want_the_one_device_and_one_course_is_booked(now, clinic, site, doctor):
    device = place(site)
    plans = [signed(make_person(clinic, site, legal_name=f"Person {n}"), doctor) for n in range(8)]
    wanted = [offers(each)[0] for each in plans]
    ready = threading.Barrier(8)
    outcomes: list[str] = []

    def want(plan, offer) -> None:
        try:
            ready.wait(timeout=60)
            book_offer(
                plan=CarePlan.objects.get(pk=plan.pk), times=offer.times,
                seen=offer.found.fingerprint, key=uuid4(), by=doctor, at=AT,
            )  # fmt: skip
            outcomes.append("booked")
        except NotBookableError as error:
            outcomes.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=want, args=pair) for pair in zip(plans, wanted, strict=True)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=120)

    assert outcomes.count("booked") == 1
    assert [each for each in outcomes if each != "booked"] == [
        "Device 1 is taken at that time. Someone else was quicker. Choose among the times that are "
        "free now."
    ] * 7
    assert Appointment.objects.count() == 36
    assert Occupancy.objects.filter(resource=device).count() == 19 + 35 * 10


@pytest.mark.parametrize(
    ("start", "changes_on"),
    [(date(2027, 2, 22), date(2027, 3, 14)), (date(2027, 10, 11), date(2027, 11, 7))],
)
def test_a_course_across_a_change_of_clocks_keeps_its_time_of_day(
    person, site, doctor, desk, start, changes_on
):
    """US clocks go forward on the second Sunday of March, and back on the first of November (15 U.S.C. 260a)."""
    with time_machine.travel(datetime(2027, 2, 1, 15, tzinfo=UTC), tick=False) as clock:
        clock.move_to(datetime.combine(start, time(15), tzinfo=UTC) - timedelta(days=5))
        place(site)
        plan = signed(person, doctor, start=start)
        offer = offers_of(desk_of(plan, coming=Coming(prefer=time(11)), now=timezone.now()))[0]
        book_offer(plan=plan, times=offer.times, seen=offer.found.fingerprint, key=uuid4(),
                   by=doctor, at=timezone.now())  # fmt: skip

    found = Appointment.objects.order_by("starts")
    before = [each.starts.hour for each in found if each.wall_date < changes_on]
    after = [each.starts.hour for each in found if each.wall_date > changes_on]
    assert {each.wall_time for each in found} == {time(11)}
    assert len(set(before)) == len(set(after)) == 1
    assert set(before) != set(after)


def test_tms_waits_a_day_from_the_end_of_ketamine_in_an_offer_and_in_a_move(
    now, person, site, doctor
):
    """CMB_06 of the combination's constraints: 24 hours, here from the end of the dose's visit."""
    place(site)
    chair = place(site, "chair", "Chair 1")
    plan = signed(person, doctor, "ketamine-then-tms")
    offer = offers(plan)[0]
    book_offer(plan=plan, times=offer.times, seen=offer.found.fingerprint, key=uuid4(), by=doctor,
               at=AT)  # fmt: skip
    rows = list(Appointment.objects.order_by("n"))
    last = next(each for each in reversed(rows) if each.treatment == "esketamine")
    first = next(each for each in rows if each.treatment == "tms")
    assert first.starts - last.starts - timedelta(minutes=140) >= timedelta(hours=24)

    day_before = first.starts - timedelta(hours=24, minutes=140) + timedelta(minutes=5)
    against = against_moving(last, to=day_before, resource=chair, now=AT)

    assert any("TMS waits 24 hours from the end of ketamine" in each for each in against)


def test_a_nurse_watches_as_many_as_the_clinic_says_and_no_more(
    now, clinic, person, site, doctor, staff
):
    for n in (1, 2, 3):
        place(site, "chair", f"Chair {n}")
    nurse = staff(Role.NURSE)
    for day in (BEGIN + timedelta(days=n) for n in range(90)):
        Shift.objects.create(
            staff=nurse, site=site, starts=instant(on=day, at=time(8), zone=site.zone),
            ends=instant(on=day, at=time(18), zone=site.zone),
        )  # fmt: skip
    clinic.ways = {"patients_per_monitor": 2}
    clinic.save()
    nine = Coming(prefer=time(9))
    booked = []
    for n in range(3):
        plan = signed(make_person(clinic, site, legal_name=f"Person {n}"), doctor, "esketamine")
        offer = offers_of(desk_of(plan, coming=nine, now=AT))[0]
        book_offer(plan=plan, times=offer.times, seen=offer.found.fingerprint, key=uuid4(),
                   by=doctor, at=AT)  # fmt: skip
        booked.append(Appointment.objects.filter(plan=plan, n=1).get().starts)

    # 20 minutes of preparation and 5 of the dose have the nurse whole, the watch of 115 more a half
    first, second, third = sorted(booked)
    assert second - first >= timedelta(minutes=25)
    assert third - first >= timedelta(minutes=140)
    assert faults(site, first=date(2027, 3, 29), last=date(2027, 8, 1)) == []


def test_an_offer_says_what_it_leaves_to_a_course_that_waits(
    now, clinic, person, site, doctor, desk
):
    device = place(site)
    plan = signed(person, doctor)
    signed(make_person(clinic, site, legal_name="Otto Other"), doctor)
    Outage.objects.bulk_create(
        Outage(resource=device, starts=instant(on=day, at=time(8), zone=site.zone),
               ends=instant(on=day, at=time(16, 20), zone=site.zone), why="another clinic has it")
        for day in (BEGIN + timedelta(days=n) for n in range(70))
    )  # fmt: skip

    offer = desk.get(page_of(plan)).context["shown"].offers[0]

    # one device for 100 minutes a day: one first session of 93 minutes, so no place for the other
    assert (offer.others.waiting, offer.others.none) == (1, 1)
    assert 0 < offer.others.closes <= offer.others.times
