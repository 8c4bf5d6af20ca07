"""A clinic of its own for a measurement: its folder, its rows, `overstory serve` as it is run, and `wrk`."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPMessage
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

TOLD = Path(__file__).parent / "told.lua"
PEOPLE = ("benchmarks.clinic.seeding", "--people")
"""What fills a clinic, and the word before its size."""
WORKERS = 2
START_WITHIN_S = 90
STOP_WITHIN_S = 30
ROOT = Path(__file__).parents[2]


class NotServedError(RuntimeError):
    """The server did not answer as it should; the message says what it did."""


@dataclass(frozen=True, slots=True)
class Served:
    """A clinic that is being served: where, how to enter, and what is in it."""

    origin: str
    entry: Mapping[str, Any]
    env: Mapping[str, str]

    def reads(self) -> int:
        """Return how many reads are on record."""
        code = (
            "from overstory.clinic.config.opening import open_clinic; open_clinic();"
            "from benchmarks.clinic.seeding import read_count; print(read_count())"
        )
        return int(ran([sys.executable, "-c", code], self.env))


@dataclass(frozen=True, slots=True)
class Load:
    """What `wrk` found: answers a second, and how long they took in ms, by percentile."""

    per_s: float
    ms: Mapping[str, float]
    answers: int
    errors: int


@contextmanager
def served(size: int, *, database: str = "", seeding: tuple[str, str] = PEOPLE) -> Iterator[Served]:
    """Seed a clinic of a size in a temporary folder and serve it until the block ends."""
    with TemporaryDirectory(prefix="overstory-clinic-") as folder:
        port = free_port()
        origin = f"http://localhost:{port}"
        env = {**os.environ, "OVERSTORY_HOME": f"{folder}/home", "OVERSTORY_ORIGIN": origin,
               "DATABASE_URL": database}  # fmt: skip
        seed = [sys.executable, "-m", *seeding, str(size)]
        entry = json.loads(ran(seed, env))
        with running(env, port=port):
            yield Served(origin, entry, env)


@contextmanager
def running(env: Mapping[str, str], *, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run `overstory serve` with its worker beside until the block ends."""
    command = [sys.executable, "-m", "overstory.cli", "serve", "--port", str(port),
               "--workers", str(WORKERS)]  # fmt: skip
    server = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        _wait_until_up(env["OVERSTORY_ORIGIN"], server)
        yield server
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def answer(origin: str, path: str, headers: Mapping[str, str]) -> HTTPMessage:
    """
    Ask for one page; return the headers of its answer.

    :raises NotServedError: if it was not shown.
    """
    connection = HTTPConnection(origin.removeprefix("http://"), timeout=30)
    try:
        connection.request("GET", path, headers=dict(headers))
        got = connection.getresponse()
        got.read()
        if got.status != HTTPStatus.OK:
            raise NotServedError(f"{path}: {got.status}")
        return got.headers
    finally:
        connection.close()


def pressed(
    served: Served, path: str, *, connections: int, seconds: int, headers: Mapping[str, str] = {}
) -> Load:
    """
    Ask for a page from so many connections, each as soon as it was answered.

    :raises NotServedError: if an answer was not what it should be.
    """
    more = [f"-H{name}: {value}" for name, value in headers.items()]
    command = [
        "wrk", f"-t{min(2, connections)}", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s",
        "-s", str(TOLD),
        f"-HCookie: {served.entry['cookie']}", *more, served.origin + path,
    ]  # fmt: skip
    found = json.loads(ran(command, dict(os.environ)).splitlines()[-1])
    errors = sum(found["errors"].values())
    if errors:
        raise NotServedError(f"{path}: {found['errors']}")
    return Load(found["answers"] / found["seconds"], found["ms"], found["answers"], errors)


def has_wrk() -> bool:
    """Whether `wrk` is here; where not, a line says so, and nothing else is measured instead."""
    if which("wrk"):
        return True
    missing = "wrk is not installed (Debian: apt-get install wrk)"
    print(json.dumps({"benchmark": "the clinic's pages under load", "skipped": missing}))
    return False


def _wait_until_up(origin: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_WITHIN_S
    while time.monotonic() < end:
        if server.poll() is not None:
            raise NotServedError(f"the server ended with {server.returncode}")
        try:
            answer(origin, "/sign-in/", {})
        except (HTTPException, OSError):
            time.sleep(0.2)
        else:
            return
    raise NotServedError(f"the server did not answer within {START_WITHIN_S} s")


def ran(command: list[str], env: Mapping[str, str]) -> str:
    """
    Run a command and return what it printed.

    :raises NotServedError: if it failed.
    """
    done = subprocess.run(
        command, env=dict(env), cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotServedError(f"{command[:3]} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout
