"""When a signature counts, and how sure a person is: plain rules over plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overstory.knowledge.load import load_knowledge
from overstory.pathway.consent import (
    Session,
    Signature,
    Standing,
    before_of,
    consent_policy,
    document_of,
    ends_at,
    needs_witness,
    standing_of,
)
from overstory.pathway.sure import QUESTIONS, SureAnswerError, sure

KNOWLEDGE = load_knowledge()
POLICY = consent_policy(KNOWLEDGE)
ZONE = ZoneInfo("America/New_York")
SIGNED = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Monday, 10:00 in New York."""


def stands(at, *, treatment="esketamine", route="nasal", asked="", withdrawn=None, signed=SIGNED):
    signature = Signature(treatment, route, signed, withdrawn)
    return standing_of(signature, Session(at, ZONE, asked), POLICY)


def test_a_signature_counts_from_the_next_day_to_the_end_of_its_year():
    """Twelve months: site policy of the clinical dossier on measures, 7.1."""
    assert stands(SIGNED - timedelta(minutes=1)) is Standing.NOT_YET
    assert stands(SIGNED + timedelta(hours=13)) is Standing.TOO_LATE
    assert stands(SIGNED + timedelta(hours=14)) is Standing.STANDS
    assert stands(datetime(2027, 11, 23, 14, 59, tzinfo=UTC)) is Standing.STANDS
    assert stands(datetime(2027, 11, 23, 15, 0, tzinfo=UTC)) is Standing.ENDED


def test_for_tms_it_counts_once_the_session_starts_later():
    assert stands(SIGNED, treatment="tms") is Standing.TOO_LATE
    assert stands(SIGNED + timedelta(minutes=1), treatment="tms") is Standing.STANDS


def test_a_treatment_that_the_policy_does_not_name_takes_the_stricter_rule():
    assert before_of("something-new", POLICY) == "session-day"


def test_a_route_that_is_known_and_another_is_refused():
    later = SIGNED + timedelta(days=2)

    assert stands(later, asked="nasal") is Standing.STANDS
    assert stands(later, asked="IV") is Standing.OTHER_ROUTE
    assert stands(later) is Standing.STANDS


def test_a_withdrawal_ends_it_from_its_moment():
    withdrawn = SIGNED + timedelta(days=3)

    assert stands(withdrawn - timedelta(seconds=1), withdrawn=withdrawn) is Standing.STANDS
    assert stands(withdrawn, withdrawn=withdrawn) is Standing.WITHDRAWN


def test_signed_on_the_29th_of_february_it_ends_on_the_28th():
    signed = datetime(2028, 2, 29, 15, 0, tzinfo=UTC)

    assert ends_at(signed, ZONE, POLICY) == datetime(2029, 2, 28, 10, 0, tzinfo=ZONE)


@given(passed=st.integers(0, 2_600_000), after=st.integers(0, 720_000))
def test_it_never_stands_on_the_day_of_signing_nor_after_its_year(passed, after):
    """Both in minutes: five years of signing, and five hundred days after each."""
    signed = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=passed)
    at = signed + timedelta(minutes=after)
    found = stands(at, signed=signed)

    same_day = at.astimezone(ZONE).date() == signed.astimezone(ZONE).date()
    assert (found is Standing.STANDS) == (not same_day and at < ends_at(signed, ZONE, POLICY))


def test_there_is_no_document_where_none_was_written():
    assert document_of(treatment="tms", jurisdiction="EU", knowledge=KNOWLEDGE) is None
    assert document_of(treatment="tms", jurisdiction="US", knowledge=KNOWLEDGE) is not None


@pytest.mark.parametrize(
    ("how", "signer", "needed"),
    [
        ("read", "self", False), ("read-aloud", "self", True), ("interpreter", "self", True),
        ("read", "representative", True),
    ],
)  # fmt: skip
def test_a_witness_is_needed_where_the_person_did_not_read_or_sign(how, signer, needed):
    assert needs_witness(how=how, signer=signer, policy=POLICY) is needed


@pytest.mark.parametrize(
    ("answers", "yes", "unanswered", "is_sure"),
    [
        ({}, 0, 4, None),
        ({"sure": True, "understand": True, "matters": True, "support": True}, 4, 0, True),
        ({"sure": True, "understand": True, "matters": True, "support": False}, 3, 0, False),
        ({"sure": True, "understand": True, "matters": True}, 3, 1, None),
        ({"sure": False}, 0, 3, False),
        ({"sure": None, "understand": None}, 0, 4, None),
    ],
)
def test_three_or_fewer_yes_is_conflict_and_what_is_open_is_not_no(
    answers, yes, unanswered, is_sure
):
    """Légaré 2010: yes counts 1; 3 or fewer of 4 is decisional conflict."""
    result = sure(answers=answers, knowledge=KNOWLEDGE)

    assert (result.yes, result.open, result.is_sure) == (yes, unanswered, is_sure)


def test_another_question_is_refused():
    with pytest.raises(SureAnswerError):
        sure(answers={"happy": True}, knowledge=KNOWLEDGE)


def test_the_questions_are_as_many_as_the_aid_asks():
    from overstory.exchange.aid.words import Words

    assert len(QUESTIONS) == len(Words("en").at("sure.questions")) == 4
