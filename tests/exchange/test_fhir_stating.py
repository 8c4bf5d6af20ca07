"""Facts stated under their own names (urn:overstory:fact): read like any other, and checked like any."""

import pytest

from overstory.engine.facts import Unknown
from tests.exchange.fhir.documents import (
    LOINC,
    SNOMED,
    concept,
    condition,
    daily,
    observation,
    quantity,
    reading,
    statement,
    values,
    whys,
)

FACT, VALUE, REASON = (f"urn:overstory:{each}" for each in ("fact", "value", "unknown"))
HL7 = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
NOW = "2026-11-22T09:40:00-05:00"
BEFORE = "2026-11-20T09:40:00-05:00"


def stated(name, *, when=NOW, status="final", **value):
    return {
        "resourceType": "Observation",
        "status": status,
        "subject": {"reference": "Patient/maya"},
        "code": concept(FACT, name),
        "effectiveDateTime": when,
        **value,
    }


def absent(system, code):
    return {"dataAbsentReason": concept(system, code)}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("prefers_no_drug", {"valueBoolean": False}, False),
        ("hepatic_impairment", {"valueCodeableConcept": concept(VALUE, "none")}, "none"),
        ("failed_antidepressant_trials", {"valueQuantity": quantity(3, "{trials}")}, 3),
        ("current_episode_weeks", {"valueQuantity": {"value": 30, "unit": "weeks"}}, 30),
        # 154 lb are 154 * 0.45359237 kg.
        ("weight_kg", {"valueQuantity": quantity(154, "[lb_av]")}, 69.853225),
        ("phq9_total", {"valueInteger": 9}, 9),
    ],
)
def test_a_fact_is_stated_by_its_name(name, value, expected):
    result = reading(stated(name, **value))

    assert values(result) == {name: expected}
    assert result.facts[name].at.isoformat() == NOW
    assert result.facts[name].origin == "Bundle.entry[1].resource"


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        (stated("prefers_no_drugs", valueBoolean=True), "near it: prefers_no_drug"),
        (stated("prefers_no_drug", valueInteger=1), "expected a valueBoolean"),
        (stated("prefers_no_drug", valueString="yes"), "expected a valueBoolean"),
        (stated("prefers_no_drug"), "no value"),
        (stated("systolic_bp", valueQuantity=quantity(400, "mm[Hg]")), "between 40 and 320"),
        (stated("systolic_bp", valueQuantity=quantity(128, "kg")), "does not convert to mmHg"),
        (stated("systolic_bp", valueQuantity={"value": 128}), "no unit; expected mmHg"),
        (
            stated("systolic_bp", valueQuantity={**quantity(128, "mm[Hg]"), "comparator": "<"}),
            "no exact value",
        ),
        (stated("systolic_bp", valueBoolean=True), "no value of a kind that is read here"),
        (
            stated("hepatic_impairment", valueCodeableConcept=concept(VALUE, "some")),
            "one of none, mild, moderate, severe",
        ),
        (
            stated("hepatic_impairment", valueCodeableConcept=concept(SNOMED, "mild")),
            "expected one of none, mild, moderate, severe",
        ),
        (stated("hepatic_impairment", valueBoolean=True), "expected one of none"),
        (
            stated("prefers_no_drug", valueBoolean=True, valueString="no"),
            "more than one value",
        ),
        (
            stated("prefers_no_drug", valueBoolean=True, **absent(REASON, "not-answered")),
            "a value and a reason why there is none",
        ),
        (stated("prefers_no_drug", **absent(REASON, "not-asked")), "reason: not-asked"),
        (stated("prefers_no_drug", **absent(HL7, "not-asked")), "reason: not-asked"),
        (stated("prefers_no_drug", **absent(HL7, "masked")), "reason: masked"),
        (stated("prefers_no_drug", when=None, valueBoolean=True), "does not say when"),
        (stated("prefers_no_drug", when="2026-12-01", valueBoolean=True), "later than the moment"),
    ],
)
def test_what_is_not_stated_rightly_is_listed_and_makes_no_fact(resource, why):
    result = reading(resource)

    assert values(result) == {}
    assert why in whys(result)


@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
def test_a_finished_statement_is_read(status):
    assert values(reading(stated("prefers_no_drug", status=status, valueBoolean=True))) == {
        "prefers_no_drug": True
    }


@pytest.mark.parametrize("status", ["preliminary", "registered", "entered-in-error", "cancelled"])
def test_a_statement_that_is_not_finished_or_wrong_makes_nothing(status):
    result = reading(stated("prefers_no_drug", status=status, valueBoolean=True))

    assert values(result) == {}
    assert f"its status is {status}" in whys(result)


