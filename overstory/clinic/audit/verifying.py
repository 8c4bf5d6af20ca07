"""Reading the record again: does every entry still hang on the one before it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings

from overstory.clinic.audit.chain import START, fields_of, link
from overstory.clinic.audit.heads import not_in_the_record
from overstory.clinic.audit.models import Entry, Head


@dataclass(frozen=True, slots=True)
class Verified:
    """One clinic's chain: how many entries hold, its end, and the first thing that is wrong."""

    clinic: UUID
    entries: int
    head: str
    wrong: str

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong


def verify(clinic: UUID) -> Verified:
    """Return whether a clinic's chain holds; a cut tail shows against the head, or an export of it."""
    before, count = START, 0
    for entry in Entry.objects.filter(clinic=clinic).order_by("seq").iterator(chunk_size=2000):
        count += 1
        if entry.seq != count:
            return Verified(clinic, count - 1, before, f"entry {count} is missing")
        if entry.hash != _hash(entry, before):
            return Verified(clinic, count - 1, before, f"entry {entry.seq} was changed")
        before = entry.hash
    head = Head.objects.filter(pk=clinic).first()
    if head is not None and (head.seq, head.hash) != (count, before):
        return Verified(clinic, count, before, f"the record ends at {count}, not at {head.seq}")
    if head is None and count:
        return Verified(clinic, count, before, "the end of the chain is missing")
    return Verified(clinic, count, before, "")


def verify_all(kept_outside: Iterable[str] = ()) -> Iterator[Verified]:
    """
    Yield what holds of every clinic that has a record.

    `kept_outside` has ends of chains exported before (JSON lines): a record that lacks one of
    them was cut, or made anew.
    """
    lacking = {each.clinic: each.seq for each in reversed(not_in_the_record(kept_outside))}
    clinics = set(Head.objects.values_list("clinic", flat=True))
    clinics |= set(Entry.objects.values_list("clinic", flat=True).distinct())
    clinics |= {UUID(each) for each in lacking}
    for clinic in sorted(clinics):
        found = verify(clinic)
        seq = lacking.get(str(clinic))
        if found.holds and seq is not None:
            found = replace(found, wrong=f"entry {seq} is not the one that was exported")
        yield found


def _hash(entry: Entry, before: str) -> str:
    covered = fields_of(
        clinic=str(entry.clinic),
        seq=entry.seq,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        more=entry.more,
    )
    return link(covered, before=before, key=settings.KEYS.audit)
