"""How deeds of this part are put on record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.staff import Staff


def keep(
    clinic: Clinic, action: str, subject: str, *, by: Staff | None, at: datetime, **more: Any
) -> None:
    """Record a deed in the running transaction; without `by` the public did it."""
    actor = by.actor if by else "public"
    record(
        Deed(clinic=clinic.pk, at=at, actor=actor, action=action, subject=subject, more=dict(more))
    )
