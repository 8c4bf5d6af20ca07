"""Whose record a document is, how its parts point at each other, and how it is refused."""

import json

import pytest

from overstory.exchange.fhir import FhirError
from tests.exchange.fhir.documents import (
    AT,
    MAYA,
    bundle,
    condition,
    observation,
    patient,
    read_bytes,
    reading,
    statement,
    values,
    whys,
)  # fmt: skip

BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
RECORDED = "http://hl7.org/fhir/StructureDefinition/individual-recordedSexOrGender"


def refused(document, at=AT):
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(FhirError) as error:
        read_bytes(text, at=at)
    return str(error.value)


@pytest.mark.parametrize(
    ("born", "age"),
    [("1982-11-22", 44), ("1982-11-23", 43), ("1982-10", 44), ("1982-12", 43)],
)
def test_age_counts_birthdays_had(born, age):
    assert values(reading(bundle(patient(birthDate=born))))["age_years"] == age


@pytest.mark.parametrize("born", ["1982", "1982-11"])
def test_a_birth_date_that_leaves_two_ages_leaves_the_age_unknown(born):
    result = reading(bundle(patient(birthDate=born)))

    assert "age_years" not in result.facts
    assert "43 or 44 years old" in whys(result)


def test_administrative_gender_is_not_sex_at_birth():
    result = reading(bundle(patient(gender="female", birthDate="1982-01-01")))

    assert "sex_at_birth" not in result.facts
    assert "administrative gender (female) is not sex at birth" in whys(result)


@pytest.mark.parametrize(("code", "sex"), [("F", "female"), ("M", "male")])
def test_sex_at_birth_is_read_from_the_extension_of_that_name(code, sex):
    result = reading(
        bundle(patient(gender="other", extension=[{"url": BIRTH_SEX, "valueCode": code}]))
    )

    assert values(result)["sex_at_birth"] == sex
    assert (
        result.facts["sex_at_birth"].origin
        == "Bundle.entry[0].resource (Patient/maya).extension[0]"
    )


def test_a_recorded_sex_counts_only_if_it_is_the_one_at_birth():
    def recorded(kind):
        parts = [
            {"url": "value", "valueCodeableConcept": {"coding": [{"code": "F"}]}},
            {"url": "type", "valueCodeableConcept": {"coding": [{"code": kind}]}},
        ]
        return reading(bundle(patient(extension=[{"url": RECORDED, "extension": parts}])))

    assert values(recorded("76689-9")) == {"sex_at_birth": "female"}
    assert values(recorded("46098-0")) == {}


def test_a_death_is_noted():
    result = reading(bundle(patient(birthDate="1982-01-01", deceasedDateTime="2026-01-02")))

    assert "deceased on 2026-01-02" in whys(result)


def test_two_patients_are_refused_with_their_places():
    why = refused(bundle(patient(), patient(id="noor")))

    assert "maya.json" in why
    assert "Bundle.entry[0].resource and Bundle.entry[1].resource" in why
    assert "two patients" in why


def test_two_subjects_without_a_patient_are_two_patients():
    other = observation("8867-4", 70, "/min", subject={"reference": "Patient/noor"})

    assert "two patients" in refused(bundle(observation("8867-4", 80, "/min"), other))


def test_what_is_about_someone_else_is_not_the_patients():
    result = reading(observation("8867-4", 70, "/min", subject={"reference": "Patient/noor"}))

    assert result.facts == {}
    assert "it is about Patient/noor" in whys(result)


def test_the_same_id_on_another_server_is_someone_else():
    entries = [
        {"fullUrl": "https://a.example/fhir/Patient/maya", "resource": patient()},
        {"resource": observation("8867-4", 70, "/min", subject={"reference": "https://b.example/fhir/Patient/maya"})},
    ]  # fmt: skip

    result = reading({"resourceType": "Bundle", "entry": entries})

    assert result.facts == {}


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/maya",
        "Patient/maya/_history/2",
        "urn:uuid:1b",
        "https://a.example/fhir/Patient/maya",
    ],
)
def test_a_patient_is_found_by_every_kind_of_reference(reference):
    full = reference if "://" in reference or reference.startswith("urn:") else None
    entries = [
        {"fullUrl": full, "resource": patient()},
        {"resource": observation("8867-4", 70, "/min", subject={"reference": reference})},
    ]

    assert values(reading({"resourceType": "Bundle", "entry": entries})) == {"heart_rate": 70}


def test_a_patient_is_found_by_identifier():
    mrn = {"system": "urn:mrn", "value": "7"}
    same = observation("8867-4", 70, "/min", subject={"identifier": mrn})
    other = observation("9279-1", 14, "/min", subject={"identifier": {**mrn, "value": "8"}})

    result = reading(bundle(patient(identifier=[mrn]), same, other))

    assert values(result) == {"heart_rate": 70}
    assert "the person with the identifier 8" in whys(result)


@pytest.mark.parametrize("where", ["contained", "Medication/m1", "urn:uuid:2c"])
def test_a_medicine_is_found_by_every_kind_of_reference(where):
    medicine = {"resourceType": "Medication", "id": "m1", "code": {"text": "phenelzine"}}
    taken = statement(
        "", medicationReference={"reference": "#m1" if where == "contained" else where}
    )
    del taken["medicationCodeableConcept"]
    entries = [{"resource": patient()}, {"resource": taken}]
    if where == "contained":
        taken["contained"] = [medicine]
    else:
        entries.append({"fullUrl": where, "resource": medicine})

    assert values(reading({"resourceType": "Bundle", "entry": entries}))["takes_maoi"] is True


