"""A protocol: a course of treatment with its sessions, their schedule, dose or stimulation."""

from __future__ import annotations

import msgspec

from overstory.knowledge.shapes.protocol_parts import (
    Ages,
    Amount,
    Decision,
    Dose,
    Figure,
    Part,
    Phase,
)
from overstory.knowledge.shapes.protocol_stimulation import Stimulation
from overstory.knowledge.shapes.rules import TreatmentId
from overstory.knowledge.shapes.shared import Cites, Jurisdiction, Shape, Status


class Protocol(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A course of treatment.

    `sessions` counts those of the phases that are not open-ended. The phases stand in `schedule`, or
    in the course template that `course` names. `source` and `status` are the standing of every number
    that has none of its own. `follows` names the protocols after whose last phase this one goes on, in
    a plan of a site that enables it; `dose_as` the protocol whose dose it keeps.

    `default` marks what is planned where nobody names a protocol: of the defaults of the treatment
    that fit the jurisdiction and the age, the one that names the indication, else the one that names
    none. `visit`, `monitoring` and `products` name entries of those sections.

    `site_enabled` is planned only under a site policy that names it; `never` says why a row is shown
    and never planned. `prescriber_sets_dose` leaves the dose of every session to the prescriber.
    """

    id: str
    treatment: TreatmentId
    name: str
    sessions: int
    source: Cites
    status: Status
    version: str = "1"
    jurisdictions: list[Jurisdiction] = msgspec.field(default_factory=lambda: ["US", "EU"])
    indications: list[str] = []
    ages: Ages | None = None
    default: bool = False
    site_enabled: bool = False
    never: str = ""
    schedule: list[Phase] = []
    course: str = ""
    horizon_weeks: Amount | None = None
    follows: list[str] = []
    dose: Dose | None = None
    dose_as: str = ""
    prescriber_sets_dose: bool = False
    stimulation: Stimulation | None = None
    clearances: list[str] = []
    visit: str = ""
    monitoring: str = ""
    products: list[str] = []
    decisions: list[Decision] = []
    figures: list[Figure] = []
    note: str = ""


class Course(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A course template that several protocols share: its phases and how many sessions they have."""

    id: str
    name: str
    sessions: int
    phases: list[Phase]
    source: Cites
    status: Status
    decisions: list[Decision] = []
    figures: list[Figure] = []
    note: str = ""


class Continuing(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Ketamine that goes on during the TMS course: doses and TMS days a week, on different days."""

    ketamine_per_week: int
    tms_days_per_week: int


class Combination(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One treatment after another: the named phases of the first, then the whole of the second.

    The protocols of the parts are chosen as if each stood alone; `constraints` are those that hold
    between them.
    """

    id: str
    treatment: TreatmentId
    name: str
    first: TreatmentId
    phases: list[str]
    then: TreatmentId
    constraints: list[str]
    source: Cites
    status: Status
    continuing: Continuing | None = None
    note: str = ""


class Constraint(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What holds between ketamine and TMS in one plan.

    `strength` is hard where a plan may not break it without the `override`, soft where it is a wish;
    `grade` is the certainty of what it rests on; `numbers` by a name that ends with the unit.
    """

    id: str
    says: str
    strength: str
    grade: str
    override: str
    source: Cites
    status: Status
    numbers: dict[str, Amount] = {}
    note: str = ""
