"""Reads of patient data: recorded before the page leaves, many in one commit."""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any, TypeAlias

from django.conf import settings
from django.db import close_old_connections, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from overstory.clinic.audit.record import Deed, record_all
from overstory.clinic.audit.turns import turn

MOST_AT_ONCE = 200
LONGEST_WAIT_S = 30
FORM_AGAIN = frozenset({400, 409, 422})
log = logging.getLogger(__name__)
_Wanted: TypeAlias = "tuple[Sequence[Deed], Future[None]]"


class ReadNotRecordedError(RuntimeError):
    """A read that could not be recorded; the page with patient data does not leave."""


class Writer:
    """
    One thread of this process that records what many requests read, in one commit each time.

    A write that fails is tried again by itself, so that one request's fault (or a connection that
    the database closed) does not take the pages of others with it.
    """

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[_Wanted | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def write(self, deeds: Sequence[Deed]) -> None:
        """
        Wait until the deeds are on disk.

        :raises ReadNotRecordedError: if that took too long; they are then not recorded later.
        """
        wanted = (deeds, Future[None]())
        self._waiting.put(wanted)
        self._start()
        try:
            wanted[1].result(timeout=LONGEST_WAIT_S)
        except TimeoutError:
            if wanted[1].cancel():
                raise ReadNotRecordedError("the record did not answer in time") from None
            wanted[1].result(timeout=LONGEST_WAIT_S)

    def close(self) -> None:
        """End the thread and its connection, after what waits; a later write starts anew."""
        with self._starting:
            if self._thread is not None and self._thread.is_alive():
                self._waiting.put(None)
                self._thread.join(LONGEST_WAIT_S)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="audit-reads", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        try:
            while (first := self._waiting.get()) is not None:
                self._keep(self._batch(first))
        finally:
            connection.close()

    def _batch(self, first: _Wanted) -> list[_Wanted]:
        """Return all that waits by now and is still wanted, up to a limit."""
        batch, more = [first], True
        while more and len(batch) < MOST_AT_ONCE and not self._waiting.empty():
            following = self._waiting.get()
            if following is None:
                self._waiting.put(None)
                more = False
            else:
                batch.append(following)
        return [each for each in batch if each[1].set_running_or_notify_cancel()]

    def _keep(self, batch: Sequence[_Wanted]) -> None:
        close_old_connections()
        try:
            with turn():
                record_all((deed for deeds, _ in batch for deed in deeds), are_reads=True)
        except Exception:
            log.exception("recording %s reads failed; each is tried by itself", len(batch))
            for each in batch:
                self._keep_alone(*each)
        else:
            for _, done in batch:
                done.set_result(None)

    @staticmethod
    def _keep_alone(deeds: Sequence[Deed], done: Future[None]) -> None:
        close_old_connections()
        try:
            record_all(deeds, are_reads=True)
        except Exception as error:  # noqa: BLE001 - handed to the request that waits for it
            done.set_exception(error)
        else:
            done.set_result(None)


_WRITER = Writer()


def _after_fork() -> None:
    """Begin anew in a forked process: the thread and what waited belong to the parent."""
    global _WRITER  # noqa: PLW0603 - one writer a process
    _WRITER = Writer()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def saw(request: HttpRequest, *subjects: str, action: str = "") -> None:
    """Note that this page shows these persons; the middleware records it before the page leaves."""
    request.__dict__.setdefault("saw", []).append((action, subjects))


class ReadsMiddleware:
    """
    Records what a page showed: the person named in its address, and whom the view noted.

    A page that was refused, sent on (3xx) or not changed (304) showed nothing; one that asks for a
    form again showed what stands around it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and record the read before the answer leaves."""
        response = self.get_response(request)
        if response.status_code < 300 or response.status_code in FORM_AGAIN:
            deeds = list(_deeds(request))
            if deeds:
                _write(deeds)
        return response


def _write(deeds: Sequence[Deed]) -> None:
    try:
        if settings.AUDIT_READS_SHARE_A_COMMIT:
            _WRITER.write(deeds)
        else:
            record_all(deeds, are_reads=True)
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
        if not subjects:
            continue
        yield Deed(
            clinic=clinic.pk,
            at=at,
            actor=getattr(request, "actor", "public"),
            action=f"saw {action or match.view_name}",
            subject=subjects[0] if len(subjects) == 1 else "",
            more={} if len(subjects) == 1 else {"subjects": list(subjects)},
        )
