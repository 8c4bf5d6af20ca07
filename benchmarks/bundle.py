"""Invented FHIR Bundles of about 2 MB: one patient with years of ordinary observations."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

SIZE = 2_000_000
START = datetime(2016, 1, 1, 9, tzinfo=UTC)
CODES = [
    ("8867-4", "Heart rate", "/min"),
    ("9279-1", "Respiratory rate", "/min"),
    ("29463-7", "Body weight", "kg"),
    ("2708-6", "Oxygen saturation", "%"),
    ("718-7", "Hemoglobin", "g/dL"),
    ("2160-0", "Creatinine", "mg/dL"),
]


def two_megabyte_bundle(*, bare: bool = False) -> bytes:
    """
    Return the Bundle as JSON of at least 2 MB.

    Its observations are as records send them, with profile, narrative, visit and performer; `bare`
    ones have nothing that they need not have, and there are twice as many: the worst case.
    """
    entries: list[dict[str, Any]] = [
        {"resource": {"resourceType": "Patient", "id": "p", "birthDate": "1982-04-03"}}
    ]
    size = 0
    number = 0
    while size < SIZE:
        observation = _observation(number)
        if not bare:
            observation |= _around(number, observation)
        entry = {"fullUrl": f"urn:uuid:{number:08d}", "resource": observation}
        entries.append(entry)
        size += len(json.dumps(entry)) + 2
        number += 1
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return json.dumps(bundle).encode()


def _observation(number: int) -> dict[str, Any]:
    code, name, unit = CODES[number % len(CODES)]
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": "final",
        "category": [{"coding": [{"system": category, "code": "vital-signs"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": name}]},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": (START + timedelta(hours=20 * number)).isoformat(),
        "valueQuantity": {
            "value": 60 + number % 37,
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        },
    }


def _around(number: int, observation: dict[str, Any]) -> dict[str, Any]:
    """What a record says around a value."""
    name = observation["code"]["coding"][0]["display"]
    value = observation["valueQuantity"]
    narrative = (
        '<div xmlns="http://www.w3.org/1999/xhtml"><p><b>Generated Narrative</b></p>'
        f"<p><b>code</b>: {name}</p><p><b>value</b>: {value['value']} {value['unit']}</p>"
        f"<p><b>effective</b>: {observation['effectiveDateTime']}</p></div>"
    )
    profile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-vital-signs"
    return {
        "meta": {"versionId": "1", "lastUpdated": "2026-11-01T10:00:00Z", "profile": [profile]},
        "text": {"status": "generated", "div": narrative},
        "encounter": {"reference": f"Encounter/e{number // 6}"},
        "performer": [{"reference": "Practitioner/n1", "display": "A nurse"}],
        "issued": observation["effectiveDateTime"],
    }
