"""What a column can be made of: conditions of the engine, and the few nodes that tables need more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from overstory.engine.conditions import And, Condition, Holds, Not, Or


@dataclass(frozen=True, slots=True)
class Constant:
    """True, false or unknown (`None`) for everybody."""

    truth: bool | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """True where the part is unknown, else false; never unknown."""

    part: Test


@dataclass(frozen=True, slots=True)
class Surely:
    """True where the part is true, else false; never unknown."""

    part: Test


@dataclass(frozen=True, slots=True)
class Possibly:
    """True where the part is true or unknown, else false; never unknown."""

    part: Test


@dataclass(frozen=True, slots=True)
class Below:
    """Whether the number in one column is below that in another."""

    left: str
    right: str


Test = Union[Condition, Constant, Unknown, Surely, Possibly, Below]
"""What is true, false or unknown of each person; the engine's own nodes may hold these as parts."""


@dataclass(frozen=True, slots=True)
class Keep:
    """The value of a column."""

    column: str


@dataclass(frozen=True, slots=True)
class Given:
    """One value for everybody; `None` is unknown."""

    value: bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Pick:
    """The value of the first case whose test is true, else `otherwise`; unknown is not true."""

    cases: tuple[tuple[Test, Value], ...]
    otherwise: Value


@dataclass(frozen=True, slots=True)
class Least:
    """The least number of some columns, those unknown left aside."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BodyMassIndex:
    """The body mass index in kg/m2 of columns in kg and cm, as `pathway.intake.body_mass_index`."""

    weight_kg: str
    height_cm: str


Value = Union[Keep, Given, Pick, Least, BodyMassIndex]
Expression = Union[Test, Value]

TRUE, FALSE, UNKNOWN = Constant(True), Constant(False), Constant(None)


def column(name: str) -> Holds:
    """Return the test that a boolean column holds."""
    return Holds(name)


def unknown(name: str) -> Unknown:
    """Return the test that a column, of any type, has no value."""
    return Unknown(Holds(name))


def every(parts: list[Test]) -> Test:
    """Return the test that all parts hold; true if there are none."""
    if len(parts) < 2:
        return parts[0] if parts else TRUE
    return And(tuple(parts))  # type: ignore[arg-type]  # the nodes above stand where conditions do


def some(parts: list[Test]) -> Test:
    """Return the test that one part holds at least; false if there are none."""
    if len(parts) < 2:
        return parts[0] if parts else FALSE
    return Or(tuple(parts))  # type: ignore[arg-type]  # as above


def negated(part: Test) -> Test:
    """Return the opposite of a test."""
    return Not(part)  # type: ignore[arg-type]  # as above
