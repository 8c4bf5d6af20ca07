"""The letters and files of a person, newest first, those that came and those that were written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.db.models import CharField, IntegerField, Value

from overstory.clinic.intake.models import Letter, Upload

FIRST, MOST = 20, 500
NOTHING, NONE = Value("", output_field=CharField()), Value(0, output_field=IntegerField())


@dataclass(frozen=True, slots=True)
class Papers:
    """The newest files and letters of a person; `has_more` where older ones are not among them."""

    files: tuple[Upload, ...]
    letters: tuple[Letter, ...]
    has_more: bool


def papers_of(ids: Sequence[UUID], *, everything: bool = False) -> Papers:
    """Return the newest papers of a person, whichever rows stand for them; what they say stays shut."""
    most = MOST if everything else FIRST
    letters = Letter.objects.filter(person__in=list(ids)).values_list(
        "pk", "person_id", "at", "subject", NOTHING, NONE
    )
    files = Upload.objects.filter(person__in=list(ids)).values_list(
        "pk", "person_id", "at", "name", "kind", "bytes"
    )
    newest = letters.union(files, all=True).order_by("-at", "pk")
    found = list(newest[: most + 1])
    shown = list(islice(found, most))
    return Papers(
        files=tuple(
            Upload(pk=pk, person_id=person, at=at, name=name, kind=kind, bytes=size)
            for pk, person, at, name, kind, size in shown
            if kind
        ),
        letters=tuple(
            Letter(pk=pk, person_id=person, at=at, subject=name)
            for pk, person, at, name, kind, _ in shown
            if not kind
        ),
        has_more=len(found) > most,
    )
