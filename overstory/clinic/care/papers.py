"""What came for a person: why they asked for care, and letters and files, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, IntegerField, QuerySet, Value

from overstory.clinic.intake.models import CareRequest, Letter, Upload

FIRST, MOST = 20, 500
MOST_WHY = 2
"""As many of the last requests as are shown."""
REQUEST, PAPER = range(2)
SHAPE = ("it_rank", "it_row", "it_person", "it_at", "it_shut", "it_kind", "it_more", "it_size")


@dataclass(frozen=True, slots=True)
class Papers:
    """
    The newest files and letters of a person; `has_more` where older ones are not among them.

    `why` are the last requests for their care, with the words that were left.
    """

    files: tuple[Upload, ...]
    letters: tuple[Letter, ...]
    why: tuple[CareRequest, ...]
    has_more: bool


def papers_of(ids: Sequence[UUID], *, everything: bool = False) -> Papers:
    """Return the newest papers of a person, whichever rows stand for them; what they say stays shut."""
    most = MOST if everything else FIRST
    found = list(_rows(list(ids))[: MOST_WHY + most + 1])
    papers = [row for rank, *row in found if rank == PAPER]
    shown = papers[:most]
    return Papers(
        files=tuple(
            Upload(pk=pk, person_id=person, at=at, name=name, kind=kind, bytes=size)
            for pk, person, at, name, kind, _, size in shown
            if kind
        ),
        letters=tuple(
            Letter(pk=pk, person_id=person, at=at, subject=name)
            for pk, person, at, name, kind, *_ in shown
            if not kind
        ),
        why=tuple(
            CareRequest(
                pk=pk, person_id=person, received_at=at, reason=reason, asker=asker, words=words
            )
            for rank, pk, person, at, words, reason, asker, _ in found
            if rank == REQUEST
        ),
        has_more=len(papers) > most,
    )


def _rows(ids: list[UUID]) -> QuerySet[Any, Any]:
    """Return the last requests, then files and letters, the newest first, in one shape."""
    asked = CareRequest.objects.filter(person__in=ids).order_by("-received_at", "pk")
    last = CareRequest.objects.filter(pk__in=asked.values("pk")[:MOST_WHY])
    every: QuerySet[Any, Any] = _shaped(
        last, rank=REQUEST, at="received_at", shut="words", kind="reason", more="asker"
    ).union(
        _shaped(Upload.objects.filter(person__in=ids), shut="name", kind="kind", size="bytes"),
        _shaped(Letter.objects.filter(person__in=ids), shut="subject"),
        all=True,
    )
    return every.order_by("it_rank", "-it_at", "it_row")


def _shaped(
    rows: QuerySet[Any],
    *,
    shut: str,
    rank: int = PAPER,
    at: str = "at",
    kind: str = "",
    more: str = "",
    size: str = "",
) -> QuerySet[Any, Any]:
    """Return rows in the shape that all share; `shut` is the column that is sealed."""
    nothing = Value("", output_field=CharField())
    shaped: QuerySet[Any, Any] = rows.order_by().annotate(
        it_rank=Value(rank, output_field=IntegerField()),
        it_row=F("pk"),
        it_person=F("person_id"),
        it_at=F(at),
        it_shut=F(shut),
        it_kind=F(kind) if kind else nothing,
        it_more=F(more) if more else nothing,
        it_size=F(size) if size else Value(0, output_field=IntegerField()),
    )
    return shaped.values_list(*SHAPE)
