"""What a web process does once before it answers: read the knowledge, import every page, settle shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from django.urls import get_resolver

from overstory.knowledge.load import load_knowledge


def warm() -> None:
    """
    Make ready what the first pages would make, in one thread.

    msgspec makes out how a shape is read when it is first read, and two threads that do so at the same
    moment crash the process (0.22). Once made out, a shape is read by any number of threads.
    """
    load_knowledge()
    list(_views(get_resolver().url_patterns))
    for shape in _shapes(msgspec.Struct):
        msgspec.json.Decoder(shape)


def _views(patterns: Sequence[object]) -> Iterator[object]:
    """Yield all views; they are imported with their addresses."""
    for each in patterns:
        inner = getattr(each, "url_patterns", None)
        yield from _views(inner) if inner is not None else [each]


def _shapes(of: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for shape in of.__subclasses__():
        yield shape
        yield from _shapes(shape)
