"""The worker: each round it works out what is due, tells people, delivers messages, and beats."""

from __future__ import annotations

import logging
import os
import smtplib
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import close_old_connections, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from overstory.clinic.audit.heads import export
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.messages import Letter, Message, send_once, why_withheld
from overstory.clinic.people.staff import Staff
from overstory.clinic.safety.models import WorkerBeat
from overstory.clinic.safety.watch import look
from overstory.pathway.escalation_values import Due

EVERY_S = 5.0
TAKE = timedelta(minutes=5)
"""How long a worker has a message in hand; after it another may take it up."""
RETRY = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=30)
AT_ONCE = 200
DELIVER_S = 30.0
"""A round does not deliver longer than this, so that it keeps beating."""
FORGOTTEN = timedelta(days=1)
NEEDS_YOU = Letter(
    "An alert needs you",
    "An alert in the clinic needs you now. Sign in and open Alerts: {page}\n\n"
    "This message holds no details on purpose. If you cannot act, hand the alert over there.",
)
FOLLOW_UP = Letter(
    "A follow-up contact is yours",
    "A follow-up contact of an alert is yours. Sign in and open Alerts: {page}",
)
NOT_CLOSED = Letter(
    "An alert was not closed in time",
    "An alert was not closed in the time of the clinic's ladder. Sign in and open Alerts: {page}",
)
NOBODY = Letter(
    "Nobody is on call",
    "Nobody is on call in the clinic now. Sign in and put someone on the roster: {page}",
)
LETTERS = {
    "answer": NEEDS_YOU,
    "assess": NEEDS_YOU,
    "follow-up": FOLLOW_UP,
    "appointment": FOLLOW_UP,
    "unclosed": NOT_CLOSED,
    "nobody": NOBODY,
}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did; `is_whole` if no part of it failed."""

    told: int
    sent: int
    failed: int
    is_whole: bool


def run(stop: threading.Event, *, every_s: float = EVERY_S) -> None:
    """Make a round every few seconds until told to stop."""
    name = f"{socket.gethostname()}:{os.getpid()}"
    while not stop.is_set():
        close_old_connections()
        try:
            tick(timezone.now(), worker=name)
        except Exception:
            # The loop outlives a round that fails: its beat stays old, so every page says so.
            log.exception("a round of the worker failed")
        stop.wait(every_s)


def tick(now: datetime, *, worker: str = "worker") -> Round:
    """
    Make one round: safe to repeat, to run beside another worker, and to be killed at any point.

    A message is written once for each step of an alert and person; it is sent at least once, and
    not again once it is recorded as sent. The beat is given only after a round in which nothing
    but single deliveries failed.
    """
    told, whole = 0, True
    for clinic in Clinic.objects.order_by("id"):
        try:
            told += tell(clinic, now)
        except Exception:
            # One clinic's fault must not silence another's alerts.
            log.exception("the watch of clinic %s failed", clinic.pk)
            whole = False
        whole = _rounds(clinic, now) and whole
    sent, failed = deliver(now)
    try:
        export(settings.HOME, at=now)
    except OSError:
        log.exception("the ends of the record could not be written to disk")
        whole = False
    if whole:
        beat(worker, now)
    return Round(told, sent, failed, whole)


def _rounds(clinic: Clinic, now: datetime) -> bool:
    """Do what else is due for a clinic (`settings.WORKER_ROUNDS`); return whether all of it could be done."""
    whole = True
    for path in settings.WORKER_ROUNDS:
        try:
            import_string(path)(clinic, now)
        except Exception:
            # Neither another clinic nor the delivery of alerts waits for what failed here.
            log.exception("%s failed for clinic %s", path, clinic.pk)
            whole = False
    return whole


def tell(clinic: Clinic, now: datetime) -> int:
    """Write to everyone who is newly named; return to how many."""
    wanted = dict(_letters(look(clinic, now).dues, now))
    keys = list(wanted)
    known: set[str] = set()
    for first in range(0, len(keys), AT_ONCE):
        found = Message.objects.filter(clinic=clinic, once__in=keys[first : first + AT_ONCE])
        known.update(key for key in found.values_list("once", flat=True) if key)
    missing = {key: wanted[key] for key in keys if key not in known}
    if not missing:
        return 0
    staff = {str(each.pk): each for each in Staff.objects.filter(clinic=clinic)}
    with transaction.atomic():
        send_once(
            clinic=clinic,
            letters=((staff[who], letter) for who, letter in missing.values()),
            at=now,
        )
    return len(missing)


def _letters(dues: Sequence[Due], now: datetime) -> Iterator[tuple[str, tuple[str, Letter]]]:
    """Yield each message that should have been written by now: its key, to whom, and its words."""
    for due in dues:
        words = LETTERS.get(due.what)
        if words is None or (due.what == "assess" and due.step == 1):
            continue
        page = "/roster/" if due.what == "nobody" else "/alerts/"
        hour = f".{now:%Y%m%d%H}" if due.what == "nobody" else ""
        once = f"alert:{due.alert}/{due.key}{hour}"
        body = words.body.format(page=f"{settings.ORIGIN}{page}")
        for who in due.who:
            yield f"{once}/{who}", (who, Letter(words.subject, body, once))


def deliver(now: datetime) -> tuple[int, int]:
    """Send what is due by e-mail, alerts first; return how many were sent and how many failed."""
    started = time.monotonic()
    waiting = Message.objects.waiting(now).order_by(F("once").asc(nulls_last=True), "due_at")
    sent = failed = 0
    for pk in list(waiting.values_list("pk", flat=True)[:AT_ONCE]):
        if time.monotonic() - started > DELIVER_S:
            break
        taken = (
            Message.objects.waiting(now)
            .filter(pk=pk)
            .update(taken_until=now + TAKE, tries=F("tries") + 1)
        )
        if not taken:
            continue
        outcome = _send(Message.objects.select_related("to_staff", "to_person").get(pk=pk), now)
        sent, failed = sent + (outcome == "sent"), failed + (outcome == "failed")
    return sent, failed


def _send(message: Message, now: datetime) -> str:
    """Send one message and record how it went; what failed is tried again, later each time."""
    row = Message.objects.filter(pk=message.pk, sent_at=None)
    try:
        letter = Letter(message.subject, message.body)
        withheld = why_withheld(message.to_person, letter) if message.to_person else ""
        if withheld:
            row.update(withheld=withheld)
            return "withheld"
        again = {"Message-ID": f"<{message.pk}@{urlsplit(settings.ORIGIN).hostname}>"}
        mail = EmailMessage(letter.subject, letter.body, to=[message.address], headers=again)
        count = mail.send()
        why = "" if count else "the mail server took nothing"
    except (smtplib.SMTPException, OSError, ValueError) as error:
        why = type(error).__name__
    if why:
        log.warning("message %s was not sent: %s", message.pk, why)
        wait = min(RETRY * 2 ** min(message.tries, 8), LONGEST_WAIT)
        row.update(failed_at=now, failed_why=why, taken_until=now + wait)
        return "failed"
    row.update(sent_at=now, failed_at=None, failed_why="", taken_until=None)
    return "sent"


def beat(worker: str, now: datetime) -> None:
    """Show that a whole round was made."""
    WorkerBeat.objects.update_or_create(worker=worker, defaults={"at": now})
    WorkerBeat.objects.filter(at__lt=now - FORGOTTEN).delete()
