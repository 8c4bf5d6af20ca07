"""A person's facts to FHIR R4 resources that our own reader reads back to the same facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from zlib import crc32

from overstory.engine.facts import Fact, Facts, Unknown, Value
from overstory.exchange.fhir.moments import FIRST_YEAR, LAST_YEAR
from overstory.exchange.fhir.people import BIRTH_SEX
from overstory.exchange.fhir.stating import ABSENT_SYSTEM, UNKNOWN_SYSTEM, VALUE_SYSTEM
from overstory.exchange.fhir.writing_ways import Panel, Part, Way, Ways, ways
from overstory.exchange.patient_file import FARTHEST_ZONE
from overstory.exchange.records import Record
from overstory.knowledge.load import Knowledge
from overstory.pathway.intake import person

SERVER = "https://overstory.example/fhir"
"""The address under which the entries of a Bundle stand; nothing answers there."""

PATIENT_SYSTEM = "urn:overstory:patient"
TAG_SYSTEM = "urn:overstory:tag"
INVENTED = {"tag": [{"system": TAG_SYSTEM, "code": "invented", "display": "an invented person"}]}
HL7_REASONS = {Unknown.NOT_ANSWERED: "asked-unknown"}
"""What HL7 calls a reason of ours; every other one is only `unknown` there."""

ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
LONGEST_ID = 64
SEXES = {"male": "M", "female": "F"}
DAYS_IN_WHICH_NO_YEAR_ENDS = 364


class WritingError(ValueError):
    """A record that FHIR cannot hold; the message says why."""


def bundle_of(record: Record, knowledge: Knowledge, *, invented: bool) -> dict[str, Any]:
    """
    Return a Bundle (a collection) of all that `resources_of` yields, made at the record's moment.

    :raises WritingError: if the person has no id, or a moment is none that FHIR can hold.
    :raises FactValueError: if a fact has a value it cannot have.
    """
    entries = [
        {"fullUrl": f"{SERVER}/{each['resourceType']}/{each['id']}", "resource": each}
        for each in resources_of(record, knowledge, invented=invented)
    ]
    return {
        "resourceType": "Bundle",
        "id": _id(record.patient),
        **_meta(invented=invented),
        "type": "collection",
        "timestamp": _written(record.at),
        "entry": entries,
    }


def resources_of(
    record: Record, knowledge: Knowledge, *, invented: bool
) -> Iterator[dict[str, Any]]:
    """
    Yield the Patient, then what states several facts at once, then each other fact in its order.

    A fact is written in a standard code where the reader takes exactly that from it, else under its
    own name (`urn:overstory:fact`). A fact without a time is true at the record's moment. What was
    not asked is not written. Of antidepressant trials the counts are written. Only an invented
    person gets a birth date, which fits the age; any other age is written as it was given.
    Resources share parts: read them, do not change them.

    :raises WritingError: if the person has no id, or a moment is none that FHIR can hold.
    :raises FactValueError: if a fact has a value it cannot have.
    """
    given = _all_given(record, knowledge)
    writer = _writer(record, knowledge, invented=invented)
    patient, done = writer.patient(given)
    yield patient
    for way in writer.ways.joint:
        if writer.fits(way, given, done):
            done |= way.says.keys()
            yield writer.coded(next(iter(way.says)), way, writer.now)
    for panel in writer.ways.panels:
        measured = writer.together(panel, given)
        if measured is not None:
            done |= set(panel.facts)
            yield measured
    for name in knowledge.vocabulary:
        fact = given.get(name)
        if fact is not None and name not in done and fact.unknown is not Unknown.NOT_ASKED:
            yield writer.one(name, fact)


def _all_given(record: Record, knowledge: Knowledge) -> Mapping[str, Fact]:
    """The facts that were given, checked, and the counts that the trials give."""
    Facts(knowledge.vocabulary, record.at, record.given)
    if not record.trials:
        return record.given
    return {**record.given, **_counts(record, knowledge)}


def _counts(record: Record, knowledge: Knowledge) -> Mapping[str, Fact]:
    """What the trials alone make known, and where they and a count that was given leave it."""
    found = person(given={}, trials=record.trials, at=record.at, knowledge=knowledge).given
    beside = {name: record.given[name] for name in found if name in record.given}
    if not beside:
        return found
    return person(given=beside, trials=record.trials, at=record.at, knowledge=knowledge).given


@dataclass(frozen=True)
class _Writer:
    """What is the same for all resources of one person; `now` is the record's moment as text."""

    record: Record
    ways: Ways
    invented: bool
    id: str
    prefix: str
    now: str
    subject: Part
    meta: Part

    def patient(self, given: Mapping[str, Fact]) -> tuple[Part, set[str]]:
        """Return the Patient, and the facts that it states."""
        patient: Part = {"resourceType": "Patient", "id": self.id, **self.meta}
        done = set()
        sex, age = given.get("sex_at_birth"), given.get("age_years")
        if sex is not None and sex.value in SEXES and self._when(sex) == self.now:
            patient["extension"] = [{"url": BIRTH_SEX, "valueCode": SEXES[str(sex.value)]}]
            done.add("sex_at_birth")
        patient["identifier"] = [{"system": PATIENT_SYSTEM, "value": self.record.patient}]
        born = self._born(age) if age is not None and self.invented else None
        if born is not None:
            patient["birthDate"] = born.isoformat()
            done.add("age_years")
        return patient, done

    def _born(self, age: Fact) -> date | None:
        """An invented day of birth that gives the age, or None where no day does."""
        if not isinstance(age.value, int | float) or age.value % 1 or self._when(age) != self.now:
            return None
        spread = crc32(self.record.patient.encode()) % DAYS_IN_WHICH_NO_YEAR_ENDS
        birthday = self.record.at.date() - timedelta(days=spread)
        year = birthday.year - int(age.value)
        if year < FIRST_YEAR:
            return None
        leap_day = (birthday.month, birthday.day) == (2, 29)
        return date(year, birthday.month, 28 if leap_day else birthday.day)

    def fits(self, way: Way, given: Mapping[str, Fact], done: set[str]) -> bool:
        """Return whether all that a way says was given, for now, and is still to be written."""
        return all(
            name in given
            and name not in done
            and given[name].value == value
            and self._when(given[name]) == self.now
            for name, value in way.says.items()
        )

    def one(self, name: str, fact: Fact) -> Part:
        """Return the resource that states one fact."""
        when = self._when(fact)
        if fact.value is None:
            return self._observed(name, self.ways.stated[name], when, _why(fact.unknown))
        way = self.ways.coded.get((name, fact.value))
        if way is not None and (way.keeps_time or when == self.now):
            return self.coded(name, way, when)
        parts = self.ways.measured.get(name) or self.ways.stated[name]
        return self._observed(name, parts, when, self._value(name, fact.value))

    def together(self, panel: Panel, given: Mapping[str, Fact]) -> Part | None:
        """Return the one observation of a panel, if all of it was given, for the same time."""
        facts = {name: given[name] for name in panel.facts if name in given}
        known = [each for each in facts.values() if each.is_known]
        times = {self._when(each) for each in known}
        if len(known) < len(panel.facts) or len(times) > 1:
            return None
        parts = [
            {"code": self.ways.measured[name]["code"], **self._value(name, fact.value)}
            for name, fact in facts.items()
            if fact.value is not None
        ]
        return self._observed(panel.facts[0], panel.parts, times.pop(), {"component": parts})

    def coded(self, name: str, way: Way, when: str) -> Part:
        """Return the resource of a way, for this person and time."""
        return {
            "resourceType": way.parts["resourceType"],
            "id": self.prefix + self.ways.ids[name],
            **self.meta,
            **way.parts,
            "subject": self.subject,
            way.dated: when,
        }

    def _observed(self, name: str, parts: Part, when: str, value: Part) -> Part:
        return {
            "resourceType": "Observation",
            "id": self.prefix + self.ways.ids[name],
            **self.meta,
            "status": "final",
            **parts,
            "subject": self.subject,
            "effectiveDateTime": when,
            **value,
        }

    def _value(self, name: str, value: Value) -> Part:
        if isinstance(value, bool):
            return {"valueBoolean": value}
        if isinstance(value, str):
            return {"valueCodeableConcept": {"coding": [{"system": VALUE_SYSTEM, "code": value}]}}
        if isinstance(value, date):
            return {"valueDateTime": value.isoformat()}
        return {"valueQuantity": {"value": value, **self.ways.units[name]}}

    def _when(self, fact: Fact) -> str:
        at = self.record.at
        return self.now if fact.at is None or fact.at is at else _written(fact.at)


