"""The worker: tells each named person once, is killed and restarted, and is missed when silent."""

from __future__ import annotations

import json
import threading
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.locmem import EmailBackend
from django.db import DatabaseError, connection

from overstory.clinic.people.messages import Message, send
from overstory.clinic.people.models import Clinic, OnCall
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.actions import Done, act, raise_alert
from overstory.clinic.safety.models import WorkerBeat
from overstory.clinic.safety.worker import deliver, run, tell, tick
from tests.clinic.conftest import make_person, make_site, make_staff


def make(site, person, at, tier="high"):
    return raise_alert(
        person=person,
        site=site,
        kind="cssrs",
        tier=tier,
        source=f"answer:{uuid.uuid4()}",
        says="Question 5 of the C-SSRS: yes, with a rope",
        at=at,
        actor="public",
    )


def on_call(staff, at, rung=1):
    OnCall.objects.create(
        clinic=staff.clinic,
        staff=staff,
        rung=rung,
        starts=at - timedelta(days=1),
        ends=at + timedelta(days=9),
    )
    return staff


@pytest.fixture
def first(staff, at):
    return on_call(staff(Role.PSYCHIATRIST, name="Dana"), at)


@pytest.fixture
def second(staff, at):
    return on_call(staff(Role.PSYCHIATRIST, name="Omar"), at, rung=2)


def addresses():
    return [message.to[0] for message in mail.outbox]


