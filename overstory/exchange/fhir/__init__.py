"""FHIR R4: a Bundle, NDJSON or single resource to facts, with all that was not understood."""

from overstory.exchange.fhir.envelope import FhirError
from overstory.exchange.fhir.gathering import NotUnderstood
from overstory.exchange.fhir.reading import Reading, read

__all__ = ["FhirError", "NotUnderstood", "Reading", "read"]