def _writer(record: Record, knowledge: Knowledge, *, invented: bool) -> _Writer:
    known = ways(knowledge)
    id_ = _id(record.patient)
    fits = len(id_) + 1 + known.longest_id <= LONGEST_ID
    return _Writer(
        record=record,
        ways=known,
        invented=invented,
        id=id_,
        prefix=f"{id_ if fits else _digest(id_)}.",
        now=_written(record.at),
        subject={"reference": f"Patient/{id_}"},
        meta=_meta(invented=invented),
    )


def _why(unknown: Unknown | None) -> Part:
    reason = Unknown.NOT_RECORDED if unknown is None else unknown
    hl7 = HL7_REASONS.get(reason, "unknown")
    codings = [(UNKNOWN_SYSTEM, reason.value), (ABSENT_SYSTEM, hl7)]
    return {
        "dataAbsentReason": {
            "coding": [{"system": system, "code": code} for system, code in codings]
        }
    }


def _meta(*, invented: bool) -> Part:
    return {"meta": INVENTED} if invented else {}


def _id(patient: str) -> str:
    """The person's id, if FHIR allows it as one, or one made from it."""
    if not patient.strip():
        raise WritingError("the record has no id of the person")
    return patient if ID.fullmatch(patient) else _digest(patient)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:24]


def _written(at: datetime) -> str:
    offset = at.utcoffset()
    if offset is None or not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise WritingError(
            f"{at.isoformat()}: a moment has a zone and a year from {FIRST_YEAR} to {LAST_YEAR}"
        )
    if offset.seconds % 60 or offset.microseconds or abs(offset) > FARTHEST_ZONE:
        at = at.astimezone(UTC)
    return at.isoformat()
