"""What a person is told and asked before they come: reminders, how to prepare, whether they are ready."""

from __future__ import annotations

from typing import Any, Literal

from overstory.knowledge.shapes.planning import PlanningNumber
from overstory.knowledge.shapes.rules import TreatmentId
from overstory.knowledge.shapes.shared import Cites, Shape, Status, Text


class ReminderRule(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    When a reminder is due: so many days before the day of a visit, at an hour of the site's clock.

    Zero days is the day itself. With `only_open` it is sent only while something is
    still to be answered, or to who was not told yet.
    """

    id: str
    says: str
    days_before: int
    at_hour: int
    source: Cites
    status: Status
    only_open: bool = False


class Preparation(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to prepare for a session that has one of these `needs`, in words for the patient."""

    id: str
    place: int
    applies_to: list[TreatmentId]
    needs: list[str]
    says: Text
    source: Cites
    status: Status


class ReadinessQuestion(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A question before a session that has one of these `needs`, answered yes, no or not sure.

    `ready` is the answer with which the session can go on; any other is looked at by staff, as `label`.
    With `rules`, their words for the patient stand under it. One `of_the_day` is asked for only in the
    hours before the session in which its answer counts. Where it is `reviewed`, an answer that is not
    ready is about the person and not the visit alone: it waits for staff whatever becomes of the visit.
    `facts` are asked again then; no answer states them.
    """

    id: str
    place: int
    applies_to: list[TreatmentId]
    needs: list[str]
    asks: Text
    ready: Literal["yes", "no"]
    label: str
    source: Cites
    status: Status
    rules: list[str] = []
    reviewed: bool = False
    facts: list[str] = []
    of_the_day: bool = False


ARRIVING_SECTIONS: dict[str, Any] = {
    "reminders": list[ReminderRule],
    "preparations": list[Preparation],
    "readiness": list[ReadinessQuestion],
    "arriving_numbers": list[PlanningNumber],
}
"""The top-level keys of the file of arriving."""
