"""Adopting knowledge: who signs, what is refused, and what the boards say without it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from overstory.clinic.care.adopted import adopted, in_force
from overstory.clinic.care.adopting import Act, OtherReleaseError, adopt, seal_of
from overstory.clinic.care.models import Adoption
from overstory.clinic.people.permissions import Role
from overstory.knowledge.load import load_knowledge

POLICY = """\
clinic: Fern Clinic
adopted_by: D. Director
adopted_on: "2026-11-23"
visits:
  esketamine-dose: {reason: we like company, observe_minutes: 150}
"""


@pytest.fixture
def director(staff):
    return staff(Role.MEDICAL_DIRECTOR)


def act(**changes) -> Act:
    given = {"key": uuid4(), "sha256": load_knowledge().sha256, "policy": "", "words": "I read it."}
    return Act(**{**given, **changes})


def test_a_clinic_without_an_act_has_adopted_nothing(clinic):
    assert adopted(clinic) is None
    assert not in_force(clinic).may_sign


def test_an_adopted_release_may_be_signed_under(clinic, director, at):
    adopt(clinic=clinic, act=act(), by=director, at=at)

    force = in_force(clinic)

    assert force.may_sign
    assert force.knowledge.sha256 == load_knowledge().sha256


def test_the_same_act_sent_twice_is_one(clinic, director, at):
    same = act()
    adopt(clinic=clinic, act=same, by=director, at=at)
    adopt(clinic=clinic, act=same, by=director, at=at)

    assert clinic.adoptions.count() == 1


def test_another_release_than_the_one_shown_is_not_adopted(clinic, director, at):
    with pytest.raises(OtherReleaseError):
        adopt(clinic=clinic, act=act(sha256="0" * 64), by=director, at=at)


def test_a_board_says_that_another_release_runs_than_was_adopted(
    clinic, director, person, signed_in, at
):
    row = adopt(clinic=clinic, act=act(), by=director, at=at)
    Adoption.objects.filter(pk=row.pk).update(sha256="a" * 64)

    force = in_force(clinic)
    page = signed_in(Role.PSYCHIATRIST).get(f"/people/{person.pk}/board/").content.decode()

    assert not force.may_sign
    assert "Not what was adopted" in page


def test_a_board_says_that_nothing_was_adopted(person, signed_in):
    page = signed_in(Role.PSYCHIATRIST).get(f"/people/{person.pk}/board/").content.decode()

    assert "Not adopted" in page


def test_a_changed_act_breaks_its_seal(clinic, director, at):
    row = adopt(clinic=clinic, act=act(), by=director, at=at)
    assert seal_of(row) == row.seal

    Adoption.objects.filter(pk=row.pk).update(words="Somebody else's words.")

    row.refresh_from_db()
    assert seal_of(row) != row.seal


def test_a_nurse_reads_the_knowledge_page_and_does_not_adopt(signed_in, clinic):
    nurse = signed_in(Role.NURSE)

    assert nurse.get("/knowledge/").status_code == 200
    assert nurse.post("/knowledge/adopt/", {}).status_code == 404
    assert clinic.adoptions.count() == 0
