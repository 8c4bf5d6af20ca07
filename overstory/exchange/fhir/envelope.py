"""Bytes to resources with their places: a Bundle, NDJSON or one resource; and whose record it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import msgspec
import orjson

from overstory.exchange.fhir.moments import MomentError, read_moment
from overstory.exchange.fhir.shapes import Bundle, Entry, Peek

RIGHT = "a FHIR R4 Bundle, one resource, or one resource a line (NDJSON)"
COLON_AS_NUMBER = b"\\u003"
DEEPEST = 3
ANY_RESOURCE = msgspec.json.Decoder(Peek)
ANY_BUNDLE = msgspec.json.Decoder(Bundle)
ANY_LINE = msgspec.json.Decoder(msgspec.Raw)


class FhirError(ValueError):
    """A document that cannot be read; the message has its name, the place and what would be right."""

    def __init__(self, why: str, *, name: str, place: str = "") -> None:
        self.why, self.name, self.place = why, name, place
        super().__init__(f"{name}: {place}: {why}" if place else f"{name}: {why}")


@dataclass(frozen=True, slots=True)
class Placed:
    """The text of one resource, its path in the document, and the address that others use for it."""

    raw: msgspec.Raw
    place: str
    full_url: str | None = None
    method: str | None = None


@dataclass(frozen=True)
class Envelope:
    """The resources of a document in their order, and when the document says it was made."""

    name: str
    placed: tuple[Placed, ...]
    made_at: datetime | None


def open_envelope(document: bytes, *, name: str, zone: tzinfo | None) -> Envelope:
    """
    Return the resources that the document holds, still as text.

    :raises FhirError: if it is not JSON, no document of FHIR, or its envelope has a wrong shape.
    """
    text = document.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        raise FhirError(f"the file is empty; expected {RIGHT}", name=name)
    try:
        peek = ANY_RESOURCE.decode(text)
    except msgspec.ValidationError as error:
        raise FhirError(f"{error}; expected {RIGHT}", name=name) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _lines(text, name, error)
    _refuse_repeated_keys(text, name)
    if peek.resource_type == "Bundle":
        return _bundle(text, name, zone)
    return Envelope(name, (Placed(msgspec.Raw(text), peek.resource_type),), None)


def _lines(text: bytes, name: str, whole: Exception) -> Envelope:
    """Read one resource a line, unless the first line already shows that it is not that."""
    lines = [(number, line) for number, line in enumerate(text.split(b"\n"), 1) if line.strip()]
    try:
        ANY_RESOURCE.decode(lines[0][1])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise FhirError(_malformed(text, whole), name=name) from None
    if len(lines) == 1:
        raise FhirError(_malformed(text, whole), name=name)
    placed = []
    for number, line in lines:
        try:
            placed.append(Placed(ANY_LINE.decode(line), f"line[{number}]"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise FhirError(f"malformed JSON: {error}", name=name, place=f"line {number}") from None
        _refuse_repeated_keys(line, f"{name}, line {number}")
    return Envelope(name, tuple(placed), None)


def _malformed(text: bytes, error: Exception) -> str:
    why = str(error)
    _, found, byte = why.rpartition("(byte ")
    if found and byte.rstrip(")").isdigit():
        line = text.count(b"\n", 0, int(byte.rstrip(")"))) + 1
        why = f"{why}, line {line}"
    return f"malformed JSON: {why}; expected {RIGHT}"


def _bundle(text: bytes, name: str, zone: tzinfo | None) -> Envelope:
    try:
        bundle = ANY_BUNDLE.decode(text)
    except msgspec.ValidationError as error:
        why, _, place = str(error).partition(" - at ")
        raise FhirError(why, name=name, place=place.strip("`").replace("$", "Bundle")) from None
    return Envelope(name, tuple(_entries(bundle.entry, "Bundle", 0)), _made_at(bundle, name, zone))


def _entries(entries: list[Entry], place: str, depth: int) -> Iterator[Placed]:
    for index, entry in enumerate(entries):
        method = entry.request.method if entry.request else None
        here = f"{place}.entry[{index}].resource"
        inner = _inner(entry.resource) if depth < DEEPEST else None
        if inner is None:
            yield Placed(entry.resource, here, entry.full_url, method)
        else:
            yield from _entries(inner.entry, here, depth + 1)


def _inner(raw: msgspec.Raw) -> Bundle | None:
    """Return the Bundle that stands inside a Bundle, as in the answer to a batch, or None."""
    if b'"Bundle"' not in bytes(raw):
        return None
    try:
        if ANY_RESOURCE.decode(raw).resource_type != "Bundle":
            return None
        inner = ANY_BUNDLE.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return inner if inner.entry else None


def _made_at(bundle: Bundle, name: str, zone: tzinfo | None) -> datetime | None:
    for text, place in (
        (bundle.timestamp, "Bundle.timestamp"),
        (bundle.meta.last_updated if bundle.meta else None, "Bundle.meta.lastUpdated"),
    ):
        if text is None:
            continue
        try:
            return read_moment(text, zone=zone).earliest
        except MomentError as error:
            raise FhirError(str(error), name=name, place=place) from None
    return None


def _refuse_repeated_keys(text: bytes, name: str) -> None:
    """Refuse a key that stands twice in one object: one of its values would be lost."""
    if _surely_without_repeats(text):
        return

    def pairs(items: list[tuple[str, Any]]) -> None:
        if len(dict(items)) != len(items):
            keys = [key for key, _ in items]
            twice = next(key for key in keys if keys.count(key) > 1)
            why = f"malformed JSON: the key {twice!r} stands twice in one object; keep one"
            raise FhirError(why, name=name)

    try:
        json.loads(text, object_pairs_hook=pairs)
    except FhirError:
        raise
    except (ValueError, RecursionError) as error:
        raise FhirError(f"malformed JSON: {error}", name=name) from None


def _surely_without_repeats(text: bytes) -> bool:
    """
    Return whether writing the text anew loses no key; false means only that it is not sure.

    Every key has a colon, and the colons in strings stay, unless they are written as a number.
    """
    if COLON_AS_NUMBER in text:
        return False
    try:
        again = orjson.dumps(orjson.loads(text))
    except (ValueError, TypeError, RecursionError):
        return False
    return again.count(b":") == text.count(b":")
