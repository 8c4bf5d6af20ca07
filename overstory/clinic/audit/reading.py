"""Reads of patient data: recorded before the page leaves, many in one commit."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from overstory.clinic.audit.record import Deed, record_all

MOST_AT_ONCE = 200
LONGEST_WAIT_S = 30


class ReadNotRecordedError(RuntimeError):
    """A read that could not be recorded; the page with patient data does not leave."""


class _Writer:
    """One thread of this process that records what many requests read, in one commit each time."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[tuple[Sequence[Deed], Future[None]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def write(self, deeds: Sequence[Deed]) -> None:
        """Wait until the deeds are on disk."""
        self._start()
        done: Future[None] = Future()
        self._waiting.put((deeds, done))
        done.result(timeout=LONGEST_WAIT_S)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="audit-reads", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            batch = [self._waiting.get()]
            while len(batch) < MOST_AT_ONCE and not self._waiting.empty():
                batch.append(self._waiting.get())
            self._keep(batch)

    @staticmethod
    def _keep(batch: Sequence[tuple[Sequence[Deed], Future[None]]]) -> None:
        close_old_connections()
        try:
            record_all(deed for deeds, _ in batch for deed in deeds)
        except Exception as error:  # noqa: BLE001 - handed to every request that waits for it
            for _, done in batch:
                done.set_exception(error)
        else:
            for _, done in batch:
                done.set_result(None)


_WRITER = _Writer()


def saw(request: HttpRequest, *subjects: str, action: str = "") -> None:
    """Note that this page shows these persons; the middleware records it before the page leaves."""
    request.__dict__.setdefault("saw", []).append((action, subjects))


class ReadsMiddleware:
    """
    Records what a page showed: the person named in its address, and whom the view noted.

    A page that was refused (4xx) or not changed (304) showed nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and record the read before the answer leaves."""
        response = self.get_response(request)
        if response.status_code < 300:
            deeds = list(_deeds(request))
            if deeds:
                _write(deeds)
        return response


def _write(deeds: Sequence[Deed]) -> None:
    try:
        if settings.AUDIT_READS_SHARE_A_COMMIT:
            _WRITER.write(deeds)
        else:
            record_all(deeds)
    except Exception as error:
        raise ReadNotRecordedError("the read could not be recorded") from error


def _deeds(request: HttpRequest) -> Iterable[Deed]:
    seen: list[tuple[str, tuple[str, ...]]] = list(request.__dict__.get("saw", ()))
    match = request.resolver_match
    clinic: Any = getattr(request, "clinic", None)
    if match is None or clinic is None:
        return
    if "person_id" in match.kwargs:
        seen.insert(0, ("", (f"person:{match.kwargs['person_id']}",)))
    at = timezone.now()
    for action, subjects in seen:
        yield Deed(
            clinic=clinic.pk,
            at=at,
            actor=getattr(request, "actor", "public"),
            action=f"saw {action or match.view_name}",
            subject=subjects[0] if len(subjects) == 1 else "",
            more={} if len(subjects) == 1 else {"subjects": list(subjects)},
        )
