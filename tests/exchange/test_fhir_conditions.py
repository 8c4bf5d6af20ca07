"""Diagnoses, procedures, devices and allergies: now, ever, refuted, resolved."""

import pytest

from overstory.engine.facts import Unknown
from tests.exchange.fhir.documents import (
    ICD,
    MAYA,
    SNOMED,
    concept,
    condition,
    reading,
    values,
    whys,
)


def test_a_refuted_entry_of_the_whole_meaning_makes_the_fact_false():
    assert values(reading(condition(ICD, "Z96.21", verified="refuted"))) == {
        "cochlear_implant": False
    }


def test_a_refuted_aneurysm_of_one_place_does_not_rule_out_another():
    result = reading(condition(ICD, "I71.4", verified="refuted"))

    assert result.facts == {}
    assert "covers only a part of the fact aneurysmal_vascular_disease" in whys(result)


@pytest.mark.parametrize(
    "verified", ["entered-in-error", "provisional", "unconfirmed", "differential", "Bestätigt"]
)
def test_what_is_not_confirmed_makes_nothing(verified):
    result = reading(condition(SNOMED, "233985008", verified=verified))

    assert result.facts == {}
    assert "verification status" in whys(result)


@pytest.mark.parametrize("clinical", ["resolved", "inactive", "remission"])
def test_a_resolved_entry_answers_ever_and_leaves_now_unknown(clinical):
    result = reading(condition(ICD, "G40.909", clinical=clinical))

    assert values(result) == {"seizure_ever": True}


def test_a_resolved_entry_about_now_is_listed_and_not_false():
    result = reading(condition(ICD, "F33.2", clinical="resolved"))

    assert result.facts == {}
    assert "stays unknown" in whys(result)


def test_an_active_entry_with_an_end_contradicts_itself():
    result = reading(condition(ICD, "F33.2", abatementDateTime="2026-01-01"))

    assert result.facts == {}
    assert "clinical status" in whys(result)


def test_a_recurrence_is_active_and_a_code_gives_severity_and_features():
    result = reading(condition(ICD, "F33.3", clinical="recurrence"))

    assert values(result) == {
        "has_major_depression": True,
        "depression_severity": "severe",
        "depression_psychotic_features": True,
    }


@pytest.mark.parametrize("code", ["F32.A", "F33.42", "F32.5", "F32.81"])
def test_depression_in_remission_or_unspecified_is_not_major_depression_now(code):
    assert "has_major_depression" not in reading(condition(ICD, code)).facts


def test_codes_are_read_without_their_dot_and_below_their_heading():
    assert values(reading(condition(ICD, "F3132")))["bipolar_depressive_episode"] is True


def test_an_international_icd_10_code_is_not_taken_for_the_american_one():
    result = reading(condition("http://hl7.org/fhir/sid/icd-10", "F33.2"))

    assert result.facts == {}
    assert "no ICD-10-CM or SNOMED CT code" in whys(result)


def test_a_true_and_a_refuted_entry_leave_the_fact_unknown():
    entries = condition(ICD, "Z96.21"), condition(SNOMED, "43252007")
    entries[1]["code"] = concept(ICD, "Z96.21")
    entries[1]["verificationStatus"] = {"coding": [{"code": "refuted"}]}

    fact = reading(*entries).facts["cochlear_implant"]

    assert fact.unknown is Unknown.CONFLICTING
    assert "entry[1]" in fact.origin
    assert "entry[2]" in fact.origin


def test_of_two_severities_the_newer_entry_counts():
    old = condition(ICD, "F33.0", recordedDate="2025-01-05")
    new = condition(ICD, "F33.2", recordedDate="2026-10-05")

    result = reading(new, old)

    assert values(result)["depression_severity"] == "severe"
    assert "the newest is used" in whys(result)


def test_two_severities_without_dates_contradict_each_other():
    fact = reading(condition(ICD, "F33.0"), condition(ICD, "F33.2")).facts["depression_severity"]

    assert fact.unknown is Unknown.CONFLICTING


def test_an_entry_that_begins_after_the_moment_is_ignored():
    result = reading(condition(ICD, "F33.2", onsetDateTime="2026-11-23"))

    assert result.facts == {}
    assert "begins after the moment asked about" in whys(result)


@pytest.mark.parametrize(("onset", "weeks"), [("2026-10-11", 6), ("2026-11-15", 1)])
def test_weeks_since_an_infarction_are_counted_from_its_day(onset, weeks):
    result = reading(condition(ICD, "I21.4", onsetDateTime=onset))

    assert values(result)["weeks_since_cardiovascular_event"] == weeks
    assert values(result)["cardiovascular_event_ever"] is True


