"""Consent documents: every point that is required, plain to read, without a number of their own."""

from __future__ import annotations

import re

import pytest

from overstory.exchange.consent.text import (
    ConsentLinkError,
    consent_json,
    consent_text,
)
from overstory.exchange.content_hash import content_sha256
from overstory.knowledge.load import load_knowledge
from tests.exchange.readability import fernandez_huerta, flesch_kincaid_grade

KNOWLEDGE = load_knowledge()
DOCUMENTS = KNOWLEDGE.sections["consent_documents"]
POINTS = {each.id: each for each in KNOWLEDGE.sections["consent_points"]}
NEEDS = {each.id: each for each in KNOWLEDGE.sections["consent_needs"]}
FOR_ALL_KETAMINE = {
    "evaluation", "support", "therapy", "dissociation", "long-term", "driving", "relapse",
    "monitoring", "pressure", "pregnancy", "serious-harms", "common-harms",
}  # fmt: skip
REQUIRED = {
    "esketamine": FOR_ALL_KETAMINE
    | {"rems", "boxed-warnings", "contraindications", "pregnancy-registry", "limits"},
    "ketamine-iv": FOR_ALL_KETAMINE | {"compounded"},
    "kap": FOR_ALL_KETAMINE | {"compounded", "touch-and-recording"},
    "tms": {
        "seizure", "fainting", "hearing", "mania", "metal", "pregnancy", "daily-report",
        "common-harms",
    },
    "ketamine-then-tms": {"no-approved-combination", "order-unknown", "seizure", "pressure"},
}  # fmt: skip
"""Section 7.1 of the clinical dossier on measures, written out."""
OF_EVERY_DOCUMENT = {
    "why", "regulator", "evidence", "alternatives", "procedure", "time", "stop-rules",
    "crisis-plan", "costs", "on-site", "data-use", "withdraw", "capacity", "copy", "again",
}  # fmt: skip


def made(document, language="en"):
    return consent_text(document, knowledge=KNOWLEDGE, language=language)


def met(document):
    return {need for point in document.points for need in POINTS[point].meets}


def test_there_is_one_document_for_each_treatment():
    assert sorted((each.treatment, each.jurisdiction) for each in DOCUMENTS) == [
        ("esketamine", "US"), ("kap", "US"), ("ketamine-iv", "US"), ("ketamine-then-tms", "US"),
        ("tms", "US"),
    ]  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each.id)
def test_every_required_point_is_told(document):
    needed = {each.id for each in NEEDS.values() if document.treatment in each.treatments}

    assert needed >= OF_EVERY_DOCUMENT | REQUIRED[document.treatment]
    assert not needed - met(document)


def test_every_point_is_used_and_meets_a_need_that_there_is():
    used = {point for document in DOCUMENTS for point in document.points}

    assert used == set(POINTS)
    assert {need for each in POINTS.values() for need in each.meets} == set(NEEDS)


@pytest.mark.parametrize("point", POINTS.values(), ids=lambda each: each.id)
def test_no_number_stands_in_the_words_of_a_point(point):
    for text in (point.title, point.words):
        for words in (text.en, text.es):
            assert not re.search(r"\d", words)


@pytest.mark.parametrize("point", POINTS.values(), ids=lambda each: each.id)
def test_every_point_has_a_source_and_a_status(point):
    assert point.source
    assert point.status in {"primary", "secondary", "site-policy"}


def prose(text) -> str:
    return "\n".join([text.lead, text.meaning, *(each.words for each in text.points)])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each.id)
def test_the_texts_are_plain(document):
    """English: Flesch-Kincaid grade 8 at most. Spanish: Fernández Huerta 70 (fairly easy) at least."""
    assert flesch_kincaid_grade(prose(made(document))) <= 8
    assert fernandez_huerta(prose(made(document, "es"))) >= 70


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each.id)
def test_the_text_is_the_same_each_time_and_another_in_another_language(document):
    first, again = (consent_json(made(document)) for _ in range(2))
    spanish = consent_json(made(document, "es"))

    assert content_sha256(first) == content_sha256(again)
    assert content_sha256(first) != content_sha256(spanish)
    assert [each["id"] for each in first["points"]] == [each["id"] for each in spanish["points"]]
    assert len(content_sha256(first)) == 64


def lines(treatment, point, language="en"):
    document = next(each for each in DOCUMENTS if each.treatment == treatment)
    return next(each for each in made(document, language).points if each.id == point).lines


def test_the_numbers_are_those_of_the_entries_that_are_named():
    """Esketamine: Spravato US label, table 6. Seizures: Taylor 2021, by coil, of 1,000 people."""
    assert lines("esketamine", "dissociation-esketamine") == (
        "Feeling cut off from yourself or the world for a short time: "
        "41 of 100 people; with a dummy, 9.",
    )
    figure_8, deep = lines("tms", "seizure-tms")
    assert "fewer than 1 of 1,000 people" in figure_8
    assert "6 of 1,000 people. It could be 3 to 10." in deep
    assert "Visits: 12. Then less often." in lines("esketamine", "procedure-esketamine")
    assert any("120 min or more" in each for each in lines("esketamine", "procedure-esketamine"))


def test_a_number_that_nobody_read_again_is_said_to_be_so():
    headache = lines("tms", "common-tms")[0]

    assert headache.endswith("This number is not verified yet.")


def test_when_it_is_asked_again_comes_from_the_policy():
    document = DOCUMENTS[0]
    again = next(each for each in made(document).points if each.id == "again")

    assert (
        again.words == "We ask you to sign again after 12 months, or if it is given in a new way."
    )


def test_the_alternatives_name_every_other_option_and_none():
    told = lines("tms", "alternatives")[0]

    for name in ("Esketamine nasal spray", "Ketamine infusion", "None of these", "Not yet"):
        assert name in told
    assert "TMS (magnetic" not in told


def test_tms_is_cleared_and_never_approved():
    document = next(each for each in DOCUMENTS if each.treatment == "tms")
    words = next(each for each in made(document).points if each.id == "status-tms").words

    assert "has cleared" in words
    assert "has approved" not in words


def test_what_a_document_names_must_exist():
    import msgspec

    document = msgspec.structs.replace(DOCUMENTS[0], points=["no-such-point"])

    with pytest.raises(ConsentLinkError, match="no-such-point"):
        made(document)
