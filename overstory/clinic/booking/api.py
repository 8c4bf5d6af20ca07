"""What other programs of the clinic may read: the open requests as JSON, the first due first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_GET

from overstory.clinic.audit.reading import saw
from overstory.clinic.intake.asking import CareRequest
from overstory.clinic.people.doors import StaffRequest, may, polled
from overstory.clinic.people.permissions import May

SIZE = 20
LAST_PAGE = 10_000
COLUMNS = (
    "pk", "name", "reason", "asker", "received_at", "due_at", "late_at", "owner_id", "owner__name",
    "site__slug", "site__name", "site__time_zone",
)  # fmt: skip


class Of(StrEnum):
    """Whose requests: all open ones, the reader's own, those that nobody owns."""

    ALL = "all"
    MINE = "mine"
    NOBODY = "nobody"


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the address may ask for; anything else is refused."""

    of: Of = Of.ALL
    page: int = 1


class Owner(msgspec.Struct, frozen=True):
    """Who works on a request."""

    id: UUID
    name: str


class AtSite(msgspec.Struct, frozen=True):
    """Where the request was made; times are to be shown in its zone."""

    slug: str
    name: str
    time_zone: str


class OpenRequest(msgspec.Struct, frozen=True):
    """One open request; `standing` is `open`, `overdue` or `late` now. Times are in UTC."""

    id: UUID
    name: str
    reason: str
    asker: str
    received_at: datetime
    due_at: datetime
    late_at: datetime
    standing: str
    owner: Owner | None
    site: AtSite


class Worklist(msgspec.Struct, frozen=True):
    """One page of the open requests, and whether there are more."""

    requests: list[OpenRequest]
    of: Of
    page: int
    has_next: bool


class Wrong(msgspec.Struct, frozen=True):
    """Why an address was refused."""

    error: str


@may(May.WORK_REQUESTS)
@polled
@require_GET
def worklist(request: StaffRequest) -> HttpResponse:
    """Answer with the open requests; with 304 and no body where they are what the reader has."""
    try:
        asked = _asked(request)
    except msgspec.ValidationError as error:
        return _json(msgspec.json.encode(Wrong(str(error))), status=422)
    page = _page(request, asked, timezone.now())
    body = msgspec.json.encode(page)
    tag = f'"{salted_hmac(request.actor, body, algorithm="sha256").hexdigest()[:32]}"'
    if tag in _held(request):
        answer = HttpResponse(status=304)
        del answer["Content-Type"]
    else:
        saw(request, *(f"request:{each.id}" for each in page.requests))
        answer = _json(body)
    answer["ETag"] = tag
    return answer


def _asked(request: StaffRequest) -> Asked:
    """
    Return what the address asks for.

    :raises msgspec.ValidationError: if it is not one of the words or numbers that it may hold.
    """
    given = request.GET.lists()
    if twice := [name for name, values in given if len(values) != 1]:
        raise msgspec.ValidationError(f"`{twice[0]}` is given more than once")
    asked = msgspec.convert(request.GET.dict(), Asked, strict=False)
    if not 1 <= asked.page <= LAST_PAGE:
        raise msgspec.ValidationError(f"`page` is a whole number from 1 to {LAST_PAGE}")
    return asked


def _page(request: StaffRequest, asked: Asked, now: datetime) -> Worklist:
    first = (asked.page - 1) * SIZE
    rows = list(_queue(request.clinic.pk, asked.of, request.user.pk)[first : first + SIZE + 1])
    return Worklist(
        requests=[_told(row, now) for row in rows[:SIZE]],
        of=asked.of,
        page=asked.page,
        has_next=len(rows) > SIZE,
    )


@lru_cache(maxsize=256)
def _queue(clinic: UUID, of: Of, reader: UUID) -> QuerySet[CareRequest, tuple[Any, ...]]:
    """Return what a worklist asks, not yet asked: each page of it is a question of its own."""
    found = CareRequest.objects.filter(clinic=clinic).open()
    if of is Of.MINE:
        found = found.filter(owner=reader)
    elif of is Of.NOBODY:
        found = found.filter(owner=None)
    return found.values_list(*COLUMNS)


def _told(row: Sequence[Any], now: datetime) -> OpenRequest:
    key, name, reason, asker, received_at, due_at, late_at, owner_id, owner_name, *site = row
    return OpenRequest(
        id=key,
        name=name,
        reason=reason,
        asker=asker,
        received_at=received_at,
        due_at=due_at,
        late_at=late_at,
        standing=CareRequest.standing_at(now, due_at=due_at, late_at=late_at),
        owner=Owner(owner_id, owner_name) if owner_id else None,
        site=AtSite(*site),
    )


def _held(request: StaffRequest) -> set[str]:
    """Return the tags of the answers that the reader has already."""
    given = request.headers.get("If-None-Match", "")
    return {each.strip().removeprefix("W/") for each in given.split(",")}


def _json(body: bytes, *, status: int = 200) -> HttpResponse:
    answer = HttpResponse(body, content_type="application/json", status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer
