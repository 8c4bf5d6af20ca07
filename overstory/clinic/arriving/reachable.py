"""Who can be told by e-mail, for many persons in a few queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from overstory.clinic.people.messages import EMAIL, NO_CONSENT
from overstory.clinic.people.models import ChannelConsent, Person

NO_ADDRESS = "no e-mail address"


@dataclass(frozen=True, slots=True)
class Reachable:
    """
    How each of some persons is reached.

    `kept` is the row that stands for a person, `why_not` why no e-mail may go to it; empty if it may.
    """

    kept: Mapping[UUID, Person]
    why_not: Mapping[UUID, str]

    def why(self, person_id: UUID) -> str:
        """Return why no e-mail may go to a person; empty if it may."""
        return self.why_not[self.kept[person_id].pk]


def reachable(person_ids: Iterable[UUID]) -> Reachable:
    """Return how these persons are reached, whichever of their rows was asked about."""
    ids = set(person_ids)
    rows = _rows(ids)
    roots = {pk: _root(pk, rows) for pk in rows}
    said = _said(roots)
    kept = {pk: rows[roots[pk]] for pk in ids}
    why = {
        pk: NO_ADDRESS if not rows[pk].email else "" if said.get(pk) else NO_CONSENT
        for pk in set(roots.values())
    }
    return Reachable(kept, why)


def _rows(ids: set[UUID]) -> dict[UUID, Person]:
    """All rows of these persons: what they were merged into, and what was merged into them, at any remove."""
    found: dict[UUID, Person] = {}
    wanted = set(ids)
    while wanted:
        near = Person.objects.filter(Q(pk__in=wanted) | Q(merged_into__in=wanted))
        new = {each.pk: each for each in near.select_related("site") if each.pk not in found}
        found |= new
        above = {each.merged_into_id for each in new.values() if each.merged_into_id}
        wanted = (above - set(found)) | (set(new) - wanted)
    return found


def _root(pk: UUID, rows: Mapping[UUID, Person]) -> UUID:
    """The row that stands for a row."""
    row = rows[pk]
    while row.merged_into_id:
        row = rows[row.merged_into_id]
    return row.pk


def _said(roots: Mapping[UUID, UUID]) -> dict[UUID, bool]:
    """What was said last of e-mail on any row of each person; at the same moment no stands before yes."""
    said = ChannelConsent.objects.filter(person__in=list(roots), channel=EMAIL)
    rows = said.order_by("at", "-is_given").values_list("person", "is_given")
    return {roots[person]: given for person, given in rows}
