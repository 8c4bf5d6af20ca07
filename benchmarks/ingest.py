"""An invented bulk export of any size; how fast it becomes a facts table, and in how much memory."""

from __future__ import annotations

import gzip
import json
import random
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

AT = "2026-11-22T10:00:00-05:00"
LAST = datetime(2026, 11, 20, 9, tzinfo=UTC)
LOINC = "http://loinc.org"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
INGEST = [sys.executable, "-c", "from overstory.cli.ingest import ingest; ingest()"]
DIAGNOSES = [
    "F33.2",
    "F33.1",
    "F41.1",
    "F43.10",
    "I10",
    "E11.9",
    "J45.909",
    "G47.33",
    "M54.5",
    "Z79.899",
]
MEASURES = [
    ("8867-4", "/min", 62, 96), ("9279-1", "/min", 12, 20), ("29463-7", "kg", 52, 120),
    ("8302-2", "cm", 150, 195), ("2708-6", "%", 94, 100), ("718-7", "g/dL", 11, 17),
    ("2160-0", "mg/dL", 1, 2), ("4548-4", "%", 5, 9),
]  # fmt: skip
MEDICINES = ["sertraline 100 MG Oral Tablet", "bupropion XL 150 mg", "lorazepam 1 MG", "metformin 500 MG",
             "lisinopril 10 MG", "quetiapine 50 mg"]  # fmt: skip
PHQ9 = [
    "44250-9",
    "44255-8",
    "44259-0",
    "44254-1",
    "44251-7",
    "44258-2",
    "44252-5",
    "44253-3",
    "44260-8",
]
ANSWERS = ["LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9"]
RESOURCES_A_PERSON = 25
Resource = dict[str, Any]


