"""The shipped knowledge over a million invented people, in process: time, memory, and the floor."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median

import polars as pl

from benchmarks.elm import cql_execution_us_per_person
from benchmarks.reporting import times_ms
from overstory.knowledge.load import load_knowledge
from overstory.panel.compiling import compile_program
from overstory.panel.door import enter
from overstory.panel.polars_engine import with_step
from overstory.panel.program import Program, Step

AT = datetime(2026, 11, 22, 15, tzinfo=UTC)
PEOPLE = 1_000_000
ROUNDS = 7
BUDGET_MS, BUDGET_MB = 100, 300
CQL_RATIO = 5000
TRUTHS, VERDICTS = "rules", "verdicts"
ASKS = "asks"
FIRST = "tests"


def facts_of(path: Path) -> tuple[Program, pl.DataFrame]:
    """Return the program of the shipped knowledge, and the facts of a table after the door."""
    knowledge = load_knowledge()
    entered = enter(pl.read_parquet(path), vocabulary=knowledge.vocabulary, at=AT)
    program = compile_program(knowledge=knowledge, jurisdiction="US", at=AT, dated=entered.dated)
    return program, entered.facts


def ran(facts: pl.DataFrame, steps: tuple[Step, ...]) -> pl.DataFrame:
    """Run some steps over a table."""
    for step in steps:
        facts = with_step(facts, step)
    return facts


def between(program: Program, first: str, last: str) -> tuple[Step, ...]:
    """Return the steps from one to another, both included."""
    names = [step.name for step in program.steps]
    return program.steps[names.index(first) : names.index(last) + 1]


def read_columns(program: Program, facts: pl.DataFrame) -> list[str]:
    """Return the fact columns that any rule reads."""
    named = {name for rule in program.knowledge.rules for name in rule.fact_names}
    return [name for name in facts.columns if name in named]


def panel(path: Path, report: Callable[..., None]) -> float:
    """
    Report the figures over the facts table at a path; return µs a person for the truths alone.

    Intake (what is stale, contradicts itself or follows) and the door come before, each on its own line.
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
    floor = times_ms(lambda: facts.select(pl.col(used).to_physical().sum()), rounds=ROUNDS)
    parts = {
        "truths": (FIRST, TRUTHS),
        "truths, verdicts and the asks masks of every rule and fact": (FIRST, VERDICTS),
        "the same, and the asks masks of every treatment": (FIRST, ASKS),
    }
    found = {
        name: times_ms(partial(ran, facts, between(program, *ends)), rounds=ROUNDS)
        for name, ends in parts.items()
    }
    report("reading the same columns once, the floor", floor, unit="ms", budget=None, **size)
    for name, times in found.items():
        ratio = round(median(times) / median(floor), 1)
        report(
            f"a million people: {name}", times, unit="ms", budget=BUDGET_MS, ratio_to_floor=ratio
        )
    follow = times_ms(lambda: ran(entered, intake), rounds=ROUNDS)
    report("a million people: intake", follow, unit="ms", budget=None)
    door = times_ms(lambda: facts_of(path), rounds=ROUNDS)
    report("a million people: the file read and the door passed", door, unit="ms", budget=None)
    command = [sys.executable, "-m", "benchmarks.panel_memory", str(path)]
    peak = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    report("a million people: peak memory beyond the input", [peak], unit="MB", budget=BUDGET_MB,
           input_mb=round(facts.estimated_size("mb")))  # fmt: skip
    return median(found["truths"]) * 1000 / facts.height


def cql_ratio(truths_us: float, report: Callable[..., None]) -> None:
    """Report how many times longer the public CQL engine takes for the truths of the same rules."""
    theirs = cql_execution_us_per_person()
    if theirs is not None:
        report("cql-execution against the panel, the truths of every rule", [theirs / truths_us],
               unit="times", budget=CQL_RATIO, at_least=True)  # fmt: skip
