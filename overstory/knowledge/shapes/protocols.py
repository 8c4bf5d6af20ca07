"""A protocol as far as it is arithmetic: how many sessions, on what schedule, at what dose."""

from __future__ import annotations

from overstory.knowledge.shapes.shared import Cites, Shape, Status


class Phase(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many weeks with so many sessions a week; `per_week` has one number a week if they differ."""

    name: str
    weeks: int
    per_week: int | list[int]

    @property
    def sessions(self) -> int:
        """How many sessions the phase has."""
        each = self.per_week
        return sum(each) if isinstance(each, list) else each * self.weeks


class Dose(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A dose a session: `mg` fixed, or `mg_per_kg` with the weights in kg for which it is meant.

    `cap_mg` is never passed.
    """

    source: Cites
    status: Status
    mg: list[float] = []
    mg_per_kg: float | None = None
    least_kg: float | None = None
    greatest_kg: float | None = None
    cap_mg: float | None = None


class Protocol(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A course of treatment: its sessions, their schedule and dose."""

    id: str
    treatment: str
    name: str
    sessions: int
    schedule: list[Phase]
    source: Cites
    status: Status
    dose: Dose | None = None
    note: str = ""
