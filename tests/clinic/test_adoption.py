"""Adopting knowledge: who signs, what is refused, and what the boards say without it."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest

from overstory.clinic.care.adopted import adopted, in_force
from overstory.clinic.care.adopting import Act, OtherReleaseError, adopt, seal_of
from overstory.clinic.care.models import Adoption
from overstory.clinic.care.releases import changes_since
from overstory.clinic.people.permissions import Role
from overstory.knowledge.load import load_knowledge

POLICY = """\
clinic: Fern Clinic
adopted_by: D. Director
adopted_on: "2026-11-23"
visits:
  esketamine-us: {reason: we like company, observe_minutes: 150}
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


def signed_director(signed_in, director):
    client = signed_in(who=director)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
    session["account_authentication_methods_user"] = str(director.pk)
    session.save()
    return client


def form(**changes):
    given = {"key": uuid4(), "sha256": load_knowledge().sha256, "policy": "", "words": "I read it."}
    return {**given, **changes}


def test_a_director_adopts_with_the_second_factor(signed_in, director, clinic):
    client = signed_director(signed_in, director)

    answer = client.post("/knowledge/adopt/", form(), follow=True)

    assert "Adopted by" in answer.content.decode()
    assert clinic.adoptions.count() == 1


def test_without_the_second_factor_nothing_is_adopted(signed_in, director, clinic):
    assert signed_in(who=director).post("/knowledge/adopt/", form()).status_code == 403
    assert clinic.adoptions.count() == 0


def test_a_policy_that_does_not_fit_is_told_with_its_line(signed_in, director):
    answer = signed_in(who=director).post(
        "/knowledge/check/", form(policy="clinic: A\nclinic: B\n")
    )

    assert answer.status_code == 422
    assert "site policy:2" in answer.content.decode()


def test_a_check_shows_what_the_policy_changes_and_keeps_nothing(signed_in, director, clinic):
    rule = next(
        each.id
        for each in load_knowledge().rules
        if each.words.status == "site-policy" and each.kind == "caution"
    )
    policy = (
        'clinic: Fern\nadopted_by: D. D.\nadopted_on: "2026-11-23"\n'
        f"rules:\n  {rule}: {{reason: we do it otherwise, leave_out: true}}\n"
    )

    answer = signed_in(who=director).post(
        "/knowledge/check/", form(policy=policy, words="", check="1")
    )

    words = answer.content.decode()
    assert answer.status_code == 200
    assert "left out" in words
    assert rule in words
    assert clinic.adoptions.count() == 0


def test_what_changed_since_it_was_adopted_is_listed(clinic, director, at):
    row = adopt(clinic=clinic, act=act(), by=director, at=at)
    held = dict(row.entries)
    held["rules/tms.gone"] = "0" * 16
    held["rules/esketamine.pressure-before-dose"] = "0" * 16

    found = changes_since(held, load_knowledge())

    assert [(each.what, each.id) for each in found] == [
        ("changed", "esketamine.pressure-before-dose"),
        ("removed", "tms.gone"),
    ]


def test_a_policy_is_read_as_it_was_signed(clinic, director, at):
    row = adopt(clinic=clinic, act=act(policy=POLICY), by=director, at=at)

    assert row.policy == POLICY
    assert in_force(clinic).knowledge.sha256 != load_knowledge().sha256
    assert in_force(clinic).may_sign
