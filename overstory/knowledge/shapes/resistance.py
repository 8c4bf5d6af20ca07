"""Definitions of treatment-resistant depression, kept side by side, and its staging."""

from __future__ import annotations

from overstory.knowledge.shapes.shared import Cites, Jurisdiction, Shape, Status


class ResistanceDefinition(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One definition of treatment-resistant depression; there is never one for all purposes.

    Each count is a least number in the current episode: different antidepressants that failed, classes
    of them, augmentation trials. `or_not_tolerated` lets medicines that were not tolerated count as
    failed. `class_rule` is `unresolved` where the sources differ on whether the classes must differ.
    `standard` names the `trial_standards` entry. A definition without counts is a concept: never
    answered.
    """

    id: str
    label: str
    says: str
    standard: str = "ledger"
    medicines: int | None = None
    classes: int | None = None
    augmentations: int | None = None
    or_not_tolerated: bool = False
    class_rule: str = ""
    jurisdiction: tuple[Jurisdiction, ...] = ()
    source: Cites
    status: Status
    note: str = ""


class Step(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A score for every value up to and including `up_to`; without it, for all above the others."""

    score: int
    up_to: float | None = None


class MaudsleyBand(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A band of the total, both ends included."""

    name: str
    least: int
    greatest: int


class MaudsleyStaging(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    The Maudsley Staging Method.

    `duration` goes by months of the present episode, `failures` by failed antidepressants; `severity`
    by name. `least_failures` is the number below which the method does not apply. `cut_off` separates
    resistant depression in one source.
    """

    id: str
    label: str
    duration: tuple[Step, ...]
    severity: dict[str, int]
    failures: tuple[Step, ...]
    augmentation: int
    ect: int
    bands: tuple[MaudsleyBand, ...]
    least_failures: int
    cut_off: float
    source: Cites
    status: Status
    note: str = ""


class ThaseRushStage(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A stage of Thase and Rush, reached when the one before it is and this holds too.

    `classes` is the least number of classes of which an adequate trial failed, `including` those that
    must be among them; `ect` asks for a failed course of bilateral ECT.
    """

    stage: int
    name: str
    classes: int
    including: tuple[str, ...] = ()
    ect: bool = False
    source: Cites
    status: Status
