"""Keeping records of invented people: what is on record, out of date, not answered, or a slip."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from overstory.engine.facts import FactType
from overstory.knowledge.check_population import LEDGER
from overstory.knowledge.shapes.population import Kept, RecordPart, Slip
from overstory.panel.synthesis.conditions import Bools, People, Values
from overstory.panel.synthesis.drawing import GROUP
from overstory.panel.synthesis.plan import Plan, score
from overstory.panel.synthesis.streams import stream

__all__ = ["LEDGER", "Missingness", "Recorded", "record"]

Missingness = Literal["records", "intake", "none"]
NOT_ASKED, KNOWN, OLD, NOT_ANSWERED, CONFLICTING = range(5)
States = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Recorded:
    """
    What is on record of a group of people, by fact.

    `states` tells whether a value is known, out of date, was not answered, or was never asked; `days`
    how old an out-of-date value is, where there are any.
    """

    values: dict[str, Values]
    states: dict[str, States]
    days: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)


def record(
    plan: Plan,
    truth: dict[str, Values],
    *,
    seed: int,
    group: int,
    missing: Missingness,
    with_errors: bool = False,
) -> Recorded:
    """Return what is on record of a group of people whose true values are given."""
    keeping = _Keeping(plan, truth, seed, group)
    if missing == "none":
        keeping.all_of_it()
    else:
        for part in plan.parts:
            keeping.part(part, part.kept[missing])
    for each in plan.slips:
        if with_errors or not each.entry.refused:
            keeping.slip(each.entry, People(plan.vocabulary, truth, {}).true(each.when))
    return keeping.recorded


def _nothing(kind: FactType) -> Values:
    """Return the values of a fact that nobody has."""
    if kind.kind == "number":
        return np.full(GROUP, np.nan)
    if kind.kind == "code":
        return np.full(GROUP, -1, dtype=np.int8)
    return np.zeros(GROUP, dtype=np.bool_)


class _Keeping:
    """The record of one group of people on its way."""

    def __init__(self, plan: Plan, truth: dict[str, Values], seed: int, group: int) -> None:
        self.plan, self.truth, self.seed, self.group = plan, truth, seed, group
        nothing = {name: _nothing(kind) for name, kind in plan.knowledge.vocabulary.items()}
        self.recorded = Recorded(
            values=nothing | truth,
            states={name: np.zeros(GROUP, dtype=np.int8) for name in [*nothing, LEDGER]},
        )
        self.thorough = self._stream("thorough").standard_normal(GROUP, dtype=np.float32)

    def all_of_it(self) -> None:
        for name in self.recorded.states.keys() & self.truth.keys():
            self.recorded.states[name] = np.where(self._has(name), KNOWN, NOT_ASKED).astype(np.int8)

    def part(self, part: RecordPart, kept: Kept) -> None:
        own = self._stream(f"asked {part.id}").standard_normal(GROUP, dtype=np.float32)
        rest = np.float32((1 - kept.together**2) ** 0.5)
        asked = own * rest + self.thorough * np.float32(kept.together) > score(1 - kept.asked)
        for name in (each for each in part.facts if each in self.truth):
            self._fact(name, part, kept, asked & self._has(name))

    def _fact(self, name: str, part: RecordPart, kept: Kept, asked: Bools) -> None:
        random = self._stream(f"recorded {name}")
        chance = random.random(GROUP, dtype=np.float32)
        shares = np.where(self._usual(name, part), kept.negative, kept.positive)
        known = asked & (chance < shares)
        states = np.where(known, KNOWN, NOT_ASKED).astype(np.int8)
        if kept.unanswered:
            silent = asked & ~known & (random.random(GROUP, dtype=np.float32) < kept.unanswered)
            states[silent] = NOT_ANSWERED
        kind = self._kind(name)
        if kept.old and kind is not None and kind.fresh_for is not None:
            aged = known & (random.random(GROUP, dtype=np.float32) < kept.old)
            states[aged] = OLD
            beyond = random.integers(1, part.oldest_days, GROUP, endpoint=True)
            self.recorded.days[name] = beyond + kind.fresh_for.days
        self.recorded.states[name] = states

    def slip(self, slip: Slip, those: Bools) -> None:
        chance = self._stream(f"slip {slip.id}").random(GROUP, dtype=np.float32)
        those = those & (chance < slip.share)
        for name, value in slip.sets.items():
            self._set(name, value, those)
        if slip.swaps:
            first, second = slip.swaps
            values, states = self.recorded.values, self.recorded.states
            both = those & (states[first] == KNOWN) & (states[second] == KNOWN)
            one, other = values[first], values[second]
            values[first], values[second] = (
                np.where(both, other, one),
                np.where(both, one, other),
            )

    def _set(self, name: str, value: bool | float | str, those: Bools) -> None:
        kind = self.plan.vocabulary[name]
        found = self.recorded.values[name].copy()
        if isinstance(value, str):
            known = kind.codes.index(value) if value in kind.codes else len(kind.codes)
            found[those] = known
        else:
            found[those] = value
        self.recorded.values[name] = found
        self.recorded.states[name] = np.where(those, KNOWN, self.recorded.states[name]).astype(
            np.int8
        )

    def _has(self, name: str) -> Bools:
        """Who has a value at all."""
        values = self.truth[name]
        if values.dtype == np.float64:
            return ~np.isnan(values)
        return values >= 0 if values.dtype == np.int8 else np.ones(GROUP, dtype=np.bool_)

    def _usual(self, name: str, part: RecordPart) -> Bools:
        values, kind = self.truth[name], self._kind(name)
        usual = part.usual.get(name, False if values.dtype == np.bool_ else None)
        if usual is None or kind is None:
            return np.zeros(GROUP, dtype=np.bool_)
        wanted = kind.codes.index(usual) if kind.kind == "code" else usual
        return np.asarray(values == wanted)

    def _kind(self, name: str) -> FactType | None:
        return None if name == LEDGER else self.plan.vocabulary[name]

    def _stream(self, name: str) -> np.random.Generator:
        return stream(seed=self.seed, group=self.group, name=name)
