"""What a person reads before they sign, point by point, and when a signature counts."""

from __future__ import annotations

from typing import Any, Literal

from overstory.knowledge.shapes.rules import TreatmentId
from overstory.knowledge.shapes.shared import Cites, Jurisdiction, Shape, Status, Text

Shown = Literal[
    "visits", "chair_minutes", "weeks", "no_driving_days", "costs", "outcomes", "options",
]  # fmt: skip
Before = Literal["session-day", "session-start"]


class ConsentNeed(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that the consent to these treatments must tell; `says` is for staff."""

    id: str
    says: str
    treatments: list[TreatmentId]
    source: Cites
    status: Status


class HarmLine(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of `harms`, told with its own number; `of` says of whom, where entries differ in that."""

    harm: str
    of: Text | None = None


class ConsentPoint(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One point of a consent text; `meets` are the needs that it tells of.

    The words hold no numbers: `harms` and `shows` name the entries whose numbers stand under them,
    and `{months}` in the words is filled from the consent policy.
    """

    id: str
    meets: list[str]
    title: Text
    words: Text
    source: Cites
    status: Status
    harms: list[HarmLine] = []
    shows: list[Shown] = []


class ConsentDocument(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    The text that is signed for one treatment in one jurisdiction: its points in order.

    `version` counts what was published, `date` is its day. `routes` are the ways of giving it that
    one signature may name; a signature is for one of them.
    """

    id: str
    treatment: TreatmentId
    jurisdiction: Jurisdiction
    version: str
    date: str
    title: Text
    lead: Text
    points: list[str]
    routes: list[str]
    source: Cites
    status: Status


class SignedBefore(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a signature counts for a session of these treatments: the day before it, or before it starts."""

    treatments: list[TreatmentId]
    before: Before
    source: Cites
    status: Status


class ConsentPolicy(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    When a signature counts and when it ends; `again_after_months` from the day of signing.

    `meaning` is what the signature says. `witness_when` names when somebody besides signs: the text was
    read aloud, an interpreter put it into another language, or a lawful representative signs.
    """

    id: str
    meaning: Text
    again_after_months: int
    again_on_route_change: bool
    signed_before: list[SignedBefore]
    witness_when: list[Literal["read-aloud", "interpreter", "representative"]]
    source: Cites
    status: Status


CONSENT_SECTIONS: dict[str, Any] = {
    "consent_needs": list[ConsentNeed],
    "consent_points": list[ConsentPoint],
    "consent_documents": list[ConsentDocument],
    "consent_policy": list[ConsentPolicy],
}
"""The top-level keys of the files of consent."""
