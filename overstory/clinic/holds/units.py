"""Counting units: which session an authorization pays for, and how many it has left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many sessions from one day to another, both included; `id` is of the authorization."""

    id: UUID
    units: int
    first_day: date
    last_day: date

    def covers(self, day: date) -> bool:
        """Return whether a session of this day may be paid from it."""
        return self.first_day <= day <= self.last_day


def paid_from(
    wanted: Iterable[tuple[Key, date]], allowances: Sequence[Allowance]
) -> Mapping[Key, Allowance]:
    """
    Return from which authorization each session is paid; those that none pays for are left out.

    One session takes one unit of one authorization. In the order of days each takes from the one that
    ends first, so that as many are paid as can be (an exchange argument: a later session can do with
    whatever ends later).
    """
    left = {each.id: each.units for each in allowances}
    by_end = sorted(allowances, key=lambda each: (each.last_day, each.first_day, str(each.id)))
    found: dict[Key, Allowance] = {}
    for key, day in sorted(wanted, key=lambda each: each[1]):
        allowance = next((each for each in by_end if each.covers(day) and left[each.id] > 0), None)
        if allowance is not None:
            left[allowance.id] -= 1
            found[key] = allowance
    return found


def units_left(
    wanted: Iterable[tuple[Key, date]], allowances: Sequence[Allowance]
) -> Mapping[UUID, int]:
    """Return how many units each authorization has left after these sessions; never below zero."""
    left = {each.id: each.units for each in allowances}
    for allowance in paid_from(wanted, allowances).values():
        left[allowance.id] -= 1
    return left
