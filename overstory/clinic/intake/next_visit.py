"""The next visit of who answers questions by a link, where one is booked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from overstory.clinic.intake.filling import IntakeLink
from overstory.clinic.intake.showing import moment_words, words


def next_visit_words(link: IntakeLink, language: str, now: datetime) -> str:
    """Say when the next visit is and with whom; nothing where none is booked."""
    visit = _next(link, now)
    if visit is None:
        return ""
    say, when = words(language), moment_words(visit.starts, visit.site, language)
    if visit.clinician is None:
        return say("done.visit", when=when)
    return say("done.visit_with", when=when, name=visit.clinician.name)


def _next(link: IntakeLink, now: datetime) -> Any:
    """Return the next booked visit of the person, which stands in a part above this one; or none."""
    form = link.questionnaire
    clinic: Any = form.clinic
    booked = clinic.appointments.of(form.person).filter(state="booked", starts__gt=now)
    return booked.select_related("clinician", "site").order_by("starts", "pk").first()
