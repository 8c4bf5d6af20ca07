"""A patient fills a pack on a phone: opened with a birth date, one question a page, handed in."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from overstory.clinic.intake.answers import given
from overstory.clinic.intake.links import begin, make_link
from overstory.clinic.intake.models import Answer
from overstory.clinic.people.permissions import Role
from overstory.knowledge.load import load_knowledge


@pytest.fixture
def sent(person, staff, at):
    """Make a link for a person and return it with its token."""

    def make(pack: str = "phq9", of=None):
        nurse = staff(Role.NURSE)
        return make_link(
            questionnaire=begin(person=of or person, pack=pack, by=nurse, at=at), by=nurse, at=at
        )

    return make


@pytest.fixture
def phone(sent, time_machine, at):
    """A browser that opened a link of a pack: the client, and the start of its addresses."""
    time_machine.move_to(at, tick=False)

    def open_it(pack: str = "phq9", made=None):
        made = made or sent(pack)
        client = Client()
        answer = client.post(f"/q/{made.token}/", {"day": "9", "month": "3", "year": "1982"})
        assert answer.status_code == 302, answer.content.decode()
        return client, f"/q/at/{made.link.pk}/"

    return open_it


def test_a_patient_fills_the_phq9_and_hands_it_in(phone, person, at):
    client, start = phone()
    page = client.get(start).url

    for number in range(1, 10):
        assert page == f"{start}page/phq9.{number}/"
        assert client.get(page).status_code == 200
        page = client.post(page, {"answer": "0" if number == 9 else "2", "seen": "0"}).url
    assert page == f"{start}check/"
    assert client.get(page).status_code == 200
    done = client.post(page)

    assert done.url == f"{start}done/"
    assert "Thank you" in client.get(done.url).content.decode()
    found = given([person.pk], at, load_knowledge())
    assert found.facts["phq9_total"].value == 16  # eight items of 2
    assert found.facts["phq9_total"].origin == "PHQ-9 by the patient, 2026-11-23"
    assert found.facts["phq9_item9"].value == 0


def test_an_item_9_above_zero_is_an_alert_before_the_next_page(phone, person, clinic):
    client, start = phone()

    answer = client.post(f"{start}page/phq9.9/", {"answer": "1", "seen": "0"})

    assert answer.url == f"{start}help/"
    alert = clinic.alerts.get()
    assert (alert.kind, alert.tier, alert.person) == ("item-9", "unscreened", person)
    shown = client.get(answer.url).content.decode()
    assert "988" in shown
    assert "Nobody watches this form" in shown
    client.post(answer.url, {"phone": "+1 555 0199", "place": "at home", "key": ""})
    told = alert.acts.get(kind="told-where")
    assert (told.phone, told.place) == ("+1 555 0199", "at home")


def test_staff_make_a_link_that_is_shown_once_with_its_qr_code(signed_in, person):
    client = signed_in(Role.NURSE)
    page = client.get(f"/people/{person.pk}/questionnaires/")
    key = re.search(r'name="key" value="([^"]+)"', page.content.decode()).group(1)

    made = client.post(
        f"/people/{person.pk}/questionnaires/", {"key": key, "pack": "phq9", "way": "show"}
    )

    token = re.search(r"/q/([\w-]+)/", made.content.decode()).group(1)
    assert "data:image/svg+xml" in made.content.decode()
    assert Client().get(f"/q/{token}/").status_code == 200
    assert client.get("/questionnaires/").status_code == 200
    assert Answer.objects.count() == 0
