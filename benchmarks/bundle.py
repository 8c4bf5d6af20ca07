"""An invented FHIR Bundle of about 2 MB: one patient with years of ordinary observations."""

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


def two_megabyte_bundle() -> bytes:
    """Return the Bundle as JSON of at least 2 MB."""
    entries: list[dict[str, Any]] = [
        {"resource": {"resourceType": "Patient", "id": "p", "birthDate": "1982-04-03"}}
    ]
    size = 0
    number = 0
    while size < SIZE:
        entry = {"fullUrl": f"urn:uuid:{number:08d}", "resource": _observation(number)}
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
