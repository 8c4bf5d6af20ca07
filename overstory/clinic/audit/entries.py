"""Finding entries of the record: of one clinic, by who, on whom, and of what kind."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from overstory.clinic.audit.models import Entry


class Kind(StrEnum):
    """The kinds of entries that can be asked for."""

    ALL = "all"
    READS = "reads"
    CHANGES = "changes"
    SIGN_INS = "sign-ins"


SIGN_INS = ("signed in", "failed to sign in")


def entries_of(
    clinic: UUID, *, kind: Kind = Kind.ALL, actor: str = "", subjects: Sequence[str] = ()
) -> QuerySet[Entry]:
    """Return the entries of a clinic, the newest first; those that name one of several subjects."""
    found = Entry.objects.filter(clinic=clinic).order_by("-seq")
    if kind is Kind.READS:
        found = found.filter(action__startswith="saw ")
    elif kind is Kind.SIGN_INS:
        found = found.filter(action__in=SIGN_INS)
    elif kind is Kind.CHANGES:
        found = found.exclude(action__startswith="saw ").exclude(action__in=SIGN_INS)
    if actor:
        found = found.filter(actor=actor)
    if subjects:
        named = Q()
        for each in subjects:
            named |= Q(subject=each) | Q(words__contains=each.partition(":")[2] or each)
        found = found.annotate(words=Cast("more", TextField())).filter(named)
    return found


def subjects_of(entry: Entry) -> list[str]:
    """Return whom or what an entry concerns, as `<kind>:<id>`."""
    several = entry.more.get("subjects", [])
    return [entry.subject] if entry.subject else [str(each) for each in several]
