"""Hazards of reading a record: units, refuted diagnoses, two people, silence (docs/safety/hazards.md)."""

import json
from datetime import UTC, datetime

import pytest

from overstory.exchange.fhir import FhirError, read
from overstory.knowledge.load import load_knowledge

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
PATIENT = {"resourceType": "Patient", "id": "p", "birthDate": "1982-01-02"}
SUBJECT = {"reference": "Patient/p"}
UCUM = "http://unitsofmeasure.org"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
STANDING = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def reading(*resources):
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} for each in resources],
    }
    return read(json.dumps(bundle).encode(), name="bundle.json", at=NOW, knowledge=load_knowledge())


def observation(loinc, value, unit, *, day="2026-11-20"):
    return {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "subject": SUBJECT,
        "effectiveDateTime": f"{day}T10:00:00Z",
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
    }


def condition(icd_10_cm, standing):
    return {
        "resourceType": "Condition",
        "id": "c",
        "subject": SUBJECT,
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"system": STANDING, "code": standing}]},
        "code": {"coding": [{"system": ICD_10_CM, "code": icd_10_cm}]},
    }


@pytest.mark.parametrize(
    ("loinc", "value", "unit", "fact", "expected"),
    [
        ("29463-7", 178, "[lb_av]", "weight_kg", 80.739),  # 178 x 0.45359237 kg (NIST SP 811)
        ("29463-7", 81, "kg", "weight_kg", 81),
        ("29463-7", 81000, "g", "weight_kg", 81),
        ("8302-2", 67, "[in_i]", "height_cm", 170.18),  # 67 x 2.54 cm (NIST SP 811)
        ("8480-6", 16, "kPa", "systolic_bp", 120.01),  # 16 x 7.50062 mmHg (NIST SP 811)
    ],
)
def test_a_value_is_converted_to_the_unit_of_its_fact(loinc, value, unit, fact, expected):
    found = reading(PATIENT, observation(loinc, value, unit)).facts

    assert found[fact].value == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("unit", ["mm[Hg]", "{stone}", ""])
def test_a_weight_in_no_unit_of_weight_is_listed_and_not_used(unit):
    found = reading(PATIENT, observation("29463-7", 178, unit))

    assert "weight_kg" not in found.facts
    assert any("entry[1]" in each.from_ for each in found.not_understood)


def test_a_refuted_abdominal_aneurysm_does_not_rule_out_one_elsewhere():
    found = reading(PATIENT, condition("I71.40", "refuted"))

    assert "aneurysmal_vascular_disease" not in found.facts
    assert any("entry[1]" in each.from_ for each in found.not_understood)


@pytest.mark.parametrize("standing", ["entered-in-error", "provisional"])
def test_a_diagnosis_in_error_or_provisional_makes_nothing(standing):
    found = reading(PATIENT, condition("I71.40", standing))

    assert "aneurysmal_vascular_disease" not in found.facts
    assert any("entry[1]" in each.from_ for each in found.not_understood)


def test_a_confirmed_aneurysm_is_one():
    assert (
        reading(PATIENT, condition("I71.40", "confirmed"))
        .facts["aneurysmal_vascular_disease"]
        .value
    )


def test_two_patients_in_one_bundle_are_refused():
    with pytest.raises(FhirError, match=r"Bundle\.entry\[1\].*two patients"):
        reading(PATIENT, {**PATIENT, "id": "q"})


def test_nothing_in_a_bundle_is_dropped_in_silence():
    resources = [
        PATIENT,
        {"resourceType": "NutritionOrder", "id": "n"},
        {"resourceType": "Observation", "id": "bad", "status": ["not", "a", "status"]},
        condition("Z99.89", "confirmed"),
    ]

    found = reading(*resources)

    told = " ".join(each.from_ for each in found.not_understood)
    made = " ".join(each.origin or "" for each in found.facts.values())
    assert all(f"entry[{place}]" in told + made for place in range(len(resources)))


def test_a_result_from_after_the_moment_is_listed_and_not_used():
    found = reading(PATIENT, observation("8480-6", 190, "mm[Hg]", day="2026-11-23"))

    assert "systolic_bp" not in found.facts
    assert any("entry[1]" in each.from_ for each in found.not_understood)


def test_no_record_says_that_something_is_absent():
    found = reading(PATIENT)

    assert set(found.facts) == {"age_years"}
