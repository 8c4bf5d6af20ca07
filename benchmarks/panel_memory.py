"""`python -m benchmarks.panel_memory FACTS`: the peak memory of a panel beyond its input, in MB, alone."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.panel import ASKS, FIRST, between, facts_of, ran


def peak_beyond_input_mb(path: Path) -> float:
    """Return by how many MB the memory of this process rises at most while a table is answered."""
    program, entered = facts_of(path)
    facts = ran(entered, program.until("narrowed"))
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    before = _status_kb("VmRSS")
    ran(facts, between(program, FIRST, ASKS))
    return (_status_kb("VmHWM") - before) / 1024


def _status_kb(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    print(peak_beyond_input_mb(Path(sys.argv[1])))
