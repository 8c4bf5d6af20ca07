"""What is refused of a stimulation: pulses and minutes that its trains do not add up to."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose

from overstory.knowledge.shapes.protocol_stimulation import Stimulation, StimulationPart
from overstory.knowledge.shapes.protocols import Protocol

SECONDS_A_MINUTE = 60
ROUNDING_MINUTES = 0.006
"""Minutes are written with two decimals."""


def stimulation_problems(protocol: Protocol) -> Iterator[str]:
    """Yield where the numbers of a protocol's stimulation disagree."""
    stimulation = protocol.stimulation
    if stimulation is None:
        return
    for number, part in enumerate(stimulation.parts, 1):
        for why in _part_problems(part):
            yield f"part {number}: {why}"
    yield from _sums(stimulation)
    yield from _over_days(protocol, stimulation)


def seconds_of(part: StimulationPart) -> float:
    """Return how long a part takes, the pause after its last train included, in seconds."""
    if part.trains is not None:
        return part.trains.count * (part.trains.seconds + part.trains.pause_seconds)
    rate = _rate(part)
    return part.pulses.value / rate if rate > 0 else 0


def _part_problems(part: StimulationPart) -> Iterator[str]:
    bursts = part.kind in {"itbs", "ctbs"}
    if bursts != (part.bursts is not None) or bursts == (part.hz is not None):
        yield "theta burst has bursts, other stimulation has hz"
        return
    if (part.kind in {"train", "itbs"}) != (part.trains is not None):
        yield "trains and iTBS have trains, continuous stimulation and cTBS have none"
        return
    rate = _rate(part)
    if rate <= 0:
        yield "its pulses have a rate above zero"
    if part.trains is None:
        return
    if not isclose(part.trains.pulses_each, rate * part.trains.seconds):
        yield f"{part.trains.pulses_each} pulses a train are not {rate:g} Hz × {part.trains.seconds:g} s"
    if part.trains.count * part.trains.pulses_each != part.pulses.value:
        yield (
            f"{part.trains.count} trains of {part.trains.pulses_each} pulses are not "
            f"{part.pulses.value:g} pulses"
        )


def _rate(part: StimulationPart) -> float:
    """Pulses a second while a train runs; 0 where nothing says it."""
    if part.bursts is not None:
        return part.bursts.pulses * part.bursts.per_second
    return part.hz.value if part.hz is not None else 0


def _sums(stimulation: Stimulation) -> Iterator[str]:
    pulses = sum(part.pulses.value for part in stimulation.parts)
    if pulses != stimulation.pulses.value:
        yield f"its parts have {pulses:g} pulses, not {stimulation.pulses.value:g}"
    minutes = sum(seconds_of(part) for part in stimulation.parts) / SECONDS_A_MINUTE
    if abs(minutes - stimulation.minutes.value) > ROUNDING_MINUTES:
        yield f"its parts take {minutes:.2f} minutes, not {stimulation.minutes.value:g}"


def _over_days(protocol: Protocol, stimulation: Stimulation) -> Iterator[str]:
    each = stimulation.pulses.value
    for phase in protocol.schedule:
        if phase.per_day and stimulation.day_pulses:
            day = each * phase.per_day
            if day != stimulation.day_pulses.value:
                yield f"a day has {day:g} pulses, not {stimulation.day_pulses.value:g}"
    if stimulation.course_pulses and each * protocol.sessions != stimulation.course_pulses.value:
        yield f"the course has {each * protocol.sessions:g} pulses, not {stimulation.course_pulses.value:g}"
