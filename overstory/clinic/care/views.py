"""The pages of an evaluation, by subject."""

from __future__ import annotations

from overstory.clinic.care.views_board import board, record, recorded, write_reason
from overstory.clinic.care.views_facts import fact, facts, retract, state
from overstory.clinic.care.views_knowledge import adopt_knowledge, knowledge
from overstory.clinic.care.views_ledger import ledger, retract_trial, state_trial
from overstory.clinic.care.views_person import person

__all__ = [
    "adopt_knowledge",
    "board",
    "fact",
    "facts",
    "knowledge",
    "ledger",
    "person",
    "record",
    "recorded",
    "retract",
    "retract_trial",
    "state",
    "state_trial",
    "write_reason",
]
