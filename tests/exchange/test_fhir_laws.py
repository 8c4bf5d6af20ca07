"""What holds for every document: refused or read, nothing dropped, the order of entries without weight."""

import copy
import gc
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overstory.exchange.fhir import FhirError, read
from overstory.knowledge.load import load_knowledge
from tests.exchange.fhir.documents import (
    AT,
    ICD,
    LOINC,
    MAYA,
    SNOMED,
    answers,
    concept,
    condition,
    daily,
    observation,
    patient,
    quantity,
    statement,
)

OFFICIAL = Path(__file__).parent / "fhir" / "official"
GOOD = {
    "resourceType": "Bundle",
    "type": "collection",
    "timestamp": "2026-11-22T14:00:00Z",
    "entry": [
        {"fullUrl": "urn:uuid:1", "resource": patient(birthDate="1982-03-04", gender="female")},
        {"resource": condition(ICD, "F33.2", recordedDate="2026-05")},
        {"resource": condition(SNOMED, "43252007", onsetDateTime="2019")},
        {"resource": condition(ICD, "I21.4", onsetDateTime="2026-10-20")},
        {
            "resource": observation(
                "85354-9",
                component=[
                    {"code": concept(LOINC, "8480-6"), "valueQuantity": quantity(128, "mm[Hg]")},
                    {"code": concept(LOINC, "8462-4"), "valueQuantity": quantity(82, "mm[Hg]")},
                ],
            )
        },
        {"resource": observation("29463-7", 180, "[lb_av]", when="2026-11-20")},
        {"resource": observation("29463-7", 179, "[lb_av]", when="2026-11-10")},
        {"resource": answers({"44260-8": "LA6569-3"})},
        {"resource": statement("bupropion", dosage=daily(150, "mg", times=2))},
        {
            "resource": {
                "resourceType": "Device",
                "patient": MAYA,
                "type": concept(SNOMED, "14106009"),
            }
        },
        {"resource": {"resourceType": "AllergyIntolerance", "code": {"text": "ketamine"}}},
        {"resource": {"resourceType": "Encounter", "id": "e"}},
    ],
}
PLACES = []


def _places(value, place=()):
    PLACES.append(place)
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            _places(part, (*place, key))


_places(GOOD)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        ["2026-02-30", "9999-12-31T23:59:60Z", "0001", "#x", "Bundle", "Patient/", "F33.2"]
    ),
    st.just([]),
    st.just({}),
    st.just([[]]),
    st.just([{}]),
    st.just({"coding": [{"system": ICD, "code": "F"}]}),
    st.just({"value": 1e308, "code": "[lb_av]"}),
)


def _changed(place, junk, remove):
    document = copy.deepcopy(GOOD)
    if not place:
        return junk
    holder = document
    for step in place[:-1]:
        holder = holder[step]
    if remove:
        del holder[place[-1]]
    else:
        holder[place[-1]] = junk
    return document


def _read(text):
    return read(text, name="maya.json", at=AT, knowledge=load_knowledge())


def _read_or_refuse(text):
    try:
        return _read(text), None
    except FhirError as error:
        return None, str(error)


def _accounted_for(document, result):
    origins = [fact.origin for fact in result.facts.values()]
    seen = " ".join([*origins, *(each.from_ for each in result.not_understood)])
    return all(
        f"Bundle.entry[{index}].resource" in seen
        for index in range(len(document.get("entry") or []))
    )


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK, st.booleans()), min_size=1, max_size=1))
def test_any_change_is_read_or_refused_and_nothing_is_dropped(changes):
    ((place, junk, remove),) = changes
    document = _changed(place, junk, remove)

    result, refusal = _read_or_refuse(json.dumps(document).encode())

    assert refusal is None or refusal.startswith("maya.json")
    if result and isinstance(document, dict) and document.get("resourceType") == "Bundle":
        assert _accounted_for(document, result)


@settings(max_examples=300, deadline=None)
@given(st.integers(min_value=0), st.binary(max_size=6), st.integers(min_value=0, max_value=40))
def test_any_bytes_are_read_or_refused(at, junk, cut):
    text = json.dumps(GOOD).encode()
    at %= len(text)

    _, refusal = _read_or_refuse(text[:at] + junk + text[at + cut :])

    assert refusal is None or refusal.startswith("maya.json")


@settings(max_examples=60, deadline=None)
@given(st.permutations(GOOD["entry"]))
def test_the_order_of_entries_has_no_weight(entries):
    def said(document):
        facts = _read(json.dumps(document).encode()).facts
        return {name: (fact.value, fact.unknown, fact.at) for name, fact in facts.items()}

    assert said({**GOOD, "entry": entries}) == said(GOOD)


@pytest.mark.parametrize("path", sorted(OFFICIAL.glob("*.json")), ids=lambda path: path.stem)
def test_a_published_example_is_read_or_refused_and_nothing_is_dropped(path):
    result, refusal = _read_or_refuse(path.read_bytes())

    if path.stem == "r4-Bundle-bundle-references":
        assert "two patients" in refusal
    else:
        assert result.facts or result.not_understood


# What the published examples say, read by eye in the files.
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("r4-Observation-blood-pressure", {"systolic_bp": 107, "diastolic_bp": 60}),
        ("r4-Observation-blood-pressure-cancel", {}),
        ("r4-Observation-blood-pressure-dar", {"systolic_bp": 107}),
        ("r4-Observation-heart-rate", {"heart_rate": 44}),
        ("r4-Observation-satO2", {"spo2": 95}),
        ("r4-Procedure-example-implant", {"pacemaker_or_defibrillator": True}),
        ("r4-Condition-family-history", {}),
        ("r4-AllergyIntolerance-nka", {}),
        ("us-core-8-Observation-pregnancy-status", {"pregnant": True}),
        ("us-core-8-QuestionnaireResponse-phq-9-example", {"phq9_total": 12, "phq9_item9": 0}),
        ("us-core-8-QuestionnaireResponse-AUDIT-C", {}),
        ("us-core-8-Observation-AUDIT-C-item-example-75626-2", {"audit_c_total": 0}),
        ("us-core-6-Patient-example", {"age_years": 39, "sex_at_birth": "female"}),
    ],
)
def test_a_published_example_says_what_it_says(name, said):
    result = _read((OFFICIAL / f"{name}.json").read_bytes())

    assert {fact: each.value for fact, each in result.facts.items()} == said


def test_reading_leaves_the_collector_of_cycles_as_it_was():
    assert gc.isenabled()

    with pytest.raises(FhirError):
        read(b'{"resourceType": "Bundle", "entry": 3}', name="b", at=AT, knowledge=load_knowledge())

    assert gc.isenabled()
