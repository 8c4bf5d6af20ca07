"""Drawing the truth about a group of invented people: every value, before any record is kept."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import numpy.typing as npt

from overstory.engine.facts import FactType
from overstory.knowledge.shapes.population import Drawn, Spread
from overstory.panel.synthesis.conditions import People, Values
from overstory.panel.synthesis.plan import DrawnPlan, Plan, score
from overstory.panel.synthesis.streams import stream

GROUP = 8_192
"""People who are drawn together. Changing it changes everybody."""

Scores = npt.NDArray[np.float32]


def draw(plan: Plan, *, seed: int, group: int) -> dict[str, Values]:
    """
    Return the true values of one group of people by name, hidden ones included.

    A number that a person does not have is NaN, a code -1.
    """
    causes = {each: _normal(seed, group, f"cause {each}") for each in plan.causes}
    values: dict[str, Values] = {}
    people = People(plan.vocabulary, values, {})
    for each in plan.drawn:
        scores = _scores(each, causes, seed, group)
        found = _spread(each, scores, people)
        if each.type.kind == "number":
            found = _tidy(each.entry, each.type, found.astype(np.float64), values)
        if each.only_when is not None:
            nothing = np.nan if each.type.kind == "number" else -1
            found = np.where(people.true(each.only_when), found, found.dtype.type(nothing))
        values[each.entry.id] = found
    return values


def _normal(seed: int, group: int, name: str) -> Scores:
    return stream(seed=seed, group=group, name=name).standard_normal(GROUP, dtype=np.float32)


def _scores(plan: DrawnPlan, causes: dict[str, Scores], seed: int, group: int) -> Scores:
    scores = np.zeros(GROUP, dtype=np.float32)
    if plan.own > 0:
        scores = _normal(seed, group, plan.entry.id) * np.float32(plan.own)
    for cause, pull in plan.entry.pulls.items():
        scores += causes[cause] * np.float32(pull)
    return scores


def _spread(plan: DrawnPlan, scores: Scores, people: People) -> Values:
    """The values by the first case that holds, else by the entry's own spread."""
    found = spread(plan.entry, plan.type, scores)
    for condition, case in reversed(plan.cases):
        those = people.true(condition)
        found[those] = spread(case, plan.type, scores[those])
    return found


def spread(by: Spread, kind: FactType, scores: Scores) -> Values:
    """Return the values of people by their normal scores."""
    if by.share is not None:
        return scores > score(1 - by.share)
    if by.shares:
        edges = [score(part) for part in accumulate(by.shares.values())][:-1]
        places = np.searchsorted(edges, scores, side="right")
        if kind.kind == "code":
            return np.array([kind.codes.index(code) for code in by.shares], dtype=np.int8)[places]
        return np.array([float(number) for number in by.shares])[places]
    if by.quantiles:
        return np.interp(
            scores, [score(part) for part, _ in by.quantiles], [value for _, value in by.quantiles]
        )
    assert by.mean is not None
    assert by.sd is not None
    return by.mean + by.sd * scores.astype(np.float64)


def _tidy(
    entry: Drawn, kind: FactType, found: npt.NDArray[np.float64], values: dict[str, Values]
) -> Values:
    """Numbers rounded and held within their bounds, and above or below others."""
    found = np.round(found, entry.decimals)
    for name, gap in entry.over.items():
        found = np.fmax(found, values[name] + gap)
    for name, gap in entry.under.items():
        found = np.fmin(found, values[name] - gap)
    least = kind.least if entry.least is None else entry.least
    greatest = kind.greatest if entry.greatest is None else entry.greatest
    return np.clip(found, least, greatest) + 0.0
