"""Facts written as FHIR: what comes back is what was written, in which codes, and what is refused."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import orjson
import pytest

from overstory.engine.facts import Fact, FactValueError, Unknown
from overstory.exchange.fhir.writing import WritingError, bundle_of, resources_of
from overstory.exchange.fhir.writing_ways import ways
from overstory.pathway.intake import person
from overstory.pathway.ledger import read_trial
from tests.exchange.fhir.records import (
    AT,
    EARLIER,
    KNOWLEDGE,
    REASONS,
    VOCABULARY,
    as_bundle,
    as_lines,
    left,
    patient_of,
    read_back,
    record,
    said,
    values_of,
    written,
)

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
OWN = "urn:overstory:fact"
# The elements that FHIR R4 demands (cardinality 1..), by resource, beside the type and our id.
DEMANDED = {
    "Patient": set(),
    "Observation": {"status", "code"},
    "Condition": {"subject"},
    "MedicationStatement": {"status", "subject", "medicationCodeableConcept"},
}


def codes(resource):
    concept = resource.get("code") or resource["medicationCodeableConcept"]
    return [(each["system"], each["code"]) for each in concept.get("coding", ())]


def only(given, **fields):
    (resource,) = written(given, **fields)
    return resource


def everything(at=AT):
    return {name: Fact(values_of(kind)[-1], at=at) for name, kind in VOCABULARY.items()}


@pytest.mark.parametrize("invented", [True, False], ids=["invented", "real"])
@pytest.mark.parametrize("name", VOCABULARY)
def test_every_value_of_a_fact_comes_back_at_its_time_and_nothing_else_does(name, invented):
    states = [(value, None) for value in values_of(VOCABULARY[name])]
    states += [(None, reason) for reason in REASONS]
    times = (None, AT, EARLIER, EARLIER.astimezone(UTC))
    people = [record({name: Fact(*state, at=at)}) for state in states for at in times]

    readings = [
        (one, read_back(form(one, invented=invented)))
        for one in people
        for form in (as_bundle, as_lines)
    ]

    for one, reading in readings:
        assert said(reading.facts) == said(one.given)
        assert left(reading) == []
        assert reading.patient == "maya"


@pytest.mark.parametrize("name", [n for n, kind in VOCABULARY.items() if kind.kind == "number"])
def test_a_number_comes_back_bit_for_bit(name):
    kind = VOCABULARY[name]
    # A third and a tenth have no end in binary; the ends are where a check could cut.
    numbers = [kind.least, kind.greatest, kind.least + 1 / 3, kind.greatest - 1 / 3, 1 + kind.least]
    numbers = [each for each in numbers if kind.least <= each <= kind.greatest]

    back = [
        read_back(as_bundle(record({name: each}), invented=True)).facts[name] for each in numbers
    ]

    assert [float(each.value).hex() for each in back] == [float(each).hex() for each in numbers]


@pytest.mark.parametrize("form", [as_bundle, as_lines])
@pytest.mark.parametrize("at", [AT, EARLIER])
def test_a_person_of_whom_everything_is_known_comes_back(form, at):
    one = record(everything(at))

    reading = read_back(form(one, invented=True))

    assert said(reading.facts) == said(one.given)
    assert left(reading) == []


def test_what_was_not_asked_is_not_written():
    one = record({"pregnant": Fact(unknown=Unknown.NOT_ASKED, at=AT)})

    assert [each["resourceType"] for each in resources_of(one, KNOWLEDGE, invented=True)] == [
        "Patient"
    ]
    assert read_back(as_bundle(one, invented=True)).facts == {}


# The codes: LOINC 8480-6, 44261-6 and 44260-8, ICD-10-CM F43.1, SNOMED CT 47505003 and 91175000,
# as the code tables of the knowledge name them.
@pytest.mark.parametrize(
    ("given", "type_", "expected"),
    [
        ({"systolic_bp": 128}, "Observation", [(LOINC, "8480-6")]),
        ({"phq9_total": 21}, "Observation", [(LOINC, "44261-6")]),
        ({"phq9_item9": 1}, "Observation", [(LOINC, "44260-8")]),
        ({"cssrs_risk": "high"}, "Observation", [(LOINC, "93374-7")]),
        ({"pregnant": False}, "Observation", [(LOINC, "82810-3")]),
        ({"has_ptsd": True}, "Condition", [(ICD, "F43.1"), (SNOMED, "47505003")]),
        ({"seizure_ever": False}, "Condition", [(SNOMED, "91175000")]),
    ],
)
def test_a_fact_that_a_standard_code_carries_is_written_in_it(given, type_, expected):
    resource = only(given)

    assert resource["resourceType"] == type_
    assert codes(resource) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"prefers_no_drug": True},
        {"can_consent": False},
        {"failed_antidepressant_trials": 3},
        # No code stands for every place of an aneurysm, and none of its codes was given.
        {"aneurysmal_vascular_disease": True},
        {"aneurysmal_vascular_disease": False},
        # "Suicidal ideations" does not say that they are active.
        {"suicidal_ideation_active": True},
        # Whose risk is none has no answer in LOINC's list.
        {"cssrs_risk": "none"},
        # A benzodiazepine is no one medicine, and its dose no order.
        {"takes_benzodiazepine": True},
        {"benzodiazepine_lorazepam_eq_mg_per_day": 2},
        # To write bupropion would tell of an oral antidepressant, and to write when it is taken.
        {"takes_oral_antidepressant": True, "takes_bupropion": True, "bupropion_mg_per_day": 300},
        # Half a point is no answer to an item.
        {"phq9_item9": 1.5},
    ],
)
def test_a_fact_that_no_standard_code_carries_is_stated_under_its_own_name(given):
    resources = written(given)

    assert [codes(each) for each in resources] == [[(OWN, name)] for name in given]


def test_an_active_diagnosis_and_one_ruled_out_say_so():
    active, refuted = (only({"has_ptsd": value}) for value in (True, False))

    assert active["clinicalStatus"]["coding"][0]["code"] == "active"
    assert active["verificationStatus"]["coding"][0]["code"] == "confirmed"
    assert active["recordedDate"] == "2026-11-22T10:00:00-05:00"
    assert "clinicalStatus" not in refuted
    assert refuted["verificationStatus"]["coding"][0]["code"] == "refuted"


def test_what_was_so_once_is_not_called_active():
    assert "clinicalStatus" not in only({"seizure_ever": True})


def test_a_diagnosis_known_since_earlier_is_stated_with_its_time():
    resource = only({"has_ptsd": Fact(True, at=EARLIER)})

    assert codes(resource) == [(OWN, "has_ptsd")]
    assert resource["effectiveDateTime"] == EARLIER.isoformat()


@pytest.mark.parametrize(
    ("given", "types"),
    [
        ({"takes_lithium": True}, ["Observation"]),
        ({"takes_lithium": True, "takes_mood_stabilizer": True}, ["MedicationStatement"]),
        ({"takes_lithium": True, "takes_mood_stabilizer": False}, ["Observation"] * 2),
        ({"takes_clozapine": True, "takes_antipsychotic": True}, ["MedicationStatement"]),
        ({"epilepsy": True}, ["Observation"]),
        ({"epilepsy": True, "seizure_ever": True}, ["Condition"]),
    ],
)
def test_a_resource_that_says_more_is_written_only_where_all_of_it_was_given(given, types):
    one = record(given)

    assert [each["resourceType"] for each in written(given)] == types
    assert said(read_back(as_bundle(one, invented=True)).facts) == said(one.given)


def test_a_fact_in_two_medicines_is_written_once():
    given = dict.fromkeys(["takes_lithium", "takes_lamotrigine", "takes_mood_stabilizer"], True)

    reading = read_back(as_bundle(record(given), invented=True))

    assert {name: fact.value for name, fact in reading.facts.items()} == given
    assert left(reading) == []


def test_every_way_to_write_in_standard_codes_is_taken_and_comes_back():
    known = ways(KNOWLEDGE)
    for way in (*known.coded.values(), *known.joint):
        one = record(dict(way.says))
        types = {each["resourceType"] for each in resources_of(one, KNOWLEDGE, invented=True)}

        if "sex_at_birth" not in way.says:
            assert types == {"Patient", way.parts["resourceType"]}
        assert said(read_back(as_bundle(one, invented=True)).facts) == said(one.given)


def test_the_ways_are_many_enough_to_be_worth_it():
    known = ways(KNOWLEDGE)

    assert {"Condition", "Observation"} == {w.parts["resourceType"] for w in known.coded.values()}
    assert len(known.coded) > 40
    assert {frozenset(way.says) for way in known.joint} >= {
        frozenset({"takes_lithium", "takes_mood_stabilizer"}),
        frozenset({"epilepsy", "seizure_ever"}),
    }
    assert {"systolic_bp", "weight_kg", "phq9_total", "gad7_total"} <= set(known.measured)


def test_a_quantity_has_its_unit_in_words_and_in_ucum():
    pressure, weeks = only({"systolic_bp": 128}), only({"current_episode_weeks": 30})

    assert pressure["valueQuantity"] == {
        "value": 128, "unit": "mmHg", "system": UCUM, "code": "mm[Hg]",
    }  # fmt: skip
    assert weeks["valueQuantity"] == {"value": 30, "unit": "weeks", "system": UCUM, "code": "wk"}


# The profiles of FHIR R4 for vital signs demand the category, with these codes.
@pytest.mark.parametrize(
    "given",
    [{"heart_rate": 72}, {"respiratory_rate": 14}, {"weight_kg": 70}, {"height_cm": 170},
     {"bmi": 24}, {"systolic_bp": 128}, {"diastolic_bp": 82}, {"spo2": 98}],
)  # fmt: skip
def test_a_vital_sign_is_filed_as_one(given):
    (category,) = only(given)["category"]

    assert category["coding"][0]["code"] == "vital-signs"
    assert "category" not in only({"phq9_total": 21})


def test_a_pressure_measured_at_one_time_is_one_observation_of_two_parts():
    # LOINC 85354-9 with the components 8480-6 and 8462-4: the blood pressure profile of FHIR R4.
    resource = only({"systolic_bp": 128, "diastolic_bp": 82})

    assert codes(resource) == [(LOINC, "85354-9")]
    assert [codes(each) for each in resource["component"]] == [
        [(LOINC, "8480-6")],
        [(LOINC, "8462-4")],
    ]
    assert [each["valueQuantity"]["value"] for each in resource["component"]] == [128, 82]
    assert not [key for key in resource if key.startswith("value")]


@pytest.mark.parametrize(
    "diastolic", [Fact(82, at=EARLIER), Fact(unknown=Unknown.NOT_ANSWERED, at=AT)]
)
def test_a_pressure_half_known_or_of_two_times_is_two_observations(diastolic):
    one = record({"systolic_bp": 128, "diastolic_bp": diastolic})

    assert len(written(one.given)) == 2
    assert said(read_back(as_bundle(one, invented=True)).facts) == said(one.given)


def test_an_unknown_says_why_in_our_words_and_in_those_of_hl7():
    resource = only({"takes_maoi": Fact(unknown=Unknown.NOT_ANSWERED, at=AT)})

    assert [each["code"] for each in resource["dataAbsentReason"]["coding"]] == [
        "not-answered",
        "asked-unknown",
    ]
    assert not [key for key in resource if key.startswith("value")]


def test_a_birth_date_is_invented_only_for_the_invented():
    invented, real = (patient_of({"age_years": 44}, invented=each) for each in (True, False))

    assert date.fromisoformat(invented["birthDate"]).year in (1981, 1982)
    assert "birthDate" not in real
    assert codes(only({"age_years": 44}, invented=False)) == [(OWN, "age_years")]


def test_an_invented_birth_date_gives_the_age_on_any_day_and_in_any_zone():
    zones = [UTC, ZoneInfo("America/New_York"), timezone(timedelta(hours=14))]
    for day in range(0, 1461, 7):
        at = datetime(2024, 1, 1, tzinfo=zones[day % 3]) + timedelta(days=day, hours=day % 24)
        age = day % 121
        one = record({"age_years": age}, patient=f"p{day}", at=at)

        reading = read_back(as_bundle(one, invented=True), at=at)

        assert reading.facts["age_years"].value == age
        assert [each["resourceType"] for each in resources_of(one, KNOWLEDGE, invented=True)] == [
            "Patient"
        ]


@pytest.mark.parametrize("age", [44.5, Fact(44, at=EARLIER)])
def test_an_age_that_no_birth_date_gives_is_stated(age):
    assert codes(only({"age_years": age})) == [(OWN, "age_years")]


def test_a_birthday_before_the_first_year_of_records_is_not_invented():
    at = datetime(1900, 6, 1, tzinfo=UTC)
    one = record({"age_years": 120}, at=at)

    assert said(read_back(as_bundle(one, invented=True), at=at).facts, at=at) == said(one.given)


def test_sex_at_birth_stands_where_us_core_has_it_and_never_as_gender():
    patient = patient_of({"sex_at_birth": "female"})

    assert patient["extension"] == [
        {
            "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex",
            "valueCode": "F",
        }
    ]
    assert "gender" not in patient


def test_the_trials_are_written_as_their_counts():
    trials = [
        read_trial({"medicine": "sertraline", "dose_mg": 200, "weeks": 12, "episode": "current",
                    "outcome": "no-response", "adherence_percent": 90}),
        read_trial({"medicine": "venlafaxine", "weeks": 3, "episode": "current",
                    "outcome": "intolerance"}),
        read_trial({"medicine": "mirtazapine", "episode": "current", "outcome": "no-response"}),
    ]  # fmt: skip
    one = record({"age_years": 44}, trials=trials)
    derived = person(given=one.given, trials=one.trials, at=AT, knowledge=KNOWLEDGE).given

    back = read_back(as_bundle(one, invented=True)).facts

    # One trial failed, one was not tolerated; of mirtazapine neither dose nor weeks are recorded, and
    # whether it is one failed trial or two decides rules: the count stays unknown.
    assert back["intolerable_antidepressant_trials"].value == 1
    assert back["failed_antidepressant_trials"].unknown is Unknown.NOT_RECORDED
    assert said(back) == said({name: derived[name] for name in back})
    assert set(back) == {"age_years", *(name for name in derived if name.endswith("_trials")),
                         "failed_antidepressant_classes"}  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), [(1, (1, None)), (4, (None, "conflicting"))])
def test_a_count_beside_the_trials_stands_where_they_allow_it(given, expected):
    trials = [read_trial({"medicine": "venlafaxine", "weeks": 3, "outcome": "intolerance"})]
    one = record({"intolerable_antidepressant_trials": given}, trials=trials)

    back = read_back(as_bundle(one, invented=True)).facts["intolerable_antidepressant_trials"]

    assert (back.value, back.unknown) == expected


def test_only_the_invented_are_marked_so_and_every_resource_of_theirs_is():
    one = record(everything())
    marked, real = (bundle_of(one, KNOWLEDGE, invented=each) for each in (True, False))

    tags = [each["resource"]["meta"]["tag"] for each in marked["entry"]] + [marked["meta"]["tag"]]
    assert {(tag[0]["system"], tag[0]["code"]) for tag in tags} == {
        ("urn:overstory:tag", "invented")
    }
    assert b"invented" not in orjson.dumps(real)


@pytest.mark.parametrize("invented", [True, False])
@pytest.mark.parametrize("patient", ["maya", "María Ñ. 1/2", "x" * 64, "_"])
def test_a_bundle_has_what_r4_demands(patient, invented):
    bundle = bundle_of(record(everything(), patient=patient), KNOWLEDGE, invented=invented)
    resources = [each["resource"] for each in bundle["entry"]]
    subject = {"reference": f"Patient/{resources[0]['id']}"}

    assert (bundle["type"], bundle["timestamp"]) == ("collection", "2026-11-22T10:00:00-05:00")
    assert len({each["fullUrl"] for each in bundle["entry"]}) == len(resources)
    for entry, resource in zip(bundle["entry"], resources, strict=True):
        assert re.fullmatch(r"[A-Za-z0-9.-]{1,64}", resource["id"])
        assert entry["fullUrl"].endswith(f"/{resource['resourceType']}/{resource['id']}")
        assert DEMANDED[resource["resourceType"]] <= set(resource)
        assert resource.get("subject", subject) == subject
        assert len([key for key in resource if key.startswith("value")]) <= 1
    assert resources[0]["identifier"] == [{"system": "urn:overstory:patient", "value": patient}]


@pytest.mark.parametrize("patients", [("maya", "leo"), ("a b", "a  b"), ("x" * 64, "x" * 63)])
def test_two_people_share_no_id(patients):
    ids = [
        (each["resourceType"], each["id"])
        for patient in patients
        for each in resources_of(record(everything(), patient=patient), KNOWLEDGE, invented=True)
    ]

    assert len(set(ids)) == len(ids)


def test_the_same_record_gives_the_same_bytes_however_its_facts_are_ordered():
    one = everything()
    turned = dict(reversed(one.items()))

    assert as_bundle(record(one), invented=True) == as_bundle(record(turned), invented=True)


def test_a_zone_that_fhir_cannot_write_is_written_as_utc():
    odd = timezone(timedelta(hours=4, minutes=51, seconds=7))
    at = AT.astimezone(odd)
    one = record({"prefers_no_drug": True, "has_ptsd": True}, at=at)

    back = read_back(as_bundle(one, invented=True), at=at)

    assert bundle_of(one, KNOWLEDGE, invented=True)["timestamp"] == "2026-11-22T15:00:00+00:00"
    assert said(back.facts) == said(one.given)


@pytest.mark.parametrize(
    "fact", [Fact(400, at=AT), Fact("high", at=AT), Fact(120, at=AT + timedelta(1))]
)
def test_a_value_or_time_that_a_fact_cannot_have_is_refused(fact):
    with pytest.raises(FactValueError, match="systolic_bp"):
        bundle_of(record({"systolic_bp": fact}), KNOWLEDGE, invented=True)


def test_a_year_that_no_record_has_is_refused():
    with pytest.raises(WritingError, match="1800"):
        bundle_of(
            record({"has_ptsd": Fact(True, at=datetime(1800, 1, 1, tzinfo=UTC))}),
            KNOWLEDGE,
            invented=True,
        )


def test_a_person_without_a_name_is_refused():
    with pytest.raises(WritingError, match="id"):
        bundle_of(record({"has_ptsd": True}, patient=" "), KNOWLEDGE, invented=True)
