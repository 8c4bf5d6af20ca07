"""Codes of other vocabularies, and the facts that they answer."""

from __future__ import annotations

from typing import Any, Literal

from overstory.knowledge.shapes.shared import Cites, Shape, Status

Tense = Literal["now", "ever", "past", "acute", "recent"]
Terminology = Literal["icd-10-cm", "snomed-ct", "loinc"]


class Code(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One code with the name that its code system gives it.

    `below` covers the codes that begin with it too (ICD-10-CM only), less those that begin with one
    of `but_not`. `whole` tells that exactly this code covers the whole meaning of the fact, so that
    a refuted entry of it makes the fact false.
    """

    code: str
    name: str
    below: bool = False
    but_not: list[str] = []
    whole: bool = False


class ConditionCodes(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    The diagnoses that answer one fact.

    `tense` is how the fact is about time. *now*: an active entry, which the record vouches for on
    the day it was made. *ever*: an entry of any clinical status. *past*: an entry that is resolved.
    *acute*: an active entry, true on its own day. *recent*: an entry that began within
    `within_months` months. `value` is what the fact then is; `weeks_since` instead gives the weeks
    since it began.
    """

    fact: str
    tense: Tense
    value: bool | str = True
    weeks_since: bool = False
    within_months: int | None = None
    icd10cm: list[Code] = []
    snomed: list[Code] = []
    note: str = ""
    source: Cites
    status: Status


class ConditionHint(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Diagnoses that come near a fact and cannot answer it; `why` tells what to ask instead."""

    facts: list[str]
    why: str
    icd10cm: list[Code] = []
    snomed: list[Code] = []
    source: Cites
    status: Status


class CodedAnswer(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A coded value of an observation, and what the fact then is."""

    system: Terminology
    code: str
    name: str
    value: bool | str


class ObservationCode(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A LOINC code whose value is a fact.

    A number is converted into the fact's unit; a coded value is looked up in `answers`.
    `vital_sign` marks what FHIR files under vital signs; `panel` is the code under which parts that
    were measured together are one observation.
    """

    loinc: str
    name: str
    fact: str
    vital_sign: bool = False
    panel: Code | None = None
    answers: list[CodedAnswer] = []
    source: Cites
    status: Status


class ThingCodes(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Procedures done, or devices in use, that make one fact true (or what `value` says)."""

    fact: str
    value: bool | str = True
    procedures: list[Code] = []
    devices: list[Code] = []
    names: list[str] = []
    note: str = ""
    source: Cites
    status: Status


class AllergyCodes(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Substances, by name and RxNorm code, to which a true allergy makes one fact true."""

    fact: str
    names: list[str]
    rxnorm: list[Code] = []
    source: Cites
    status: Status


class UnitConversion(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A unit: `value * factor + offset` is the value in the unit of the fact, `to`.

    `ucum` is its UCUM code, `aliases` are spellings met where there is none.
    """

    ucum: str
    to: str
    factor: float
    offset: float = 0.0
    aliases: list[str] = []
    source: Cites
    status: Status


CODE_SECTIONS: dict[str, Any] = {
    "condition_codes": list[ConditionCodes],
    "condition_hints": list[ConditionHint],
    "observation_codes": list[ObservationCode],
    "thing_codes": list[ThingCodes],
    "allergy_codes": list[AllergyCodes],
    "unit_conversions": list[UnitConversion],
}
"""The top-level keys of the files of codes."""
