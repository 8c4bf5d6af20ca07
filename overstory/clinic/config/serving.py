"""Serving the clinic: web processes on loopback, and its worker beside them."""

from __future__ import annotations

import errno
import logging
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from overstory.clinic.config.databases import SAFE_SQLITE, sqlite_version

ADDRESS = "127.0.0.1"
"""Only this machine reaches the clinic; a web server before it brings TLS and the network."""
WORKER = (sys.executable, "-m", "overstory.cli", "worker", "--with-parent")
PARENT = "OVERSTORY_SERVED_BY"
AGAIN_AFTER_S = 5
STOP_WITHIN_S = 20


class SeveralProcessesError(RuntimeError):
    """Several processes would share a database file that they could corrupt."""


class PortTakenError(RuntimeError):
    """A port that another program listens on, or that may not be used; the message says which."""


def check_port(port: int) -> None:
    """
    Refuse a port on which the clinic could not be served.

    :raises PortTakenError: if this is so; the message says what to do.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((ADDRESS, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "another program uses it" if taken else error.strerror or str(error)
            raise PortTakenError(f"port {port}: {why}; choose another with --port") from None


def check_processes() -> None:
    """
    Refuse several processes on one file of an SQLite whose write-ahead log may corrupt it.

    :raises SeveralProcessesError: if this is so; the message says what to do.
    """
    from django.db import connection

    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        journal = cursor.fetchone()[0]
    version = sqlite_version()
    if journal == "wal" and version < SAFE_SQLITE:
        found, safe = (".".join(map(str, each)) for each in (version, SAFE_SQLITE))
        raise SeveralProcessesError(
            f"SQLite {found} may corrupt its file when several processes write; use {safe} or "
            "later (the package pysqlite3 brings it), PostgreSQL by DATABASE_URL, or "
            "`--workers 1 --no-worker`"
        )


def serve_web(*, port: int, workers: int) -> None:
    """
    Serve the pages until this process is told to stop.

    The processes are spawned, not forked: none inherits a connection, a thread or a pipe of this
    one. Each ends when this one is gone (see `end_with_parent`).
    """
    multiprocessing.set_start_method("spawn", force=True)
    os.environ[PARENT] = str(os.getpid())
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "overstory.clinic.config.wsgi:application",
        address=ADDRESS,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=8,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_WITHIN_S,
        log_level=LogLevels.warning,
    ).serve()


@contextmanager
def worker_beside() -> Iterator[None]:
    """Keep the clinic's worker running as a process of its own until the block ends."""
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(over,), name="keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join(STOP_WITHIN_S + AGAIN_AFTER_S)


def _keep(over: threading.Event) -> None:
    """Start the worker, and again when it has ended; it ends by itself when its input is closed."""
    while not over.is_set():
        running = subprocess.Popen(  # noqa: S603 - our own program
            WORKER, stdin=subprocess.PIPE, env=os.environ, start_new_session=True
        )
        while running.poll() is None and not over.wait(0.2):
            pass
        if running.poll() is None:
            _stop(running)
            return
        logging.getLogger(__name__).error("the worker ended with %s", running.returncode)
        over.wait(AGAIN_AFTER_S)


def _stop(running: subprocess.Popen[bytes]) -> None:
    if running.stdin is not None:
        running.stdin.close()
    try:
        running.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()


def end_with_parent() -> None:
    """End this web process soon after the one that started it is gone; it would serve on alone."""
    parent = os.environ.get(PARENT, "")
    if not parent.isdigit() or os.getpid() == int(parent):
        return

    def watch() -> None:
        while os.getppid() == int(parent):
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_WITHIN_S)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def wait_for_parent(stop: threading.Event) -> None:
    """Set `stop` when the process that started this one is gone: its end of our input closes."""

    def wait() -> None:
        sys.stdin.buffer.read()
        stop.set()

    threading.Thread(target=wait, name="parent", daemon=True).start()
