"""Messages: neutral words, only by a channel that was agreed to, and what did not arrive is seen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction

import overstory.clinic
from overstory.clinic.people.messages import NEVER_SAID, Letter, Message, neutral, send, send_once
from overstory.clinic.people.models import ChannelConsent
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.worker import LETTERS, deliver
from overstory.knowledge.strict_yaml import read_yaml_file
from tests.clinic.conftest import make_person

CLINIC = Path(overstory.clinic.__file__).parent


@pytest.fixture
def agreed(person, at):
    """The person, who agreed to e-mail."""
    say(person, at, is_given=True)
    return person


def say(person, at, *, is_given, channel="email"):
    ChannelConsent.objects.create(person=person, channel=channel, is_given=is_given, at=at)


def write(clinic, to, at, body="We have a time for you on Tuesday at 10:00. Please call us."):
    return send(clinic=clinic, to=to, subject="From Fern North", body=body, at=at)


def test_a_message_is_delivered_by_the_worker_and_not_before(clinic, agreed, at):
    message = write(clinic, agreed, at)
    assert not mail.outbox

    deliver(at)

    message.refresh_from_db()
    assert message.sent_at == at
    assert mail.outbox[0].to == ["maya@example.org"]


def test_without_consent_to_the_channel_nothing_is_sent(clinic, person, at):
    say(person, at, is_given=True, channel="phone")

    assert write(clinic, person, at).withheld == "no consent to e-mail"
    assert deliver(at) == (0, 0)


def test_the_last_word_on_a_channel_counts(clinic, person, at):
    say(person, at, is_given=True)
    say(person, at + timedelta(hours=1), is_given=False)

    assert write(clinic, person, at + timedelta(hours=2)).withheld == "no consent to e-mail"


def test_two_words_at_one_moment_are_a_no(clinic, person, at):
    say(person, at, is_given=True)
    say(person, at, is_given=False)

    assert write(clinic, person, at).withheld


def test_consent_taken_back_before_delivery_holds_the_message_back(clinic, agreed, at):
    message = write(clinic, agreed, at)
    say(agreed, at + timedelta(seconds=1), is_given=False)

    deliver(at + timedelta(minutes=1))

    message.refresh_from_db()
    assert (message.withheld, message.sent_at) == ("no consent to e-mail", None)
    assert not mail.outbox


def test_consent_on_a_row_that_was_merged_counts(clinic, site, person, at):
    twin = make_person(clinic, site, merged_into=person)
    say(twin, at, is_given=True)

    assert not write(clinic, person, at).withheld


def test_without_an_address_nothing_is_sent(clinic, site, at):
    silent = make_person(clinic, site, email="")
    say(silent, at, is_given=True)

    assert write(clinic, silent, at).withheld == "no e-mail address"


@pytest.mark.parametrize(
    "words",
    [
        "Your ketamine visit",
        "KETAMINE",
        "esketamine",
        "la ketamina",
        "TMS on Tuesday",
        "Spravato",
        "Department of Psychiatry",
        "consulta de psiquiatría",
        "about depression",
        "suicide",
    ],
)
def test_words_that_tell_of_the_treatment_never_leave(clinic, agreed, at, words):
    assert write(clinic, agreed, at, body=words).withheld == "its words tell of the treatment"

    deliver(at)

    assert not mail.outbox


@pytest.mark.parametrize("words", ["Your items are here", "See you at 10:00", "Atmosphere"])
def test_words_that_only_hold_the_letters_may_leave(words):
    assert neutral(words)


def test_no_letter_to_staff_tells_of_the_treatment_either():
    assert all(neutral(f"{each.subject} {each.body}") for each in LETTERS.values())
    # the words that the measures dossier §7.2 forbids
    assert {"ketamine", "tms", "spravato", "psychiatr"} <= set(NEVER_SAID)


def test_no_message_to_a_person_tells_of_the_treatment_in_any_language():
    texts = {
        f"{path.name}: {name}": text
        for path in sorted(CLINIC.glob("*/words/*.yaml"))
        for name, text in _flat(read_yaml_file(path).content)
        if name.startswith("message")
    }

    assert any("es.yaml" in name for name in texts)
    assert [name for name, text in texts.items() if not neutral(text)] == []


def _flat(content, before=""):
    for name, held in content.items():
        if isinstance(held, dict):
            yield from _flat(held, f"{before}{name}.")
        else:
            yield f"{before}{name}", str(held)


def test_a_message_goes_to_one_receiver(clinic, person, staff, at):
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(
            clinic=clinic,
            to_person=person,
            to_staff=staff(Role.NURSE),
            subject="A",
            body="B",
            made_at=at,
            due_at=at,
        )


def test_a_letter_to_be_told_once_is_written_once(clinic, staff, at):
    nurse = staff(Role.NURSE)

    for _ in range(2):
        send_once(clinic=clinic, letters=[(nurse, Letter("A", "B", "step:1"))], at=at)

    assert Message.objects.count() == 1


def test_what_was_not_delivered_is_shown_to_staff_with_the_phone(signed_in, clinic, person, at):
    write(clinic, person, at)

    with time_machine.travel(at, tick=False):
        page = signed_in(Role.COORDINATOR).get("/messages/?show=undelivered").content.decode()

    assert "Maya" in page
    assert "+1 555 0123" in page
    assert "no consent to e-mail" in page


def test_ones_own_messages_are_shown_and_no_one_elses(signed_in, staff, clinic, at):
    nurse, other = staff(Role.NURSE), staff(Role.NURSE)
    write(clinic, nurse, at, body="For you alone")
    write(clinic, other, at, body="For another")

    page = signed_in(who=nurse).get("/messages/").content.decode()

    assert "For you alone" in page
    assert "For another" not in page


def test_who_may_not_find_persons_sees_no_undelivered_messages(signed_in, clinic, person, at):
    write(clinic, person, at)

    page = signed_in(Role.AUDITOR).get("/messages/?show=undelivered").content.decode()

    assert "Maya" not in page


def test_another_clinics_messages_are_not_shown(signed_in, other_clinic, stranger, at):
    write(other_clinic, stranger, at)

    page = signed_in(Role.COORDINATOR).get("/messages/?show=undelivered").content.decode()

    assert "Zeb" not in page
    assert "not delivered" in page


def test_a_body_is_sealed(clinic, agreed, at):
    write(clinic, agreed, at, body="Please call us on Tuesday")

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM people_message")
        assert b"Tuesday" not in bytes(cursor.fetchone()[0])
