"""The person's pages before a visit by their link, and what staff see of them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from overstory.clinic.arriving import links
from overstory.clinic.arriving.rows import ArrivalLink, Readiness
from overstory.clinic.care.models import StatedFact
from overstory.clinic.people.messages import send as write_to
from overstory.clinic.people.models import Cover, Message
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.worker import tick
from tests.clinic.coming import AT, booked, coming, may_write, with_plan
from tests.clinic.test_queries import MOST, asked

RIGHT = {"day": "9", "month": "3", "year": "1982"}
EVE = AT + timedelta(days=6, hours=7)
"""Sunday 29 November, 17:00 in New York: the reminder of Monday's visit went out an hour ago."""
MORNING = AT + timedelta(days=7, hours=-2)
"""Monday 30 November, 08:00 in New York, two hours before the visit."""
KETAMINE_READY = {"ready.food": "yes", "ready.escort": "yes", "ready.medicines": "no"}
OWN = ("arrival_home", "arrival_page", "arrival_calendar", "arrival_pdf")


@pytest.fixture
def doctor(staff):
    return staff(Role.PSYCHIATRIST, name="Dr. Ada Reed")


@pytest.fixture
def course(person, doctor, staff):
    """The visits for esketamine, the first on Monday 30 November at ten."""
    may_write(person)
    plan = with_plan(person, doctor, treatment="esketamine", director=staff(Role.MEDICAL_DIRECTOR))
    return booked(plan)


@pytest.fixture
def eve():
    with time_machine.travel(EVE, tick=False) as clock:
        yield clock


@pytest.fixture
def phone(course, eve) -> Client:
    """The browser that opened the link of the first reminder."""
    tick(EVE)
    client = Client()
    assert client.post(_address(), RIGHT).status_code == 302
    return client


def _address() -> str:
    body = Message.objects.get(reminder__rule="day-before").body
    return re.search(r"/q/visits/[\w-]+/", body).group()


def own(name, *more):
    first = ArrivalLink.objects.order_by("made_at").first()
    return reverse(name, args=(first.pk, *more))


def send(phone, visit, **answers):
    form = {"key": str(uuid4()), **{key.replace("__", "."): said for key, said in answers.items()}}
    return phone.post(own("arrival_ready", visit.pk), form)


def test_a_reminder_leads_to_the_questions_of_the_treatment(course, phone):
    home = phone.get(own("arrival_home")).content.decode()
    asked = phone.get(own("arrival_ready", course[0].pk)).content.decode()

    assert "Monday 30 November 2026, 10:00 EST" in home
    assert "without food and drink" in asked
    assert "Please do not eat in the 2 hours before a dose." in asked
    assert "Please do not drink in the 30 minutes before a dose." in asked
    assert "ride home arranged" in asked
    assert "change or miss any medicine" in asked
    # of the day, and of the other treatment
    assert "alcohol" not in asked
    assert "metal" not in asked
    assert "<textarea" not in asked
    assert 'type="text"' not in asked
    assert "988" in asked


def test_who_is_ready_is_on_no_list_and_is_asked_the_rest_on_the_day(course, phone, eve, signed_in):
    answer = phone.post(own("arrival_ready", course[0].pk), {"key": str(uuid4()), **KETAMINE_READY})

    assert "You are ready" in answer.content.decode()
    desk = signed_in(Role.COORDINATOR)
    assert "Maya" not in desk.get("/arrivals/").content.decode()
    eve.move_to(MORNING)
    desk = signed_in(Role.COORDINATOR)
    tick(MORNING)
    assert Message.objects.filter(reminder__rule="on-the-day").count() == 1
    assert "No answer yet" in desk.get("/arrivals/").content.decode()
    assert "alcohol" in phone.get(own("arrival_ready", course[0].pk)).content.decode()
    phone.post(own("arrival_ready", course[0].pk), {"key": str(uuid4()), "ready.alcohol": "no"})
    assert "Maya" not in desk.get("/arrivals/").content.decode()


