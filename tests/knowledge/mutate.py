"""
Move each number of the knowledge by one step, and see that each move makes a test fail.

`python tests/knowledge/mutate.py` (or `make mutate`) works on copies of the project: thresholds inside
conditions, the numbers of scales, doses and staging, and every number of courses: protocols, templates,
visits, watching, needs, reviews, missed sessions, combinations. A move is noticed where the check of the
knowledge refuses it or a test fails. It prints the moves that no test noticed, a
line a move, then a count; its exit status is 1 if there are any. `--only TEXT` keeps the places whose
name has the text. The whole takes some forty minutes on two cores.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Any

ROOT = Path(__file__).parents[2]
KNOWLEDGE = Path("overstory") / "knowledge"
CONDITIONS = ("when", "if")
RULE_TESTS = ["tests/knowledge/test_examples.py", "tests/knowledge/test_ketamine_rows.py",
              "tests/knowledge/test_tms_rows.py", "tests/unit/test_safety.py",
              "tests/spec/test_triage.py"]  # fmt: skip
SCALE_TESTS = ["tests/spec/test_scale_numbers.py", "tests/spec/test_scales.py", "tests/unit/test_scoring.py", "tests/unit/test_traps.py",
               "tests/knowledge/test_thresholds.py"]  # fmt: skip
MEDICINE_TESTS = ["tests/knowledge/test_dose_numbers.py", "tests/unit/test_ledger.py", "tests/unit/test_resistance.py",
                  "tests/knowledge/test_medicines.py", "tests/knowledge/test_thresholds.py"]  # fmt: skip
WHERE = {
    "treatments/*/*.yaml": RULE_TESTS,
    "safety/*.yaml": RULE_TESTS,
    "scales/*.yaml": SCALE_TESTS,
    "medicines/*doses*.yaml": MEDICINE_TESTS,
    "medicines/*standards*.yaml": MEDICINE_TESTS,
    "treatments/shared/resistance*.yaml": MEDICINE_TESTS,
}
COURSE_TESTS = ["tests/knowledge/test_protocol_ketamine.py", "tests/knowledge/test_protocol_rows.py",
                "tests/knowledge/test_protocol_surroundings.py", "tests/knowledge/test_course_numbers.py"]  # fmt: skip
COURSES = {
    f"treatments/{name}": COURSE_TESTS
    for name in ("*/protocols.yaml", "tms/protocols/*.yaml", "*/courses.yaml", "*/visits.yaml",
                 "*/monitoring.yaml", "*/products.yaml", "tms/course_rules.yaml",
                 "shared/missed_sessions.yaml", "shared/planning.yaml", "shared/decision_points.yaml",
                 "shared/session_needs.yaml", "shared/alongside.yaml", "shared/dosing.yaml")
}  # fmt: skip
"""Files in which each bare number is one of a course; those in quotes or of a source are not."""
BARE = re.compile(r"(?<=[:\[,] )-?\d+(?:\.\d+)?(?=[,}\]]|$)|(?<=\[)-?\d+(?:\.\d+)?(?=[,\]])")
WORDS = frozenset({"says", "note", "name", "then", "never"})
QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"")
THRESHOLD = re.compile(
    r"(?<=[<>=!] )\d+(?:\.\d+)?|(?<=between )\d+(?:\.\d+)?|(?<= and )\d+(?:\.\d+)?"
)
NUMBER_KEYS = frozenset(
    {"low", "high", "at_least", "above", "below", "at_most", "drop", "value", "least", "greatest",
     "usual_min", "usual_max", "weeks", "percent", "count", "classes", "failures", "trials", "score",
     "least_failures", "cut_off", "from", "to", "response", "remission", "points"}
)  # fmt: skip


@dataclass(frozen=True)
class Move:
    """One number at one place in one file, and what it becomes."""

    path: Path
    line: int
    start: int
    end: int
    old: str
    new: str
    tests: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.path}:{self.line + 1}:{self.start + 1}: {self.old} → {self.new}"


def moves() -> Iterator[Move]:
    """Yield each move: every threshold and every number that decides, one step down and one up."""
    seen: set[tuple[Path, int, int]] = set()
    for pattern, tests in [*COURSES.items(), *WHERE.items()]:
        for path in sorted((ROOT / KNOWLEDGE).glob(pattern)):
            for line, text in enumerate(path.read_text().splitlines()):
                for start, end in _numbers(text, pattern):
                    if (path, line, start) in seen:
                        continue
                    seen.add((path, line, start))
                    for new in _steps(text[start:end]):
                        yield Move(path.relative_to(ROOT), line, start, end, text[start:end], new,
                                   tuple(tests))  # fmt: skip


def _numbers(text: str, pattern: str) -> Iterator[tuple[int, int]]:
    stripped = text.strip().removeprefix("- ")
    key = stripped.partition(":")[0]
    if pattern in COURSES:
        yield from _bare(text)
    elif key in CONDITIONS:
        yield from ((found.start(), found.end()) for found in THRESHOLD.finditer(text))
    elif not pattern.startswith(("treatments/*", "safety")):
        for found in re.finditer(
            r"\b([a-z_]+): (\[?)(-?\d+(?:\.\d+)?)(?:, (-?\d+(?:\.\d+)?)\])?", text
        ):
            if found[1] in NUMBER_KEYS:
                yield found.start(3), found.end(3)
                if found[4]:
                    yield found.start(4), found.end(4)


def _bare(text: str) -> Iterator[tuple[int, int]]:
    """The places of numbers in a line of a course, none in quotes, in words or in a comment."""
    if text.strip().removeprefix("- ").partition(":")[0] in WORDS:
        return
    blank = QUOTED.sub(lambda found: "_" * len(found[0]), text).partition(" #")[0].rstrip("\n")
    for found in BARE.finditer(blank):
        yield found.start(), found.end()


def _steps(number: str) -> Iterator[str]:
    decimals = len(number.partition(".")[2])
    step = 10.0**-decimals
    for moved in (float(number) - step, float(number) + step):
        if moved >= 0:
            yield f"{moved:.{decimals}f}"


def notices(copy: Path, move: Move) -> bool:
    """Return whether the check refuses the knowledge or a test fails when the move is made in a copy."""
    path = copy / move.path
    original = path.read_text()
    lines = original.splitlines(keepends=True)
    text = lines[move.line]
    lines[move.line] = text[: move.start] + move.new + text[move.end :]
    path.write_text("".join(lines))
    try:
        return any(_ends_badly(each, copy) for each in _commands(copy, move.tests))
    finally:
        path.write_text(original)


def _commands(copy: Path, tests: Iterable[str]) -> list[list[str]]:
    there = [test for test in tests if (copy / test).exists()]
    pytest = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    ]
    return [[sys.executable, "-m", "overstory", "knowledge", "check"], [*pytest, *there]]


def broken(copy: Path, todo: Iterable[Move]) -> list[str]:
    """Return the commands that fail before anything is moved; with one of them nothing would be proved."""
    sets = dict.fromkeys(move.tests for move in todo)
    every = {" ".join(each): each for tests in sets for each in _commands(copy, tests)}
    return [said for said, each in every.items() if _ends_badly(each, copy)]


def _ends_badly(command: list[str], copy: Path) -> bool:
    done: Any = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    return bool(done.returncode)


def main() -> int:
    """Make every move and print those that nothing noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="only places whose name has this text")
    parser.add_argument("--jobs", type=int, default=2)
    wanted = parser.parse_args()
    todo = [move for move in moves() if wanted.only in str(move)]
    with tempfile.TemporaryDirectory() as folder:
        copies: Queue[Path] = Queue()
        for number in range(wanted.jobs):
            copy = Path(folder) / str(number)
            for name in ("overstory", "tests"):
                shutil.copytree(
                    ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__")
                )
            shutil.copy(ROOT / "pyproject.toml", copy)
            copies.put(copy)
        if failing := broken(copies.queue[0], todo):
            print("fails before anything is moved:", *failing, sep="\n")
            return 2

        def one(move: Move) -> tuple[Move, bool]:
            copy = copies.get()
            try:
                return move, notices(copy, move)
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(wanted.jobs) as pool:
            missed = [move for move, noticed in pool.map(one, todo) if not noticed]
    for move in missed:
        print(f"nothing noticed {move}")
    print(f"{len(todo)} moves, {len(todo) - len(missed)} noticed, {len(missed)} not noticed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
