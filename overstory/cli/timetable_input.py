"""What `overstory timetable` is given beside its documents: seconds, outs, cancellations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import click

from overstory.exchange.clock_times import minute_of
from overstory.exchange.records import InputError
from overstory.pathway.timetable.instance import Instance, Out, Session, Timetable

MOST_SECONDS = 86_400


class Seconds(click.ParamType[float]):
    """A time of 0 seconds to a day."""

    name = "SECONDS"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            found = float(str(value))
        except ValueError:
            found = -1.0
        if not 0 <= found <= MOST_SECONDS:  # not a number is neither
            self.fail(f"{value} is no time of 0 to {MOST_SECONDS} seconds", param, ctx)
        return found


def but_cancelled(
    standing: Timetable, day: date, cancelled: tuple[str, ...]
) -> tuple[list[Session], list[Session]]:
    """Return the sessions of a timetable but for those cancelled on a day, and these."""
    every = [*standing.sessions, *standing.booked]
    gone = [each for each in every if each.on == day and each.course in cancelled]
    for name in cancelled:
        if name not in {each.course for each in gone}:
            raise InputError(f"--cancel {name}: no session of that course is on {day}")
    return [each for each in every if each not in gone], gone


def with_outs(asked: Instance, day: date, outs: tuple[str, ...]) -> Instance:
    """Return the instance with units or people out on a day, each written as NAME@FROM-UNTIL."""
    for each in outs:
        name, _, hours = each.partition("@")
        begins, _, ends = hours.partition("-")
        out = Out(day, minute(begins or "00:00"), minute(ends or "24:00"))
        if out.begins >= out.ends:
            raise InputError(f"--out {each}: it ends after it begins")
        changed = _with_out(asked, name, out)
        if changed == asked:
            raise InputError(f"--out {each}: no unit or person is named {name!r}")
        asked = changed
    return asked


def _with_out(asked: Instance, name: str, out: Out) -> Instance:
    def added(each: Any) -> Any:
        return replace(each, outs=(*each.outs, out)) if each.id == name else each

    return replace(
        asked,
        places=tuple(
            replace(place, units=tuple(added(unit) for unit in place.units))
            for place in asked.places
        ),
        roles=tuple(
            replace(role, people=tuple(added(person) for person in role.people))
            for role in asked.roles
        ),
    )


def minute(text: str) -> int:
    """Return the minute of the day of a text such as 09:30, or refuse it as input."""
    try:
        return minute_of(text)
    except ValueError as error:
        raise InputError(str(error)) from None