def test_a_standard_observation_may_still_be_preliminary():
    assert values(reading(observation("8480-6", 128, "mm[Hg]", status="preliminary"))) == {
        "systolic_bp": 128
    }


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (absent(REASON, "not-answered"), Unknown.NOT_ANSWERED),
        (absent(REASON, "stale"), Unknown.STALE),
        (absent(REASON, "conflicting"), Unknown.CONFLICTING),
        (absent(REASON, "not-recorded"), Unknown.NOT_RECORDED),
        # HL7: "The source was asked but does not know the value", "… declined to answer",
        # "The value is expected to exist but is not known".
        (absent(HL7, "asked-unknown"), Unknown.NOT_ANSWERED),
        (absent(HL7, "asked-declined"), Unknown.NOT_ANSWERED),
        (absent(HL7, "unknown"), Unknown.NOT_RECORDED),
        (
            {"dataAbsentReason": {"coding": [
                {"system": REASON, "code": "stale"}, {"system": HL7, "code": "unknown"},
            ]}},
            Unknown.STALE,
        ),
    ],
)  # fmt: skip
def test_why_a_fact_is_unknown_can_be_stated(reason, expected):
    fact = reading(stated("takes_maoi", **reason)).facts["takes_maoi"]

    assert (fact.value, fact.unknown, fact.at.isoformat()) == (None, expected, NOW)


def test_of_two_statements_the_newest_is_used():
    older = stated("prefers_no_drug", when=BEFORE, valueBoolean=True)
    newer = stated("prefers_no_drug", valueBoolean=False)

    result = reading(newer, older)

    assert values(result) == {"prefers_no_drug": False}
    assert "the newest is used: Bundle.entry[1].resource" in whys(result)


def test_two_statements_of_one_time_that_differ_conflict():
    fact = reading(
        stated("prefers_no_drug", valueBoolean=True),
        stated("prefers_no_drug", valueBoolean=False),
    ).facts["prefers_no_drug"]

    assert fact.unknown is Unknown.CONFLICTING


def test_two_statements_that_say_the_same_are_one_fact():
    result = reading(*[stated("prefers_no_drug", valueBoolean=True)] * 2)

    assert values(result) == {"prefers_no_drug": True}
    assert "says the same of prefers_no_drug" in whys(result)


@pytest.mark.parametrize(
    ("own", "standard", "expected"), [(NOW, BEFORE, 150), (BEFORE, NOW, 128), (NOW, NOW, None)]
)
def test_a_statement_and_a_standard_observation_are_two_of_a_kind(own, standard, expected):
    result = reading(
        stated("systolic_bp", when=own, valueQuantity=quantity(150, "mm[Hg]")),
        observation("8480-6", 128, "mm[Hg]", when=standard),
    )

    assert values(result) == {"systolic_bp": expected}


def test_a_newer_unknown_takes_the_place_of_an_older_value_and_never_the_other_way():
    value = stated("takes_maoi", when=BEFORE, valueBoolean=False)
    unknown = stated("takes_maoi", **absent(REASON, "conflicting"))

    result = reading(value, unknown)

    assert result.facts["takes_maoi"].unknown is Unknown.CONFLICTING
    assert "the newest is used" in whys(result)


def test_a_value_after_an_unknown_is_the_value():
    unknown = stated("takes_maoi", when=BEFORE, **absent(REASON, "not-answered"))

    assert values(reading(unknown, stated("takes_maoi", valueBoolean=False))) == {
        "takes_maoi": False
    }


def test_a_value_and_an_unknown_of_one_time_conflict():
    fact = reading(
        stated("takes_maoi", valueBoolean=False), stated("takes_maoi", **absent(REASON, "stale"))
    ).facts["takes_maoi"]

    assert fact.unknown is Unknown.CONFLICTING


def test_a_newer_statement_stands_against_an_older_diagnosis():
    result = reading(
        stated("has_ptsd", valueBoolean=False),
        condition(SNOMED, "47505003", recordedDate="2020-01-01"),
    )

    assert values(result) == {"has_ptsd": False}


def test_a_statement_may_be_a_part_of_an_observation():
    parts = [
        {"code": concept(FACT, "prefers_no_drug"), "valueBoolean": True},
        {"code": concept(FACT, "takes_maoi"), **absent(REASON, "not-answered")},
    ]
    result = reading(observation("74728-7", component=parts))

    assert values(result) == {"prefers_no_drug": True, "takes_maoi": None}


def test_a_part_that_states_a_fact_is_not_read_before_it_is_finished():
    parts = [{"code": concept(FACT, "prefers_no_drug"), "valueBoolean": True}]

    assert values(reading(observation("74728-7", status="preliminary", component=parts))) == {}


def test_the_own_name_says_more_exactly_than_a_standard_code_beside_it():
    both = {"coding": [{"system": LOINC, "code": "93374-7"},
                       {"system": FACT, "code": "cssrs_risk"}]}  # fmt: skip
    resource = stated("cssrs_risk", valueCodeableConcept=concept(VALUE, "none"))

    assert values(reading({**resource, "code": both})) == {"cssrs_risk": "none"}


def test_a_number_in_the_unit_of_its_fact_is_not_rounded():
    result = reading(observation("29463-7", 70.12345678901234, "kg"))

    assert values(result) == {"weight_kg": 70.12345678901234}


@pytest.mark.parametrize(("dose", "times"), [(1e308, 2), (150, 10**400), (1e308, 10**400)])
def test_a_dose_larger_than_any_number_is_listed(dose, times):
    result = reading(statement("bupropion", dosage=daily(dose, "mg", times=times)))

    assert "bupropion_mg_per_day" not in values(result)
    assert "larger than any number" in whys(result) or "between 0 and 1200" in whys(result)
