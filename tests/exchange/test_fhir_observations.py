"""Measurements, forms and medicines: units, dates, statuses, and the traps of scales."""

import pytest

from overstory.engine.facts import Unknown
from tests.exchange.fhir.documents import (
    LOINC,
    MAYA,
    SNOMED,
    answers,
    bundle,
    concept,
    daily,
    observation,
    patient,
    quantity,
    reading,
    statement,
    values,
    whys,
)  # fmt: skip

# LOINC items of the PHQ-9 in the order of the form, and the answer codes of LL358-3 (0 to 3).
PHQ9 = [
    "44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8",
]  # fmt: skip
POINTS = ["LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9"]


def phq9(*points, **fields):
    given = {
        code: POINTS[each] for code, each in zip(PHQ9, points, strict=True) if each is not None
    }
    return answers(given, **fields)


@pytest.mark.parametrize(
    ("code", "value", "unit", "fact", "expected"),
    [
        ("29463-7", 180, "[lb_av]", "weight_kg", 81.646627),  # 0.45359237 kg a pound
        ("29463-7", 2880, "[oz_av]", "weight_kg", 81.646627),
        ("29463-7", 81000, "g", "weight_kg", 81),
        ("29463-7", 180, "lbs", "weight_kg", 81.646627),
        ("8302-2", 1.7, "m", "height_cm", 170),
        ("8302-2", 67, "[in_i]", "height_cm", 170.18),  # 2.54 cm an inch
        ("8480-6", 16, "kPa", "systolic_bp", 120.009852),  # 0.133322387415 kPa a mmHg
        ("8480-6", 128, "mm[Hg]", "systolic_bp", 128),
        ("8867-4", 1.2, "/s", "heart_rate", 72),
        ("59408-5", 97, "%", "spo2", 97),
        ("44261-6", 12, "{score}", "phq9_total", 12),
        ("70274-6", 9, "{score}", "gad7_total", 9),
    ],
)
def test_units_are_converted(code, value, unit, fact, expected):
    assert values(reading(observation(code, value, unit))) == {fact: expected}


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"valueQuantity": {"value": 180}}, "has no unit"),
        ({"valueQuantity": quantity(81, "mm[Hg]")}, "does not convert to kg"),
        ({"valueQuantity": {"value": 180, "unit": "lb", "code": "kg"}}, "disagree"),
        ({"valueQuantity": {**quantity(80, "kg"), "comparator": ">"}}, "no exact value"),
        ({"valueQuantity": quantity(810, "kg")}, "between 25"),
        ({"valueString": "81 kg"}, "no value of a kind"),
        ({"dataAbsentReason": {"coding": [{"code": "not-performed"}]}}, "not-performed"),
    ],
)
def test_a_weight_that_leaves_doubt_is_listed_and_not_guessed(fields, word):
    result = reading(observation("29463-7", **fields))

    assert result.facts == {}
    assert word in whys(result)


def pressure(**fields):
    parts = [
        {"code": concept(LOINC, "8480-6"), "valueQuantity": quantity(128, "mm[Hg]")},
        {"code": concept(LOINC, "8462-4"), "valueQuantity": quantity(82, "mm[Hg]")},
    ]
    return observation("85354-9", id="bp1", component=parts, **fields)


def test_a_pressure_panel_gives_both_pressures_with_their_paths():
    result = reading(pressure())

    assert values(result) == {"systolic_bp": 128, "diastolic_bp": 82}
    origin = "Bundle.entry[1].resource (Observation/bp1).component[0]"
    assert result.facts["systolic_bp"].origin == origin
    assert result.facts["systolic_bp"].at.isoformat() == "2026-11-22T09:40:00-05:00"


def test_half_a_pressure_is_half_a_pressure():
    half = pressure()
    half["component"][1] = {
        "code": concept(LOINC, "8462-4"),
        "dataAbsentReason": {"coding": [{"code": "not-performed"}]},
    }

    result = reading(half)

    assert values(result) == {"systolic_bp": 128}
    assert "component[1]" in whys(result)


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error", "registered", "unknown", None])
def test_an_observation_that_does_not_stand_makes_nothing(status):
    result = reading(pressure(status=status))

    assert result.facts == {}
    assert "its status is" in whys(result)


