"""Numbers that only the planning of a course needs."""

from __future__ import annotations

from typing import Any

from overstory.knowledge.shapes.shared import Cites, Shape, Status


class PlanningNumber(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number of the planner, in `unit`; its id ends with the unit or says what it counts."""

    id: str
    says: str
    value: float
    unit: str
    source: Cites
    status: Status
    note: str = ""


PLANNING_SECTIONS: dict[str, Any] = {"planning_numbers": list[PlanningNumber]}
"""The top-level keys of the files of planning."""
