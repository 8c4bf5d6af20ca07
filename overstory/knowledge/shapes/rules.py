"""A rule: a condition with its kind, words, source, status and examples."""

from __future__ import annotations

from typing import Any, Literal, get_args

import msgspec

from overstory.knowledge.shapes.shared import Cites, Jurisdiction, Shape, Status

Kind = Literal[
    "indication", "contraindication", "defer", "physician-decision", "caution", "requires",
    "notice", "gate", "criterion", "alert",
]  # fmt: skip
TreatmentId = Literal["esketamine", "ketamine-iv", "kap", "tms", "ketamine-then-tms"]
Regulatory = Literal["approved", "cleared", "off-label", "not-recorded"]
Grade = Literal["A", "B", "C", "D", "conflicting"]
TREATMENT_IDS: tuple[TreatmentId, ...] = get_args(TreatmentId)


class Example(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Facts, and what the rule answers on them: true, false, unknown; open or met for `requires`.

    `asks` lists the facts that the rule then asks for, where the example fixes them.
    """

    given: dict[str, Any]
    answer: bool | Literal["unknown", "open", "met"]
    asks: list[str] | None = None


class RegulatoryFact(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The regulatory status of an indication in one jurisdiction, from a date, with its source."""

    jurisdiction: Jurisdiction
    status: Regulatory
    since: str = ""
    source: Cites
    note: str = ""


class Rule(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One rule as it stands in a file; `overstory.knowledge.rules` reads its conditions.

    `precaution` is what a caution or a physician-decision asks people to do.
    `downgrade` tells that a site may turn the contraindication into a physician-decision.
    `indication` is the short name that an indication has in an assessment.
    """

    id: str
    kind: Kind
    applies_to: list[TreatmentId]
    says: str
    source: Cites
    status: Status
    to_patient: str = ""
    to_patient_es: str = ""
    when: str = ""
    if_: str = msgspec.field(name="if", default="")
    needs: list[str] = []
    needs_one_of: list[str] = []
    fresh_within: str = ""
    jurisdiction: list[Jurisdiction] = []
    precaution: str = ""
    downgrade: bool = False
    indication: str = ""
    label: str = ""
    label_es: str = ""
    regulatory: list[RegulatoryFact] = []
    evidence: Grade | None = None
    evidence_note: str = ""
    note: str = ""
    examples: list[Example] = []


class OffLabel(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is said of a treatment whose indication is off-label where the patient is."""

    says: str
    to_patient: str
    to_patient_es: str
    precaution: str
    source: Cites
    status: Status
