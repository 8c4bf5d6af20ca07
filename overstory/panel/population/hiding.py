"""Small cells: counts so small that they could point at a person are hidden, and what would tell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from overstory.pathway.verdicts import ORDER, PERMITTING

SMALL = 11
"""Counts from 1 to one less than this are small."""


def with_small_cells_hidden(figures: Mapping[str, Any], *, below: int = SMALL) -> dict[str, Any]:
    """
    Return the figures of a population with every count from 1 to `below` - 1 as `None`.

    Where cells add up to a number that is shown, one hidden cell alone could be worked out: then the
    next smallest is hidden with it. Steps that differ by a small count are not both described.
    """
    shown = deepcopy(dict(figures))
    hide = _Hiding(below)
    source, people = shown["source"], shown["people"]
    for name in ("left_out", "left_out_unknown"):
        source[name] = hide.cell(source[name])
    if source["left_out"] is None:
        source["read"] = None
    shown["safety"] = hide.group(shown["safety"])
    shown["treatments"] = [hide.treatment(each, people) for each in shown["treatments"]]
    for each in shown["missing_facts"]:
        counts = [each, *each["by_treatment"].values()]
        for one in counts:
            one["settles"], one["blocks"] = hide.cell(one["settles"]), hide.cell(one["blocks"])
    shown["missing_facts"].sort(key=hide.rank)
    shown["route"] = hide.rising(shown["route"])
    shown["small_cells_hidden_below"] = below
    return shown


class _Hiding:
    def __init__(self, below: int) -> None:
        self.below = below

    def is_small(self, count: int) -> bool:
        return 0 < count < self.below

    def cell(self, count: int) -> int | None:
        return None if self.is_small(count) else count

    def rank(self, told: Mapping[str, Any]) -> tuple[int, int, str]:
        """Rank facts by what is shown of them, so that their order tells nothing of what is hidden."""
        counts = [1 if told[name] is None else told[name] for name in ("settles", "blocks")]
        return (-counts[0], -counts[1], told["fact"])

    def group(self, cells: Mapping[str, int]) -> dict[str, int | None]:
        """Hide the small cells of a group whose sum is known, never one alone."""
        hidden = {name for name, count in cells.items() if self.is_small(count)}
        if len(hidden) == 1:
            others = [name for name, count in cells.items() if count and name not in hidden]
            hidden |= set(sorted(others, key=lambda name: cells[name])[:1])
        return {name: None if name in hidden else count for name, count in cells.items()}

    def treatment(self, told: dict[str, Any], people: int) -> dict[str, Any]:
        real = dict(told["verdicts"])
        verdicts = told["verdicts"] = self.group(real)
        told["would_qualify"] = self._would_qualify(told["would_qualify"], verdicts)
        for step in told["attrition"]:
            self._step(step, verdicts)
        for rule in told["conditions"]:
            self._rule(rule)
        told["open_questions"] = self.group(told["open_questions"])
        for each in told["asked"]:
            near_all = self.is_small(people - each["people"])
            each["people"] = None if near_all else self.cell(each["people"])
        told["characteristics"] = self._characteristics(told["characteristics"], verdicts, real)
        return told

    def rising(self, route: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Hide a running total that differs from the one shown before by a small count."""
        before = 0
        for each in route:
            if self.is_small(each["settled"] - before):
                each["settled"] = None
            else:
                before = each["settled"]
        return list(route)

    def _would_qualify(
        self, told: Mapping[str, int], verdicts: Mapping[str, int | None]
    ) -> dict[str, int | None]:
        now = told["now"]
        unclear = any(verdicts[str(each)] is None for each in PERMITTING)
        hidden = unclear or self.is_small(now)
        return {
            name: None
            if (hidden and name == "now") or self.is_small(count) or self.is_small(abs(count - now))
            else count
            for name, count in told.items()
        }

    def _step(self, step: dict[str, Any], verdicts: Mapping[str, int | None]) -> None:
        place = [str(verdict) for verdict in ORDER].index(step["step"])
        if not self._is_known(verdicts, place):
            step["before"] = None
        if not self._is_known(verdicts, place + 1):
            step["after"] = None
        step["removed"] = verdicts[step["step"]]
        removed = self.group({rule["id"]: rule["removed"] for rule in step["rules"]})
        for rule in step["rules"]:
            self._rule(rule)
            rule["removed"] = removed[rule["id"]]
            if step["removed"] is None:
                rule["held"] = rule["removed"] = rule["alone"] = None

    def _rule(self, rule: dict[str, Any]) -> None:
        for name in ("held", "removed", "alone"):
            rule[name] = self.cell(rule[name])

    @staticmethod
    def _is_known(verdicts: Mapping[str, int | None], place: int) -> bool:
        """Whether the people left at a step may be shown: no hidden cell lies on both of its sides."""
        cells = list(verdicts.values())
        return not (None in cells[:place] and None in cells[place:])

    def _characteristics(
        self,
        steps: Sequence[dict[str, Any]],
        verdicts: Mapping[str, int | None],
        real: Mapping[str, int],
    ) -> list[dict[str, Any]]:
        """Describe a step only where it is large, and differs from the one described before by enough."""
        before: dict[str, Any] | None = None
        removed = 0
        for place, step in enumerate(steps):
            removed += real[str(ORDER[place - 1])] if place else 0
            small = self.is_small(step["people"]) or self.is_small(removed)
            known = self._is_known(verdicts, place)
            if small or not known:
                step["facts"] = []
                step["people"] = step["people"] if known and not small else None
                continue
            facts = deepcopy(step["facts"])
            step["facts"] = [
                self._described(each, old)
                for each, old in zip(step["facts"], before or facts, strict=True)
            ]
            before, removed = facts, 0
        return list(steps)

    def _described(self, told: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        """Hide values that are small, or that differ from those described before by a small count."""
        sides = {name: told[name] for name in ("known", "unknown")}
        if any(self._is_telling(sides[name], before[name]) for name in sides):
            return {name: told[name] for name in ("fact", "label")} | dict.fromkeys(sides)
        if "values" in told:
            told["values"] = self._values(told["values"], before["values"])
        return told

    def _values(
        self, values: Mapping[str, int], before: Mapping[str, int]
    ) -> dict[str, int | None]:
        telling = {name for name in values if self._is_telling(values[name], before[name])}
        if len(telling) == 1:
            others = [name for name in values if name not in telling and values[name]]
            telling |= set(sorted(others, key=lambda name: values[name])[:1])
        return {name: None if name in telling else count for name, count in values.items()}

    def _is_telling(self, count: int, before: int) -> bool:
        return self.is_small(count) or self.is_small(abs(before - count))
