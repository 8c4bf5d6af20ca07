"""Conditions over arrays of people: who makes them true, who makes them false."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from overstory.engine.conditions import And, AtLeast, Between, Compare, Condition, Holds, Not, OneOf
from overstory.engine.conditions import Or as Either
from overstory.engine.facts import Vocabulary

Bools = npt.NDArray[np.bool_]
Values = npt.NDArray[np.bool_] | npt.NDArray[np.float64] | npt.NDArray[np.int8]

COMPARE: dict[str, Callable[[Values, float], Bools]] = {
    "<": np.less,
    "<=": np.less_equal,
    "==": np.equal,
    "!=": np.not_equal,
    ">=": np.greater_equal,
    ">": np.greater,
}


class People:
    """
    Values of many people by name: booleans, numbers, or codes by their place in the list of codes.

    `known` tells for whom a value is known; a name that it does not have is known for everybody.
    """

    def __init__(
        self, vocabulary: Vocabulary, values: Mapping[str, Values], known: Mapping[str, Bools]
    ) -> None:
        self.vocabulary, self.values, self.known = vocabulary, values, known

    def true(self, condition: Condition) -> Bools:
        """Return for whom a condition is true."""
        return self._answer(condition)[0]

    def _answer(self, condition: Condition) -> tuple[Bools, Bools]:
        """For whom it is true, and for whom it is false."""
        match condition:
            case Not(part):
                true, false = self._answer(part)
                return false, true
            case And(parts):
                answers = [self._answer(part) for part in parts]
                return _all([true for true, _ in answers]), _any([false for _, false in answers])
            case Either(parts):
                answers = [self._answer(part) for part in parts]
                return _any([true for true, _ in answers]), _all([false for _, false in answers])
            case AtLeast(count, parts):
                answers = [self._answer(part) for part in parts]
                trues = np.sum([true for true, _ in answers], axis=0)
                falses = np.sum([false for _, false in answers], axis=0)
                return trues >= count, falses > len(parts) - count
            case leaf:
                return self._leaf(leaf)

    def _leaf(self, leaf: Holds | Compare | Between | OneOf) -> tuple[Bools, Bools]:
        values = self.values[leaf.fact]
        match leaf:
            case Holds():
                true = values.astype(np.bool_)
            case Compare(_, op, number):
                true = COMPARE[op](values, number)
            case Between(_, low, high):
                true = (values >= low) & (values <= high)
            case OneOf(_, codes):
                places = [self.vocabulary[leaf.fact].codes.index(code) for code in codes]
                true = np.isin(values, places)
        if leaf.fact in self.known:
            return true & self.known[leaf.fact], ~true & self.known[leaf.fact]
        return true, ~true


def _all(parts: list[Bools]) -> Bools:
    return np.asarray(np.all(parts, axis=0))


def _any(parts: list[Bools]) -> Bools:
    return np.asarray(np.any(parts, axis=0))
