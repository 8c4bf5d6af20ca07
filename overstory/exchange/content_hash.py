"""The hash of a JSON document that was kept, signed or answered: of its content, not of its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson


def content_sha256(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a document with its keys in order, in 64 hexadecimal digits."""
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
