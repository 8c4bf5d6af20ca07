"""Medicines: names and codes, classes and the facts they make true, doses and weeks that count."""

from __future__ import annotations

from typing import Literal

from overstory.knowledge.shapes.shared import Cites, Shape, Status


class Medicine(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One ingredient, or one combination that is sold under a name of its own.

    `brands` and `other_names` are names that mean the same; a name of `forms` means one form of it
    (`emsam: patch`). `parts` names the ingredients of a combination. `atc` is its code in the ATC
    index, where that was read. `trial` tells what a trial of it is in the ledger where the ledger does
    not say: of an antidepressant, of an augmentation, or (empty) of neither as such.
    """

    name: str
    classes: tuple[str, ...]
    brands: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    forms: dict[str, str] = {}
    parts: tuple[str, ...] = ()
    atc: str = ""
    trial: Literal["antidepressant", "augmentation", ""] = ""
    source: Cites
    status: Status
    note: str = ""


class MedicineCode(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The RxNorm concept (term type IN) of a medicine; only codes that were read in a source."""

    medicine: str
    rxcui: str
    source: Cites
    status: Status


class MedicineClass(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A class of medicines and the facts that taking one of it makes true.

    `antidepressant` marks the classes that count in "different classes of antidepressants". No class
    makes a fact false: a list of medicines may be incomplete.
    """

    id: str
    label: str
    makes_true: tuple[str, ...] = ()
    antidepressant: bool = False
    source: Cites
    status: Status
    note: str = ""


class OtherDose(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What another source calls the least adequate dose, in the entry's unit; a range where it varies."""

    by: str
    least: float
    greatest: float
    source: Cites
    status: Status


class AdequateDose(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    The least daily dose at which a trial of a medicine counts, by each source.

    At or above every source's number a dose is adequate, below every one it is not, between them it is
    unknown. `usual_min` and `usual_max` are the ends of the usual total daily dose in `unit`. A number
    that is only recalled cannot decide: where no other is given, the dose is unknown.
    """

    medicine: str
    form: str = ""
    unit: str = "mg/day"
    usual_min: float | None = None
    usual_max: float | None = None
    others: tuple[OtherDose, ...] = ()
    caution: str = ""
    source: Cites
    status: Status


class WeeksBound(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The least weeks of an adequate trial, by one source."""

    weeks: float
    by: str
    source: Cites
    status: Status


class ResponseCut(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    The improvement that still counts as a failure: below `percent`, or up to it where `inclusive`.

    In percent of the score at the start of the trial.
    """

    percent: float
    inclusive: bool
    source: Cites
    status: Status


class AdherenceBound(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The least share of days on which the medicine was taken, in percent."""

    percent: float
    source: Cites
    status: Status


class TrialStandard(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What makes a trial adequate and failed: weeks, response, adherence; doses stand in `adequate_doses`.

    The standard `ledger` is the one by which the facts of treatment history are counted.
    """

    id: str
    label: str
    weeks: tuple[WeeksBound, ...]
    response: ResponseCut
    adherence: AdherenceBound | None = None