def test_one_resource_and_lines_of_resources_are_read_too():
    pulse = observation("8867-4", 70, "/min")
    lines = "\n".join(
        json.dumps(each) for each in (patient(), pulse, {"resourceType": "Encounter"})
    )

    assert read_bytes(json.dumps(pulse).encode()).patient == "maya"
    result = read_bytes(lines.encode())
    assert result.facts["heart_rate"].origin == "line[2]"
    assert "no fact needs an Encounter" in whys(result)


def test_a_bundle_inside_the_answer_to_a_batch_is_read():
    inner = bundle(observation("8867-4", 70, "/min"))

    result = reading(bundle(patient(), inner))

    assert result.facts["heart_rate"].origin == "Bundle.entry[1].resource.entry[0].resource"


def test_of_two_versions_of_a_resource_the_newer_is_read():
    old = observation("8867-4", 90, "/min", id="p1", meta={"lastUpdated": "2026-11-22T09:41:00Z"})
    new = observation("8867-4", 70, "/min", id="p1", meta={"lastUpdated": "2026-11-22T09:45:00Z"})

    result = reading(new, old)

    assert values(result) == {"heart_rate": 70}
    assert "a newer version of it stands in" in whys(result)


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        (b"", "empty"),
        (b"{", "malformed JSON"),
        (b"\xff\xfe{}", "JSON"),
        (b'{"resourceType": "Bundle",}', "malformed JSON"),
        (b"[]", "Expected `object`"),
        (b'{"patient": 1}', "resourceType"),
        (b'{"resourceType": "Bundle", "entry": {}}', "Bundle.entry"),
        (b'{"resourceType": "Bundle", "entry": [5]}', "Bundle.entry[0]"),
        (b'{"resourceType": "Bundle", "timestamp": "2026-11-22T10:00:00"}', "without a zone"),
        (b'{"resourceType": "Bundle", "entry": [], "entry": []}', "'entry' stands twice"),
        (b'{"resourceType": "Patient", "id": "a"}\n{"resourceType": "Patient"', "line 2"),
        (b"[" * 100_000, "JSON"),
    ],
)
def test_a_broken_envelope_is_refused_with_what_would_be_right(broken, word):
    why = refused(broken)

    assert why.startswith("maya.json")
    assert word in why


def test_a_key_that_stands_twice_is_refused_wherever_it_is():
    text = json.dumps(bundle(patient(), observation("8867-4", 70, "/min")))

    why = refused(text.replace('"value": 70', '"value": 70, "value": 170').encode())

    assert "'value' stands twice" in why


def test_a_malformed_resource_is_listed_and_the_others_are_read():
    result = reading(
        observation("8867-4", "fast", "/min"), observation("9279-1", 14, "/min"), 5, {"id": "x"}
    )

    assert values(result) == {"respiratory_rate": 14}
    assert "Bundle.entry[1].resource: its shape is not that of FHIR R4" in whys(result)
    assert "Bundle.entry[3].resource" in whys(result)
    assert "Bundle.entry[4].resource" in whys(result)


def test_a_modifier_extension_may_turn_the_meaning_so_nothing_is_made():
    result = reading(
        observation("8867-4", 70, "/min", modifierExtension=[{"url": "x", "valueBoolean": True}])
    )

    assert result.facts == {}
    assert "modifier extension" in whys(result)


def test_without_a_moment_it_is_the_one_at_which_the_bundle_was_made():
    made = reading(
        bundle(patient(), observation("8867-4", 70, "/min"), timestamp="2026-11-22T15:00:00Z"),
        at=None,
    )

    assert made.at.isoformat() == "2026-11-22T15:00:00+00:00"
    assert "give the moment" in refused(bundle(patient()), at=None)


def test_an_undated_statement_is_as_old_as_the_document():
    document = bundle(patient(), statement("phenelzine"), timestamp="2026-02-01T00:00:00Z")

    assert reading(document).facts["takes_maoi"].at.isoformat() == "2026-02-01T00:00:00+00:00"


def test_absence_makes_nothing():
    result = reading(patient_bundle())

    assert result.facts == {}
    assert result.trials == ()


def patient_bundle():
    return bundle(patient(), {"resourceType": "Encounter", "subject": MAYA})


def test_every_resource_ends_as_facts_or_on_the_list():
    resources = [
        patient(birthDate="1982-01-01"),
        condition("http://snomed.info/sct", "84757009"),
        observation("8867-4", 70, "/min"),
        observation("8867-4", 72, "/min", when="2026-11-20T09:00:00Z"),
        statement("phenelzine"),
        statement("aspirin"),
        {"resourceType": "Immunization", "patient": MAYA},
    ]

    result = reading(bundle(*resources))

    seen = [fact.origin for fact in result.facts.values()] + [
        each.from_ for each in result.not_understood
    ]
    for index in range(len(resources)):
        assert any(each.startswith(f"Bundle.entry[{index}].resource") for each in seen)