@pytest.mark.parametrize("said", ["no", "not-sure"])
def test_anything_but_ready_is_a_line_with_an_owner_and_a_time_and_cancels_nothing(
    course, phone, signed_in, doctor, said
):
    answer = phone.post(
        own("arrival_ready", course[0].pk),
        {"key": str(uuid4()), **KETAMINE_READY, "ready.escort": said},
    )

    page = signed_in(Role.COORDINATOR).get("/arrivals/").content.decode()
    assert "Not ready" in page
    assert f"An adult or a ride home: <strong>{said.replace('-', ' ')}</strong>" in page
    assert (
        "<strong>Today: nobody</strong> is still to come. The next visit is on Mon 30 Nov 2026."
        in page
    )
    assert '<h2 id="day-1">Mon 30 Nov 2026</h2>' in page
    assert "Dr. Ada Reed" in page  # nobody has a shift: who signed the plan
    assert "Sun 29 Nov 2026, 21:00 EST" in page  # within 4 hours, `act-within-hours`
    course[0].refresh_from_db()
    assert course[0].state == "booked"
    assert "Your visit stands until we tell you otherwise" in answer.content.decode()


def test_what_was_left_out_stays_unknown_and_is_listed(course, phone, signed_in):
    phone.post(own("arrival_ready", course[0].pk), {"key": str(uuid4()), "ready.food": "yes"})

    desk = signed_in(Role.NURSE)
    page = desk.get("/arrivals/").content.decode()
    one = desk.get(reverse("before_visit", args=(course[0].pk,))).content.decode()
    assert "No answer yet" in page
    assert one.count('<span class="chip is-unknown">Unknown</span>') == 2


def test_a_change_in_medicines_is_asked_again_and_never_a_fact(course, phone, signed_in, eve):
    before = StatedFact.objects.count()
    phone.post(
        own("arrival_ready", course[0].pk),
        {"key": str(uuid4()), **KETAMINE_READY, "ready.medicines": "yes"},
    )
    # neither a later answer nor a visit that is cancelled takes it off the list
    phone.post(own("arrival_ready", course[0].pk), {"key": str(uuid4()), "ready.medicines": "no"})
    course[0].state = "cancelled"
    course[0].save()

    assert StatedFact.objects.count() == before
    nurse = signed_in(Role.NURSE)
    page = nurse.get("/arrivals/?show=again").content.decode()
    assert "a change in medicines" in page
    row = Readiness.objects.get(waits=True)
    review = reverse("before_visit_review", args=(course[0].pk, row.pk))
    assert signed_in(Role.COORDINATOR).post(review).status_code == 404
    form = {"key": str(uuid4()), "words": "Started a nasal spray for hay fever."}
    nurse.post(review, form)
    nurse.post(review, form)
    assert "a change in medicines" not in nurse.get("/arrivals/?show=again").content.decode()
    assert row.deeds.get().words == "Started a nasal spray for hay fever."


def test_answers_sent_twice_are_one_row(course, phone):
    form = {"key": str(uuid4()), **KETAMINE_READY}

    for _ in range(2):
        assert phone.post(own("arrival_ready", course[0].pk), form).status_code == 200
    phone.post(own("arrival_ready", course[0].pk), {**form, "ready.food": "no"})

    assert Readiness.objects.get().answers == KETAMINE_READY


def test_what_is_not_asked_now_is_not_taken(course, phone):
    phone.post(own("arrival_ready", course[0].pk), {"key": str(uuid4()), "ready.metal": "yes"})
    phone.post(own("arrival_ready", course[0].pk), {"key": str(uuid4()), "ready.food": "rope"})

    assert not Readiness.objects.exists()


def test_nothing_is_asked_before_a_visit_that_was_moved_or_has_begun(course, phone, eve):
    course[0].state = "moved"
    course[0].save()
    gone = send(phone, course[0], ready__food="yes")

    assert gone.status_code == 410
    assert "moved, cancelled or is over" in gone.content.decode()
    assert not Readiness.objects.exists()


def test_another_persons_visit_is_no_page_by_this_link(course, phone, clinic, site):
    from tests.clinic.conftest import make_person

    other = coming(make_person(clinic, site, legal_name="Otto Other"), on=date(2026, 12, 1))

    assert phone.get(own("arrival_ready", other.pk)).status_code == 404