@pytest.mark.parametrize("status", ["final", "amended", "corrected", "preliminary"])
def test_an_observation_that_stands_is_read(status):
    assert len(reading(pressure(status=status)).facts) == 2


def test_of_two_the_newest_and_the_other_is_listed():
    new = observation("8867-4", 70, "/min")
    old = observation("8867-4", 95, "/min", when="2026-11-21T09:40:00-05:00")

    result = reading(old, new)

    assert values(result) == {"heart_rate": 70}
    assert "Bundle.entry[1].resource: of heart_rate the newest is used" in whys(result)


def test_an_observation_after_the_moment_is_ignored():
    result = reading(observation("8867-4", 70, "/min", when="2026-11-22T10:00:01-05:00"))

    assert result.facts == {}
    assert "later than the moment asked about" in whys(result)


def test_times_are_compared_across_zones():
    fact = reading(observation("8867-4", 70, "/min", when="2026-11-22T14:30:00Z")).facts[
        "heart_rate"
    ]

    assert fact.value == 70  # 09:30 in the zone of the question, half an hour before


def test_a_date_of_partial_precision_is_as_old_as_it_may_be():
    at = {
        when: reading(observation("8867-4", 70, "/min", when=when))
        .facts["heart_rate"]
        .at.isoformat()
        for when in ("2026", "2026-11", "2026-11-22")
    }

    assert at == {
        "2026": "2026-01-01T00:00:00-05:00",
        "2026-11": "2026-11-01T00:00:00-05:00",
        "2026-11-22": "2026-11-22T00:00:00-05:00",
    }


def test_two_values_of_which_neither_is_surely_newer_are_in_conflict():
    on_a_day = observation("8867-4", 95, "/min", when="2026-11-22")
    at_a_time = observation("8867-4", 70, "/min", when="2026-11-22T09:40:00-05:00")

    assert reading(on_a_day, at_a_time).facts["heart_rate"].unknown is Unknown.CONFLICTING


@pytest.mark.parametrize("when", ["2026-11-22T09:40:00", "2026-13-01", "yesterday", "0000"])
def test_a_time_that_is_no_time_is_listed(when):
    result = reading(observation("8867-4", 70, "/min", when=when))

    assert result.facts == {}
    assert "entry[1]" in whys(result)


def test_a_measurement_without_a_time_makes_nothing():
    undated = observation("8867-4", 70, "/min")
    del undated["effectiveDateTime"]

    assert reading(undated).facts == {}
    assert values(reading({**undated, "issued": "2026-11-22T14:41:00Z"})) == {"heart_rate": 70}


@pytest.mark.parametrize(
    ("code", "answer"), [("77386006", True), ("60001007", False), ("146799005", None)]
)
def test_pregnancy_is_read_as_said(code, answer):
    status = observation("82810-3", valueCodeableConcept=concept(SNOMED, code))

    assert values(reading(status)).get("pregnant") is answer


def test_a_phq9_is_scored_and_its_item_nine_kept():
    # 2,2,2,2,1,1,2,0,0 is 12 (clinical dossier on measures, section 1.6)
    assert values(reading(phq9(2, 2, 2, 2, 1, 1, 2, 0, 0))) == {"phq9_total": 12, "phq9_item9": 0}


def test_a_low_total_does_not_hide_item_nine():
    assert values(reading(phq9(0, 0, 0, 0, 0, 0, 0, 0, 1))) == {"phq9_total": 1, "phq9_item9": 1}


def test_an_unanswered_item_is_not_zero_and_a_prorated_total_is_no_fact():
    result = reading(phq9(2, 2, 2, 2, 1, 1, 2, None, 1))

    assert values(result) == {"phq9_item9": 1}
    assert "items without an answer: 8" in whys(result)


