"""The rows of the queue of requests as they are shown: the one page that stands open all day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from overstory.clinic.intake.asking import (
    ASKER_WORDS,
    OUTCOME_WORDS,
    REASON_WORDS,
    CareRequest,
    Upload,
)
from overstory.clinic.ui.addresses import address_of
from overstory.clinic.ui.templatetags.overstory import when

LISTED = (
    "pk", "name", "reason", "asker", "received_at", "due_at", "late_at", "owner_id", "owner__name",
    "site__name", "site__time_zone", "outcome", "closed_at", "has_letter",
)  # fmt: skip
"""The columns of the queue; what people wrote in their own words is not read for it."""
TONES = {"late": "stop", "overdue": "warn"}
ROW = (
    '<tr class="is-{tone}"><td><a href="{address}">{name}</a>{letter}{visit}</td>'
    '<td data-label="{standing_is}">{chip}</td>'
    '<td data-label="Reason">{reason}</td><td data-label="Asked by">{asker}</td>'
    '<td data-label="Site">{site}</td><td data-label="Received">{received}</td>'
    '<td data-label="{ends_is}">{ends}</td><td data-label="Owner">{owner}</td></tr>\n'
)
LETTER = format_html(' <span class="chip">{}</span>', "letter")


@lru_cache(maxsize=256)
def queue_of(clinic: UUID, which: str, reader: UUID) -> QuerySet[CareRequest, dict[str, Any]]:
    """Return what the queue asks, not yet asked: each window of it is a question of its own."""
    rows = CareRequest.objects.filter(clinic=clinic)
    found = rows.closed() if which == "closed" else rows.open()
    if which == "mine":
        found = found.filter(owner=reader)
    elif which == "nobody":
        found = found.filter(owner=None)
    letters = Exists(Upload.objects.filter(care_request=OuterRef("pk")))
    asked: QuerySet[CareRequest, dict[str, Any]] = found.annotate(has_letter=letters).values(
        *LISTED
    )
    return asked


def standing_of(found: CareRequest | Mapping[str, Any], now: datetime) -> tuple[str, str]:
    """Return where a request, or its row, stands, in words and tone."""
    row: Mapping[str, Any] = found if isinstance(found, Mapping) else found.__dict__
    if row["closed_at"] is not None:
        return OUTCOME_WORDS.get(row["outcome"], row["outcome"]), "info"
    word = CareRequest.standing_at(now, due_at=row["due_at"], late_at=row["late_at"])
    return word, TONES.get(word) or ("info" if row["owner_id"] else "unknown")


def visits_of(rows: Iterable[Mapping[str, Any]]) -> Mapping[UUID, datetime]:
    """Return when the visits are that are booked with the requests of these rows, in one question."""
    found = CareRequest.objects.filter(
        pk__in=[each["pk"] for each in rows], appointments__state="booked"
    )
    return dict(found.order_by("-appointments__starts").values_list("pk", "appointments__starts"))


def drawn(
    rows: Iterable[Mapping[str, Any]],
    now: datetime,
    *,
    are_closed: bool,
    visits: Mapping[UUID, datetime],
) -> SafeString:
    """Return the rows of a table; what people wrote is escaped."""
    return format_html_join("", ROW, (_cells(each, now, are_closed, visits) for each in rows))


def _cells(
    row: Mapping[str, Any], now: datetime, is_closed: bool, visits: Mapping[UUID, datetime]
) -> dict[str, Any]:
    words, tone = standing_of(row, now)
    zone = row["site__time_zone"]
    return {
        "tone": _text(tone),
        "address": address_of("request", row["pk"]),
        "name": row["name"],
        "letter": LETTER if row["has_letter"] else "",
        "visit": _visit(visits.get(row["pk"]), zone),
        "standing_is": _text("What came of it" if is_closed else "Standing"),
        "chip": _chip(words, tone),
        "reason": _text(REASON_WORDS.get(row["reason"], row["reason"])),
        "asker": _text(ASKER_WORDS.get(row["asker"], row["asker"])),
        "site": _text(row["site__name"]),
        "received": when(row["received_at"], zone),
        "ends_is": _text("Closed" if is_closed else "Due"),
        "ends": when(row["closed_at"] if is_closed else row["due_at"], zone),
        "owner": _text(row["owner__name"] or "nobody"),
    }


def _visit(starts: datetime | None, zone: str) -> SafeString | str:
    if starts is None:
        return ""
    return format_html('<br><span class="small">visit booked {}</span>', when(starts, zone))


@lru_cache(maxsize=512)
def _text(words: str) -> SafeString:
    """Return words escaped; those of a few kinds come again and again."""
    return format_html("{}", words)


@lru_cache(maxsize=64)
def _chip(words: str, tone: str) -> SafeString:
    return format_html('<span class="chip is-{}">{}</span>', tone, words)
