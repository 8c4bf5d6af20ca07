"""How each fact is written in standard codes: only what our own reader reads back as just that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from overstory.engine.facts import FactType, Value
from overstory.exchange.fhir.codebook import Codebook, codebook
from overstory.exchange.fhir.reading import read
from overstory.exchange.fhir.stating import FACT_SYSTEM
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.codes import ConditionCodes, ObservationCode

Part = dict[str, Any]

ADDRESSES = {
    "icd-10-cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "snomed-ct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
}
UCUM = "http://unitsofmeasure.org"
STATUS = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
VITAL_SIGNS = {"coding": [{"system": CATEGORY, "code": "vital-signs", "display": "Vital Signs"}]}
TRIED_AT = datetime(2000, 1, 3, tzinfo=UTC)
WRITTEN_AT = TRIED_AT - timedelta(days=1)
TRIED = "tried"


@dataclass(frozen=True, slots=True)
class Way:
    """
    One resource without its subject and time, and all that the reader takes from it.

    `dated` names the field that holds the time. A way that `keeps_time` gives the time back; any
    other is true at the moment of the document.
    """

    parts: Part
    dated: str
    says: Mapping[str, Value]
    keeps_time: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """Quantities that, measured together, are the components of one observation, by their facts."""

    parts: Part
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Ways:
    """
    The ways to write facts in standard codes.

    `coded` goes by fact and value. `joint` are the ways that say several facts at once, `panels` the
    observations that measure several. By fact:
    `measured` has the parts of an observation whose quantity is the fact, `stated` those of one in
    the fact's own name, `units` its unit, `ids` its name as a part of an id, the longest `longest_id`.
    """

    coded: Mapping[tuple[str, Value], Way]
    joint: tuple[Way, ...]
    panels: tuple[Panel, ...]
    measured: Mapping[str, Part]
    stated: Mapping[str, Part]
    units: Mapping[str, Part]
    ids: Mapping[str, str]
    longest_id: int


_WAYS: dict[str, Ways] = {}


def ways(knowledge: Knowledge) -> Ways:
    """Return the ways of the knowledge; each is tried on the reader, once for each release."""
    if knowledge.sha256 not in _WAYS:
        _WAYS[knowledge.sha256] = _ways(knowledge)
    return _WAYS[knowledge.sha256]


def _ways(knowledge: Knowledge) -> Ways:
    book = codebook(knowledge)
    coded: dict[tuple[str, Value], Way] = {}
    joint: list[Way] = []
    for parts, dated in _candidates(knowledge, book):
        way = _tried(parts, dated, knowledge)
        if way is None:
            continue
        if len(way.says) > 1:
            joint.append(way)
        else:
            coded.setdefault(next(iter(way.says.items())), way)
    kinds = knowledge.vocabulary.values()
    return Ways(
        coded=coded,
        joint=tuple(joint),
        panels=_panels(knowledge),
        measured=_measured(knowledge, book),
        stated={each.name: _stated(each) for each in kinds},
        units=_units(knowledge),
        ids={each.name: each.name.replace("_", "-") for each in kinds},
        longest_id=max(len(each.name) for each in kinds),
    )


def _tried(parts: Part, dated: str, knowledge: Knowledge) -> Way | None:
    """Return the way if the reader takes facts from it and lists nothing as not understood."""
    subject = {"reference": f"Patient/{TRIED}"}
    resource = {**parts, "subject": subject, dated: WRITTEN_AT.isoformat()}
    found = read(orjson.dumps(resource), name=TRIED, at=TRIED_AT, knowledge=knowledge)
    says = {name: fact.value for name, fact in found.facts.items() if fact.value is not None}
    if found.not_understood or not says or len(says) < len(found.facts):
        return None
    keeps_time = all(fact.at == WRITTEN_AT for fact in found.facts.values())
    return Way(parts, dated, says, keeps_time)


def _candidates(knowledge: Knowledge, book: Codebook) -> Iterator[tuple[Part, str]]:
    """Yield resources that might say a fact, the preferred first, each with its field for the time."""
    for observed in knowledge.sections.get("observation_codes", ()):
        for value in _answers(observed):
            code = _concept(_coding("loinc", observed.loinc, observed.name))
            yield _observation(code, valueCodeableConcept=value), "effectiveDateTime"
    for scale, item in (each for pairs in book.scale_items.values() for each in pairs):
        if f"item{item.id}" in scale.fills:
            for option in (o for answers in scale.answers.values() for o in answers.options):
                code = _concept(_coding("loinc", item.loinc), f"{scale.short}, item {item.id}")
                answer = _concept(_coding("loinc", option.loinc))
                yield _observation(code, valueCodeableConcept=answer), "effectiveDateTime"
    for entry in knowledge.sections.get("condition_codes", ()):
        yield from _conditions(entry)
    for name, rxnorm in _single_medicines(book).items():
        coding = {"coding": [_coding("rxnorm", rxnorm, name)]} if rxnorm else {}
        yield _medication({**coding, "text": name}), "dateAsserted"


def _answers(observed: ObservationCode) -> Iterator[Part]:
    for answer in observed.answers:
        yield _concept(_coding(answer.system, answer.code, answer.name))


def _conditions(entry: ConditionCodes) -> Iterator[tuple[Part, str]]:
    """Yield a diagnosis and its refutation, in the codes that cover the whole meaning of the fact."""
    codings = [
        _coding(system, code.code, code.name)
        for system, codes in (("icd-10-cm", entry.icd10cm), ("snomed-ct", entry.snomed))
        for code in codes
        if code.whole
    ]
    if not codings:
        return
    condition = {"resourceType": "Condition", "code": {"coding": codings}}
    # An entry of any status answers an "ever"; to call it active would say more than was given.
    active = {} if entry.tense == "ever" else {"clinicalStatus": _concept(_status("active"))}
    yield {**condition, **active, "verificationStatus": _verified("confirmed")}, "recordedDate"
    yield {**condition, "verificationStatus": _verified("refuted")}, "recordedDate"


def _single_medicines(book: Codebook) -> dict[str, str]:
    """The medicines that are the only one to make some fact true, each with its RxNorm code if any."""
    formulary = book.medicines
    by_fact: dict[str, list[str]] = {}
    for name in formulary.medicines:
        for fact in formulary.facts_of([name]):
            by_fact.setdefault(fact, []).append(name)
    codes = {medicine: code for code, medicine in formulary.codes.items()}
    only = dict.fromkeys(names[0] for names in by_fact.values() if len(names) == 1)
    return {name: codes.get(name, "") for name in only}


def _measured(knowledge: Knowledge, book: Codebook) -> dict[str, Part]:
    found: dict[str, Part] = {}
    for observed in knowledge.sections.get("observation_codes", ()):
        if not observed.answers:
            code = _concept(_coding("loinc", observed.loinc, observed.name))
            filed = {"category": [VITAL_SIGNS]} if observed.vital_sign else {}
            found.setdefault(observed.fact, {**filed, "code": code})
    for key, (scale, fact) in book.totals.items():
        system, _, loinc = key.partition("|")
        if system == "loinc":
            code = _concept(_coding("loinc", loinc), f"{scale.short}, total score")
            found.setdefault(fact, {"code": code})
    return found


def _panels(knowledge: Knowledge) -> tuple[Panel, ...]:
    facts: dict[tuple[str, str], list[str]] = {}
    for observed in knowledge.sections.get("observation_codes", ()):
        if observed.panel is not None:
            facts.setdefault((observed.panel.code, observed.panel.name), []).append(observed.fact)
    return tuple(
        Panel({"category": [VITAL_SIGNS], "code": _concept(_coding("loinc", *panel))}, tuple(names))
        for panel, names in facts.items()
    )


def _stated(kind: FactType) -> Part:
    coding = {"system": FACT_SYSTEM, "code": kind.name, "display": kind.label}
    return {"code": _concept(coding)}


def _units(knowledge: Knowledge) -> dict[str, Part]:
    """The unit of each fact that is a number, as the UCUM code of the same unit."""
    ucum = {
        each.to: each.ucum
        for each in reversed(knowledge.sections.get("unit_conversions", ()))
        if each.factor == 1 and each.offset == 0
    }
    return {
        each.name: {"unit": each.unit, "system": UCUM, "code": ucum[each.unit]}
        for each in knowledge.vocabulary.values()
        if each.unit is not None
    }


def _coding(system: str, code: str, name: str = "") -> Part:
    coding = {"system": ADDRESSES[system], "code": code}
    return {**coding, "display": name} if name else coding


def _concept(coding: Part, text: str = "") -> Part:
    return {"coding": [coding], **({"text": text} if text else {})}


def _observation(code: Part, **value: Part) -> Part:
    return {"resourceType": "Observation", "status": "final", "code": code, **value}


def _medication(concept: Part) -> Part:
    return {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": concept,
    }


def _status(code: str) -> Part:
    return {"system": STATUS, "code": code}


def _verified(code: str) -> Part:
    return _concept({"system": VERIFIED, "code": code})