def test_an_unfinished_form_gives_its_item_nine_and_no_total():
    result = reading(phq9(2, 2, 2, 2, 1, 1, 2, 0, 3, status="in-progress"))

    assert values(result) == {"phq9_item9": 3}
    assert "it is not finished" in whys(result)


@pytest.mark.parametrize("status", ["entered-in-error", "stopped", None])
def test_a_form_that_does_not_stand_makes_nothing(status):
    assert reading(phq9(3, 3, 3, 3, 3, 3, 3, 3, 3, status=status)).facts == {}


def test_a_form_is_matched_by_the_codes_of_its_questionnaire():
    questions = {
        "resourceType": "Questionnaire", "id": "q", "url": "https://clinic.example/mood",
        "item": [{"linkId": f"m{i}", "code": [{"system": LOINC, "code": c}]} for i, c in enumerate(PHQ9)],
    }  # fmt: skip
    form = answers({f"m{i}": POINTS[1] for i in range(9)}, link="{}", contained=[questions])

    for canonical in ("#q", "https://clinic.example/mood|2"):
        entries = [{"resource": patient()}, {"resource": {**form, "questionnaire": canonical}}]
        if canonical != "#q":
            entries.append({"fullUrl": "https://clinic.example/mood", "resource": questions})
        assert values(reading({"resourceType": "Bundle", "entry": entries})) == {
            "phq9_total": 9,
            "phq9_item9": 1,
        }


@pytest.mark.parametrize(
    "canonical", ["http://loinc.org/q/44249-1", "https://clinic.example/phq-9|1.0"]
)
def test_a_form_is_matched_by_its_canonical(canonical):
    form = answers({str(i): POINTS[1] for i in range(1, 10)}, link="{}", questionnaire=canonical)

    assert values(reading(form)) == {"phq9_total": 9, "phq9_item9": 1}


def test_a_form_of_no_scale_is_listed():
    form = answers({"1": "LA33-6"}, link="{}", questionnaire="https://clinic.example/parking")

    assert "no scale of ours" in whys(reading(form))


def test_an_answer_of_another_scale_is_not_read_as_a_number():
    result = reading(answers(dict.fromkeys(PHQ9[:8], POINTS[0]) | {PHQ9[8]: "LA33-6"}))

    assert result.facts == {}
    assert "the answer to item 9 was not understood" in whys(result)


def test_the_other_question_of_us_core_is_not_item_one_of_the_audit_c():
    # 68517-2 is another question; the item is 68518-0 (clinical dossier on measures, trap 4)
    wrong = {"68517-2": "LA6270-8", "68519-8": "LA15694-5", "68520-6": "LA6270-8"}

    result = reading(answers(wrong))

    assert "audit_c_total" not in result.facts
    assert "68517-2 is another question" in whys(result)


def test_a_wrong_code_for_the_audit_c_total_is_not_taken_for_it():
    # 76504-0 in an example; the right one is 75626-2 (trap 4)
    assert "audit_c_total" not in reading(observation("76504-0", 4, "{score}")).facts
    assert values(reading(observation("75626-2", 4, "{score}"))) == {"audit_c_total": 4}


YES, NO = "LA33-6", "LA32-8"
Q1, Q2, Q3, Q4, Q5, Q6, RECENT = (
    "93246-7", "93247-5", "93248-3", "93249-1", "93250-9", "93267-3", "93269-9",
)  # fmt: skip


@pytest.mark.parametrize(
    ("given", "risk"),
    [
        ({Q1: NO, Q2: NO, Q6: NO}, "none"),
        ({Q1: NO, Q2: NO}, None),
        ({Q1: YES, Q2: NO, Q6: NO}, "low"),
        ({Q1: YES, Q2: YES, Q3: YES, Q4: NO, Q5: NO, Q6: NO}, "moderate"),
        ({Q4: YES}, "high"),
        ({Q1: NO, Q2: NO, Q6: YES, RECENT: NO}, "moderate"),
        ({Q1: NO, Q2: NO, Q6: YES}, "high"),
    ],
)
def test_a_suicide_screen_is_triaged_and_never_summed(given, risk):
    # Triage: clinical dossier on measures, section 2.2
    assert values(reading(answers(given))).get("cssrs_risk") == risk


