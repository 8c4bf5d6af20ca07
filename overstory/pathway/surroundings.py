"""What stands around the sessions of one course: visit, watch, needs, reviews, and what runs beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocol_surroundings import (
    Alongside,
    CourseRule,
    DecisionPoint,
    MissedRule,
    MonitoringSchedule,
    Product,
    Restriction,
    SessionNeed,
    Visit,
)
from overstory.knowledge.shapes.protocols import Protocol
from overstory.knowledge.shapes.rules import TreatmentId
from overstory.knowledge.shapes.shared import Jurisdiction


@dataclass(frozen=True, slots=True)
class Surroundings:
    """
    Everything that a course has beside its phases and its dose, each with its source.

    `visit` and `monitoring` are None where the protocol names none.
    """

    visit: Visit | None
    monitoring: MonitoringSchedule | None
    products: tuple[Product, ...]
    needs: tuple[SessionNeed, ...]
    decision_points: tuple[DecisionPoint, ...]
    alongside: tuple[Alongside, ...]
    restrictions: tuple[Restriction, ...]
    missed: tuple[MissedRule, ...]
    course_rules: tuple[CourseRule, ...]


def surroundings(
    *, protocol: Protocol, knowledge: Knowledge, jurisdiction: Jurisdiction | None = None
) -> Surroundings:
    """
    Return what stands around the sessions of a protocol, with the minutes of the site.

    Without a jurisdiction the needs are those of every jurisdiction that the protocol is for.
    """
    treatment = protocol.treatment
    where = {jurisdiction} if jurisdiction is not None else set(protocol.jurisdictions)
    return Surroundings(
        visit=_named(knowledge, "visits", protocol.visit),
        monitoring=_named(knowledge, "monitoring_schedules", protocol.monitoring),
        products=tuple(_named(knowledge, "products", each) for each in protocol.products),
        needs=needs_of(knowledge=knowledge, treatment=treatment, jurisdictions=where),
        decision_points=_applying(knowledge, "decision_points", treatment),
        alongside=_applying(knowledge, "alongside", treatment),
        restrictions=_applying(knowledge, "restrictions", treatment),
        missed=_applying(knowledge, "missed_sessions", treatment),
        course_rules=_applying(knowledge, "course_rules", treatment),
    )


def needs_of(
    *, knowledge: Knowledge, treatment: TreatmentId, jurisdictions: set[Jurisdiction]
) -> tuple[SessionNeed, ...]:
    """Return what a treatment needs before its course and its sessions in one of the jurisdictions."""
    found: tuple[SessionNeed, ...] = _applying(knowledge, "session_needs", treatment)
    return tuple(each for each in found if jurisdictions & set(each.jurisdictions))


def _named(knowledge: Knowledge, section: str, entry_id: str) -> Any:
    return next((each for each in knowledge.sections.get(section, ()) if each.id == entry_id), None)


def _applying(knowledge: Knowledge, section: str, treatment: TreatmentId) -> tuple[Any, ...]:
    return tuple(
        each for each in knowledge.sections.get(section, ()) if treatment in each.applies_to
    )
