"""Small FHIR documents for tests."""

import json
from datetime import datetime

from overstory.exchange.fhir import read
from overstory.knowledge.load import load_knowledge

AT = datetime.fromisoformat("2026-11-22T10:00:00-05:00")
MAYA = {"reference": "Patient/maya"}
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
UCUM = "http://unitsofmeasure.org"


def patient(**fields):
    return {"resourceType": "Patient", "id": "maya", **fields}


def concept(system, code, text=None):
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}


def condition(system, code, *, clinical="active", verified="confirmed", **fields):
    return {
        "resourceType": "Condition",
        "subject": MAYA,
        "clinicalStatus": {"coding": [{"code": clinical}]},
        "verificationStatus": {"coding": [{"code": verified}]},
        "code": concept(system, code),
        **fields,
    }


def quantity(value, unit):
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def observation(code, value=None, unit=None, *, when="2026-11-22T09:40:00-05:00", **fields):
    measured = {} if value is None else {"valueQuantity": quantity(value, unit)}
    return {
        "resourceType": "Observation",
        "status": "final",
        "subject": MAYA,
        "code": concept(LOINC, code),
        "effectiveDateTime": when,
        **measured,
        **fields,
    }


def statement(name, **fields):
    return {
        "resourceType": "MedicationStatement",
        "status": "active",
        "subject": MAYA,
        "medicationCodeableConcept": {"text": name},
        **fields,
    }


def daily(dose, unit, times=1, **fields):
    repeat = {"frequency": times, "period": 1, "periodUnit": "d"}
    return [
        {
            "timing": {"repeat": repeat},
            "doseAndRate": [{"doseQuantity": quantity(dose, unit)}],
            **fields,
        }
    ]


def answers(codes, *, link="/{}", **fields):
    items = [
        {
            "linkId": link.format(code),
            "answer": [{"valueCoding": {"system": LOINC, "code": answer}}],
        }
        for code, answer in codes.items()
    ]
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "subject": MAYA,
        "authored": "2026-11-20T09:00:00-05:00",
        "item": items,
        **fields,
    }


def bundle(*resources, **fields):
    entries = [{"resource": each} for each in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries, **fields}


def reading(*resources, at=AT, **fields):
    """The reading of a Bundle of the resources, or of the one dictionary that is a Bundle."""
    first = resources[0]
    document = first if first.get("resourceType") == "Bundle" else None
    document = document or bundle(patient(), *resources, **fields)
    return read_bytes(json.dumps(document).encode(), at=at)


def read_bytes(document, at=AT):
    return read(document, name="maya.json", at=at, knowledge=load_knowledge())


def values(result):
    return {name: fact.value for name, fact in result.facts.items()}


def whys(result):
    return " | ".join(f"{each.from_}: {each.why}" for each in result.not_understood)
