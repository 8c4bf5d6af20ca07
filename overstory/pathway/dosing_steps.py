"""Titration: which doses the next session may have after those already given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from overstory.knowledge.shapes.protocol_parts import Dose
from overstory.pathway.dosing_limits import exact
from overstory.pathway.dosing_values import DoseError


@dataclass(frozen=True, slots=True)
class Given:
    """
    A dose that was given: when, in mg, in mg/kg where it went by weight, and whether it helped.

    :raises DoseError: if a number is not finite and above zero, or the time has no zone.
    """

    at: datetime
    mg: Decimal
    mg_per_kg: Decimal | None = None
    responded: bool | None = None

    def __post_init__(self) -> None:
        for number in (self.mg, self.mg_per_kg):
            if number is not None and not (number.is_finite() and number > 0):
                raise DoseError(f"a dose on record is a finite number above zero, not {number}")
        if self.at.tzinfo is None:
            raise DoseError("the time of a dose on record has no zone")


def next_doses(*, dose: Dose, given: Sequence[Given]) -> tuple[Decimal, ...]:
    """
    Return the doses that the next session may have, in the unit of the protocol, least first.

    Where there are steps it is mg/kg: what was given last, a lower step, or one step more after enough
    sessions known to have had no response. Else it is mg: the first dose where it is fixed, later one
    step up or down. After a dose that is none of the protocol's it is the first one again. Where the
    prescriber sets each dose there are none to list.
    """
    done = sorted(given, key=lambda each: each.at)
    if dose.steps is not None:
        return _by_steps([exact(each) for each in dose.steps.mg_per_kg], dose, done)
    if dose.mg_per_kg is not None:
        return (exact(dose.mg_per_kg),)
    return _by_mg(dose, done)


def _by_steps(steps: list[Decimal], dose: Dose, given: Sequence[Given]) -> tuple[Decimal, ...]:
    known = [each.mg_per_kg for each in given if each.mg_per_kg is not None]
    if not known:
        return (steps[0],)
    last = known[-1]
    kept = tuple(each for each in steps if each <= last)
    if not kept or last > steps[-1]:
        return (steps[0],)
    higher = [each for each in steps if each > last]
    if higher and _unanswered(given) >= _sessions_before_a_step(dose):
        return (*kept, higher[0])
    return kept


def _sessions_before_a_step(dose: Dose) -> int:
    assert dose.steps is not None
    after = dose.steps.after_sessions
    return 1 if after is None else int(after.low)


def _unanswered(given: Sequence[Given]) -> int:
    """How many of the last sessions in a row are known to have had no response."""
    count = 0
    for each in reversed(given):
        if each.responded is not False:
            break
        count += 1
    return count


def _by_mg(dose: Dose, given: Sequence[Given]) -> tuple[Decimal, ...]:
    doses = sorted({exact(each) for each in (*dose.mg, *dose.reduce_to_mg)})
    first = tuple(doses) if dose.first_mg is None else (exact(dose.first_mg),)
    if not given:
        return first
    if dose.step_mg is None:
        return tuple(doses)
    step, last = exact(dose.step_mg), given[-1].mg
    return tuple(each for each in doses if abs(each - last) <= step) or first
