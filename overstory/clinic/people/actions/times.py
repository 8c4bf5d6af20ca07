"""Shifts, leave and the on-call roster: added, taken back; a form sent twice adds once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from overstory.clinic.people.actions.recording import keep
from overstory.clinic.people.clinics import Clinic, Site
from overstory.clinic.people.staff import Staff
from overstory.clinic.people.times import DutyLeave, OnCall, Shift


class TimeError(ValueError):
    """A time that is refused; the message says why."""


@transaction.atomic
def add_shift(
    *,
    key: UUID,
    staff: Staff,
    site: Site,
    starts: datetime,
    ends: datetime,
    by: Staff,
    at: datetime,
) -> Shift:
    """
    Say that someone works at a site.

    :raises TimeError: if it ends before it starts, or they are not of one clinic.
    """
    _check(starts, ends)
    if staff.clinic_id != site.clinic_id:
        raise TimeError("This person does not work in the clinic of this site.")
    shift, is_new = Shift.objects.get_or_create(
        pk=key, defaults={"staff": staff, "site": site, "starts": starts, "ends": ends}
    )
    if is_new:
        keep(site.clinic, "added a shift", staff.actor, by=by, at=at, shift=str(key))
    return shift


@transaction.atomic
def add_leave(
    *, key: UUID, staff: Staff, starts: datetime, ends: datetime, why: str, by: Staff, at: datetime
) -> DutyLeave:
    """
    Say that someone is away, whatever shifts and the roster say.

    :raises TimeError: if it ends before it starts.
    """
    _check(starts, ends)
    leave, is_new = DutyLeave.objects.get_or_create(
        pk=key, defaults={"staff": staff, "starts": starts, "ends": ends, "why": why}
    )
    if is_new:
        keep(staff.clinic, "added a leave", staff.actor, by=by, at=at, leave=str(key))
    return leave


@transaction.atomic
def add_on_call(
    *, key: UUID, staff: Staff, starts: datetime, ends: datetime, rung: int, by: Staff, at: datetime
) -> OnCall:
    """
    Say that someone answers for the clinic at any hour of a time.

    :raises TimeError: if it ends before it starts, or they left no phone number.
    """
    _check(starts, ends)
    if not staff.phone:
        raise TimeError(f"{staff.name} has no phone number; nobody could call them.")
    call, is_new = OnCall.objects.get_or_create(
        pk=key,
        defaults={
            "clinic": staff.clinic, "staff": staff, "starts": starts, "ends": ends, "rung": rung
        },
    )  # fmt: skip
    if is_new:
        keep(staff.clinic, "added an on-call time", staff.actor, by=by, at=at, on_call=str(key))
    return call


@transaction.atomic
def take_back(*, span: Shift | DutyLeave | OnCall, clinic: Clinic, by: Staff, at: datetime) -> None:
    """Take a shift, a leave or an on-call time back; it stays on record."""
    if type(span).objects.filter(pk=span.pk, withdrawn_at=None).update(withdrawn_at=at):
        kind = span._meta.verbose_name
        keep(clinic, f"took back: {kind}", span.staff.actor, by=by, at=at, row=str(span.pk))


def _check(starts: datetime, ends: datetime) -> None:
    if not starts < ends:
        raise TimeError("It ends before it starts.")
