"""The codes of the knowledge, ready to be looked up."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from overstory.exchange.fhir.shapes import Coding, Concept, Quantity
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.codes import (
    AllergyCodes,
    Code,
    ConditionCodes,
    ConditionHint,
    ObservationCode,
    ThingCodes,
)
from overstory.knowledge.shapes.scales import Item, Scale
from overstory.pathway.medicines import Formulary, formulary

SYSTEMS = {
    "http://hl7.org/fhir/sid/icd-10-cm": "icd-10-cm",
    "urn:oid:2.16.840.1.113883.6.90": "icd-10-cm",
    "http://snomed.info/sct": "snomed-ct",
    "urn:oid:2.16.840.1.113883.6.96": "snomed-ct",
    "http://loinc.org": "loinc",
    "urn:oid:2.16.840.1.113883.6.1": "loinc",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
    "https://overstory.example/CodeSystem/measure": "measure",
    "urn:overstory:value": "value",
    "urn:overstory:unknown": "unknown",
    "http://terminology.hl7.org/CodeSystem/data-absent-reason": "data-absent-reason",
}
"""The addresses that code systems have in FHIR."""

LONGEST_NAME = 120
SAME = (1.0, 0.0)
"""The factor and offset of a unit that is the one wanted."""


class UnitError(ValueError):
    """A quantity that cannot be put into the unit of its fact; the message says why."""


@dataclass(frozen=True, slots=True)
class Meant:
    """An entry of the knowledge that a code answers, and whether the code covers all of it."""

    entry: ConditionCodes
    whole: bool


@dataclass(frozen=True)
class Codebook:
    """Every code by its system and text."""

    conditions: dict[str, list[tuple[Code, ConditionCodes]]]
    hints: dict[str, list[tuple[Code, ConditionHint]]]
    observations: dict[str, ObservationCode]
    totals: dict[str, tuple[Scale, str]]
    scale_items: dict[str, list[tuple[Scale, Item]]]
    not_that_code: dict[str, str]
    scales: tuple[Scale, ...]
    procedures: dict[str, tuple[Code, ThingCodes]]
    devices: dict[str, tuple[Code, ThingCodes]]
    things: tuple[ThingCodes, ...]
    allergies: tuple[AllergyCodes, ...]
    units: dict[tuple[str, str], tuple[float, float]]
    medicines: Formulary

    def meant(self, concept: Concept | None) -> Iterator[Meant]:
        """Yield the entries that the codes of a diagnosis answer, each fact and tense once."""
        for code, entry in self._looked_up(self.conditions, concept):
            yield Meant(entry, code[0])

    def hint(self, concept: Concept | None) -> str | None:
        """Return what to ask where a code comes near a fact and cannot answer it."""
        return next((entry.why for _, entry in self._looked_up(self.hints, concept)), None)

    def convert(self, quantity: Quantity, *, to: str | None) -> float:
        """
        Return the value in the unit wanted; where the unit is the one wanted, the very same number.

        :raises UnitError: if there is no value, a comparator, no unit, or one that does not convert.
        """
        if quantity.value is None:
            raise UnitError("the quantity has no value")
        if quantity.comparator:
            raise UnitError(f"{quantity.comparator}{quantity.value:g} is no exact value")
        named = [each for each in (quantity.code, quantity.unit) if each]
        if not named and to != "score":
            raise UnitError(f"{quantity.value:g} has no unit; expected {to}")
        found = {self.units[each, to or ""] for each in named if (each, to or "") in self.units}
        if len(found) > 1:
            raise UnitError(f"its unit {quantity.unit!r} and its code {quantity.code!r} disagree")
        if not found and named:
            raise UnitError(f"{quantity.value:g} {named[-1]} does not convert to {to}")
        factor, offset = found.pop() if found else SAME
        if (factor, offset) == SAME:
            return whole_if_whole(quantity.value)
        return whole_if_whole(round(quantity.value * factor + offset, 6))

    def _looked_up(
        self, book: dict[str, list[tuple[Code, Any]]], concept: Concept | None
    ) -> Iterator[tuple[tuple[bool, str], Any]]:
        seen: set[int] = set()
        for system, text in codes_of(concept):
            if system not in ("icd-10-cm", "snomed-ct"):
                continue
            for key in _keys(system, text):
                for code, entry in book.get(f"{system}|{key}", ()):
                    exact = key == text
                    out = any(text.startswith(each) for each in code.but_not)
                    if (exact or code.below) and not out and id(entry) not in seen:
                        seen.add(id(entry))
                        yield (code.whole and exact, text), entry


def whole_if_whole(number: float) -> float:
    """Return a whole number as one."""
    return int(number) if math.isfinite(number) and number == int(number) else number


def codes_of(concept: Concept | None) -> Iterator[tuple[str, str]]:
    """Yield the system, by our short name, and the text of each code that a concept has."""
    for coding in concept.coding if concept else ():
        short = SYSTEMS.get(coding.system or "")
        if short and coding.code:
            yield short, _tidy(short, coding.code)


def words_of(concept: Concept | None) -> Iterator[str]:
    """Yield the texts that a concept has: its displays and its text."""
    if concept is None:
        return
    yield from (each.display for each in concept.coding if each.display)
    if concept.text:
        yield concept.text


def code_in(concept: Concept | None) -> str:
    """Return the first code of a concept that has one, in lower case, or an empty text."""
    codings: Iterable[Coding] = concept.coding if concept else ()
    return next((each.code.casefold() for each in codings if each.code), "")


def name_of(concept: Concept | None) -> str:
    """Return a concept as a person would name it, for the list of what was not understood."""
    if concept is None:
        return "no code"
    if not concept.coding:
        return (concept.text or "no code")[:LONGEST_NAME]
    first = concept.coding[0]
    words = (first.code, first.display or concept.text)
    return " ".join(each for each in words if each)[:LONGEST_NAME] or "no code"


def _tidy(system: str, text: str) -> str:
    text = text.strip()
    if system != "icd-10-cm":
        return text
    bare = text.upper().replace(".", "")
    return bare if len(bare) <= 3 else f"{bare[:3]}.{bare[3:]}"


def _keys(system: str, text: str) -> Iterator[str]:
    yield text
    if system == "icd-10-cm":
        for length in range(len(text) - 1, 2, -1):
            if text[length - 1] != ".":
                yield text[:length]


_BOOKS: dict[str, Codebook] = {}


def codebook(knowledge: Knowledge) -> Codebook:
    """Return the codes of the knowledge; they are put in order once for each release."""
    if knowledge.sha256 not in _BOOKS:
        _BOOKS[knowledge.sha256] = _codebook(knowledge)
    return _BOOKS[knowledge.sha256]


def _codebook(knowledge: Knowledge) -> Codebook:
    sections = knowledge.sections
    scales: tuple[Scale, ...] = sections.get("scales", ())
    things: tuple[ThingCodes, ...] = sections.get("thing_codes", ())
    return Codebook(
        conditions=_by_code(sections.get("condition_codes", ())),
        hints=_by_code(sections.get("condition_hints", ())),
        observations={each.loinc: each for each in sections.get("observation_codes", ())},
        totals=_totals(scales),
        scale_items=_scale_items(scales),
        not_that_code={each.code: each.what for scale in scales for each in scale.codes.never},
        scales=scales,
        procedures={code.code: (code, each) for each in things for code in each.procedures},
        devices={code.code: (code, each) for each in things for code in each.devices},
        things=things,
        allergies=sections.get("allergy_codes", ()),
        units=_units(sections.get("unit_conversions", ())),
        medicines=formulary(knowledge),
    )


def _by_code(entries: Iterable[Any]) -> dict[str, list[tuple[Code, Any]]]:
    book: dict[str, list[tuple[Code, Any]]] = {}
    for entry in entries:
        for system, codes in (("icd-10-cm", entry.icd10cm), ("snomed-ct", entry.snomed)):
            for code in codes:
                book.setdefault(f"{system}|{code.code}", []).append((code, entry))
    return book


def _totals(scales: Iterable[Scale]) -> dict[str, tuple[Scale, str]]:
    found = {}
    for scale in scales:
        if "total" in scale.fills:
            key = f"loinc|{scale.codes.total}" if scale.codes.total else f"measure|{scale.id}"
            found[key] = (scale, scale.fills["total"])
    return found


def _scale_items(scales: Iterable[Scale]) -> dict[str, list[tuple[Scale, Item]]]:
    found: dict[str, list[tuple[Scale, Item]]] = {}
    for scale in scales:
        for item in scale.items:
            if item.loinc:
                found.setdefault(item.loinc, []).append((scale, item))
    return found


def _units(entries: Iterable[Any]) -> dict[tuple[str, str], tuple[float, float]]:
    return {
        (spelling, each.to): (each.factor, each.offset)
        for each in entries
        for spelling in (each.ucum, *each.aliases)
    }
