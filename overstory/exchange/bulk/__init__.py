"""A FHIR bulk export, larger than memory: split by person, then read as one person's record is."""
