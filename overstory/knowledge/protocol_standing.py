"""Where each number of a protocol stands: its own source and status, or those of what it stands in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from overstory.knowledge.shapes.protocol_parts import Part, Phase
from overstory.knowledge.shapes.protocols import Course, Protocol
from overstory.knowledge.shapes.shared import Cite, Status, cites

DECIDING = ("schedule", "dose", "stimulation.target", "stimulation.intensity",
            "stimulation.pulses", "stimulation.day_pulses", "stimulation.course_pulses")  # fmt: skip
"""What a protocol cannot be planned without: counts, spacing, dose; target, intensity, pulses."""


class UnknownCourseError(ValueError):
    """A protocol names a course template that does not exist."""


@dataclass(frozen=True, slots=True)
class Standing:
    """
    One part of a protocol with the standing of its own numbers.

    `path` is the way to it, such as `dose.cap` or `stimulation.parts.1.trains`, and empty for the
    protocol itself; `numbers` are those that stand directly in it, by field; `decides` tells whether
    a course can be planned without it.
    """

    path: str
    status: Status
    sources: tuple[Cite, ...]
    numbers: tuple[tuple[str, float], ...]
    words: str
    decides: bool


def with_course(protocol: Protocol, courses: Mapping[str, Course]) -> Protocol:
    """
    Return the protocol with the phases, reviews and figures of the course template it names.

    Phases of a template carry the standing of the template.

    :raises UnknownCourseError: if it names a template that does not exist.
    """
    if not protocol.course:
        return protocol
    if protocol.course not in courses:
        raise UnknownCourseError(f"no course template is named {protocol.course!r}")
    course = courses[protocol.course]
    return msgspec.structs.replace(
        protocol,
        schedule=[_standing_of(phase, course) for phase in course.phases],
        decisions=[*protocol.decisions, *(_standing_of(each, course) for each in course.decisions)],
        figures=[*protocol.figures, *(_standing_of(each, course) for each in course.figures)],
        course="",
    )


def _standing_of(part: Any, course: Course) -> Any:
    if part.status is not None:
        return part
    return msgspec.structs.replace(part, source=course.source, status=course.status)


def standings(protocol: Protocol) -> tuple[Standing, ...]:
    """Return the protocol and every part of it, each with its own standing, in reading order."""
    return tuple(_walk(protocol, "", protocol.status, cites(protocol.source)))


def _walk(value: Any, path: str, status: Status, sources: tuple[Cite, ...]) -> Iterator[Standing]:
    if isinstance(value, Part) and value.status is not None:
        status, sources = value.status, cites(value.source)
    numbers = tuple(_numbers(value))
    words = getattr(value, "says", "")
    yield Standing(path, status, sources, numbers, words, _decides(path))
    for name in value.__struct_fields__:
        inner = getattr(value, name)
        if isinstance(inner, Part):
            yield from _walk(inner, _way(path, name), status, sources)
        elif isinstance(inner, list | dict):
            yield from _walk_many(inner, _way(path, name), status, sources)


def _walk_many(
    inner: list[Any] | dict[str, Any], path: str, status: Status, sources: tuple[Cite, ...]
) -> Iterator[Standing]:
    named = inner.items() if isinstance(inner, dict) else enumerate(inner, 1)
    for key, each in named:
        if isinstance(each, Part):
            name = getattr(each, "id", "") or (each.name if isinstance(each, Phase) else "") or key
            yield from _walk(each, _way(path, str(name)), status, sources)


def _numbers(value: Any) -> Iterator[tuple[str, float]]:
    for name in value.__struct_fields__:
        inner = getattr(value, name)
        for each in inner if isinstance(inner, list) else [inner]:
            if isinstance(each, int | float) and not isinstance(each, bool):
                yield name, each


def _decides(path: str) -> bool:
    if path.startswith("stimulation.parts."):
        return path.endswith(".pulses")
    return any(path == each or path.startswith(f"{each}.") for each in ("", *DECIDING))


def _way(path: str, name: str) -> str:
    return f"{path}.{name}".lstrip(".")
