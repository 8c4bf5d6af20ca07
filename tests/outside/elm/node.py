"""Runs an ELM library with `cql-execution` in Node: its answers, and how long it takes."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
INSTALLED = HERE / "node_modules" / "cql-execution" / "package.json"
ANSWERS: dict[str, bool | str | None] = {"T": True, "F": False, "U": None, "?": "no answer"}
LONGEST_S = 900

Person = Mapping[str, Any]


class JudgeError(RuntimeError):
    """Node or npm ended with an error; the message is theirs."""


def why_absent() -> str | None:
    """Return why the judge cannot run on this machine, or None if it can."""
    missing = [each for each in ("node", "npm") if shutil.which(each) is None]
    return f"{' and '.join(missing)} not found on this machine" if missing else None


def install() -> None:
    """
    Install exactly what the lock names, with hashes, unless it stands there already.

    :raises JudgeError: if npm cannot, for example without a network.
    """
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]["cql-execution"]
    if INSTALLED.exists() and json.loads(INSTALLED.read_text())["version"] == wanted:
        return
    _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"])


def answers(
    library: Mapping[str, Any], people: Sequence[Person]
) -> tuple[list[str], list[list[bool | str | None]]]:
    """
    Return the names of the statements, and for each person what each answers.

    An answer that is neither true nor false nor null is `no answer`.

    :raises JudgeError: if the engine fails.
    """
    names, *lines = _judge(library, people).splitlines()
    if len(lines) != len(people):
        raise JudgeError(f"{len(people)} people were asked about, {len(lines)} were answered")
    return json.loads(names), [[ANSWERS[letter] for letter in line] for line in lines]


def us_per_person(
    library: Mapping[str, Any], people: Sequence[Person], *, rounds: int
) -> list[float]:
    """
    Return how long all statements took, in µs a person, once a round, after one not counted.

    :raises JudgeError: if the engine fails.
    """
    return [float(line) for line in _judge(library, people, str(rounds)).split()]


def _judge(library: Mapping[str, Any], people: Sequence[Person], *more: str) -> str:
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name) / "library.json", Path(name) / "people.ndjson"]
        files[0].write_text(json.dumps(library))
        files[1].write_text("\n".join(json.dumps(dict(each)) for each in people))
        return _run(["node", "judge.js", *map(str, files), *more])


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command, cwd=HERE, capture_output=True, text=True, check=False, timeout=LONGEST_S
        )
    except subprocess.TimeoutExpired:
        raise JudgeError(f"{command[0]}: not done after {LONGEST_S} s") from None
    if done.returncode != 0:
        raise JudgeError(f"{' '.join(command[:2])}: {done.stderr.strip()}")
    return done.stdout
