"""The clinic as it is run: `overstory serve` with two workers and its record, and `wrk` asking it."""

from __future__ import annotations

import os
from statistics import median

from benchmarks.clinic.serving import Load, Served, answer, has_wrk, pressed, served
from benchmarks.reporting import report

PEOPLE = (5_000, 50_000)
CONNECTIONS = 16
SECONDS = int(os.environ.get("BENCH_SECONDS", "8"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
PER_S, P99_MS, BOARD_P95_MS = 500, 60, 150
WORKLIST, API = "the worklist page", "GET /api/worklist"
PATHS = {WORKLIST: "/requests/", API: "/api/worklist"}
UNCHANGED = "GET /api/worklist, nothing changed (304)"
BOARD = "the suitability board"
Found = dict[str, list[Load]]


def clinic() -> None:
    """Measure the pages at two sizes, and how each grows; SQLite, or DATABASE_URL_FOR_BENCH."""
    if not has_wrk():
        return
    database = os.environ.get("DATABASE_URL_FOR_BENCH", "")
    before: Found = {}
    for people in PEOPLE[: 1 if database else 2]:
        with served(people, database=database) as clinic_served:
            found = measured(clinic_served)
            told(found, clinic_served, engine="PostgreSQL" if database else "SQLite")
            for name in found if before else ():
                grown(name, before[name], found[name])
            before = found


def measured(clinic: Served) -> Found:
    """Ask for each page in turn, some rounds; the first, not counted, warms the processes."""
    headers = answer(clinic.origin, PATHS[API], {"Cookie": clinic.entry["cookie"]})
    tag = {"If-None-Match": headers["ETag"]}
    board = f"/people/{clinic.entry['person']}/board/"
    for path in (*PATHS.values(), board):
        pressed(clinic, path, connections=CONNECTIONS, seconds=1)
    found: Found = {name: [] for name in (*PATHS, UNCHANGED, BOARD)}
    for _ in range(ROUNDS):
        for name, path in PATHS.items():
            found[name].append(pressed(clinic, path, connections=CONNECTIONS, seconds=SECONDS))
        found[UNCHANGED].append(
            pressed(clinic, PATHS[API], connections=CONNECTIONS, seconds=SECONDS, headers=tag)
        )
        found[BOARD].append(pressed(clinic, board, connections=1, seconds=SECONDS))
    return found


def told(found: Found, clinic: Served, *, engine: str) -> None:
    """Report what was found at one size, and whether every read is on record."""
    size = {"people": clinic.entry["people"], "engine": engine, "workers": 2,
            "load_average": os.getloadavg()[0]}  # fmt: skip
    for name in (*PATHS, UNCHANGED):
        loads, more = found[name], {**size, "connections": CONNECTIONS}
        report(f"{name}: answers a second", [each.per_s for each in loads], unit="1/s",
               budget=PER_S, at_least=True, **more)  # fmt: skip
        report(f"{name}: the slowest of a hundred", [each.ms["p99"] for each in loads], unit="ms",
               budget=P99_MS, p50=median(each.ms["p50"] for each in loads), **more)  # fmt: skip
    loads = found[BOARD]
    report(f"{BOARD}: the slowest of twenty", [each.ms["p95"] for each in loads], unit="ms",
           budget=BOARD_P95_MS, p50=median(each.ms["p50"] for each in loads), connections=1,
           **size)  # fmt: skip
    shown = sum(each.answers for name in (*PATHS, BOARD) for each in found[name])
    kept = clinic.reads() - clinic.entry["entries_before"]
    report("reads on record for each page that was shown", [kept / shown], unit="reads",
           budget=1, at_least=True, shown=shown, kept=kept, **size)  # fmt: skip


def grown(name: str, before: list[Load], after: list[Load]) -> None:
    """Report how many times longer the middle answer takes at ten times the data."""

    def middle(loads: list[Load]) -> float:
        return median(each.ms["p50"] for each in loads)

    report(f"{name}: at ten times the data", [middle(after) / middle(before)], unit="times",
           budget=None, p50_before=middle(before), p50_after=middle(after))  # fmt: skip