class Broken(BaseEmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError("no server for maya@example.org")


class Killed(EmailBackend):
    """Sends, and is killed before it can say so."""

    def send_messages(self, messages):
        super().send_messages(messages)
        raise SystemExit


def test_the_ladder_is_told_step_by_step_and_each_person_once(
    site, person, at, first, second, staff
):
    director = staff(Role.MEDICAL_DIRECTOR)
    make(site, person, at)

    for minute in range(31):
        tick(at + timedelta(minutes=minute))
        tick(at + timedelta(minutes=minute, seconds=30))

    told = Message.objects.order_by("made_at").values_list("to_staff", "made_at")
    steps = {}
    for who, when in told:
        steps.setdefault(who, []).append((when - at) // timedelta(minutes=1))
    # each step is told anew to all who are named; 10 minutes a step, then everyone
    assert steps == {first.pk: [0, 10, 20], second.pk: [10, 20], director.pk: [20]}
    assert len(mail.outbox) == 6


def test_an_acknowledgement_ends_the_telling(site, person, at, first, second):
    alert = make(site, person, at)
    tick(at)

    act(alert=alert, done=Done("acknowledged", uuid.uuid4()), by=first, at=at)
    for minute in range(1, 29):
        tick(at + timedelta(minutes=minute))

    assert addresses() == [first.email]


def test_a_message_to_staff_holds_nothing_of_the_patient(site, person, at, first):
    make(site, person, at)

    tick(at)

    text = f"{mail.outbox[0].subject} {mail.outbox[0].body}"
    assert "http://localhost:8000/alerts/" in text
    for word in ("Maya", "Fields", "1982", "rope", "C-SSRS", "suicid", "high", str(person.pk)):
        assert word.lower() not in text.lower()


def test_two_rounds_of_the_same_minute_tell_once(site, person, at, first):
    make(site, person, at)

    assert tick(at).told == 1
    assert tick(at, worker="another").told == 0
    assert len(mail.outbox) == 1


def test_what_one_worker_has_in_hand_another_leaves(clinic, at, first):
    send(clinic=clinic, to=first, subject="A", body="B", at=at)
    Message.objects.update(taken_until=at + timedelta(minutes=1))

    assert deliver(at) == (0, 0)
    assert deliver(at + timedelta(minutes=1)) == (1, 0)


def test_a_failed_delivery_is_recorded_and_tried_again_later_each_time(clinic, at, first, settings):
    send(clinic=clinic, to=first, subject="A", body="B", at=at)
    good, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Broken"

    assert deliver(at) == (0, 1)
    assert deliver(at + timedelta(seconds=59)) == (0, 0)
    assert deliver(at + timedelta(seconds=60)) == (0, 1)
    held = Message.objects.get()
    assert (held.tries, held.failed_why, held.sent_at) == (2, "ConnectionRefusedError", None)
    settings.EMAIL_BACKEND = good
    assert deliver(at + timedelta(hours=1)) == (1, 0)
    held.refresh_from_db()
    assert (held.sent_at, held.failed_at) == (at + timedelta(hours=1), None)


def test_a_worker_killed_before_it_could_record_sends_again_and_loses_nothing(
    clinic, at, first, settings
):
    for letter in "AB":
        send(clinic=clinic, to=first, subject=letter, body="B", at=at)
    good, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Killed"
    with pytest.raises(SystemExit):
        deliver(at)

    settings.EMAIL_BACKEND = good
    deliver(at + timedelta(minutes=6))
    deliver(at + timedelta(minutes=12))

    subjects = sorted(message.subject for message in mail.outbox)
    assert subjects in (["A", "A", "B"], ["A", "B", "B"])
    assert not Message.objects.filter(sent_at=None).exists()


def test_one_broken_message_does_not_hold_up_the_others(clinic, at, first):
    bad = send(clinic=clinic, to=first, subject="A", body="B", at=at)
    other = send(clinic=clinic, to=first, subject="C", body="D", at=at)
    Message.objects.filter(pk=bad.pk).update(body=b"\x01x")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_message SET body = %s WHERE subject = 'A'", [b"\x01x?"])

    assert deliver(at) == (1, 1)
    other.refresh_from_db()
    assert other.sent_at == at


def test_alerts_are_delivered_before_everything_else(clinic, site, person, at, first):
    send(clinic=clinic, to=first, subject="Earlier", body="x", at=at - timedelta(hours=1))
    make(site, person, at)

    tick(at)

    assert [each.subject for each in mail.outbox] == ["An alert needs you", "Earlier"]


def test_nobody_on_call_is_told_to_the_director_and_the_manager_each_hour(site, at, staff):
    director, manager = staff(Role.MEDICAL_DIRECTOR), staff(Role.MANAGER)

    for minute in (0, 1, 30, 59, 60):
        tick(at + timedelta(minutes=minute))

    assert sorted(addresses()) == sorted([director.email, manager.email] * 2)
    assert mail.outbox[0].subject == "Nobody is on call"


def test_the_medical_director_is_told_after_48_hours_open(site, person, at, first, staff):
    director = staff(Role.MEDICAL_DIRECTOR)
    alert = make(site, person, at)
    done = Done("assessed", uuid.uuid4(), tier="high", says="x")
    act(alert=alert, done=done, by=first, at=at)

    def told():
        late = "An alert was not closed in time"
        return [each.to[0] for each in mail.outbox if each.subject == late]

    tick(at + timedelta(hours=47))
    before = told()
    tick(at + timedelta(hours=48))

    assert (before, told()) == ([], [director.email])


def test_one_clinic_that_fails_does_not_silence_another_and_is_seen(
    site, person, at, first, other_clinic
):
    make(site, person, at)
    Clinic.objects.filter(pk=other_clinic.pk).update(ways={"no-such-way": 1})

    done = tick(at)

    assert (done.told, done.is_whole) == (1, False)
    assert addresses() == [first.email]
    assert not WorkerBeat.objects.exists()


def test_the_ends_of_the_record_are_written_outside_each_hour(
    site, person, at, first, settings, tmp_path
):
    settings.HOME = tmp_path
    make(site, person, at)

    for minute in (0, 1, 30, 61):
        tick(at + timedelta(minutes=minute))

    lines = [
        json.loads(line) for path in tmp_path.iterdir() for line in path.read_text().splitlines()
    ]
    assert [line["clinic"] for line in lines] == [str(site.clinic_id)] * 2


def test_a_silent_worker_is_a_banner_and_the_page_goes_on_escalating(
    signed_in, site, person, at, first, second, staff
):
    make(site, person, at)
    with time_machine.travel(at, tick=False):
        client = signed_in(Role.NURSE)
        tick(at)
        before = client.get("/alerts/").content.decode()
    assert "Dana" in before
    assert "Omar" not in before
    assert "worker has been silent" not in before

    with time_machine.travel(at + timedelta(minutes=12), tick=False):
        page = client.get("/alerts/").content.decode()

    # silent for more than two minutes (the clinic's way `worker_silent_minutes`); 15:00 UTC is 10:00
    assert "The worker has been silent since 10:00" in page
    assert "Omar" in page
    assert Message.objects.count() == 1


def test_a_worker_that_never_ran_is_said(signed_in, site):
    page = signed_in(Role.AUDITOR).get("/").content.decode()

    assert "silent since the clinic was set up" in page


def test_a_worker_that_comes_back_tells_what_was_missed(site, person, at, first, second):
    make(site, person, at)

    tick(at + timedelta(minutes=25))

    assert set(addresses()) == {first.email, second.email}


def test_a_thousand_alerts_are_told_in_one_round_and_delivered_in_the_next(
    site, at, first, django_assert_max_num_queries
):
    for _ in range(1000):
        make(site, None, at)

    with django_assert_max_num_queries(80):
        assert tell(site.clinic, at) == 1000
    assert tell(site.clinic, at) == 0
    for _ in range(6):
        tick(at)

    assert len(mail.outbox) == 1000
    assert not Message.objects.filter(sent_at=None).exists()


def _threaded(work, count=2):
    """Run the same work at once in several threads, each with its own connection."""
    gate, problems = threading.Barrier(count), []

    def one():
        gate.wait()
        try:
            work()
        except (DatabaseError, AssertionError) as error:
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems


@pytest.fixture
def committed(transactional_db, at):
    """An alert and someone on call, in rows that other connections see."""
    clinic = Clinic.objects.create(name="Fern Clinic", jurisdiction="US", country="US")
    site = make_site(clinic, slug="fern-north")
    on_call(make_staff(clinic, Role.PSYCHIATRIST, name="Dana"), at)
    for number in range(10):
        make(site, make_person(clinic, site, legal_name=f"P {number}"), at)
    return clinic


def test_two_workers_at_once_send_each_message_once(committed, at):
    _threaded(lambda: tick(at, worker=str(threading.get_ident())))
    tick(at)

    assert Message.objects.count() == 10
    assert len(mail.outbox) == 10
    assert set(Message.objects.values_list("tries", flat=True)) == {1}


def test_the_loop_beats_until_it_is_told_to_stop(committed):
    stop = threading.Event()
    loop = threading.Thread(target=lambda: (run(stop, every_s=0.01), connection.close()))
    loop.start()
    for _ in range(500):
        if WorkerBeat.objects.exists():
            break
        threading.Event().wait(0.02)
    stop.set()
    loop.join(10)

    assert not loop.is_alive()
    assert WorkerBeat.objects.count() == 1
