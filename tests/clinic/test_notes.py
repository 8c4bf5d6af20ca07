"""Notes write themselves from the facts, stay editable, and are signed by who wrote them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from overstory.clinic.care import actions, notes
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.models import Note
from overstory.clinic.people.permissions import Role
from overstory.knowledge.load import load_knowledge

KNOWLEDGE = load_knowledge()


@pytest.fixture
def doctor(staff):
    return staff(Role.PSYCHIATRIST)


@pytest.fixture
def note(person, doctor, clinic, at) -> Note:
    statement = actions.Statement(
        id=uuid4(), kind=KNOWLEDGE.vocabulary["systolic_bp"], value=128, unknown=None, at=at,
        origin="measured here",
    )  # fmt: skip
    actions.state_fact(person=person, statement=statement, by=doctor, at=at)
    return notes.draft(person=person, key=uuid4(), force=in_force(clinic), by=doctor, at=at)


def test_a_note_says_what_is_known_with_its_origin(note):
    words = note.newest.words

    assert "Systolic blood pressure: 128 mmHg (measured here, 23 Nov 2026, 10:00 EST)." in words


def test_a_note_says_that_the_unknown_is_unknown(note):
    words = note.newest.words

    assert "Risk of suicide: not known, not screened." in words
    assert "No past trial of a medicine is on record; that is not none." in words
    assert "No score is on record." in words


def test_every_sentence_of_rules_and_facts_names_what_it_rests_on(note):
    parts = {each["title"]: each["sentences"] for each in note.draft}

    for title in ("History", "Safety", "Suitability", "Still unknown"):
        assert all(each["facts"] or each["rules"] for each in parts[title]), title


def test_the_plan_is_left_to_the_clinician(note):
    assert note.newest.words.endswith("PLAN\n")


def edit(seen, words="Changed by hand."):
    return notes.Edit(uuid4(), seen, words)


def test_an_edit_is_a_new_version_and_the_old_one_stays(note, doctor, at):
    notes.save(row=note, edit=edit(1), by=doctor, at=at)

    assert [each.number for each in note.versions.order_by("number")] == [1, 2]
    assert note.newest.words == "Changed by hand."


def test_an_edit_sent_twice_is_one_version(note, doctor, at):
    same = edit(1)
    for _ in range(2):
        notes.save(row=note, edit=same, by=doctor, at=at)

    assert note.versions.count() == 2


def test_two_who_edit_at_once_do_not_overwrite_each_other(note, doctor, staff, at):
    notes.save(row=note, edit=edit(1, "first"), by=doctor, at=at)

    with pytest.raises(notes.ChangedMeanwhileError):
        notes.save(row=note, edit=edit(1, "second"), by=staff(Role.NURSE), at=at)


def test_only_who_wrote_the_newest_version_signs_it(note, doctor, staff, at):
    nurse = staff(Role.NURSE)
    version = notes.save(row=note, edit=edit(1), by=nurse, at=at)

    with pytest.raises(notes.NotTheAuthorError):
        notes.sign(version=version, by=doctor, at=at)
    assert notes.sign(version=version, by=nurse, at=at).signed_at == at


def test_a_version_that_was_followed_is_not_signed(note, doctor, at):
    first = note.newest
    notes.save(row=note, edit=edit(1), by=doctor, at=at)

    with pytest.raises(notes.NotTheAuthorError):
        notes.sign(version=first, by=doctor, at=at)


def test_the_words_of_a_note_are_sealed(note):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM care_noteversion")
        assert b"PLAN" not in bytes(cursor.fetchone()[0])


def test_signing_asks_for_the_second_factor(signed_in, person, note, doctor):
    client = signed_in(who=doctor)
    version = note.newest

    answer = client.post(f"/people/{person.pk}/notes/{note.pk}/{version.pk}/sign/")

    version.refresh_from_db()
    assert answer.status_code == 403
    assert version.signed_at is None


def test_the_page_of_a_note_edited_meanwhile_shows_both(signed_in, person, note, doctor, at):
    notes.save(row=note, edit=edit(1, "What the other wrote."), by=doctor, at=at)

    answer = signed_in(Role.NURSE).post(
        f"/people/{person.pk}/notes/{note.pk}/save/",
        {"key": uuid4(), "seen": 1, "words": "What I wrote."},
    )

    assert answer.status_code == 409
    assert "What the other wrote." in answer.content.decode()
    assert "What I wrote." in answer.content.decode()


def test_another_clinics_note_is_not_there(signed_in, other_clinic, person, note):
    answer = signed_in(Role.PSYCHIATRIST, of=other_clinic).get(
        f"/people/{person.pk}/notes/{note.pk}/"
    )

    assert answer.status_code == 404


def test_a_coordinator_reads_no_notes(signed_in, person, note):
    client = signed_in(Role.COORDINATOR)

    assert client.get(f"/people/{person.pk}/notes/").status_code == 404
    assert client.post(f"/people/{person.pk}/notes/new/", {"key": uuid4()}).status_code == 404
