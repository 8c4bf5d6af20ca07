"""The invented clinic: the same for a seed, made once, whole along the pathway, entered only from here."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import time_machine
from django.test import Client

from overstory.clinic.audit.models import Entry
from overstory.clinic.care.adopted import in_force
from overstory.clinic.config.serving import PortTakenError, check_port
from overstory.clinic.demo.knowing import EXAMPLES, PERSONS
from overstory.clinic.demo.seeding import RealClinicError, seed_clinic
from overstory.clinic.people.models import Clinic
from overstory.clinic.people.permissions import Role
from tests.clinic.invented import NOON


def test_a_database_with_a_real_clinic_is_refused(clinic):
    with pytest.raises(RealClinicError, match="not invented"):
        seed_clinic(seed=1, now=NOON)


def test_an_empty_demo_has_staff_and_nothing_adopted(db):
    clinic = seed_clinic(seed=1, now=NOON, is_empty=True).clinic

    assert clinic.staff.count() == 17
    assert clinic.persons.count() == 0
    assert in_force(clinic).adopted is None


def test_one_click_enters_as_someone_of_the_staff_and_it_is_on_record(db):
    clinic = seed_clinic(seed=1, now=NOON, is_empty=True).clinic
    nurse = clinic.staff.holding(Role.NURSE).first()
    client = Client()
    with time_machine.travel(NOON, tick=False):
        page = client.get("/demo/")

        answer = client.post(f"/demo/{nurse.pk}/")

        assert nurse.name in page.content.decode()
        assert answer.status_code == 302
        arrived = client.get(answer.url)
    assert arrived.status_code == 200
    assert "Invented clinic: nobody here is real." in arrived.content.decode()
    assert Entry.objects.filter(action="signed in by one click", subject=nurse.actor).count() == 1


@pytest.mark.parametrize(
    "around",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_FORWARDED": "for=192.0.2.7"},
    ],
)
def test_from_elsewhere_there_is_no_such_page(db, around):
    clinic = seed_clinic(seed=1, now=NOON, is_empty=True).clinic
    someone = clinic.staff.first()

    assert Client(**around).get("/demo/").status_code == 404
    assert Client(**around).post(f"/demo/{someone.pk}/").status_code == 404


def test_beside_a_real_clinic_nobody_enters_by_one_click(db):
    demo = seed_clinic(seed=1, now=NOON, is_empty=True).clinic
    Clinic.objects.create(name="Fern Clinic")

    assert Client().get("/demo/").status_code == 404
    assert Client().post(f"/demo/{demo.staff.first().pk}/").status_code == 404


def test_at_an_address_of_the_network_nobody_enters_by_one_click(db, settings):
    demo = seed_clinic(seed=1, now=NOON, is_empty=True).clinic
    settings.ORIGIN = "https://clinic.example.org"

    assert Client().get("/demo/").status_code == 404
    assert Client().post(f"/demo/{demo.staff.first().pk}/").status_code == 404


def test_the_examples_of_the_demo_are_the_examples_of_the_project():
    examples = Path(__file__).parents[2] / "examples" / "patients"

    for name in EXAMPLES:
        assert (PERSONS / f"{name}.yaml").read_text() == (examples / f"{name}.yaml").read_text()


def test_a_port_in_use_is_told_in_a_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(PortTakenError, match=rf"port {port}: another program uses it"):
            check_port(port)


def test_every_page_of_an_invented_site_is_marked(db):
    clinic = seed_clinic(seed=1, now=NOON, is_empty=True).clinic
    site = clinic.sites.first()

    with time_machine.travel(NOON, tick=False):
        for page in ("", "compare/", "ask/", "refer/", "visit/"):
            for language in ("en", "es"):
                answer = Client().get(f"/{language}/at/{site.slug}/{page}")
                assert answer.status_code == 200
                assert "Invented clinic: nobody here is real." in answer.content.decode()
