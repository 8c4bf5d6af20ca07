"""Small cells: counts so small that they could point at a person are hidden, and what would tell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from overstory.pathway.verdicts import ORDER, PERMITTING, Verdict

WAITING = str(Verdict.CANNOT_SAY_YET)
SMALL = 11
"""Counts from 1 to one less than this are small."""


class TooFewError(ValueError):
    """A population so small that its size is itself a small count."""


def with_small_cells_hidden(figures: Mapping[str, Any], *, below: int = SMALL) -> dict[str, Any]:
    """
    Return the figures of a population with every count from 1 to `below` - 1 as `None`.

    Where cells add up to a number that is shown, one hidden cell alone could be worked out, and so could
    some that come to a small count together: then the next smallest are hidden with them. Steps that
    differ by a small count are not both described.

    :raises TooFewError: if there are so few people that nothing could be shown.
    """
    shown = deepcopy(dict(figures))
    hide = _Hiding(below)
    people = shown["people"]
    if hide.is_small(people):
        raise TooFewError(
            f"fewer than {below} people: with small counts hidden, nothing is left to say"
        )
    waiting = sum(each["verdicts"][WAITING] for each in shown["treatments"])
    hide.source(shown["source"])
    shown["safety"] = hide.group(shown["safety"])
    shown["treatments"] = [hide.treatment(each, people) for each in shown["treatments"]]
    for each in shown["missing_facts"]:
        hide.missing(each)
    shown["missing_facts"].sort(key=hide.rank)
    told = all(each["verdicts"][WAITING] is not None for each in shown["treatments"])
    shown["route"] = hide.rising(shown["route"], waiting, total_is_told=told)
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
        """Hide the small cells of a group whose sum is known, and what would tell them."""
        small = {name for name, count in cells.items() if self.is_small(count)}
        return self._without(cells, small)

    def source(self, source: dict[str, Any]) -> None:
        """Hide how many were left out where one of the counts is small, and what they come to."""
        names = ("left_out", "left_out_unknown")
        if any(self.is_small(source[name]) for name in names):
            source["read"] = None
            for name in names:
                source[name] = source[name] and None

    def missing(self, told: dict[str, Any]) -> None:
        """Hide what few verdicts wait for, by treatment so that the sum tells none of them."""
        for name in ("settles", "blocks"):
            parts = {key: each[name] for key, each in told["by_treatment"].items()}
            told[name] = self.cell(told[name])
            for key, count in self.group(parts).items():
                told["by_treatment"][key][name] = count

    def _without(self, cells: Mapping[str, int], hidden: set[str]) -> dict[str, int | None]:
        """The cells but those hidden and, until these come to enough together, the next smallest."""
        others = sorted(
            (name for name, count in cells.items() if count and name not in hidden),
            key=lambda name: -cells[name],
        )
        hidden = set(hidden)
        while hidden and others and self._is_told([cells[name] for name in hidden]):
            hidden.add(others.pop())
        return {name: None if name in hidden else count for name, count in cells.items()}

    def _is_told(self, hidden: Sequence[int]) -> bool:
        """Whether hidden cells with a known sum could be worked out, or come to a small count."""
        return len([count for count in hidden if count]) < 2 or sum(hidden) < self.below

    def treatment(self, told: dict[str, Any], people: int) -> dict[str, Any]:
        real = dict(told["verdicts"])
        verdicts = told["verdicts"] = self.group(real)
        told["would_qualify"] = self._would_qualify(told["would_qualify"], verdicts)
        for step in told["attrition"]:
            self._step(step, verdicts)
        self._rules(told["conditions"], verdicts[str(Verdict.WITH_CONDITIONS)])
        told["open_questions"] = self.group(told["open_questions"])
        for each in told["asked"]:
            near_all = self.is_small(people - each["people"])
            each["people"] = None if near_all else self.cell(each["people"])
        told["characteristics"] = self._characteristics(told["characteristics"], verdicts, real)
        return told

    def rising(
        self, route: Sequence[dict[str, Any]], total: int, *, total_is_told: bool
    ) -> list[dict[str, Any]]:
        """Hide a running total that is near the one shown before, near the end, or tells a hidden end."""
        before = 0
        for each in route:
            left = total - each["settled"]
            near = self.is_small(each["settled"] - before) or self.is_small(left)
            if near or not (left or total_is_told):
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
        self._rules(step["rules"], step["removed"])

    def _rules(self, rules: Sequence[dict[str, Any]], total: int | None) -> None:
        """
        Hide the small counts of the rules of one verdict, which `total` people have.

        So is a count that leaves out few of them. `removed` adds up to the total; it is `held` for the
        first rule and `alone` for the last.
        """
        if not rules or total is None:
            for rule in rules:
                rule["held"] = rule["removed"] = rule["alone"] = None
            return
        first, last = rules[0], rules[-1]
        removed = {rule["id"]: rule["removed"] for rule in rules}
        small = {
            rule["id"]
            for rule in rules
            if self.is_small(rule["removed"])
            or (rule["removed"] and self.is_small(rule["held"] - rule["removed"]))
        }
        small |= {first["id"]} if self.is_small(total - first["held"]) else set()
        small |= {last["id"]} if self.is_small(total - last["alone"]) else set()
        shown = self._without(removed, small)
        for rule in rules:
            for name in ("held", "alone"):
                near_all = self.is_small(total - rule[name])
                rule[name] = None if near_all else self.cell(rule[name])
            rule["removed"] = shown[rule["id"]]
        first["held"] = first["held"] if first["removed"] is not None else None
        last["alone"] = last["alone"] if last["removed"] is not None else None
        for rule in rules:
            self._nested(rule)

    def _nested(self, rule: dict[str, Any]) -> None:
        """Hide those it takes alone where others take few of its people too: the gap would tell of them."""
        held, alone = rule["held"], rule["alone"]
        if held is not None and alone is not None and self.is_small(held - alone):
            rule["alone"] = None

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
        undescribed = {name: told[name] for name in ("fact", "label")} | dict.fromkeys(sides)
        if any(self._is_telling(sides[name], before[name]) for name in sides):
            return undescribed
        if "values" not in told:
            return told
        values = self._values(told["values"], before["values"])
        hidden = [count for name, count in told["values"].items() if count and values[name] is None]
        return undescribed if hidden and self._is_told(hidden) else told | {"values": values}

    def _values(
        self, values: Mapping[str, int], before: Mapping[str, int]
    ) -> dict[str, int | None]:
        telling = {name for name in values if self._is_telling(values[name], before[name])}
        return self._without(values, telling)

    def _is_telling(self, count: int, before: int) -> bool:
        return self.is_small(count) or self.is_small(abs(before - count))
