"""What every page of staff shows of the watch, whether or not the worker lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.permissions import May
from overstory.clinic.people.staff import Staff
from overstory.clinic.safety.watch import Watched, look_again


@dataclass(frozen=True, slots=True)
class WatchShown:
    """Counts and warnings for the reader; `silent_since` is empty while the worker lives."""

    open_count: int
    overdue_count: int
    mine_count: int
    nobody_on_call: bool
    silent_since: str


def watched_by(request: HttpRequest) -> Watched:
    """Return the watch of the reader's clinic, worked out once a request."""
    if "watched" not in request.__dict__:
        clinic: Clinic = request.clinic  # type: ignore[attr-defined] # set by the doors
        # who only reads has read with their account what changed last; who writes may have changed more
        user, is_read = request.user, request.method in {"GET", "HEAD"}
        changed = user.clinic_changed if is_read and isinstance(user, Staff) else None
        request.__dict__["watched"] = look_again(clinic, timezone.now(), changed=changed)
    found: Watched = request.__dict__["watched"]
    return found


def watch(request: HttpRequest) -> dict[str, Any]:
    """Return `watch` for the layout of staff pages; nothing for others. It is worked out when asked for."""
    user = getattr(request, "user", None)
    clinic = getattr(request, "clinic", None)
    if not isinstance(user, Staff) or clinic is None or clinic.pk != user.clinic_id:
        return {"watch": None}
    return {"watch": SimpleLazyObject(lambda: _shown(request, user))}


def _shown(request: HttpRequest, user: Staff) -> WatchShown:
    watched = watched_by(request)
    sees = user.may(May.SEE_ALERTS)
    mine = watched.mine(str(user.pk)) if sees else ()
    late = {each.alert for each in watched.dues if each.alert and each.overdue} if sees else set()
    return WatchShown(
        open_count=len(watched.open) if sees else 0,
        overdue_count=len(late),
        mine_count=len({each.alert for each in mine}),
        nobody_on_call=watched.nobody_on_call,
        silent_since=_silent_since(watched, user),
    )


def _silent_since(watched: Watched, user: Staff) -> str:
    if not watched.is_silent:
        return ""
    beat = watched.crew.beat
    if beat is None:
        return "the clinic was set up"
    zone = user.clinic.sites.order_by("name").values_list("time_zone", flat=True).first()
    local = beat.astimezone(ZoneInfo(zone or "UTC"))
    same_day = local.date() == watched.now.astimezone(local.tzinfo).date()
    return local.strftime("%H:%M" if same_day else "%a %-d %b, %H:%M")
