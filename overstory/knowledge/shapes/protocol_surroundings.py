"""What stands around the sessions of a course: watching, needs, missed sessions, products, numbers."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from overstory.knowledge.shapes.protocol_parts import (
    Amount,
    Observe,
    Part,
    Presence,
    Resource,
    Route,
    Span,
)
from overstory.knowledge.shapes.protocols import Combination, Constraint, Course, Protocol
from overstory.knowledge.shapes.rules import TreatmentId
from overstory.knowledge.shapes.shared import Cites, Jurisdiction, Shape, Status, Text


class Visit(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What one session takes: minutes, people, things, and the least time to the next session.

    `treat_minutes` stands only where the dose or the stimulation does not say how long it takes;
    `first_minutes` are added before the first session (mapping, motor threshold); `min_gap_hours` is
    counted from start to start.
    """

    id: str
    name: str
    prepare_minutes: Amount
    source: Cites
    status: Status
    observe: Observe | None = None
    treat_minutes: Span | None = None
    first_minutes: Amount | None = None
    min_gap_hours: Amount | None = None
    people: list[Presence] = []
    resources: list[Resource] = []


class DecisionPoint(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A decision that every course of some treatments has; the fields are those of `Decision`.

    It stands after a number of weeks or of sessions; `measures` are the facts looked at.
    """

    id: str
    applies_to: list[TreatmentId]
    says: str
    source: Cites
    status: Status
    then: str = ""
    after_weeks: int | None = None
    after_sessions: int | None = None
    measures: list[str] = []
    least_change_percent: Span | None = None


class Measuring(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What is measured when; `facts` are vocabulary names, `scales` ids of scales, `says` the rest.

    `before` the dose and `before_leaving`; `at_minutes` after `counted_from`; `every_minutes` while
    treatment runs; `after_every_minutes`, `after_times` over, once it has ended.
    """

    id: str
    says: str
    facts: list[str] = []
    scales: list[str] = []
    counted_from: Literal["first-device", "start", "end-of-treatment"] = "start"
    before: bool = False
    before_leaving: bool = False
    continuous: bool = False
    at_minutes: list[float] = []
    every_minutes: float | None = None
    after_every_minutes: float | None = None
    after_times: int | None = None


class Release(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that must hold before a person leaves."""

    id: str
    says: str
    numbers: dict[str, Amount] = {}


class MonitoringSchedule(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a session is watched, and what must hold before the person leaves."""

    id: str
    name: str
    measuring: list[Measuring]
    release: list[Release]
    source: Cites
    status: Status
    note: str = ""


class SessionNeed(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What must be there before a session, or be obtained before the course.

    `facts` must be known, not older than `fresh_days` where that stands; `gates` are rules answered
    on the day; `when` says for which sessions; `only_if` is a condition on facts, in words of the
    condition language, under which alone it is needed.
    """

    id: str
    kind: Literal[
        "fact", "gate", "consent", "enrolment", "escort", "equipment", "test", "check", "form"
    ]
    applies_to: list[TreatmentId]
    when: Literal["before-course", "first-session", "every-session", "after-session"]
    says: str
    source: Cites
    status: Status
    jurisdictions: list[Jurisdiction] = msgspec.field(default_factory=lambda: ["US", "EU"])
    facts: list[str] = []
    gates: list[str] = []
    fresh_days: Amount | None = None
    repeat_weeks: Span | None = None
    within_days: Amount | None = None
    only_if: str = ""
    blocks: bool = True


class MissedRule(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What follows from missed sessions, as published; `do` is what a plan does.

    `missed` counts sessions or working days in a row (`counted_in`), both ends included; `gap_days`
    is the time since the last session. `only_if_worse` holds where depression has got worse.
    """

    id: str
    applies_to: list[TreatmentId]
    says: str
    do: list[
        Literal[
            "keep-schedule", "append", "previous-frequency", "remeasure-threshold",
            "prescriber-decides", "physician-review", "re-induce",
        ]
    ]  # fmt: skip
    source: Cites
    status: Status
    phases: list[str] = []
    only_if_worse: bool = False
    missed: Span | None = None
    counted_in: Literal["sessions", "weekdays"] = "sessions"
    gap_days: Span | None = None
    note: str = ""


class Product(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A device or vial: `mg` and `ml` of one device, or `mg_per_ml` of ketamine base in a vial."""

    id: str
    name: str
    route: list[Route]
    source: Cites
    status: Status
    mg: Amount | None = None
    ml: Amount | None = None
    sprays: Amount | None = None
    minutes_between: Amount | None = None
    kit_devices: list[int] = []
    prime: bool | None = None
    mg_per_ml: Amount | None = None
    hydrochloride_mg_per_ml: Amount | None = None
    dilute_before_iv: bool = False
    steps: list[str] = []
    note: str = ""


class DosingNumber(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number of the dose arithmetic; its id ends with the unit or says what it counts."""

    id: str
    says: str
    value: float
    unit: str
    source: Cites
    status: Status
    note: str = ""


class Restriction(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person does not do for a while after a session, in words for the patient."""

    id: str
    applies_to: list[TreatmentId]
    until: Literal["next-day-after-sleep", "end-of-day", "leaves-steady"]
    says: Text
    source: Cites
    status: Status


class Alongside(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What runs beside the sessions: preparation, integration, psychotherapy, measurement.

    `times` of `minutes` each; `first_within_hours` after the first session; `every_sessions` or
    `every_weeks` says the rhythm. Where `phases` are named it stands beside the sessions of those alone.
    """

    id: str
    kind: Literal["preparation", "integration", "psychotherapy", "measurement", "contact"]
    applies_to: list[TreatmentId]
    says: str
    source: Cites
    status: Status
    phases: list[str] = []
    scales: list[str] = []
    times: Span | None = None
    minutes: Span | None = None
    first_within_hours: Span | None = None
    every_sessions: Amount | None = None
    every_weeks: Amount | None = None
    at_weeks_after: list[Amount] = []
    note: str = ""


class CourseRule(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    How a course may be made longer, kept up, started again or made denser.

    `numbers` go by a name that ends with the unit.
    """

    id: str
    kind: Literal["extension", "maintenance", "reintroduction", "accelerated"]
    applies_to: list[TreatmentId]
    says: str
    source: Cites
    status: Status
    numbers: dict[str, Amount] = {}
    note: str = ""


PROTOCOL_SECTIONS: dict[str, Any] = {
    "protocols": list[Protocol],
    "courses": list[Course],
    "visits": list[Visit],
    "decision_points": list[DecisionPoint],
    "combinations": list[Combination],
    "combination_constraints": list[Constraint],
    "monitoring_schedules": list[MonitoringSchedule],
    "session_needs": list[SessionNeed],
    "missed_sessions": list[MissedRule],
    "products": list[Product],
    "dosing_numbers": list[DosingNumber],
    "course_rules": list[CourseRule],
    "restrictions": list[Restriction],
    "alongside": list[Alongside],
}
"""The top-level keys of the files of protocols."""
