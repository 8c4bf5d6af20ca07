"""The numbers of the planner as the knowledge has them."""

from __future__ import annotations

from overstory.knowledge.load import Knowledge
from overstory.knowledge.protocol_standing import in_full
from overstory.knowledge.shapes.protocol_surroundings import Visit
from overstory.knowledge.shapes.protocols import Protocol
from overstory.pathway.planning.layout import Rhythm


class PlanningNumberError(ValueError):
    """A number that no plan can be made without; the message names it."""


def planning_number(knowledge: Knowledge, number_id: str) -> float:
    """
    Return a number of the planner, in its own unit.

    :raises PlanningNumberError: if the knowledge lacks it.
    """
    for each in knowledge.sections.get("planning_numbers", ()):
        if each.id == number_id:
            return float(each.value)
    raise PlanningNumberError(f"the knowledge has no {number_id} in planning_numbers")


def constraint_number(knowledge: Knowledge, constraint_id: str, name: str) -> float:
    """
    Return a number of a constraint of the combination, in the unit that ends its name.

    :raises PlanningNumberError: if the knowledge lacks it.
    """
    for each in knowledge.sections.get("combination_constraints", ()):
        if each.id == constraint_id and name in each.numbers:
            return float(each.numbers[name].value)
    raise PlanningNumberError(f"{constraint_id} has no {name} in combination_constraints")


def rhythm_of(
    *, protocol: Protocol, visit: Visit | None, knowledge: Knowledge, weeks: int | None
) -> Rhythm:
    """Return what lays out a protocol beside its phases; `weeks` is to which week the plan goes."""
    gap = visit.min_gap_hours if visit else None
    hours = gap.value if gap else planning_number(knowledge, "tms-least-hours-between-days")
    horizon = in_full(protocol, knowledge).horizon_weeks
    return Rhythm(
        gap_hours=hours,
        greatest_pause=int(planning_number(knowledge, "daily-greatest-pause-weekdays")),
        horizon_weeks=int(horizon.value) if horizon else None,
        only_weeks=weeks,
    )
