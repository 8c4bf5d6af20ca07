"""The escalation ladder and the settings of alerts, out of the knowledge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from overstory.knowledge.load import load_knowledge
from overstory.knowledge.shapes.safety import EscalationRung, SafetyFigure

REPEATS = "setting.duplicate-alerts"


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs, and within which time two alerts of a person count as one."""

    rungs: tuple[EscalationRung, ...]
    repeats_within: timedelta

    def at_any_hour(self, tier: str, item_9: int | None) -> bool:
        """
        Return whether an alert goes to who is on call at any hour, whatever its tier's hours.

        Only item 9 that is known, and below the value of the ladder, waits for business hours; and
        words or a tier that the ladder gives business hours.
        """
        rung = next((each for each in self.rungs if each.tier == tier), None)
        if rung is None or not rung.business_hours:
            return True
        least = rung.any_hour_from_item_9
        if least is None:
            return False
        return item_9 is None or item_9 >= least

    def roles(self, tier: str) -> frozenset[str]:
        """Return the roles that may act on a tier."""
        return frozenset(r for each in self.rungs if each.tier == tier for r in each.roles)


@cache
def ladder() -> Ladder:
    """Return the ladder of the knowledge in this process."""
    sections = load_knowledge().sections
    figures: tuple[SafetyFigure, ...] = sections["safety_figures"]
    hours = next(each.value for each in figures if each.id == REPEATS)
    return Ladder(tuple(sections["escalation"]), timedelta(hours=hours))
