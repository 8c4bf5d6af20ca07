"""The numbers of the planner as the knowledge has them."""

from __future__ import annotations

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocol_surroundings import Visit
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
    *, visit: Visit | None, horizon_weeks: int | None, knowledge: Knowledge, weeks: int | None
) -> Rhythm:
    """Return what lays out a course beside its phases; `weeks` is to which week the plan goes."""
    gap = visit.min_gap_hours if visit else None
    return Rhythm(
        gap_hours=gap.value if gap else planning_number(knowledge, "tms-least-hours-between-days"),
        greatest_pause=int(planning_number(knowledge, "daily-greatest-pause-weekdays")),
        horizon_weeks=horizon_weeks,
        only_weeks=weeks,
    )
