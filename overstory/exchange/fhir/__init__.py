"""FHIR R4: a Bundle, NDJSON or single resource to facts, with all that was not understood; and back."""

from overstory.exchange.fhir.envelope import FhirError
from overstory.exchange.fhir.gathering import NotUnderstood
from overstory.exchange.fhir.reading import Reading, read
from overstory.exchange.fhir.writing import WritingError, bundle_of, resources_of

__all__ = [
    "FhirError",
    "NotUnderstood",
    "Reading",
    "WritingError",
    "bundle_of",
    "read",
    "resources_of",
]
