"""A worker that is killed outright and started again loses nothing and forgets nothing it sent."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.utils import timezone

from overstory.clinic.config.keys import FILE
from overstory.clinic.people.messages import Message, send
from overstory.clinic.people.models import Clinic
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.models import WorkerBeat
from overstory.clinic.safety.worker import deliver
from tests.clinic.conftest import make_staff

MESSAGES = 400
KILLED_AFTER_S = (0.01, 0.03, 0.05)
KILLS = len(KILLED_AFTER_S)


def _address() -> str:
    held = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{held['NAME']}"
    return (
        f"postgresql://{quote(held['USER'])}:{quote(held['PASSWORD'])}@:{held['PORT']}"
        f"/{held['NAME']}?host={held['HOST']}"
    )


def _start(home) -> subprocess.Popen[bytes]:
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "overstory.clinic.config.settings",
        "OVERSTORY_HOME": str(home),
        "DATABASE_URL": _address(),
    }
    return subprocess.Popen([sys.executable, "-m", "overstory.cli", "worker"], env=env)


def _sent(folder) -> list[str]:
    texts = [path.read_text() for path in folder.glob("*")] if folder.exists() else []
    return re.findall(r"^Subject: (number \d+)$", "\n".join(texts), re.MULTILINE)


def _until_more_are_sent(seconds: float = 60.0) -> None:
    before = Message.objects.exclude(sent_at=None).count()
    end = time.monotonic() + seconds
    while Message.objects.exclude(sent_at=None).count() == before:
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_again_and_again_sends_every_message_and_repeats_none_it_recorded(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / FILE).symlink_to(settings.HOME / FILE)
    clinic = Clinic.objects.create(name="Fern Clinic", jurisdiction="US", country="US")
    nurse = make_staff(clinic, Role.NURSE)
    now = timezone.now()
    for number in range(MESSAGES):
        send(clinic=clinic, to=nurse, subject=f"number {number}", body="x", at=now)

    for seconds in KILLED_AFTER_S:
        worker = _start(home)
        _until_more_are_sent()
        time.sleep(seconds)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    recorded = set(Message.objects.exclude(sent_at=None).values_list("subject", flat=True))
    files = _sent(home / "mail")
    for minutes in range(6, 60, 6):
        deliver(timezone.now() + timedelta(minutes=minutes))

    again = [message.subject for message in mail.outbox]
    assert recorded <= set(files)
    assert not recorded & set(again)
    assert set(files) | set(again) == {f"number {number}" for number in range(MESSAGES)}
    # at least once: only what was in hand at a kill may have gone out twice
    assert len(files) + len(again) <= MESSAGES + KILLS
    assert not Message.objects.filter(sent_at=None).exists()
    assert WorkerBeat.objects.count() <= KILLS