def test_the_pages_open_for_the_browser_that_gave_the_birth_date_alone(course, phone):
    for name in OWN:
        assert phone.get(own(name)).status_code == 200, name
        refused = Client().get(own(name))
        assert refused.status_code == 403, name
        assert b"Maya" not in refused.content
    assert Client().post(_address(), RIGHT).status_code == 403


def test_wrong_birth_dates_lock_a_reminders_link_and_staff_see_it(course, eve, signed_in):
    tick(EVE)
    for _ in range(5):
        Client().post(_address(), {**RIGHT, "day": "10"})

    page = signed_in(Role.COORDINATOR).get("/arrivals/").content.decode()

    assert Client().post(_address(), RIGHT).status_code == 410
    assert "wrong birth dates locked the link" in page


def test_staff_end_all_links(course, phone, person, signed_in):
    signed_in(Role.NURSE).post(reverse("visits_link", args=(person.pk,)), {"what": "revoke"})

    assert phone.get(own("arrival_home")).status_code == 410


def test_staff_read_what_was_written_to_a_person_but_not_their_link(
    course, person, signed_in, staff
):
    may_write(person, given=False, at=AT)
    write_to(clinic=person.clinic, to=person, subject="Questions for you", at=AT,
         body="Open https://fern.example/q/secret-token by Friday.")  # fmt: skip

    address = reverse("visits", args=(person.pk,))
    reader = signed_in(who=staff(*Role, name="Everyone Here"))
    page = reader.get(address).content.decode()

    assert len(asked(reader, address)) <= MOST
    assert "Questions for you" in page
    assert "Open [a link for them alone] by Friday." in page
    assert "secret-token" not in page
    assert "not sent: no consent to e-mail" in page


def test_who_cannot_be_written_to_is_called_and_what_they_say_is_kept(
    course, eve, signed_in, person
):
    may_write(person, given=False, at=AT + timedelta(hours=1))
    tick(EVE)
    nurse = signed_in(Role.NURSE)
    assert not Message.objects.filter(to_person=person).exists()
    page = nurse.get("/arrivals/").content.decode()
    assert "Call them" in page
    assert "no consent to e-mail" in page

    one = reverse("before_visit", args=(course[0].pk,))
    nurse.post(one, {"key": str(uuid4()), **KETAMINE_READY})

    assert "Maya" not in nurse.get("/arrivals/").content.decode()
    assert "told to nurse" in nurse.get(one).content.decode()


def test_a_line_is_taken_and_settled_and_a_later_answer_opens_it_again(
    course, phone, signed_in, eve, staff
):
    who = staff(Role.NURSE, name="Nia Nurse")
    nurse = signed_in(who=who)
    phone.post(own("arrival_ready", course[0].pk), {"key": str(uuid4()), "ready.escort": "no"})
    nurse.post(reverse("before_visit_take", args=(course[0].pk,)), {"key": str(uuid4())})
    assert "Nia Nurse" in nurse.get("/arrivals/").content.decode().split("<main", 1)[1]

    settle = reverse("before_visit_settle", args=(course[0].pk,))
    nurse.post(settle, {"key": str(uuid4()), "words": "The sister drives."})
    assert "Maya" not in nurse.get("/arrivals/").content.decode()

    eve.shift(timedelta(minutes=5))
    phone.post(own("arrival_ready", course[0].pk), {"key": str(uuid4()), "ready.food": "not-sure"})
    assert "Not ready" in nurse.get("/arrivals/").content.decode()


def test_a_tentative_visit_is_told_as_such_and_is_a_line_for_staff(course, eve, signed_in):
    Cover.objects.update(until=AT)  # the authorization is of nobody who insures them now

    tick(EVE)

    body = Message.objects.get(reminder__isnull=False).body
    assert "It is not confirmed yet. We call you if it changes." in body
    page = signed_in(Role.COORDINATOR).get("/arrivals/").content.decode()
    assert "1 not confirmed" in page
    assert "No answer yet" in page


