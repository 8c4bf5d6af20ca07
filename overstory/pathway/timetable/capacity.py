"""How much of each place and role there is, at each step of each open day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from overstory.pathway.timetable.instance import (
    MOST_TICKS,
    Clinic,
    Instance,
    Out,
    Place,
    Role,
)

Amounts = NDArray[np.int16]
"""One number for each open day and each step; steps beyond closing are 0."""


def capacities(instance: Instance, days: Sequence[date]) -> Amounts:
    """
    Return what there is of each pool, day and step: units of places, shares of staff.

    A person of a role counts as many shares as she may watch patients.
    """
    clinic = instance.clinic
    pools: list[Amounts] = [_place(each, clinic, days) for each in instance.places]
    pools += [_role(each, clinic, days) for each in instance.roles]
    if not pools:
        return np.zeros((0, len(days), MOST_TICKS), np.int16)
    return np.stack(pools)


def effective_outs(place: Place, on: date) -> dict[str, Out]:
    """
    Return for each unit that is out on a date when it counts as out: one span a unit.

    Where several units of a place are out at different times, each counts as out until they share a
    moment. Then any set of sessions that never needs more units than there are can be given units
    without a change of unit within a session.
    """
    outs = {unit.id: [each for each in unit.outs if each.on == on] for unit in place.units}
    spans = {
        name: (min(each.begins for each in found), max(each.ends for each in found))
        for name, found in outs.items()
        if found
    }
    if not spans:
        return {}
    first_end = min(ends for _, ends in spans.values())
    last_begin = max(begins for begins, _ in spans.values())
    if last_begin >= first_end:  # no common moment: stretch each to cover the time between
        spans = {
            name: (min(begins, first_end - 1), max(ends, last_begin + 1))
            for name, (begins, ends) in spans.items()
        }
    return {name: Out(on, begins, ends) for name, (begins, ends) in spans.items()}


def _place(place: Place, clinic: Clinic, days: Sequence[date]) -> Amounts:
    found = np.zeros((len(days), MOST_TICKS), np.int16)
    found[:, : clinic.ticks] = len(place.units)
    marked = {out.on for unit in place.units for out in unit.outs}
    for n, day in enumerate(days):
        if day in marked:
            for out in effective_outs(place, day).values():
                found[n, _touched(clinic, out.begins, out.ends)] -= 1
    return found


def _role(role: Role, clinic: Clinic, days: Sequence[date]) -> Amounts:
    found = np.zeros((len(days), MOST_TICKS), np.int16)
    for n, day in enumerate(days):
        for person in role.people:
            outs = [each for each in person.outs if each.on == day]
            at_work = np.zeros(MOST_TICKS, bool)
            for shift in person.shifts:
                if day.weekday() in shift.weekdays:
                    at_work[_within(clinic, shift.begins, shift.ends)] = True
            for out in outs:
                at_work[_touched(clinic, out.begins, out.ends)] = False
            found[n, at_work] += role.patients_per_monitor
    found[:, clinic.ticks :] = 0
    return found


def _touched(clinic: Clinic, begins: int, ends: int) -> slice:
    """The steps that a span touches."""
    return slice(tick_floor(clinic, begins), tick_ceil(clinic, ends))


def _within(clinic: Clinic, begins: int, ends: int) -> slice:
    """The steps that lie whole within a span."""
    return slice(tick_ceil(clinic, begins), tick_floor(clinic, ends))


def tick_floor(clinic: Clinic, minute: int) -> int:
    """Return the step in which a minute of the day lies, within the open hours."""
    tick = (minute - clinic.opens) // clinic.grid_minutes
    return min(max(tick, 0), clinic.ticks)


def tick_ceil(clinic: Clinic, minute: int) -> int:
    """Return the first step that begins at or after a minute of the day, within the open hours."""
    tick = -((clinic.opens - minute) // clinic.grid_minutes)
    return min(max(tick, 0), clinic.ticks)


def bits_between(first: int, last: int) -> int:
    """Return a number with the bits of the steps first to last set, both included."""
    if last < first:
        return 0
    return ((1 << (last - first + 1)) - 1) << first
