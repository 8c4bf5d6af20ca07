"""Notes write themselves from the facts, stay editable, and are signed by who wrote them."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest
from django.utils import timezone

from overstory.clinic.care import actions, notes
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.models import Note
from overstory.clinic.people.permissions import Role
from overstory.engine.facts import Unknown
from overstory.knowledge.load import load_knowledge
from tests.clinic.knowing import state

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

    assert "Systolic blood pressure: 128 mmHg." in words
    assert "Where nothing else is said: measured here, 23 Nov 2026, 10:00 EST." in words


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


def edit(
    seen, words="PLAN\nSeen again in a week.\n\nSIGNED WITHOUT A C-SSRS\nDone at the next visit."
):
    return notes.Edit(uuid4(), seen, words)


def test_an_edit_is_a_new_version_and_the_old_one_stays(note, doctor, at):
    notes.save(row=note, edit=edit(1), by=doctor, at=at)

    assert [each.number for each in note.versions.order_by("number")] == [1, 2]
    assert note.newest.words.startswith("PLAN\nSeen again in a week.")


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

    answer = client.post(f"/people/{person.pk}/notes/{note.pk}/{version.pk}/sign/", typed(1))

    version.refresh_from_db()
    assert answer.status_code == 403
    assert version.signed_at is None


PLANNED = "PLAN\nTMS from next week."


def typed(seen, words=PLANNED, **more):
    return {"key": uuid4(), "seen": seen, "words": words, **more}


@pytest.fixture
def desk(signed_in, doctor):
    """Return a client of the psychiatrist who gave the second factor just now."""
    client = signed_in(who=doctor)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
    session["account_authentication_methods_user"] = str(doctor.pk)
    session.save()
    return client


def sign(desk, note, **form):
    newest = note.versions.order_by("-number")[0]
    to = f"/people/{note.person_id}/notes/{note.pk}/{newest.pk}/sign/"
    return desk.post(to, {**typed(newest.number), **form})


def screen(person, by, risk="none"):
    statement = actions.Statement(
        id=uuid4(), kind=KNOWLEDGE.vocabulary["cssrs_risk"], value=risk, unknown=None,
        at=timezone.now(), origin="asked here",
    )  # fmt: skip
    actions.state_fact(person=person, statement=statement, by=by, at=timezone.now())


def test_signing_keeps_what_was_just_typed(desk, note, person, doctor):
    screen(person, doctor)

    answer = sign(desk, note, words="PLAN\nTyped a moment ago.")

    newest = note.versions.order_by("-number")[0]
    assert answer.status_code == 302
    assert (newest.number, newest.words) == (2, "PLAN\nTyped a moment ago.")
    assert newest.signed_at


def test_signing_twice_from_one_page_is_one_signed_version(desk, note, person, doctor):
    screen(person, doctor)
    key = uuid4()
    for _ in range(2):
        sign(desk, note, key=key, seen=1)

    assert note.versions.count() == 2


@pytest.mark.parametrize("words", ["HISTORY\nLong.", "PLAN\n", "PLAN\n\nSAFETY\nNone reported."])
def test_a_note_without_a_plan_is_kept_and_not_signed(desk, note, person, doctor, words):
    screen(person, doctor)

    answer = sign(desk, note, words=words)

    newest = note.versions.order_by("-number")[0]
    assert answer.status_code == 422
    assert "The PLAN section is empty" in answer.content.decode()
    assert (newest.words.strip(), newest.signed_at) == (words.strip(), None)


def test_a_note_of_someone_not_screened_is_signed_only_with_a_reason(desk, note):
    answer = sign(desk, note)
    assert answer.status_code == 422
    assert "The C-SSRS is not done: this visit cannot be signed off" in answer.content.decode()

    sign(desk, note, unscreened="They left before it could be asked.")

    newest = note.versions.order_by("-number")[0]
    assert newest.signed_at
    assert newest.words.endswith("SIGNED WITHOUT A C-SSRS\nThey left before it could be asked.\n")


def test_words_of_another_version_are_not_signed_over(desk, note, staff, at):
    notes.save(row=note, edit=edit(1, "What the nurse wrote."), by=staff(Role.NURSE), at=at)

    answer = sign(desk, note, seen=1)

    assert answer.status_code == 409
    assert note.versions.count() == 2


def test_a_total_that_was_stated_is_among_the_scores_and_not_twice(person, doctor, clinic, at):
    state(person, at, phq9_total=18, gad7_total=11)

    words = notes.draft(
        person=person, key=uuid4(), force=in_force(clinic), by=doctor, at=at
    ).newest.words

    assert "PHQ-9: total 18 (just now, a test)." in words
    assert "GAD-7: total 11 (just now, a test)." in words
    assert words.count("PHQ-9") == words[words.index("SCORES") :].count("PHQ-9")


def test_where_facts_are_from_is_said_once_and_unknown_once(person, doctor, clinic, at):
    state(person, at, weight_kg=80, systolic_bp=128)
    for name in ("pregnant", "metal_in_head_or_neck"):
        actions.state_fact(
            person=person, by=doctor, at=at,
            statement=actions.Statement(
                id=uuid4(), kind=KNOWLEDGE.vocabulary[name], value=None,
                unknown=Unknown.NOT_ANSWERED, at=at, origin="asked by phone",
            ),
        )  # fmt: skip

    words = notes.draft(
        person=person, key=uuid4(), force=in_force(clinic), by=doctor, at=at
    ).newest.words

    assert words.count("a test") == 1
    assert words.count("Asked, not answered: ") == 1
    assert "MENTAL STATE" in words


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
