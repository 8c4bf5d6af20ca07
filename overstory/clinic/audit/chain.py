"""How one entry of the record hangs on the one before it."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

START = "0" * 64
"""What the first entry of a clinic hangs on."""


def link(entry: Mapping[str, Any], *, before: str, key: bytes) -> str:
    """
    Return the hash of an entry, in hexadecimal: it covers the entry and the hash before it.

    The entry has the fields of `fields_of`; its text is JSON with sorted keys.
    """
    text = json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, before.encode() + b"\n" + text.encode(), sha256).hexdigest()


def fields_of(
    *, clinic: str, seq: int, at: datetime, actor: str, action: str, subject: str, more: Any
) -> dict[str, Any]:
    """Return what of an entry is covered by its hash; the time in UTC, to the microsecond."""
    return {
        "clinic": clinic,
        "seq": seq,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": actor,
        "action": action,
        "subject": subject,
        "more": more,
    }
