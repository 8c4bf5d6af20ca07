"""The relative frequency method of Rossini and Rothwell: step down until too few pulses are answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.stimulation import RelativeFrequency


class RelativeFrequencyError(ValueError):
    """Answers that the method cannot go on from; the message says why."""


@dataclass(frozen=True, slots=True)
class Stepping:
    """Where the method stands: the strength of the next pulse in %MSO, or the threshold once `done`."""

    next_percent: float
    threshold_percent: float | None
    pulses: int
    pulses_here: int
    positives_here: int

    @property
    def done(self) -> bool:
        """Whether the threshold is found."""
        return self.threshold_percent is not None


def relative_frequency(
    *, start_percent: float, answers: Iterable[bool], knowledge: Knowledge,
    down_percent: float | None = None,
) -> Stepping:  # fmt: skip
    """
    Return where the method stands after the answers so far.

    From a start above the threshold: up in large steps until half of the pulses are answered, then down
    in small ones. A level ends as soon as its half is reached or out of reach; the threshold is the level
    above the first that fails. Source: `relative_frequency` in the knowledge.

    :raises RelativeFrequencyError: if there are answers after the end, or no level is answered.
    """
    rule: RelativeFrequency = knowledge.sections["relative_frequency"][0]
    down = rule.down_percent.value if down_percent is None else down_percent
    if not 0 < down < start_percent <= rule.greatest_percent.value:
        raise RelativeFrequencyError(
            "start above one step down and at most 100 %MSO, and step down by more than 0"
        )
    level, pulses, here = start_percent, 0, [0, 0]
    passed: float | None = None
    threshold: float | None = None
    for answer in answers:
        if threshold is not None:
            raise RelativeFrequencyError("the threshold is found; no more pulses are needed")
        pulses += 1
        here[answer] += 1
        no, yes = here
        if yes >= rule.positives.value:
            passed, level, here = level, _lower(level, down), [0, 0]
        elif no > rule.pulses_each.value - rule.positives.value:
            here = [0, 0]
            if passed is None:
                level = _higher(level, rule)
            threshold = passed
    return Stepping(level, threshold, pulses, sum(here), here[True])


def _lower(level: float, down: float) -> float:
    if level <= down:
        raise RelativeFrequencyError("answered down to nothing: is it the muscle that moves?")
    return level - down


def _higher(level: float, rule: RelativeFrequency) -> float:
    if level >= rule.greatest_percent.value:
        raise RelativeFrequencyError("not answered at the greatest output; move the coil")
    return min(level + rule.up_percent.value, rule.greatest_percent.value)
