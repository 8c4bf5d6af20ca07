"""An entry of the vocabulary: what a fact is, how it is asked, which codes name it."""

from __future__ import annotations

from typing import Any, Literal

from overstory.knowledge.shapes.shared import Cites, Shape, Status, Text

AskedOf = Literal["patient", "nurse", "psychiatrist", "therapist", "technician", "coordinator"]


class Ask(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who is asked for a fact, and in what words."""

    who: AskedOf
    text: str
    es: str = ""


class FactEntry(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One fact of the vocabulary.

    `range` has the least and the greatest value in `unit`; outside it, input is refused as a slip.
    `fresh_days` is how long the fact may be relied on; without it the fact does not age.
    `used_by: later` marks a fact that nothing in this release uses, `staging` one that only the staging
    of treatment resistance uses.
    """

    name: str
    type: Literal["bool", "number", "code", "date"]
    label: str
    ask: Ask
    unit: str | None = None
    range: tuple[float, float] | None = None
    values: tuple[str, ...] = ()
    value_labels: dict[str, Text] = {}
    fresh_days: float | None = None
    derived: tuple[str, ...] = ()
    meaning: str = ""
    used_by: Literal["", "later", "staging"] = ""
    source: Cites | None = None
    status: Status | None = None


class Consequence(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What follows from facts by meaning alone, or cannot stand beside them.

    When `when` is true: each fact of `then` that was not asked has that value, and each that has
    another value is in conflict (unknown).
    """

    id: str
    when: str
    then: dict[str, Any] = {}
    why: str
