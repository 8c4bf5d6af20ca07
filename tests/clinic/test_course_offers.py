"""Whole-course offers: standing times for a signed plan, what each costs others, and what would make room."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from overstory.clinic.booking.models import Appointment, ComingWish, Occupancy, Resource
from overstory.clinic.booking.offering import desk_of, offers_of
from overstory.clinic.booking.wishing import Coming
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.people.permissions import Role
from overstory.exchange.plan_json import plan_json
from tests.clinic.conftest import make_person
from tests.clinic.knowing import adopt_running
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
