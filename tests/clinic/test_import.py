"""Records from elsewhere: what is refused, what is compared, what is taken and by whose choice."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from overstory.clinic.care import actions, importing
from overstory.clinic.care.facts import facts_of
from overstory.clinic.care.models import ImportedRecord, StatedFact
from overstory.clinic.people.permissions import Role
from overstory.knowledge.load import load_knowledge

KNOWLEDGE = load_knowledge()


def bundle(*, systolic=152, born="1982-03-09", family="Fields", weight=None, height=None) -> bytes:
    """Return a Bundle with a blood pressure of the day before, and a resource nobody reads."""
    observations = [
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "subject": {"reference": "Patient/p1"},
            "effectiveDateTime": "2026-11-22T12:00:00-05:00",
            "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": unit},
        }
        for code, value, unit in (
            ("8480-6", systolic, "mm[Hg]"),
            ("29463-7", weight, "kg"),
            ("8302-2", height, "cm"),
        )
        if value is not None
    ]
    patient = {
        "resourceType": "Patient",
        "id": "p1",
        "birthDate": born,
        "name": [{"family": family, "given": ["Maya"] if family == "Fields" else ["Zoe"]}],
    }
    other = {"resourceType": "Appointment", "id": "a1", "status": "booked"}
    return json.dumps(
        {
            "resourceType": "Bundle",
            "type": "collection",
            "timestamp": "2026-11-23T09:00:00-05:00",
            "entry": [{"resource": each} for each in (patient, *observations, other)],
        }
    ).encode()


@pytest.fixture
def nurse(staff):
    return staff(Role.NURSE)


@pytest.fixture
def keep(person, nurse, at):
    def receive(content: bytes) -> ImportedRecord:
        return importing.receive(
            person=person,
            document=importing.Document("record.json", content),
            knowledge=KNOWLEDGE,
            by=nurse,
            at=at,
        ).row

    return receive


def state(person, nurse, at, name, value, when=None):
    statement = actions.Statement(
        id=uuid4(), kind=KNOWLEDGE.vocabulary[name], value=value, unknown=None, at=when or at,
        origin="measured here",
    )  # fmt: skip
    return actions.state_fact(person=person, statement=statement, by=nurse, at=at)


def choices(taken=(), left=()):
    return importing.Choices(frozenset(taken), frozenset(left))


def test_a_new_fact_is_taken_with_its_place_and_time(person, nurse, keep, at):
    row = keep(bundle())

    count = importing.accept(
        row=row, choices=choices(["systolic_bp"]), knowledge=KNOWLEDGE, by=nurse, at=at
    )

    fact = StatedFact.objects.get()
    assert (count, fact.value) == (1, 152)
    assert fact.origin.startswith("record.json: Bundle.entry[1].resource")
    assert fact.at.isoformat() == "2026-11-22T17:00:00+00:00"


def test_nothing_becomes_a_fact_before_someone_chose(person, keep, at):
    keep(bundle())

    assert not facts_of(person, at, KNOWLEDGE)["systolic_bp"].is_known


def test_a_fact_left_out_stays_out(person, nurse, keep, at):
    importing.accept(row=keep(bundle()), choices=choices(), knowledge=KNOWLEDGE, by=nurse, at=at)

    assert StatedFact.objects.count() == 0


def test_what_was_not_understood_is_listed(person, keep, at):
    shown = importing.review(row=keep(bundle()), person=person, knowledge=KNOWLEDGE, at=at)

    assert any("Appointment" in each.why for each in shown.not_understood)


def test_a_fact_that_differs_needs_a_choice(person, nurse, keep, at):
    state(person, nurse, at, "systolic_bp", 128)
    row = keep(bundle())

    with pytest.raises(importing.ChoiceMissingError):
        importing.accept(row=row, choices=choices(), knowledge=KNOWLEDGE, by=nurse, at=at)
    assert ImportedRecord.objects.get().accepted_at is None


def test_ours_stays_where_ours_is_chosen(person, nurse, keep, at):
    state(person, nurse, at, "systolic_bp", 128)

    importing.accept(
        row=keep(bundle()), choices=choices(left=["systolic_bp"]), knowledge=KNOWLEDGE, by=nurse,
        at=at,
    )  # fmt: skip

    assert facts_of(person, at, KNOWLEDGE)["systolic_bp"].value == 128


def test_an_older_one_that_is_chosen_counts_from_now(person, nurse, keep, at):
    state(person, nurse, at - timedelta(minutes=1), "height_cm", 171)

    importing.accept(
        row=keep(bundle(height=168)),
        choices=choices(["height_cm"]),
        knowledge=KNOWLEDGE,
        by=nurse,
        at=at,
    )

    fact = facts_of(person, at, KNOWLEDGE)["height_cm"]
    assert (fact.value, fact.at) == (168, at)
    assert "taken as right by" in fact.origin


def test_an_older_pressure_does_not_count_from_now(person, nurse, keep, at, signed_in):
    state(person, nurse, at - timedelta(minutes=1), "systolic_bp", 152)
    row = keep(bundle(systolic=128))

    with pytest.raises(importing.AgedChoiceError):
        importing.accept(
            row=row, choices=choices(["systolic_bp"]), knowledge=KNOWLEDGE, by=nurse, at=at
        )

    assert facts_of(person, at, KNOWLEDGE)["systolic_bp"].value == 152
    assert ImportedRecord.objects.get().accepted_at is None
    with time_machine.travel(at, tick=False):
        page = signed_in(who=nurse).post(
            f"/people/{person.pk}/records/{row.pk}/", {"side-systolic_bp": "theirs"}
        )
    assert page.status_code == 422
    assert "Keep ours, or measure" in page.content.decode()


def test_a_record_is_reviewed_once(person, nurse, keep, at):
    row = keep(bundle())
    importing.leave(row=row, by=nurse, at=at)

    with pytest.raises(importing.ReviewedAlreadyError):
        importing.accept(row=row, choices=choices(), knowledge=KNOWLEDGE, by=nurse, at=at)


def test_the_same_document_twice_is_one_record(keep):
    assert keep(bundle()).pk == keep(bundle()).pk
    assert ImportedRecord.objects.count() == 1


def test_the_document_is_kept_sealed(keep):
    from django.db import connection

    keep(bundle())

    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM care_importedrecord")
        assert b"Observation" not in bytes(cursor.fetchone()[0])


def test_a_record_of_someone_else_is_marked(person, keep, at):
    row = keep(bundle(born="1960-01-01", family="Quist"))

    shown = importing.review(row=row, person=person, knowledge=KNOWLEDGE, at=at)

    assert not shown.subject.fits


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04rest", "ZIP"),
        (b"%PDF-1.7", "PDF"),
        (b"<Bundle/>", "XML"),
        (b"\xff\xfe{\x00", "UTF-16"),
        (b"\x80\x81", "UTF-8"),
        (b"not json at all", "cannot be read"),
        (b"[" * 200_000, "cannot be read"),
        (b'{"resourceType":"Bundle","entry":' + b"[" * 100_000, "cannot be read"),
        (b'{"resourceType": 7}', "cannot be read"),
        (b" " * 8_000_001, "larger than 8 MB"),
    ],
)
def test_a_hostile_file_gets_a_designed_message(signed_in, person, content, says):
    answer = signed_in(Role.NURSE).post(
        f"/people/{person.pk}/records/", {"file": SimpleUploadedFile("x.json", content)}
    )

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert ImportedRecord.objects.count() == 0


def test_deep_nesting_inside_a_resource_is_listed_not_raised(keep, person, at):
    deep = '{"resourceType":"Bundle","timestamp":"2026-11-23T09:00:00Z","entry":[{"resource":'
    deep += '{"resourceType":"Observation","x":' + '{"a":' * 900 + "1" + "}" * 900 + "}}]}"

    row = keep(deep.encode())

    assert importing.review(row=row, person=person, knowledge=KNOWLEDGE, at=at).facts == ()


def test_the_review_page_takes_what_was_chosen(signed_in, person, keep, nurse, at):
    row = keep(bundle(weight=71))
    page = f"/people/{person.pk}/records/{row.pk}/"
    client = signed_in(who=nurse)

    shown = client.get(page).content.decode()
    answer = client.post(page, {"side-systolic_bp": "theirs"}, follow=True)

    assert "New to us: 2" in shown
    assert "1 facts were taken" in answer.content.decode()
    assert StatedFact.objects.get().name == "systolic_bp"


def test_another_clinics_record_is_not_there(signed_in, other_clinic, person, keep):
    row = keep(bundle())

    answer = signed_in(Role.NURSE, of=other_clinic).get(f"/people/{person.pk}/records/{row.pk}/")

    assert answer.status_code == 404
    assert b"Maya" not in answer.content


def test_a_therapist_does_not_import(signed_in, person):
    assert signed_in(Role.THERAPIST).get(f"/people/{person.pk}/records/").status_code == 404