@pytest.mark.parametrize("onset", ["2026-10", "2026"])
def test_an_infarction_without_a_day_has_no_number_of_weeks(onset):
    result = reading(condition(ICD, "I21.4", onsetDateTime=onset))

    assert values(result) == {"cardiovascular_event_ever": True}


@pytest.mark.parametrize(
    ("onset", "answer"),
    [
        ("2026-09-01", True),
        ("2026-08-22", None),
        ("2026-08-21", None),
        ("2026-08", None),
        ("2020", None),
    ],
)
def test_an_attempt_counts_as_recent_only_if_it_surely_is_and_never_makes_false(onset, answer):
    result = reading(condition(ICD, "T14.91XA", onsetDateTime=onset))

    assert values(result).get("suicide_attempt_within_3_months") is answer


def test_delirium_is_about_its_own_day():
    fact = reading(condition(ICD, "F05", recordedDate="2025-03-01")).facts["delirium"]

    assert fact.at.date().isoformat() == "2025-03-01"


def test_what_comes_near_a_fact_says_what_to_ask():
    result = reading(condition(ICD, "G47.33"), condition(ICD, "K74.60"), condition(ICD, "Z96.82"))

    assert result.facts == {}
    assert "whether it is treated is not: ask" in whys(result)
    assert "Child-Pugh" in whys(result)
    assert "in the brain or on the vagus nerve" in whys(result)


def test_dependence_is_a_disorder_now_and_resolved_it_is_of_the_past():
    assert values(reading(condition(ICD, "F11.20"))) == {"substance_use_disorder_active": True}
    assert values(reading(condition(ICD, "F11.20", clinical="resolved"))) == {
        "substance_use_disorder_past": True
    }
    assert values(reading(condition(ICD, "F11.21"))) == {"substance_use_disorder_past": True}


def procedure(code, **fields):
    return {
        "resourceType": "Procedure", "status": "completed", "subject": MAYA,
        "code": concept(SNOMED, code), "performedDateTime": "2019-05-02", **fields,
    }  # fmt: skip


def test_an_implantation_done_leaves_an_implant():
    assert values(reading(procedure("359612003"))) == {"cochlear_implant": True}
    assert reading(procedure("359612003", status="not-done")).facts == {}


def test_taking_a_pacemaker_out_is_not_a_pacemaker():
    assert reading(procedure("62881002")).facts == {}


def device(**fields):
    return {"resourceType": "Device", "id": "d", "patient": MAYA, **fields}


def test_a_device_of_the_patient_in_use_is_an_implant():
    pacemaker = {"type": concept(SNOMED, "14106009")}

    assert values(reading(device(**pacemaker))) == {"pacemaker_or_defibrillator": True}
    assert reading(device(**pacemaker, status="inactive")).facts == {}
    assert reading({"resourceType": "Device", **pacemaker}).facts == {}


def test_a_device_is_known_by_its_name_where_it_has_no_code():
    named = device(deviceName=[{"name": "Acme Deep Brain Stimulator 5", "type": "model-name"}])

    assert values(reading(named)) == {"deep_brain_stimulator": True}


def test_a_device_in_use_is_found_by_reference():
    use = {
        "resourceType": "DeviceUseStatement", "status": "active", "subject": MAYA,
        "contained": [{"resourceType": "Device", "id": "d", "type": concept(SNOMED, "43252007")}],
        "device": {"reference": "#d"},
    }  # fmt: skip

    assert values(reading(use)) == {"cochlear_implant": True}
    assert reading({**use, "status": "completed"}).facts == {}


def allergy(**fields):
    return {
        "resourceType": "AllergyIntolerance", "patient": MAYA, "code": {"text": "Ketamine"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]}, **fields,
    }  # fmt: skip


def test_a_confirmed_allergy_to_ketamine_is_a_hypersensitivity():
    assert values(reading(allergy())) == {"ketamine_hypersensitivity": True}
    assert values(reading(allergy(code={"text": "Allergy to esketamine (finding)"}))) == {
        "ketamine_hypersensitivity": True
    }


@pytest.mark.parametrize(
    "change",
    [
        {"type": "intolerance"},
        {"verificationStatus": {"coding": [{"code": "unconfirmed"}]}},
        {"verificationStatus": {"coding": [{"code": "refuted"}]}},
        {"clinicalStatus": {"coding": [{"code": "resolved"}]}},
        {"code": {"text": "Peanut"}},
        {"code": concept(SNOMED, "716186003", "No known allergy")},
    ],
)
def test_other_allergies_make_nothing_and_are_listed(change):
    result = reading(allergy(**change))

    assert result.facts == {}
    assert "AllergyIntolerance" in whys(result) or "entry[1]" in whys(result)
