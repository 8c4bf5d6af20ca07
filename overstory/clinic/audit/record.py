"""Adding to the record, within the transaction that does what is recorded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from overstory.clinic.audit.chain import fields_of, link
from overstory.clinic.audit.models import Entry, Head


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be recorded: whose clinic, when, who, what, on whom; `more` holds no answers."""

    clinic: UUID
    at: datetime
    actor: str
    action: str
    subject: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


def record(deed: Deed) -> None:
    """
    Record a deed in the running transaction: both are kept, or neither is.

    :raises RuntimeError: if there is no transaction.
    """
    record_each([deed])


def record_each(deeds: Sequence[Deed]) -> None:
    """
    Record deeds of one clinic in the running transaction, in their order.

    :raises RuntimeError: if there is no transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a deed is recorded in the transaction that does it")
    if deeds:
        _append(deeds[0].clinic, deeds)


def record_all(deeds: Iterable[Deed], *, are_reads: bool = False) -> None:
    """Record deeds of any clinics in one transaction of their own."""
    by_clinic: dict[UUID, list[Deed]] = {}
    for deed in deeds:
        by_clinic.setdefault(deed.clinic, []).append(deed)
    with transaction.atomic():
        for clinic in sorted(by_clinic):
            _append(clinic, by_clinic[clinic], are_reads=are_reads)


def _append(clinic: UUID, deeds: Sequence[Deed], *, are_reads: bool = False) -> None:
    head = _locked_head(clinic)
    entries = []
    for deed in deeds:
        head.seq += 1
        more = json.loads(json.dumps(dict(deed.more)))  # as any database gives it back
        covered = fields_of(
            clinic=str(clinic),
            seq=head.seq,
            at=deed.at,
            actor=deed.actor,
            action=deed.action,
            subject=deed.subject,
            more=more,
        )
        head.hash = link(covered, before=head.hash, key=settings.KEYS.audit)
        entries.append(
            Entry(
                clinic=clinic,
                seq=head.seq,
                at=deed.at,
                actor=deed.actor,
                action=deed.action,
                subject=deed.subject,
                more=more,
                hash=head.hash,
            )
        )
    Entry.objects.bulk_create(entries)
    if not are_reads:
        head.changed = head.seq
    head.save(update_fields=["seq", "hash", "changed"])


def _locked_head(clinic: UUID) -> Head:
    heads = Head.objects.select_for_update()
    head = heads.filter(pk=clinic).first()
    if head is None:
        Head.objects.bulk_create([Head(clinic=clinic)], ignore_conflicts=True)
        head = heads.get(pk=clinic)
    return head
