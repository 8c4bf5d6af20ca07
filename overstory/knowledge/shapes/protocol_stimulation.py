"""What a TMS protocol does in one session: where, how strong, in which pattern, how many pulses."""

from __future__ import annotations

from typing import Literal

from overstory.knowledge.shapes.protocol_parts import Amount, Part, Span

PartKind = Literal["train", "itbs", "ctbs", "continuous"]
Side = Literal["left", "right", "both"]
Muscle = Literal["hand", "leg", "toe"]


class Coil(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The coil by its kind, and the devices it was described for, in words."""

    kind: Literal["figure-8", "H1", "H4", "H7", "D-B80"]
    says: str = ""


class Target(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the coil is put: a short name of the place, its side, and in words how it is found."""

    site: str
    side: Side
    says: str = ""


class Location(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the place is found on the head; `anterior_cm` is the way forward from the hot spot."""

    method: Literal[
        "beam-f3", "beam-f4", "forward-of-hot-spot", "mri", "resting-state-fmri", "scalp"
    ]
    muscle: Muscle | None = None
    anterior_cm: float | None = None
    says: str = ""


class Intensity(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Strength in percent of the resting motor threshold of a muscle; `adjusted` for the distance."""

    percent: float
    of: Muscle
    adjusted: Literal["none", "coil-to-cortex"] = "none"
    says: str = ""


class Bursts(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A theta burst: so many pulses at `hz`, so many bursts a second."""

    pulses: int
    hz: float
    per_second: float


class Trains(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Trains and the pauses between them, in seconds.

    `pause_range_s` is what a clearance or a label allows for the pause.
    """

    count: int
    pulses_each: int
    seconds: float
    pause_seconds: float
    pause_range_s: Span | None = None


class StimulationPart(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One stretch of stimulation on one side.

    `pulses` is of this stretch and decides the dose; `hz` is the rate of the pulses within a train,
    for theta burst `bursts` says it. A continuous stretch has no trains.
    """

    kind: PartKind
    side: Side
    pulses: Amount
    hz: Amount | None = None
    bursts: Bursts | None = None
    trains: Trains | None = None


class Stimulation(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One session of a TMS protocol; its parts follow each other.

    `minutes` is the length of a session with the pause after the last train, as labels count it.
    `day_pulses` and `course_pulses` stand where a source states them.
    """

    coil: Coil
    target: Target
    intensity: Intensity
    parts: list[StimulationPart]
    pulses: Amount
    minutes: Amount
    location: Location | None = None
    day_pulses: Amount | None = None
    course_pulses: Amount | None = None
