"""The pages of an evaluation, by subject."""

from __future__ import annotations

from overstory.clinic.care.views_board import board, record, recorded, write_reason
from overstory.clinic.care.views_facts import fact, facts, retract, state
from overstory.clinic.care.views_knowledge import adopt_knowledge, check_policy, knowledge
from overstory.clinic.care.views_ledger import ledger, retract_trial, state_trial
from overstory.clinic.care.views_notes import note, note_new, note_save, note_sign, notes
from overstory.clinic.care.views_person import person
from overstory.clinic.care.views_records import imported_record, record_from_upload, records

__all__ = [
    "adopt_knowledge",
    "board",
    "check_policy",
    "fact",
    "facts",
    "imported_record",
    "knowledge",
    "ledger",
    "note",
    "note_new",
    "note_save",
    "note_sign",
    "notes",
    "person",
    "record",
    "record_from_upload",
    "recorded",
    "records",
    "retract",
    "retract_trial",
    "state",
    "state_trial",
    "write_reason",
]
