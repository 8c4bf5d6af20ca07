"""Who a session belongs to: the member of staff with clinic and roles, read again when anything changed."""

from __future__ import annotations

import time
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.db import models
from django.db.models import F, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from overstory.clinic.audit.models import Head
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.staff import Staff

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Someone as they were read: at which change of the clinic's record, and until when that may serve."""

    changed: int | None
    until: float
    staff: Staff
    clinic: Clinic
    roles: frozenset[str]


_KEPT: dict[UUID, _Kept] = {}
"""By member of staff, in this process."""


class StaffBackend(AuthenticationBackend):  # type: ignore[misc] # allauth has no types
    """
    Signs in as allauth does; reads who is signed in once, with all that each page asks of them.

    Whoever changes staff, roles or the clinic records it in the same transaction, so that a role that
    was taken away is gone at once, in every process; what was written without a record, after
    `WATCH_READ_AGAIN_S`.
    """

    def get_user(self, user_id: Any) -> Staff | None:
        """Return who this is, with clinic and the roles held now; nobody who no longer works here."""
        kept = _KEPT.get(user_id)
        is_new = kept is not None and time.monotonic() < kept.until
        if kept is not None and is_new and _changed(kept.clinic.pk) == kept.changed:
            return _anew(kept)
        return _read(user_id)


def _changed(clinic: UUID) -> int | None:
    return next(iter(_head(clinic).all()), None)


@lru_cache(maxsize=256)
def _head(clinic: UUID) -> QuerySet[Head, int]:
    """Return the question for a clinic's last change, not yet asked."""
    return Head.objects.filter(pk=clinic).values_list("changed", flat=True)


def _read(user_id: UUID) -> Staff | None:
    rows: list[Any] = list(
        Staff.objects.working()
        .filter(pk=user_id)
        .select_related("clinic")
        .annotate(
            held=FilteredRelation("roles", condition=Q(roles__until=None)),
            held_role=F("held__role"),
            changed=Subquery(Head.objects.filter(pk=OuterRef("clinic_id")).values("changed")),
        )
    )
    if not rows:
        _KEPT.pop(user_id, None)
        return None
    found: Staff = rows[0]
    found.keep_roles(each.held_role for each in rows if each.held_role)
    found.clinic_changed = rows[0].changed
    seconds = settings.WATCH_READ_AGAIN_S
    if seconds:
        until = time.monotonic() + seconds
        held = (_copy(found), _copy(found.clinic), found.role_names)
        _KEPT[user_id] = _Kept(found.clinic_changed, until, *held)
    return found


def _anew(kept: _Kept) -> Staff:
    """Return rows of their own for this request: what it hangs on them is nobody else's."""
    staff = _copy(kept.staff)
    staff.clinic = _copy(kept.clinic)
    staff.keep_roles(kept.roles)
    staff.clinic_changed = kept.changed
    return staff


def _copy(row: Row) -> Row:
    names = [field.attname for field in row._meta.concrete_fields]
    held = [row.__dict__[name] for name in names]
    values = [deepcopy(each) if isinstance(each, dict | list) else each for each in held]
    return type(row).from_db(row._state.db, names, values)
