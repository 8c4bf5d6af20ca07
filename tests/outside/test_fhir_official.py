"""
Every published example of FHIR R4 and US Core: read or refused, never a crash, never a silent drop.

`OVERSTORY_FHIR_EXAMPLES` names folders, separated like a path, that hold JSON files at any depth: the
unpacked package `hl7.fhir.r4.examples` 4.0.1 (5,306 examples) and those of US Core. Run with
`pytest tests/outside/test_fhir_official.py -s` to see the counts.
"""

import json
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from overstory.exchange.fhir import FhirError, read
from overstory.knowledge.load import load_knowledge

FOLDERS = [
    Path(each) for each in os.environ.get("OVERSTORY_FHIR_EXAMPLES", "").split(os.pathsep) if each
]
AT = datetime(2026, 11, 22, 15, tzinfo=UTC)
NOT_RESOURCES = {"package.json", ".index.json"}


def resources(document):
    """The JSON paths of the resources that a document holds, through Bundles inside Bundles."""
    if document.get("resourceType") != "Bundle":
        return [document.get("resourceType")]
    return list(entries(document, "Bundle"))


def entries(bundle, place):
    for index, entry in enumerate(bundle.get("entry", [])):
        here = f"{place}.entry[{index}].resource"
        inner = entry.get("resource", {})
        if inner.get("resourceType") == "Bundle" and inner.get("entry"):
            yield from entries(inner, here)
        else:
            yield here


def read_or_refuse(path):
    try:
        return read(path.read_bytes(), name=path.name, at=AT, knowledge=load_knowledge()), None
    except FhirError as error:
        return None, str(error)


@pytest.mark.parametrize("folder", FOLDERS, ids=str)
def test_every_published_example_is_read_or_refused_and_nothing_is_dropped(folder):
    count = Counter()
    for path in sorted(folder.rglob("*.json")):
        document = json.loads(path.read_bytes()) if path.name not in NOT_RESOURCES else None
        if not isinstance(document, dict) or "resourceType" not in document:
            continue
        count["files"] += 1
        result, refusal = read_or_refuse(path)
        if result is None:
            assert "two patients" in refusal, path
            count["refused: two patients"] += 1
            continue
        seen = [fact.origin for fact in result.facts.values()]
        seen += [each.from_ for each in result.not_understood]
        dropped = [
            each
            for each in resources(document)
            if not any(where.startswith(each) for where in seen)
        ]
        assert dropped == [], path
        count["resources"] += len(resources(document))
        count["facts"] += len(result.facts)
        count["with facts"] += bool(result.facts)
        count["listed"] += len(result.not_understood)

    print(folder.name, dict(count))
    assert count["files"]


def test_the_folders_are_named():
    assert FOLDERS, "name the folders of the examples in OVERSTORY_FHIR_EXAMPLES"
