"""`python -m benchmarks [NAME …]`: run every benchmark, or those named; one JSON object a line."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from benchmarks.bundle import two_megabyte_bundle
from benchmarks.clinic import clinic
from benchmarks.clinic.courses import offers
from benchmarks.clinic.week import week_board
from benchmarks.ingest import ingest
from benchmarks.kinetics import kinetics
from benchmarks.motor_threshold import motor_threshold
from benchmarks.panel import PEOPLE, cql_ratio, panel
from benchmarks.panel_engines import compare, invented
from benchmarks.reporting import report, times_ms
from overstory.exchange.assessment_json import assessment_json
from overstory.exchange.fhir import read
from overstory.exchange.patient_file import read_patient_file
from overstory.knowledge.load import load_knowledge
from overstory.pathway.intake import person
from overstory.pathway.suitability import assess

ROOT = Path(__file__).parents[1]
PATIENT = ROOT / "examples" / "patients" / "maya.yaml"
OVERSTORY = [sys.executable, "-m", "overstory.cli"]


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


def records() -> None:
    """One record: assessed, loaded, from cold, and read from FHIR."""
    one_patient()
    knowledge_load()
    cold_assess()
    bundle("reading a 2 MB Bundle", bare=False)
    bundle("reading a 2 MB Bundle of bare observations", bare=True)


def panel_figures() -> None:
    """A million invented people: in process, against the public CQL engine, and in every engine."""
    with TemporaryDirectory(prefix="overstory-") as folder:
        facts = invented(PEOPLE, Path(folder))
        cql_ratio(panel(facts, report), report)
        compare(facts, set() if spark_is_here() else {"spark"}, None)


def spark_is_here() -> bool:
    """Whether Spark can be timed; where not, a line says so."""
    if find_spec("pyspark") and which("java"):
        return True
    print(
        json.dumps({"benchmark": "every answer summed, Spark", "skipped": "no pyspark or no Java"})
    )
    return False


def timetables() -> None:
    """The published set of timetables; half an hour in all. `python -m benchmarks.timetable` has parts."""
    alone = {
        **os.environ,
        "OPENBLAS_NUM_THREADS": "1",
    }  # before numpy is imported, so a process of its own
    subprocess.run([sys.executable, "-m", "benchmarks.timetable"], check=True, env=alone)


FIGURES: dict[str, Callable[[], None]] = {
    "records": records,
    "panel": panel_figures,
    "ingest": lambda: ingest(report),
    "kinetics": kinetics,
    "motor-threshold": motor_threshold,
    "timetables": timetables,
    "clinic": clinic,
    "offers": offers,
    "week-board": week_board,
}


if __name__ == "__main__":
    for each in sys.argv[1:] or FIGURES:
        FIGURES[each]()
