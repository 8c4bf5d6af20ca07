"""The shipped knowledge over a million invented people, in process: time, memory, and the floor."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import polars as pl

from overstory.knowledge.load import load_knowledge
from overstory.panel.compiling import compile_program
from overstory.panel.door import enter
from overstory.panel.polars_engine import columns_of
from overstory.panel.program import Program, Step

AT = datetime(2026, 11, 22, 15, tzinfo=UTC)
PEOPLE = 1_000_000
ROUNDS = 7
BUDGET_MS, BUDGET_MB = 100, 300
CQL_RATIO = 5000
TRUTHS, VERDICTS = "rules", "verdicts"
ASKS = "asks together"
FIRST = "tests"


def facts_of(path: Path) -> tuple[Program, pl.DataFrame]:
    """Return the program of the shipped knowledge, and the facts of a table after the door."""
    knowledge = load_knowledge()
    entered = enter(pl.read_parquet(path), vocabulary=knowledge.vocabulary, at=AT)
    program = compile_program(
        knowledge=knowledge, jurisdiction="US", at=AT, dated=entered.dated
    )
    return program, entered.facts


def ran(facts: pl.DataFrame, steps: tuple[Step, ...]) -> pl.DataFrame:
    """Run some steps over a table."""
    for step in steps:
        facts = facts.with_columns(columns_of(step))
    return facts


def between(program: Program, first: str, last: str) -> tuple[Step, ...]:
    """Return the steps from one to another, both included."""
    names = [step.name for step in program.steps]
    return program.steps[names.index(first) : names.index(last) + 1]


def median_ms(work: Callable[[], object]) -> tuple[float, float, float]:
    """Return the median, least and greatest time of some rounds, after one that is not counted."""
    work()
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        found.append((time.perf_counter() - start) * 1000)
    return median(found), min(found), max(found)


def peak_beyond_mb(work: Callable[[], object]) -> float:
    """Return by how many MB the memory of this process rises at most while work is done."""
    Path("/proc/self/clear_refs").write_text("5")
    before = _status_kb("VmRSS")
    work()
    return (_status_kb("VmHWM") - before) / 1024


def _status_kb(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def read_columns(program: Program, facts: pl.DataFrame) -> list[str]:
    """Return the fact columns that any rule reads."""
    named = {name for rule in program.knowledge.rules for name in rule.fact_names}
    return [name for name in facts.columns if name in named]


def panel(path: Path, report: Callable[..., None]) -> float:
    """
    Report the figures over the facts table at a path; return µs a person for the truths alone.

    Intake (what is stale, contradicts itself or follows) is done before, and reported on its own, as is
    the door.
    """
    program, entered = facts_of(path)
    intake = program.until("narrowed")
    facts = ran(entered, intake)
    used = read_columns(program, facts)
    size = {
        "people": facts.height,
        "rules": len(program.rules),
        "facts": len(used),
        "asks_masks": sum(map(len, program.rule_asks.values())),
        "treatment_asks_masks": sum(map(len, program.asks.values())),
    }
    whole = between(program, FIRST, ASKS)
    floor = median_ms(lambda: facts.select(pl.col(used).to_physical().sum()))
    every = median_ms(lambda: ran(facts, whole))
    truths = median_ms(lambda: ran(facts, between(program, FIRST, TRUTHS)))
    verdicts = median_ms(lambda: ran(facts, between(program, FIRST, VERDICTS)))
    report("a million people: truths, verdicts and asks masks", every, unit="ms", budget=BUDGET_MS,
           floor_ms=round(floor[0], 2), ratio_to_floor=round(every[0] / floor[0], 1), **size)  # fmt: skip
    report("a million people: truths and verdicts", verdicts, unit="ms", budget=BUDGET_MS, **size)
    report("a million people: truths alone", truths, unit="ms", budget=BUDGET_MS, **size)
    door = median_ms(lambda: facts_of(path))
    report("a million people: file read, door passed", door, unit="ms", budget=2000)
    follow = median_ms(lambda: ran(entered, intake))
    report("a million people: intake", follow, unit="ms", budget=BUDGET_MS)
    peak = peak_beyond_mb(lambda: ran(facts, whole))
    report("peak memory beyond the input", (peak, peak, peak), unit="MB", budget=BUDGET_MB,
           input_mb=round(facts.estimated_size("mb")))  # fmt: skip
    return truths[0] * 1000 / facts.height
