"""The board of the calendar as it is served: a day and a week of one site, one reader at a time."""

from __future__ import annotations

import os
from statistics import median

from benchmarks.clinic.serving import Load, Served, has_wrk, pressed, served
from benchmarks.reporting import report

APPOINTMENTS = (50_000, 500_000)
SECONDS = int(os.environ.get("BENCH_SECONDS", "8"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
VIEWS = ("day", "week")
SEEDING = ("benchmarks.clinic.week_seeding", "--appointments")


def week_board() -> None:
    """Measure the board with so many appointments in the database, and with ten times as many."""
    if not has_wrk():
        return
    before: dict[str, list[Load]] = {}
    for count in APPOINTMENTS:
        with served(count, seeding=SEEDING) as clinic:
            found = {view: _looked_at(clinic, view) for view in VIEWS}
        for view, loads in found.items():
            report(f"the board of a {view}: the slowest of twenty", [x.ms["p95"] for x in loads],
                   unit="ms", budget=None, p50=_middle(loads), appointments=count, connections=1,
                   load_average=os.getloadavg()[0])  # fmt: skip
            if before:
                report(f"the board of a {view}: at ten times the data",
                       [_middle(loads) / _middle(before[view])], unit="times", budget=None,
                       p50_before=_middle(before[view]), p50_after=_middle(loads))  # fmt: skip
        before = found


def _looked_at(clinic: Served, view: str) -> list[Load]:
    entry = clinic.entry
    path = f"/calendar/?site={entry['site']}&day={entry['day']}&view={view}"
    pressed(clinic, path, connections=1, seconds=1)
    return [pressed(clinic, path, connections=1, seconds=SECONDS) for _ in range(ROUNDS)]


def _middle(loads: list[Load]) -> float:
    return median(each.ms["p50"] for each in loads)