def test_one_answer_on_its_own_can_make_the_risk_high_and_never_low():
    yes = concept(LOINC, YES)

    assert values(reading(observation(Q4, valueCodeableConcept=yes))) == {"cssrs_risk": "high"}
    assert reading(observation(Q1, valueCodeableConcept=yes)).facts == {}


def test_taking_a_medicine_makes_true_and_stopping_makes_nothing():
    assert values(reading(statement("phenelzine")))["takes_maoi"] is True
    for status in (
        "completed",
        "stopped",
        "entered-in-error",
        "not-taken",
        "on-hold",
        "intended",
        "unknown",
    ):
        result = reading(statement("phenelzine", status=status))
        assert result.facts == {}
        assert f"its status is {status}" in whys(result)


def test_a_medicine_that_ended_or_has_not_begun_is_not_taken_now():
    for period in ({"end": "2026-10-01"}, {"start": "2026-12-01"}):
        assert reading(statement("phenelzine", effectivePeriod=period)).facts == {}
    assert reading(statement("phenelzine", effectivePeriod={"end": "2026-11-22"})).facts != {}


def request(**fields):
    return {
        "resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": MAYA,
        "medicationCodeableConcept": {"text": "lithium"}, **fields,
    }  # fmt: skip


def test_an_order_counts_and_a_plan_or_a_prohibition_does_not():
    assert values(reading(request()))["takes_lithium"] is True
    assert values(reading(request(intent="plan", reportedBoolean=True)))["takes_lithium"] is True
    for change in (
        {"intent": "proposal"},
        {"doNotPerform": True},
        {"status": "draft"},
        {"intent": "plan"},
    ):
        assert reading(request(**change)).facts == {}


def test_a_medicine_is_known_by_its_code():
    coded = statement(
        "",
        medicationCodeableConcept=concept("http://www.nlm.nih.gov/research/umls/rxnorm", "42347"),
    )

    assert values(reading(coded))["takes_bupropion"] is True  # 42347 is bupropion (RxNorm)


def test_a_dose_without_doubt_is_a_daily_dose():
    taken = statement("bupropion", dosage=daily(150, "mg", times=2))

    assert values(reading(taken))["bupropion_mg_per_day"] == 300


@pytest.mark.parametrize(
    ("dosage", "word"),
    [
        ([], "no single dosage"),
        (daily(1, "{tbl}"), "does not convert to mg"),
        (daily(150, "mg", asNeededBoolean=True), "as needed"),
        (daily(150, "mg") + daily(300, "mg"), "no single dosage"),
        ([{"doseAndRate": [{"doseQuantity": quantity(150, "mg")}]}], "how often"),
    ],
)
def test_a_dose_that_leaves_doubt_stays_unknown_and_is_listed(dosage, word):
    result = reading(statement("bupropion", dosage=dosage))

    assert result.facts["takes_bupropion"].value is True
    assert "bupropion_mg_per_day" not in result.facts
    assert word in whys(result)


def test_two_orders_of_one_medicine_are_not_added_up():
    one = statement("bupropion", dosage=daily(150, "mg"))

    result = reading(bundle(patient(), one, one))

    assert "bupropion_mg_per_day" not in result.facts
    assert "may add up or repeat" in whys(result)


def test_lorazepam_is_its_own_equivalent_and_others_have_none_on_record():
    name = "benzodiazepine_lorazepam_eq_mg_per_day"
    lorazepam = statement("lorazepam", dosage=daily(1, "mg", times=2))
    diazepam = statement("diazepam", dosage=daily(10, "mg"))

    assert values(reading(lorazepam))[name] == 2
    assert name not in reading(diazepam).facts
    assert name not in reading(lorazepam, diazepam).facts
