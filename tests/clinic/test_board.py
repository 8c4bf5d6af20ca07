"""The suitability board: verdicts, answers in place, what is recorded, who may see it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from overstory.clinic.care.models import Assessment, StatedFact
from overstory.clinic.people.permissions import Role


@pytest.fixture
def page(person):
    return f"/people/{person.pk}/board/"


def test_a_psychiatrist_sees_the_five_options(signed_in, page):
    answer = signed_in(Role.PSYCHIATRIST).get(page)

    assert answer.status_code == 200
    for name in ("Esketamine nasal spray", "TMS", "Ketamine, then TMS"):
        assert name in answer.content.decode()


def test_another_clinics_person_has_no_board_here(signed_in, stranger):
    answer = signed_in(Role.PSYCHIATRIST).get(f"/people/{stranger.pk}/board/")

    assert answer.status_code == 404
    assert b"Zeb" not in answer.content


def test_a_coordinator_sees_no_board(signed_in, page):
    assert signed_in(Role.COORDINATOR).get(page).status_code == 404


def test_an_answer_in_place_is_a_row_and_the_board_says_what_moved(signed_in, person, page):
    nurse = signed_in(Role.NURSE)

    answer = nurse.post(
        f"/people/{person.pk}/facts/aneurysmal_vascular_disease/state/",
        {"key": uuid4(), "seen": "", "back": "board", "answer": "true"},
        follow=True,
    )

    row = StatedFact.objects.get()
    assert (row.name, row.value) == ("aneurysmal_vascular_disease", True)
    assert "Contraindicated" in answer.content.decode()
    assert "and it moved" in answer.content.decode()


def test_a_recorded_assessment_is_made_again_byte_for_byte(signed_in, person, page):
    doctor = signed_in(Role.PSYCHIATRIST)
    key = uuid4()

    for _ in range(2):
        answer = doctor.post(f"{page}record/", {"key": key}, follow=True)

    assert Assessment.objects.count() == 1
    assert "byte for byte" in answer.content.decode()
