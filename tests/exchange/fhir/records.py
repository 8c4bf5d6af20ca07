"""Records for tests of writing, and what comes back when what was written is read."""

from collections import defaultdict
from datetime import datetime, timedelta

import orjson

from overstory.engine.facts import Fact, Unknown
from overstory.exchange.fhir import read
from overstory.exchange.fhir.writing import bundle_of, resources_of
from overstory.exchange.records import Record
from overstory.knowledge.load import load_knowledge

KNOWLEDGE = load_knowledge()
VOCABULARY = KNOWLEDGE.vocabulary
AT = datetime.fromisoformat("2026-11-22T10:00:00-05:00")
EARLIER = AT - timedelta(days=3, seconds=7, microseconds=5)
NOTHING_OF_THE_PATIENT = "it has neither a birth date nor a sex at birth"
REASONS = [each for each in Unknown if each is not Unknown.NOT_ASKED]


def record(given, *, patient="maya", at=AT, trials=()):
    facts = {
        name: value if isinstance(value, Fact) else Fact(value, at=at)
        for name, value in given.items()
    }
    return Record(patient, at, None, facts, tuple(trials), ())


def written(given, *, invented=True, **fields):
    """The resources of a record, without the Patient."""
    found = list(resources_of(record(given, **fields), KNOWLEDGE, invented=invented))
    return [each for each in found if each["resourceType"] != "Patient"]


def patient_of(given, *, invented=True, **fields):
    (found,) = (
        each
        for each in resources_of(record(given, **fields), KNOWLEDGE, invented=invented)
        if each["resourceType"] == "Patient"
    )
    return found


def as_bundle(one, *, invented):
    return orjson.dumps(bundle_of(one, KNOWLEDGE, invented=invented))


def as_lines(one, *, invented):
    """NDJSON as a bulk export has it: all of one type, then all of the next."""
    by_type = defaultdict(list)
    for each in resources_of(one, KNOWLEDGE, invented=invented):
        by_type[each["resourceType"]].append(orjson.dumps(each))
    return b"\n".join(line for name in sorted(by_type) for line in by_type[name])


def read_back(document, *, at=AT):
    return read(document, name="written", at=at, knowledge=KNOWLEDGE)


def said(facts, *, at=AT):
    """Value, reason and time of each fact; one without a time is true at the moment asked about."""
    return {
        name: (fact.value, fact.unknown, fact.at or at)
        for name, fact in facts.items()
        if fact.unknown is not Unknown.NOT_ASKED
    }


def left(reading):
    """What was not understood, but for a Patient of whom nothing was known."""
    return [each for each in reading.not_understood if each.why != NOTHING_OF_THE_PATIENT]


def values_of(kind):
    """Every value of a fact with few; of a number both ends, one inside, and one with many digits."""
    if kind.kind == "bool":
        return [True, False]
    if kind.kind == "code":
        return list(kind.codes)
    width = kind.greatest - kind.least
    return [kind.least, kind.greatest, kind.least + width // 2, kind.least + width / 3]
