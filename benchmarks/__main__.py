"""`python -m benchmarks`: run every benchmark and print one JSON object a line."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.bundle import two_megabyte_bundle
from overstory.exchange.assessment_json import assessment_json
from overstory.exchange.fhir import read
from overstory.exchange.patient_file import read_patient_file
from overstory.knowledge.load import load_knowledge
from overstory.pathway.intake import person
from overstory.pathway.suitability import assess

ROOT = Path(__file__).parents[1]
PATIENT = ROOT / "examples" / "patients" / "maya.yaml"
OVERSTORY = [sys.executable, "-m", "overstory.cli"]


def times_ms(work: Callable[[], object], *, rounds: int) -> list[float]:
    """Return how long each round took, in ms, after one that is not counted."""
    work()
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        found.append((time.perf_counter() - start) * 1000)
    return found


def report(
    name: str,
    found: list[float],
    *,
    unit: str,
    budget: float | None,
    at_least: bool = False,
    **more: object,
) -> None:
    """Print one figure: median, least and most, with its budget, which it stays below or reaches."""
    within = None
    if budget is not None:
        within = median(found) >= budget if at_least else median(found) < budget
    line = {
        "benchmark": name,
        "median": round(median(found), 3),
        "min": round(min(found), 3),
        "max": round(max(found), 3),
        "unit": unit,
        "budget": budget,
        "within": within,
        **more,
    }
    print(json.dumps(line))


def one_patient() -> None:
    """One patient, all five treatments, explained, as JSON."""
    knowledge = load_knowledge()
    record = read_patient_file(PATIENT.read_text(), name="maya", knowledge=knowledge)

    def work() -> object:
        facts = person(given=record.given, trials=record.trials, at=record.at, knowledge=knowledge)
        assessment = assess(patient=record.patient, facts=facts, knowledge=knowledge)
        return assessment_json(assessment, facts=facts, knowledge=knowledge)

    report("one patient explained for all treatments", times_ms(work, rounds=100), unit="ms",
           budget=5, rules=len(knowledge.rules))  # fmt: skip


def knowledge_load() -> None:
    """Every knowledge file read, converted and its conditions parsed."""

    def work() -> object:
        load_knowledge.cache_clear()
        return load_knowledge()

    files = len(list((ROOT / "overstory" / "knowledge").rglob("*.yaml")))
    report("knowledge load", times_ms(work, rounds=7), unit="ms", budget=400, files=files)


def cold_assess() -> None:
    """The command from a cold start: interpreter, imports, knowledge, answer."""
    command = [*OVERSTORY, "assess", str(PATIENT), "--json"]

    def work() -> object:
        return subprocess.run(command, check=True, capture_output=True)

    report("overstory assess from cold", times_ms(work, rounds=5), unit="ms", budget=1000)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    report("peak memory of overstory assess", [peak], unit="MiB", budget=200)


def bundle(name: str, *, bare: bool) -> None:
    """A FHIR Bundle of 2 MB read to facts."""
    content = two_megabyte_bundle(bare=bare)
    knowledge = load_knowledge()
    at = datetime(2026, 11, 22, 15, tzinfo=UTC)

    def work() -> object:
        return read(content, name="bundle", at=at, knowledge=knowledge)

    entries = content.count(b'"fullUrl"')
    report(name, times_ms(work, rounds=15), unit="ms", budget=50, bytes=len(content),
           entries=entries)  # fmt: skip


if __name__ == "__main__":
    one_patient()
    knowledge_load()
    cold_assess()
    bundle("reading a 2 MB Bundle", bare=False)
    bundle("reading a 2 MB Bundle of bare observations", bare=True)
