"""A real clinic process for a journey: seeded once, served on a free port, its clock where a story needs it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

CLOCK = Path(__file__).parent / "clock"
RUN = (sys.executable, "-m", "overstory.cli")
MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""10:00 in New York, on a working day."""
STARTS_WITHIN_S = 60


class House:
    """One invented clinic in a folder of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = _free_port()
        self.address = f"http://localhost:{self.port}"
        self._running: subprocess.Popen[bytes] | None = None

    def open(self, *, at: datetime = MONDAY, worker: bool = True) -> None:
        """Serve the clinic as if it were `at` now."""
        more = [] if worker else ["--no-worker"]
        log = (self.home.parent / "serve.log").open("ab")
        with log:
            self._running = subprocess.Popen(
                [*RUN, "serve", "--port", str(self.port), "--workers", "1", *more],
                env=surroundings(self.home, at, self.address),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait()

    def kill(self) -> None:
        """End everything at once, as a lost machine would: nothing is finished, nothing said."""
        if self._running is not None:
            os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()
            self._running = None

    def close(self) -> None:
        """Stop the clinic."""
        if self._running is not None:
            self._running.terminate()
            try:
                self._running.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
            self._running = None

    def _wait(self) -> None:
        until = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.address}/demo/", timeout=10):  # noqa: S310 - our own
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.2)
        said = (self.home.parent / "serve.log").read_text()[-2000:]
        raise AssertionError(f"the clinic did not open within {STARTS_WITHIN_S} s: {said}")


def surroundings(home: Path, at: datetime, address: str) -> dict[str, str]:
    """Return the environment of a clinic's processes, with their clock moved to `at`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DJANGO_SETTINGS_MODULE", "DATABASE_URL"}
    }
    ahead = (at - datetime.now(UTC)) / timedelta(seconds=1)
    return kept | {
        "OVERSTORY_HOME": str(home),
        "OVERSTORY_ORIGIN": address,
        "OVERSTORY_TEST_CLOCK_AHEAD": str(ahead),
        "PYTHONPATH": str(CLOCK),
    }


def seeded(folder: Path, *more: str) -> Path:
    """Return a home that holds the demo as of Monday; whoever comes first fills it."""
    name = "-".join(("seeded", *more))
    home, done = folder / name / "home", folder / f"{name}.done"
    try:
        (folder / name).mkdir()
    except FileExistsError:
        until = time.monotonic() + 410
        while not done.exists() and time.monotonic() < until:
            time.sleep(0.3)
        assert done.exists(), "the demo was not filled by the other run"
        return home
    made = subprocess.run(
        [*RUN, "demo", "--only-seed", "--home", str(home), *more],
        env=surroundings(home, MONDAY, "http://localhost"),
        check=False,
        timeout=400,
        capture_output=True,
    )
    assert made.returncode == 0, made.stderr.decode()[-3000:]
    done.touch()
    return home


def house_in(folder: Path, seed: Path) -> House:
    """Return a house of its own with a copy of the seeded home."""
    shutil.copytree(seed, folder / "home")
    return House(folder / "home")


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
        return port
