"""One session of stimulation as it runs: parts, trains, pulses, minutes; of a protocol or free-form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from overstory.knowledge.shapes.protocol_parts import Phase
from overstory.knowledge.shapes.protocol_stimulation import (
    Bursts,
    Muscle,
    PartKind,
    Side,
    Stimulation,
    StimulationPart,
)
from overstory.knowledge.shapes.stimulation import CoilKind

SECONDS_PER_MINUTE = 60.0
SECONDS_PER_DAY = 86400.0
MOST_PULSES = 1e9
"""More than any train has; beyond it a count is no longer exact."""
SAME = 1e-9


class SessionError(ValueError):
    """A session that cannot run as written; the message says what does not add up."""


@dataclass(frozen=True, slots=True)
class Burst:
    """One burst of theta burst: so many pulses at `hz`, so many bursts a second."""

    pulses: int
    hz: float
    per_second: float

    def __post_init__(self) -> None:
        numbers = (self.pulses, self.hz, self.per_second)
        if not all(isfinite(each) and each > 0 for each in numbers):
            raise SessionError("the numbers of a burst are above zero")
        if self.pulses * self.per_second > self.hz:
            raise SessionError("a burst ends before the next one begins")

    @property
    def pulses_per_second(self) -> float:
        """Mean pulses a second."""
        return self.pulses * self.per_second


@dataclass(frozen=True, slots=True)
class Run:
    """
    One stretch on one side: `trains` trains of `seconds` with `pause_seconds` after each.

    `pulses_per_second` is the mean rate within a train. A stretch without pauses is one train. `bursts`
    says how theta burst is made; without it no label covers it.
    """

    kind: PartKind
    side: Side
    pulses_per_second: float
    seconds: float
    trains: int = 1
    pause_seconds: float = 0.0
    bursts: Burst | None = None

    def __post_init__(self) -> None:
        numbers = (self.pulses_per_second, self.seconds, self.pause_seconds)
        if not all(isfinite(each) for each in numbers) or min(numbers[:2]) <= 0:
            raise SessionError("the rate and the length of a train are above zero")
        if self.bursts is not None and not self.burst:
            raise SessionError("only theta burst is made of bursts")
        if self.bursts is not None and self.bursts.pulses_per_second != self.pulses_per_second:
            raise SessionError("the bursts have another mean rate")
        if self.trains < 1 or self.pause_seconds < 0:
            raise SessionError("there is at least one train, and no pause below zero")
        if not self.trains * (self.seconds + self.pause_seconds) <= SECONDS_PER_DAY:
            raise SessionError("a stretch lasts no longer than a day")
        if not 1 <= self.pulses_per_second * self.seconds <= MOST_PULSES:
            raise SessionError("a train has at least one pulse, and a number that can be counted")
        if abs(self.pulses_per_second * self.seconds - self.pulses_per_train) > 1e-6:
            raise SessionError(
                f"{self.pulses_per_second:g} pulses a second for {self.seconds:g} s are no whole "
                "number of pulses"
            )

    @property
    def burst(self) -> bool:
        """Whether it is theta burst."""
        return self.kind in {"itbs", "ctbs"}

    @property
    def pulses_per_train(self) -> int:
        """Pulses of one train."""
        return round(self.pulses_per_second * self.seconds)

    @property
    def pulses(self) -> int:
        """Pulses of all trains."""
        return self.trains * self.pulses_per_train

    @property
    def whole_seconds(self) -> float:
        """Seconds with the pause after the last train."""
        return self.trains * (self.seconds + self.pause_seconds)


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """
    What one session is to do: its stretches one after another, in percent of a threshold of a muscle.

    `day_pulses` is of all sessions of the day.
    """

    runs: tuple[Run, ...]
    percent: float
    coil: CoilKind
    muscle: Muscle
    day_pulses: int

    def __post_init__(self) -> None:
        if not self.runs:
            raise SessionError("a session has at least one stretch")
        if not (isfinite(self.percent) and self.percent > 0):
            raise SessionError("the percent of the threshold is above zero")
        if self.day_pulses < self.pulses:
            raise SessionError("a day has at least the pulses of one session")

    @property
    def pulses(self) -> int:
        """Pulses of the session."""
        return sum(each.pulses for each in self.runs)

    @property
    def minutes_to_last_pulse(self) -> float:
        """Minutes until the last pulse: without the pause after the last train."""
        last = self.runs[-1].pause_seconds
        return (sum(each.whole_seconds for each in self.runs) - last) / SECONDS_PER_MINUTE

    @property
    def minutes(self) -> float:
        """Minutes with the pause after the last train, as labels count."""
        return sum(each.whole_seconds for each in self.runs) / SECONDS_PER_MINUTE


def session_of(stimulation: Stimulation, *, sessions_a_day: int = 1) -> SessionPlan:
    """
    Return one session of a protocol's stimulation.

    :raises SessionError: if its numbers do not add up to what it says.
    """
    runs = tuple(_run(each) for each in stimulation.parts)
    pulses = sum(each.pulses for each in runs)
    if pulses != stimulation.pulses.value:
        raise SessionError(f"its parts have {pulses} pulses, not {stimulation.pulses.value:g}")
    return SessionPlan(
        runs=runs,
        percent=stimulation.intensity.percent,
        coil=stimulation.coil.kind,
        muscle=stimulation.intensity.of,
        day_pulses=pulses * sessions_a_day,
    )


def sessions_a_day(schedule: Sequence[Phase]) -> int:
    """Return the most sessions that a day of a course has."""
    return max((each.per_day or 1 for each in schedule), default=1)


def day_minutes(plan: SessionPlan, *, sessions: int, pitch_minutes: float) -> float:
    """
    Return how long a day of several sessions is, in minutes: from the first start to the last end.

    :raises SessionError: if a session is longer than the time from start to start.
    """
    if sessions > 1 and plan.minutes > pitch_minutes + SAME:
        raise SessionError("a session is longer than the time from one start to the next")
    return (sessions - 1) * pitch_minutes + plan.minutes


def _run(part: StimulationPart) -> Run:
    bursts = None if part.bursts is None else _burst(part.bursts)
    rate = bursts.pulses_per_second if bursts else _rate(part)
    if part.trains is None:
        return Run(part.kind, part.side, rate, part.pulses.value / rate, bursts=bursts)
    trains = part.trains
    return Run(
        part.kind, part.side, rate, trains.seconds, trains.count, trains.pause_seconds, bursts
    )


def _rate(part: StimulationPart) -> float:
    if part.hz is None:
        raise SessionError("a part has neither a rate nor bursts")
    return part.hz.value


def _burst(bursts: Bursts) -> Burst:
    return Burst(bursts.pulses, bursts.hz, bursts.per_second)
