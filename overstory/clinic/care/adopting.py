"""The medical director's signed act: this release, with this site policy, is used here from now."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.care.adopted import HELD, digest, policed
from overstory.clinic.care.models import Adoption
from overstory.clinic.care.releases import entry_hashes
from overstory.clinic.people.models import Clinic, Staff
from overstory.knowledge.load import load_knowledge


class OtherReleaseError(ValueError):
    """The release that runs is not the one that was on the page."""


@dataclass(frozen=True, slots=True)
class Act:
    """What is adopted: the release as the page showed it, the policy's text, the director's words."""

    key: UUID
    sha256: str
    policy: str
    words: str


@transaction.atomic
def adopt(*, clinic: Clinic, act: Act, by: Staff, at: datetime) -> Adoption:
    """
    Adopt the running release with a site policy; sent twice, it is one act.

    :raises OtherReleaseError: if another release runs than the one that was shown.
    :raises PolicyTextError: if the policy cannot be used with it.
    """
    again: Adoption | None = clinic.adoptions.filter(pk=act.key).first()
    if again is not None:
        return again
    running = load_knowledge()
    if act.sha256 != running.sha256:
        raise OtherReleaseError(
            f"Release {running.version} ({running.sha256[:12]}) runs now; read what changed and "
            "adopt that."
        )
    policed(act.policy)
    row = Adoption(
        id=act.key,
        clinic=clinic,
        version=running.version,
        sha256=running.sha256,
        policy=act.policy,
        policy_sha256=digest(act.policy),
        entries=entry_hashes(running),
        words=act.words,
        by=by,
        at=at,
    )
    row.seal = seal_of(row)
    row.save(force_insert=True)
    clinic.__dict__.pop(HELD, None)
    record(
        Deed(
            clinic.pk, at, f"staff:{by.pk}", "adopted knowledge", f"adoption:{row.pk}",
            {"version": row.version, "sha256": row.sha256, "policy_sha256": row.policy_sha256},
        )
    )  # fmt: skip
    return row


def seal_of(row: Adoption) -> str:
    """Return what the row's seal must be: a keyed hash of everything that was signed."""
    signed = {
        "id": str(row.pk),
        "clinic": str(row.clinic_id),
        "version": row.version,
        "sha256": row.sha256,
        "policy": row.policy,
        "words": row.words,
        "by": str(row.by_id),
        "at": row.at.isoformat(),
    }
    text = json.dumps(signed, sort_keys=True, ensure_ascii=False)
    return hmac.new(settings.KEYS.audit, text.encode(), sha256).hexdigest()
