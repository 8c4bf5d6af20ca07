"""How a figure is taken and printed: one JSON object a line, with its budget."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from statistics import median


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
    print(json.dumps(line), flush=True)