def test_a_visit_of_which_only_a_hold_is_open_is_told_quietly_until_it_is_due(
    course, eve, signed_in
):
    type(course[0]).objects.filter(pk=course[0].pk).update(is_tentative=True)
    seen = []

    for moment in (AT + timedelta(days=4), MORNING + timedelta(minutes=5)):
        eve.move_to(moment)
        page = signed_in(Role.COORDINATOR).get("/arrivals/").content.decode()
        seen.append(["Nobody has to be called" in page, "Only not confirmed: 1" in page,
                     ">Not confirmed</span>" in page])  # fmt: skip

    assert seen == [[True, True, False], [False, False, True]]


def test_on_friday_staff_see_whom_to_call_for_monday(course, person, signed_in):
    may_write(person, given=False, at=AT + timedelta(hours=1))
    friday = AT + timedelta(days=4)
    with time_machine.travel(friday, tick=False):
        page = signed_in(Role.COORDINATOR).get("/arrivals/").content.decode()

    assert "Call them" in page
    assert "Mon 30 Nov 2026, 10:00 EST" in page


def test_tms_asks_other_things(person, doctor, staff, eve):
    may_write(person)
    plan = with_plan(person, doctor, treatment="tms", director=staff(Role.MEDICAL_DIRECTOR))
    first = booked(plan)[0]
    tick(EVE)
    client = Client()
    client.post(_address(), RIGHT)
    page = client.get(own("arrival_ready", first.pk)).content.decode()
    with time_machine.travel(MORNING, tick=False):
        on_the_day = client.get(own("arrival_ready", first.pk)).content.decode()

    assert "metal, implant, device or dental work" in page
    assert "food" not in page
    assert "ride home" not in page
    assert "sleep much less" in on_the_day
    assert "sleep much less" not in page


def test_a_clinic_with_other_hours_of_fasting_says_them_itself(person, doctor, staff, eve, clinic):
    """The words for patients hold the 2 hours of the shipped rule; a site that keeps to 6 must not send them."""
    from tests.clinic.knowing import adopt_running

    may_write(person)
    plan = with_plan(person, doctor, treatment="ketamine-iv", director=staff(Role.MEDICAL_DIRECTOR))
    first = booked(plan)[0]
    policy = (
        "clinic: Fern\nadopted_by: Dr. Lee\nadopted_on: '2026-11-23'\nrules:\n"
        "  shared.food: {reason: We sedate., when: hours_since_food < 6}\n"
    )
    adopt_running(clinic, staff(Role.MEDICAL_DIRECTOR), AT, policy=policy)
    tick(EVE)
    client = Client()
    client.post(_address(), RIGHT)

    page = client.get(own("arrival_ready", first.pk)).content.decode()

    assert "2 hours" not in page
    assert "Ask us how long before the visit: +1 555 0100." in page
    whole = client.get(own("arrival_page")).content.decode()
    assert "2 hours before" not in whole
    assert "its own times for food and drink" in whole


def test_the_pages_are_in_the_persons_language(course, phone, person):
    person.language = "es"
    person.save()

    assert "lunes 30 de noviembre de 2026" in phone.get(own("arrival_home")).content.decode()
    assert "sin comer ni beber" in phone.get(own("arrival_ready", course[0].pk)).content.decode()
    assert "Días sin manejar" in phone.get(own("arrival_page")).content.decode()


def test_someone_in_danger_meets_the_crisis_lines_first(course, phone, person):
    from tests.clinic.knowing import state

    state(person, EVE, cssrs_risk="high", suicidal_intent=True)

    page = phone.get(own("arrival_home")).content.decode()

    assert page.index("First, your safety") < page.index("Your next visit")
    assert "C-SSRS" not in page


def test_the_database_keeps_one_link_that_staff_made(person, staff):
    nurse = staff(Role.NURSE)
    for minutes in range(2):
        links.make_link(person=person, by=nurse, at=AT + timedelta(minutes=minutes))

    assert ArrivalLink.objects.filter(revoked_at=None).count() == 1