def write_export(folder: Path, *, resources: int, seed: int = 1, compress: bool = False) -> int:
    """
    Write an invented export of about so many resources; return how many.

    The files stand by type as servers send them; with `compress` every second one is gzip.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, Any] = {}
    count = 0
    with ExitStack() as opened:
        for number in range(max(1, resources // RESOURCES_A_PERSON)):
            for made in person(number, seed):
                kind = made["resourceType"]
                if kind not in files:
                    packed = compress and len(files) % 2 == 1
                    name = folder / f"{kind}.ndjson{'.gz' if packed else ''}"
                    files[kind] = opened.enter_context(_open(name, packed=packed))
                files[kind].write(json.dumps(made, separators=(",", ":")) + "\n")
                count += 1
    return count


def _open(path: Path, *, packed: bool) -> IO[str]:
    return gzip.open(path, "wt") if packed else path.open("w")


def person(number: int, seed: int) -> Iterator[Resource]:
    """Yield the invented resources of one person, shared ones with the first person."""
    chance = random.Random(f"{seed}-{number}")  # noqa: S311  # what is invented is no secret
    if number == 0:
        yield from shared()
    name = f"invented-{number:07d}"
    about = {"reference": f"Patient/{name}"}
    day = 1 + chance.randrange(28)
    born = f"{1935 + chance.randrange(72)}-{1 + chance.randrange(12):02d}-{day:02d}"
    gender = chance.choice(["female", "male"])
    yield {"resourceType": "Patient", "id": name, "gender": gender, "birthDate": born}
    for index in range(RESOURCES_A_PERSON - 1):
        made = MAKERS[chance.randrange(len(MAKERS))](chance)
        yield {"id": f"{name}-{index}", **around(number, chance), **made, "subject": about}


def shared() -> Iterator[Resource]:
    for index, text in enumerate(MEDICINES):
        yield {"resourceType": "Medication", "id": f"m{index}", "code": {"text": text}}
    for index in range(20):
        yield {"resourceType": "Practitioner", "id": f"n{index}"}


def around(number: int, chance: random.Random) -> Resource:
    """What records send around a value."""
    profile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-vital-signs"
    text = '<div xmlns="http://www.w3.org/1999/xhtml"><p><b>Generated Narrative</b></p></div>'
    return {
        "meta": {"versionId": "1", "lastUpdated": "2026-11-01T10:00:00Z", "profile": [profile]},
        "text": {"status": "generated", "div": text},
        "encounter": {"reference": f"Encounter/e{number}-{chance.randrange(9)}"},
    }


def moment(chance: random.Random) -> str:
    return (LAST - timedelta(hours=chance.randrange(20_000))).isoformat()


def an_observation(chance: random.Random) -> Resource:
    code, unit, least, most = chance.choice(MEASURES)
    value = {"value": chance.randint(least, most), "unit": unit, "system": UCUM, "code": unit}
    return {**_observed(code, chance), "valueQuantity": value}


def a_pressure(chance: random.Random) -> Resource:
    parts = [
        {
            "code": {"coding": [{"system": LOINC, "code": code}]},
            "valueQuantity": {"value": chance.randint(*ends), "system": UCUM, "code": "mm[Hg]"},
        }
        for code, ends in (("8480-6", (100, 180)), ("8462-4", (60, 100)))
    ]
    return {**_observed("85354-9", chance), "component": parts}


def _observed(code: str, chance: random.Random) -> Resource:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "effectiveDateTime": moment(chance),
    }


def a_condition(chance: random.Random) -> Resource:
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"code": chance.choice(["active", "active", "resolved"])}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": {"coding": [{"system": ICD, "code": chance.choice(DIAGNOSES)}]},
        "recordedDate": moment(chance),
    }


def a_request(chance: random.Random) -> Resource:
    which = chance.randrange(len(MEDICINES))
    named: Resource = {"medicationReference": {"reference": f"Medication/m{which}"}}
    if chance.random() < 0.5:
        named = {"medicationCodeableConcept": {"text": MEDICINES[which]}}
    return {
        "resourceType": "MedicationRequest",
        "status": chance.choice(["active", "active", "completed"]),
        "intent": "order",
        "authoredOn": moment(chance),
        **named,
    }


def a_procedure(chance: random.Random) -> Resource:
    code = chance.choice(["73761001", "80146002", "23719005"])
    return {
        "resourceType": "Procedure",
        "status": "completed",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": code}]},
        "performedDateTime": moment(chance),
    }


def a_response(chance: random.Random) -> Resource:
    items = [
        {"linkId": f"/{code}", "answer": [{"valueCoding": {"system": LOINC, "code": chance.choice(ANSWERS)}}]}
        for code in PHQ9
    ]  # fmt: skip
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": "http://loinc.org/q/44249-1",
        "authored": moment(chance),
        "item": items,
    }


def an_encounter(chance: random.Random) -> Resource:
    return {"resourceType": "Encounter", "status": "finished", "period": {"start": moment(chance)}}


MAKERS: list[Callable[[random.Random], Resource]] = [
    *[an_observation] * 10, *[a_pressure] * 3, *[a_condition] * 4, *[a_request] * 3,
    a_procedure, a_response, *[an_encounter] * 2,
]  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """One ingest: seconds on the clock and of processors, and the peak of its processes in MiB."""

    seconds: float
    processor_seconds: float
    peak_mib: float


def measured(folder: Path, out: Path) -> Measured:
    """Return what one ingest takes."""
    command = [*INGEST, str(folder), "--out", str(out), "--at", AT, "--report", f"{out}.json"]
    before, start = _processor_seconds(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    peak, done = [0.0], threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, peak, done))
    watcher.start()
    status = process.wait()
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    assert status == 0
    return Measured(seconds, _processor_seconds() - before, peak[0])


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(parent: int, peak: list[float], done: threading.Event) -> None:
    while not done.wait(0.05):
        peak[0] = max(peak[0], sum(_resident_mib(each) for each in (parent, *_children(parent))))


def _children(parent: int) -> list[int]:
    path = Path(f"/proc/{parent}/task/{parent}/children")
    try:
        own = [int(each) for each in path.read_text().split()]
    except OSError:
        return []
    return [*own, *(each for child in own for each in _children(child))]


def _resident_mib(process: int) -> float:
    """What a process holds in memory, in MiB; what processes share is counted for each."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(each.split()[1]) for each in lines if each.startswith("VmRSS")) / 1024


def ingest(report: Callable[..., None], *, resources: int = 100_000) -> None:
    """Report the speed of an ingest and its peak memory, also on an export five times larger."""
    with TemporaryDirectory() as home:
        small, large = Path(home) / "small", Path(home) / "large"
        few, many = (
            write_export(small, resources=resources),
            write_export(large, resources=5 * resources),
        )
        one, other = (measured(each, Path(f"{each}.parquet")) for each in (small, large))
        report("bulk ingest: seconds for 20,000 resources", [other.seconds / many * 20_000],
               unit="s", budget=1, resources=many, **_speed(many, other))  # fmt: skip
        report("bulk ingest: peak memory on five times as much, to that on one time",
               [other.peak_mib / one.peak_mib], unit="ratio", budget=1.25,
               peak_mib=round(other.peak_mib), peak_mib_of_one_time=round(one.peak_mib),
               resources_of_one_time=few)  # fmt: skip


def _speed(count: int, found: Measured) -> dict[str, int]:
    """Resources a second on the clock, and of a processor: the latter where others use them too."""
    return {
        "resources_per_second": round(count / found.seconds),
        "resources_per_processor_second": round(count / found.processor_seconds),
    }


if __name__ == "__main__":
    from benchmarks.reporting import report as one_line

    ingest(one_line)
