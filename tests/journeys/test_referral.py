"""A colleague refers someone with a FHIR Bundle: taken, reviewed, on the board. And strangers stay out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.house import MONDAY, house_in, surroundings
from tests.journeys.telling import SITE, Someone, registers

BUNDLE = Path(__file__).parents[2] / "examples" / "patients" / "noor.json"
WHO = Someone("Noor Fallowmere", born="1979-06-14")
SECOND = Path(__file__).parent / "second_clinic.py"


@pytest.fixture(scope="module")
def house(tmp_path_factory, seeded_home):
    """A house with a second invented clinic in the same database."""
    made = house_in(tmp_path_factory.mktemp("house"), seeded_home)
    told = subprocess.run(
        [sys.executable, "-m", "tests.journeys.second_clinic"],
        env={**surroundings(made.home, MONDAY, made.address),
             "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent / "clock"),
                                            str(Path(__file__).parents[2])])},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    made.stranger = told.stdout.strip()
    try:
        made.open()
        yield made
    finally:
        made.close()


def test_a_bundle_sent_with_a_referral_is_reviewed_and_stands_on_the_board(someone):
    colleague = someone()
    colleague.go(f"{SITE}refer/")
    colleague.looks()
    colleague.tell(referrer="Dr. Invented, Inland Practice", referrer_phone="+1 212 555 0190",
                   person_name=WHO.name, birth_date=WHO.born, phone=WHO.phone, reason="depression", knows="yes", files=str(BUNDLE),
                   words="Two medicines without effect; please see the record.")  # fmt: skip
    colleague.click("Send")
    colleague.reads("Thank you. We have it.")
    colleague.looks()

    desk = someone().enter_as("psychiatrist")
    person = registers(desk, WHO)
    desk.go(f"{person}records/")
    desk.looks()
    desk.click("Review it")
    desk.reads("New to us")
    desk.looks()
    if desk.page.locator("[name=same-person]").count():
        desk.tell(**{"same-person": "yes"})
    desk.click("Take what is chosen")
    desk.looks()

    desk.go(f"{person}facts/")
    desk.reads("noor.json")
    desk.go(f"{person}board/")
    desk.reads("noor.json")
    desk.looks()


def test_another_clinics_patient_is_no_page_and_no_byte(someone, house):
    nurse = someone().enter_as("nurse")

    for page in ("", "board/", "facts/", "questionnaires/", "plans/", "details/", "appointments/"):
        assert nurse.go(f"/people/{house.stranger}/{page}") == 404
        nurse.does_not_read("Zebulon")
    nurse.looks()


def test_who_is_not_signed_in_is_asked_to_sign_in_and_reads_nothing(someone, house):
    stranger = someone()

    for page in (f"/people/{house.stranger}/", "/people/", "/alerts/", "/requests/", "/calendar/"):
        stranger.go(page)
        assert stranger.path.startswith("/sign-in/")
        stranger.does_not_read("Zebulon")
    stranger.looks(invented=False)
    assert re.search("Sign in", stranger.page.title())


def test_the_door_of_the_invented_clinic_is_accessible(someone):
    visitor = someone(phone=True)

    assert visitor.go("/demo/") == 200
    visitor.looks()
