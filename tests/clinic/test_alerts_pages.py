"""The pages about alerts: who sees them, what they show, and what cannot be done."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from overstory.clinic.audit.models import Entry
from overstory.clinic.people.models import OnCall
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.actions import Done, act, raise_alert
from overstory.clinic.safety.models import Alert
from overstory.clinic.safety.shown import span
from tests.clinic.conftest import make_person

SEE = [Role.MEDICAL_DIRECTOR, Role.PSYCHIATRIST, Role.NURSE, Role.TECHNICIAN, Role.THERAPIST,
       Role.COORDINATOR]  # fmt: skip
NOT = [Role.MANAGER, Role.AUDITOR]


def make(site, person, at, **more):
    known = {
        "kind": "cssrs",
        "tier": "high",
        "source": f"answer:{uuid.uuid4()}",
        "says": "Question 5: yes",
        "actor": "link:1",
    }
    return raise_alert(person=person, site=site, at=at, **{**known, **more})


@pytest.fixture
def alert(site, person, at):
    return make(site, person, at)


@pytest.fixture
def frozen(at):
    with time_machine.travel(at + timedelta(minutes=4), tick=False):
        yield at + timedelta(minutes=4)


def text(client, name, *args, **more):
    answer = client.get(reverse(name, args=args), more)
    assert answer.status_code == 200
    return answer.content.decode()


def post(client, alert, kind, **fields):
    fields.setdefault("key", str(uuid.uuid4()))
    return client.post(reverse("alert_act", args=[alert.pk, kind]), fields)


def kinds(alert):
    return list(alert.acts.order_by("seq").values_list("kind", flat=True))


def test_the_list_shows_who_must_act_and_how_long_is_left(signed_in, staff, alert, frozen):
    dana = staff(Role.PSYCHIATRIST, name="Dana Ruiz")
    OnCall.objects.create(
        clinic=alert.clinic,
        staff=dana,
        starts=frozen - timedelta(hours=1),
        ends=frozen + timedelta(days=1),
    )

    page = text(signed_in(Role.NURSE), "alerts")

    assert "Maya" in page
    assert "Dana Ruiz" in page
    # high, remote: 30 minutes (escalation ladder of the clinical dossiers)
    assert "26 min left" in page


@pytest.mark.parametrize("role", SEE)
def test_who_cares_for_people_sees_alerts_and_may_act(signed_in, alert, frozen, role):
    client = signed_in(role)

    assert "Maya" in text(client, "alerts")
    assert post(client, alert, "acknowledged").status_code == 302
    assert kinds(alert) == ["raised", "acknowledged"]


@pytest.mark.parametrize("role", NOT)
def test_who_does_not_care_for_people_finds_no_page(signed_in, alert, frozen, role):
    client = signed_in(role)

    for answer in (
        client.get("/alerts/"),
        client.get(reverse("alert", args=[alert.pk])),
        client.get("/alerts/raise/"),
        post(client, alert, "acknowledged"),
    ):
        assert answer.status_code == 404
        assert b"Maya" not in answer.content
    assert kinds(alert) == ["raised"]


def test_another_clinics_alert_is_no_page_and_cannot_be_acted_on(
    signed_in, other_clinic, alert, person, frozen
):
    client = signed_in(Role.PSYCHIATRIST, of=other_clinic)

    for answer in (
        client.get(reverse("alert", args=[alert.pk])),
        post(client, alert, "acknowledged"),
        client.get(reverse("alert_raise_for", args=[person.pk])),
    ):
        assert answer.status_code == 404
        assert b"Maya" not in answer.content
        assert b"Question 5" not in answer.content
    assert "Maya" not in text(client, "alerts")
    assert "Maya" not in text(client, "alerts", show="closed")
    assert kinds(alert) == ["raised"]


def test_a_stranger_is_sent_to_sign_in(client, alert):
    assert client.get("/alerts/").url == "/sign-in/?next=/alerts/"
    assert post(client, alert, "acknowledged").status_code == 302
    assert kinds(alert) == ["raised"]


def test_a_form_sent_twice_is_done_once(signed_in, alert, frozen):
    client, key = signed_in(Role.NURSE), str(uuid.uuid4())

    for _ in range(2):
        assert post(client, alert, "note", key=key, says="Called her wife").status_code == 302

    assert kinds(alert) == ["raised", "note"]


def test_a_read_acts_on_nothing(signed_in, alert, frozen):
    client = signed_in(Role.NURSE)

    assert client.get(reverse("alert_act", args=[alert.pk, "acknowledged"])).status_code == 405
    assert kinds(alert) == ["raised"]


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("assessed", {"tier": "high", "says": ""}, "This field is required"),
        ("assessed", {"tier": "low", "says": "seems well"}, "Only a clinician"),
        ("contact-tried", {"outcome": ""}, "This field is required"),
        ("closed", {"outcome": "safety-plan", "says": "x"}, "First record an assessment"),
        ("handed-over", {"to": str(uuid.uuid4())}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_said_on_the_same_page(signed_in, alert, frozen, kind, fields, words):
    answer = post(signed_in(Role.NURSE), alert, kind, **fields)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert kinds(alert) == ["raised"]


def test_an_act_that_is_none_is_no_page(signed_in, alert, frozen):
    assert post(signed_in(Role.NURSE), alert, "raised").status_code == 404
    assert post(signed_in(Role.NURSE), alert, "raised-tier").status_code == 404


def test_from_acknowledging_to_settled_by_the_forms_alone(signed_in, staff, alert, at):
    doctor = staff(Role.PSYCHIATRIST)
    with time_machine.travel(at, tick=False):
        client = signed_in(who=doctor)
        post(client, alert, "acknowledged")
        post(client, alert, "contact-tried", outcome="reached", says="She picked up")
        post(client, alert, "assessed", tier="high", says="C-SSRS and SAFE-T")
        post(client, alert, "closed", outcome="safety-plan", says="Wife holds the pills")
        page = text(client, "alerts", show="follow-ups")
    # first contact within 24 hours of the assessment (escalation ladder of the clinical dossiers)
    assert "Follow-up contact" in page
    assert "1 d 0 h left" in page
    with time_machine.travel(at + timedelta(hours=6), tick=False):
        client = signed_in(who=doctor)
        post(client, alert, "followed-up", outcome="reached", says="Sleeps better")
        post(client, alert, "followed-up", outcome="reached", says="Early second")
        page = text(client, "alert", alert.pk)

    assert "Closed and settled" in page
    assert kinds(alert)[1:] == [
        "acknowledged",
        "contact-tried",
        "assessed",
        "closed",
        "followed-up",
        "followed-up",
    ]


def test_staff_raise_an_alert_by_hand(signed_in, site, person, frozen):
    client, key = signed_in(Role.TECHNICIAN), str(uuid.uuid4())
    fields = {
        "key": key,
        "site": str(site.pk),
        "strand": "self-injury",
        "tier": "unscreened",
        "on_site": "on",
        "says": "Fresh cuts on the left forearm",
    }

    for _ in range(2):
        answer = client.post(reverse("alert_raise_for", args=[person.pk]), fields)

    alert = Alert.objects.get()
    assert answer.url == reverse("alert", args=[alert.pk])
    assert (alert.kind, alert.tier, alert.on_site, alert.person) == (
        "self-injury",
        "unscreened",
        True,
        person,
    )
    assert str(alert.acts.get().by.name).startswith("tms-technician")
    page = text(client, "alert", alert.pk)
    assert "Self-injury is kept apart from thoughts of suicide" in page


def test_an_alert_by_hand_needs_words(signed_in, site, frozen):
    answer = signed_in(Role.NURSE).post(reverse("alert_raise"), {"site": str(site.pk)})

    assert answer.status_code == 422
    assert not Alert.objects.exists()


def test_an_alert_by_hand_names_a_site_of_the_same_clinic(signed_in, other_site, frozen):
    fields = {"key": str(uuid.uuid4()), "site": str(other_site.pk), "strand": "staff-raised",
              "tier": "high", "says": "x"}  # fmt: skip

    assert signed_in(Role.NURSE).post(reverse("alert_raise"), fields).status_code == 422
    assert not Alert.objects.exists()


def test_a_person_who_is_read_is_in_the_record(signed_in, alert, person, frozen):
    client = signed_in(Role.NURSE)
    text(client, "alerts")
    text(client, "alert", alert.pk)

    saw = Entry.objects.filter(subject=f"person:{person.pk}", action__startswith="saw")
    assert sorted(saw.values_list("action", flat=True)) == ["saw alert", "saw alerts"]


def test_the_counts_and_the_banner_stand_on_every_page(signed_in, staff, alert, at):
    doctor = staff(Role.PSYCHIATRIST)
    OnCall.objects.create(clinic=alert.clinic, staff=doctor, starts=at, ends=at + timedelta(days=1))
    with time_machine.travel(at + timedelta(minutes=1), tick=False):
        early = text(signed_in(who=doctor), "home")
    with time_machine.travel(at + timedelta(minutes=31), tick=False):
        late = text(signed_in(who=doctor), "home")

    assert "1 alert waiting for you" in early
    assert "1 alert overdue" in late


@pytest.mark.parametrize("show", ["open", "mine", "follow-ups", "closed"])
def test_a_list_asks_as_much_for_one_as_for_many(signed_in, staff, site, at, frozen, show):
    doctor = staff(Role.PSYCHIATRIST)
    OnCall.objects.create(clinic=site.clinic, staff=doctor, starts=at, ends=at + timedelta(days=1))

    def more(count):
        for number in range(count):
            made = make(site, make_person(site.clinic, site, legal_name=f"P {number}"), at)
            if show in {"follow-ups", "closed"}:
                for kind, fields in (("assessed", {"tier": "high"}), ("closed", {})):
                    outcome = "safety-plan" if kind == "closed" else ""
                    done = Done(kind, uuid.uuid4(), outcome=outcome, says="x", **fields)
                    act(alert=made, done=done, by=doctor, at=at)

    client = signed_in(who=doctor)
    counts = []
    for count in (1, 40):
        more(count)
        text(client, "alerts", show=show)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page = text(client, "alerts", show=show)
        counts.append(len([q for q in asked if "audit" not in q["sql"].lower()]))
    assert counts[0] == counts[1] <= 15
    assert len(re.findall(r'href="/alerts/[0-9a-f-]{36}/"', page)) == 20
    assert "Page 1" in page


def test_one_alert_asks_at_most_fifteen_queries(signed_in, alert, frozen):
    client = signed_in(Role.NURSE)
    for number in range(30):
        post(client, alert, "note", says=f"note {number}")

    with CaptureQueriesContext(connection) as asked:
        text(client, "alert", alert.pk)

    assert len([q for q in asked if "audit" not in q["sql"].lower()]) <= 15


def test_a_thousand_alerts_are_windowed(signed_in, site, at, frozen):
    for number in range(1000):
        make(site, None, at, kind="request-text", source=f"request:{number}", tier="unscreened")

    page = text(signed_in(Role.NURSE), "alerts")

    assert len(re.findall(r'href="/alerts/[0-9a-f-]{36}/"', page)) == 20
    assert "(1000)" in page


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 min left"),
        (59, "59 min left"),
        (61, "1 h 1 min left"),
        (-1, "1 min overdue"),
        (-1500, "1 d 1 h overdue"),
        (1440, "1 d 0 h left"),
    ],
)
def test_the_time_that_is_left_is_said_in_words(at, minutes, words):
    assert span(at + timedelta(minutes=minutes), at) == words
