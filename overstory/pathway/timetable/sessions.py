"""A choice to sessions, and sessions to the chairs, rooms and devices that they use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from overstory.pathway.timetable.capacity import effective_outs
from overstory.pathway.timetable.choices import Choice, Choices
from overstory.pathway.timetable.instance import (
    DAY_MINUTES,
    Booked,
    Instance,
    Need,
    Place,
    Session,
    Visit,
)
from overstory.pathway.timetable.occupancy import Grid, Occupancy, Use


def sessions_of(choices: Choices, choice: Choice, grid: Grid) -> list[Session]:
    """Return the sessions of a course that stands so, numbered from 1 in the order of their dates."""
    found: list[Session] = []
    clinic = grid.clinic
    for number, (stage, row, tick) in enumerate(
        zip(choices.stages, choice.rows, choice.ticks, strict=True)
    ):
        visits = choices.course.stages[number].visits()
        start = clinic.opens + tick * clinic.grid_minutes
        for day, visit in zip(stage.days[row].tolist(), visits, strict=True):
            found.append(
                Session(choices.course.id, len(found) + 1, number, visit, grid.days[day], start)
            )
    return found


def hold(booked: Iterable[Booked], instance: Instance, occupancy: Occupancy) -> None:
    """
    Take what is booked already; a start that is off the grid takes every step that it touches.

    A booking on a day on which the clinic is closed takes nothing: there is nothing to take.
    """
    grid = occupancy.grid
    clinic = grid.clinic
    visits = {visit.id: visit for visit in instance.visits}
    watching = {role.id: role.patients_per_monitor for role in instance.roles}
    for each in booked:
        if each.on not in grid.number:
            continue
        holds = []
        for need in visits[each.visit].needs:
            begins = (each.start + need.begins - clinic.opens) // clinic.grid_minutes
            ends = -(-(each.start + need.ends - clinic.opens) // clinic.grid_minutes)
            amount = 1 if need.how == "watch" else watching.get(need.of, 1)
            holds.append(Use(grid.pools.index(need.of), begins, ends, amount))
        occupancy.hold(holds, grid.number[each.on])


class _Span(NamedTuple):
    """When a session uses a place: minutes after midnight."""

    begins: int
    ends: int
    session: int
    need: int


def with_units(sessions: Sequence[Session], instance: Instance) -> list[Session]:
    """
    Return the sessions with the unit of each need of a place, the same unit for a course where it can.

    A need for which no unit is left has the empty text: then the day is overbooked.
    """
    visits = {visit.id: visit for visit in instance.visits}
    places = {place.id: place for place in instance.places}
    found: list[list[str]] = [
        ["" for need in visits[each.visit].needs if need.of in places] for each in sessions
    ]
    usual: dict[tuple[str, str], str] = {}
    for (_, of), spans in sorted(_spans_by_day(sessions, visits, places).items()):
        on = sessions[spans[0].session].on
        for span, unit in _coloured(spans, places[of], on, sessions, usual).items():
            found[span.session][span.need] = unit
            usual[sessions[span.session].course, of] = unit
    return [replace(each, units=tuple(units)) for each, units in zip(sessions, found, strict=True)]


def _spans_by_day(
    sessions: Sequence[Session], visits: Mapping[str, Visit], places: Mapping[str, Place]
) -> dict[tuple[date, str], list[_Span]]:
    found: dict[tuple[date, str], list[_Span]] = {}
    for number, each in enumerate(sessions):
        needs: list[Need] = [need for need in visits[each.visit].needs if need.of in places]
        for place, need in enumerate(needs):
            span = _Span(each.start + need.begins, each.start + need.ends, number, place)
            found.setdefault((each.on, need.of), []).append(span)
    return found


def _coloured(
    spans: Sequence[_Span],
    place: Place,
    on: date,
    sessions: Sequence[Session],
    usual: Mapping[tuple[str, str], str],
) -> dict[_Span, str]:
    """
    Give every span a unit that is free for all of it.

    The spans are taken from a moment that all outs share: first those that contain it, then those
    after it by their begin, then those before it by their end. So a unit is always left where the
    number of spans at any moment is no more than the number of units.
    """
    outs = effective_outs(place, on)
    moment = max((out.begins for out in outs.values()), default=-DAY_MINUTES)
    busy = {unit.id: [(outs[unit.id].begins, outs[unit.id].ends)] if unit.id in outs else []
            for unit in place.units}  # fmt: skip
    after = sorted((each for each in spans if each.ends > moment), key=lambda each: each.begins)
    before = sorted((each for each in spans if each.ends <= moment), key=lambda each: -each.ends)
    found: dict[_Span, str] = {}
    for span in (*after, *before):
        free = [
            unit
            for unit, taken in busy.items()
            if all(span.ends <= begins or ends <= span.begins for begins, ends in taken)
        ]
        if free:
            liked = usual.get((sessions[span.session].course, place.id))
            unit = liked if liked in free else free[0]
            assert unit is not None
            busy[unit].append((span.begins, span.ends))
            found[span] = unit
    return found
