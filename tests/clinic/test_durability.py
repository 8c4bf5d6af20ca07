"""
What was acknowledged is kept, once: the server is killed (SIGKILL) at random points while many write.

A process of its own serves the clinic, as in production, on the database of these tests: SQLite, or
PostgreSQL where DATABASE_URL names one. `OVERSTORY_KILLS=100` makes the run longer.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("OVERSTORY_KILLS", "3"))
UP_WITHIN_S = 120
SERVED = ["-m", "overstory.cli", "serve", "--workers", "2"]
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass
class House:
    """A clinic in its own folder and, on PostgreSQL, its own database; served again after each kill."""

    env: dict
    port: int
    server: subprocess.Popen | None = None
    kills: Counter = field(default_factory=Counter)

    def told(self, what: str) -> dict:
        command = [sys.executable, "-m", "tests.clinic.durable_house", what]
        done = subprocess.run(
            command, env=self.env, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def serve(self) -> None:
        wait_until(lambda: not self.answers(), "the port to be free")
        self.server = subprocess.Popen(
            [sys.executable, *SERVED, "--port", str(self.port)],
            env=self.env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        wait_until(self.answers, "the server")

    def answers(self) -> bool:
        try:
            return self.ask("GET", "/sign-in/")[0] == 200
        except (OSError, HTTPException):
            return False

    def ask(self, method, path, *, body="", cookies="") -> tuple[int, str, dict]:
        """Send one request; return the status, the text, and the cookies that were set."""
        connection = HTTPConnection("localhost", self.port, timeout=30)
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request(method, path, body=body, headers=headers)
            got = connection.getresponse()
            set_ = [each.split(";")[0] for each in got.headers.get_all("Set-Cookie") or ()]
            return got.status, got.read().decode(), dict(each.split("=", 1) for each in set_)
        finally:
            connection.close()

    def web_processes(self) -> list[int]:
        """The processes that answer requests: children of the master."""
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                text = path.read_text()
            except OSError:
                continue
            state, parent = text.rpartition(")")[2].split()[:2]
            if int(parent) == self.server.pid and state != "Z":
                found.append(int(path.parent.name))
        return found

    def kill(self, what: str) -> None:
        """Kill one process that answers, the master, or all at once; serve again if it is gone."""
        self.kills[what] += 1
        if what == "all":
            os.killpg(self.server.pid, signal.SIGKILL)
        elif what == "master":
            os.kill(self.server.pid, signal.SIGKILL)
        else:
            for each in self.web_processes()[:1]:
                os.kill(each, signal.SIGKILL)
            return
        self.server.wait()
        self.serve()

    def stop(self) -> None:
        if self.server is not None and self.server.poll() is None:
            self.server.send_signal(signal.SIGINT)
            try:
                self.server.wait(40)
            except subprocess.TimeoutExpired:
                os.killpg(self.server.pid, signal.SIGKILL)
                self.server.wait()


@dataclass
class Writer(threading.Thread):
    """Writes without a pause; what was not acknowledged is sent again, the same, until it is."""

    house: House
    stop: threading.Event
    session: str
    form: dict
    acknowledged: dict = field(default_factory=dict)
    answered: list = field(default_factory=list)
    sent_again: int = 0
    refused: list = field(default_factory=list)

    def __post_init__(self):
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        number = 0
        asking, entering = Form("/en/at/durable/ask/"), Form(self._page(1), self.session)
        while not self.stop.is_set():
            number += 1
            key, words = str(uuid4()), f"words {uuid4()}"
            asked = {
                "id": key, "asker": "self", "name": f"Invented {number}", "phone": "5550123",
                "prefers": "phone", "speak": "en", "reason": "depression", "words": words,
            }  # fmt: skip
            if self.until_acknowledged(asking, asked):
                self.acknowledged[key] = words
            question, value = number % 8 + 1, number // 8 % 4
            entering.path = self._page(question)
            if self.until_acknowledged(entering, {"answer": str(value)}):
                self.answered.append((f"phq9.{question}", value))

    def _page(self, question: int) -> str:
        return f"/people/{self.form['person']}/questionnaires/{self.form['form']}/page/phq9.{question}/"

    def until_acknowledged(self, form: Form, content: dict) -> bool:
        tries = 0
        while tries == 0 or not self.stop.is_set():
            tries += 1
            try:
                status = form.send(self.house, content)
            except (OSError, HTTPException):
                self.sent_again += 1
                time.sleep(0.1)
                continue
            if status == 302:
                return True
            self.refused.append((form.path, status))
            return False
        return False


@dataclass
class Form:
    """A form with the token that its page gave."""

    path: str
    session: str = ""
    token: str = ""
    cookies: dict = field(default_factory=dict)

    def send(self, house: House, content: dict) -> int:
        if not self.token:
            self._open(house)
        body = urlencode({**content, "csrfmiddlewaretoken": self.token})
        return house.ask("POST", self.path, body=body, cookies=self._cookies())[0]

    def _open(self, house: House) -> None:
        _, text, cookies = house.ask("GET", self.path, cookies=self._cookies())
        self.cookies.update(cookies)
        self.token = TOKEN.search(text).group(1)

    def _cookies(self) -> str:
        held = {**self.cookies, **({"sessionid": self.session} if self.session else {})}
        return "; ".join(f"{name}={value}" for name, value in held.items())


def wait_until(is_so, what: str) -> None:
    end = time.monotonic() + UP_WITHIN_S
    while not is_so():
        assert time.monotonic() < end, f"waited {UP_WITHIN_S} s for {what}"
        time.sleep(0.1)


@pytest.fixture
def house(tmp_path, database):
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    env |= {"OVERSTORY_HOME": str(tmp_path / "home"), "DATABASE_URL": database,
            "OVERSTORY_ORIGIN": f"http://localhost:{port}"}  # fmt: skip
    made = House(env, port)
    yield made
    made.stop()


@pytest.fixture
def database():
    """The address of an empty database: none for SQLite; on PostgreSQL one that is dropped after."""
    address = os.environ.get("DATABASE_URL", "")
    if not address.startswith("postgres"):
        yield ""
        return
    import psycopg

    name = f"durable_{uuid4().hex}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        head, _, query = address.partition("?")
        yield f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def written_while_killed(house: House) -> list[Writer]:
    """Kill the server at random points while writers write, and let all they sent be acknowledged."""
    chance = random.Random(20261122)  # noqa: S311 - when to kill, not a secret
    entry, over = house.told("make"), threading.Event()
    house.serve()
    writers = [Writer(house, over, entry["session"], each) for each in entry["forms"]]
    for each in writers:
        each.start()
    wait_until(lambda: all(each.acknowledged for each in writers), "a first acknowledgement")
    for n in range(KILLS):
        time.sleep(chance.uniform(0.2, 1.2))
        house.kill(("one", "master", "all")[n % 3])
    before = [len(each.acknowledged) for each in writers]
    wait_until(
        lambda: all(len(x.acknowledged) > n for x, n in zip(writers, before, strict=True)),
        "an acknowledgement after the last kill",
    )
    over.set()
    for each in writers:
        each.join(60)
    house.stop()
    return writers


def test_nothing_acknowledged_is_lost_and_nothing_is_stored_twice(house):
    writers = written_while_killed(house)

    kept = house.told("read")
    words = {key: said for key, _, said in kept["requests"]}
    acknowledged = {key: said for each in writers for key, said in each.acknowledged.items()}
    assert sum(house.kills.values()) == KILLS
    assert [each.refused for each in writers] == [[]] * len(writers)
    assert len(acknowledged) >= len(writers)
    assert acknowledged.items() <= words.items()
    assert len(kept["requests"]) == len(words) <= len(acknowledged) + len(writers)
    assert {kept["deeds"].get(f"request:{key}") for key in words} == {1}
    for each in writers:
        stored = [(q, v["value"]) for form, q, v in kept["answers"] if form == each.form["form"]]
        assert stored[: len(each.answered)] == each.answered
        assert len(stored) <= len(each.answered) + 1
    assert kept["wrong"] == []
    assert kept["records"] >= len(words)
