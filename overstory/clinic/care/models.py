"""Facts stated, knowledge adopted, assessments and reasons recorded, notes written, plans."""

from __future__ import annotations

from overstory.clinic.care.choosing_rows import Choice, ChoiceLink, ChoiceSaid
from overstory.clinic.care.consenting_rows import Consent, ConsentWithdrawal
from overstory.clinic.care.decided import Adoption, Assessment, WrittenReason
from overstory.clinic.care.measuring import PlannedMeasure
from overstory.clinic.care.noted import Note, NoteVersion
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.care.stated import ImportedRecord, StatedFact, StatedTrial

__all__ = [
    "Adoption",
    "Assessment",
    "CarePlan",
    "Choice",
    "ChoiceLink",
    "ChoiceSaid",
    "Consent",
    "ConsentWithdrawal",
    "ImportedRecord",
    "Note",
    "NoteVersion",
    "PlannedMeasure",
    "StatedFact",
    "StatedTrial",
    "WrittenReason",
]
