"""Where each number of a protocol stands: its own source and status, or those of what it stands in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocol_parts import Part, Phase
from overstory.knowledge.shapes.protocols import Course, Protocol
from overstory.knowledge.shapes.shared import Cite, Status, cites

DECIDING = ("schedule", "dose", "stimulation.target", "stimulation.intensity",
            "stimulation.pulses", "stimulation.day_pulses", "stimulation.course_pulses")  # fmt: skip
"""What a protocol cannot be planned without: counts, spacing, dose; target, intensity, pulses."""


class UnknownPartError(ValueError):
    """A protocol names a course template or a protocol that does not exist."""


@dataclass(frozen=True, slots=True)
class Standing:
    """
    One part of a protocol with the standing of its own numbers.

    `path` is the way to it, such as `dose.cap` or `stimulation.parts.1.trains`, and empty for the
    protocol itself, whose own number only sums up its phases; `numbers` are those that stand directly
    in it, by field; `decides` tells whether a course can be planned without it.
    """

    path: str
    status: Status
    sources: tuple[Cite, ...]
    numbers: tuple[tuple[str, float], ...]
    words: str
    decides: bool

    @property
    def group(self) -> str:
        """
        The short name under which a site adopts the part.

        `schedule`, `dose`, `target`, `intensity` and `pulses` decide; the others are such as
        `location`, `trains`, `minutes`, `coil`, `decisions`, `figures`.
        """
        steps = self.path.split(".")
        if steps[0] != "stimulation":
            return steps[0]
        if self.path.startswith("stimulation.parts."):
            return "pulses" if steps[-1] == "pulses" else "trains"
        inner = steps[1] if len(steps) > 1 else "trains"
        return "pulses" if inner.endswith("pulses") else inner


def in_full(protocol: Protocol, knowledge: Knowledge) -> Protocol:
    """
    Return the protocol with all it names elsewhere in the knowledge; see `whole_protocol`.

    :raises UnknownPartError: if it names what does not exist.
    """
    return whole_protocol(
        protocol,
        {each.id: each for each in knowledge.sections.get("protocols", ())},
        {each.id: each for each in knowledge.sections.get("courses", ())},
    )


def whole_protocol(
    protocol: Protocol, protocols: Mapping[str, Protocol], courses: Mapping[str, Course]
) -> Protocol:
    """
    Return the protocol with the phases of its course template and the dose of the one it keeps.

    What comes from elsewhere carries its standing there.

    :raises UnknownPartError: if it names a template or a protocol that does not exist.
    """
    for kind, name, known in (
        ("course template", protocol.course, courses),
        ("protocol", protocol.dose_as, protocols),
    ):
        if name and name not in known:
            raise UnknownPartError(f"no {kind} is named {name!r}")
    return _with_dose(_with_course(protocol, courses), protocols)


def _with_course(protocol: Protocol, courses: Mapping[str, Course]) -> Protocol:
    if not protocol.course:
        return protocol
    course = courses[protocol.course]
    return msgspec.structs.replace(
        protocol,
        schedule=[_standing_of(phase, course) for phase in course.phases],
        decisions=[*protocol.decisions, *(_standing_of(each, course) for each in course.decisions)],
        figures=[*protocol.figures, *(_standing_of(each, course) for each in course.figures)],
        course="",
    )


def _with_dose(protocol: Protocol, protocols: Mapping[str, Protocol]) -> Protocol:
    if not protocol.dose_as:
        return protocol
    other = protocols[protocol.dose_as]
    dose = _standing_of(other.dose, other) if other.dose is not None else None
    return msgspec.structs.replace(protocol, dose=dose, dose_as="")


def _standing_of(part: Any, home: Course | Protocol) -> Any:
    if part.status is not None:
        return part
    return msgspec.structs.replace(part, source=home.source, status=home.status)


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
    return any(path == each or path.startswith(f"{each}.") for each in DECIDING)


def _way(path: str, name: str) -> str:
    return f"{path}.{name}".lstrip(".")
