"""Requests for care with their letters; questionnaires with their links and answers."""

from __future__ import annotations

from overstory.clinic.intake.asking import CareRequest, Letter, RequestStep, Upload
from overstory.clinic.intake.filling import Answer, IntakeLink, Questionnaire

__all__ = [
    "Answer",
    "CareRequest",
    "IntakeLink",
    "Letter",
    "Questionnaire",
    "RequestStep",
    "Upload",
]
