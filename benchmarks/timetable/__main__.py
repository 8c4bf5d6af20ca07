"""
`python -m benchmarks.timetable [NAME…] [--seeds 0,1]`: measure, one JSON object a line.

`known` checks the published plans and bounds; `known --seconds N` looks N seconds an instance for better
ones and writes them.
"""

from __future__ import annotations

import os

# Matrices here are small: threads of the linear algebra would cost more than they save.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json

from benchmarks.timetable import known, measure
from benchmarks.timetable.generator import SEEDS


def main() -> None:
    """Run what is named; by default everything that is measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.timetable")
    parser.add_argument("names", nargs="*", choices=[*measure.MEASURES, "known", []])
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--sizes", default="20,60,200,600")
    given = parser.parse_args()
    seeds = [int(each) for each in given.seeds.split(",")]
    if given.names == ["known"]:
        sizes = [int(each) for each in given.sizes.split(",")]
        for line in known.improved(sizes, seeds, given.seconds):
            print(json.dumps(line), flush=True)
        return
    for line in measure.lines(given.names or tuple(measure.MEASURES), seeds):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
