"""What may be uploaded: what a file is, is told by its content, never by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

import orjson

LARGEST_MB = 8
MOST_FILES = 5
KINDS = {
    "pdf": ("application/pdf", ".pdf"),
    "jpeg": ("image/jpeg", ".jpg"),
    "png": ("image/png", ".png"),
    "fhir": ("application/fhir+json", ".json"),
}
MAGIC = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png"}
UNSAFE_IN_NAMES = re.compile(r"[^\w. -]+")


class UploadRefusedError(ValueError):
    """A file that is not taken; `why` is the place of the words that say so."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A file that may be kept: what it is, a name without surprises, its bytes."""

    kind: str
    name: str
    content: bytes


def taken(*, name: str, content: bytes) -> TakenFile:
    """
    Return the file as it may be kept.

    :raises UploadRefusedError: if it is empty, too large, or none of `KINDS`.
    """
    if not content:
        raise UploadRefusedError("errors.empty")
    if len(content) > LARGEST_MB * 1_000_000:
        raise UploadRefusedError("errors.too_big")
    kind = _kind(content)
    stem = UNSAFE_IN_NAMES.sub("_", name.rsplit(".", 1)[0]).strip(" ._")[:60] or "file"
    return TakenFile(kind, stem + KINDS[kind][1], content)


def _kind(content: bytes) -> str:
    for start, kind in MAGIC.items():
        if content.startswith(start):
            return kind
    try:
        held = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise UploadRefusedError("errors.bad_type") from None
    if not isinstance(held, dict) or held.get("resourceType") != "Bundle":
        raise UploadRefusedError("errors.bad_type")
    return "fhir"
