"""What `overstory doctor` looks at: is the clinic set up, and is anything wrong?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import click

State = Literal["ok", "note", "wrong"]
AHEAD = timedelta(hours=24)
NAMED = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `note` is to be known, `wrong` must be mended."""

    what: str
    state: State
    says: str

    def as_json(self) -> dict[str, str]:
        """Return it as JSON's values."""
        return {"what": self.what, "state": self.state, "says": self.says}


def findings(*, now: datetime) -> list[Finding]:
    """Return what was found, in an order in which it can be mended; nothing more where it must stop."""
    from overstory.cli.clinic import clinic_open

    found: list[Finding] = []
    try:
        with clinic_open():
            for look in LOOKS:
                found += look(now)
                if found[-1].what == "tables" and found[-1].state == "wrong":
                    break
    except click.ClickException as error:
        found.append(Finding("opening", "wrong", error.format_message()))
    return found


def _keys(now: datetime) -> Iterator[Finding]:
    del now
    from django.conf import settings

    rights = settings.HOME.stat().st_mode & 0o077
    if rights:
        yield Finding("folder", "wrong", f"others may read it: chmod 700 {settings.HOME}")
    else:
        yield Finding("folder", "ok", str(settings.HOME))
    yield Finding("keys", "ok", f"only the owner may read them; {len(settings.KEYS.fields)} held")


def _database(now: datetime) -> Iterator[Finding]:
    del now
    from django.db import connection

    from overstory.clinic.config.databases import sqlite_version
    from overstory.clinic.config.serving import SeveralProcessesError, check_processes

    if connection.vendor != "sqlite":
        yield Finding("database", "ok", f"{connection.display_name}")
        return
    try:
        check_processes()
    except SeveralProcessesError as error:
        yield Finding("database", "wrong", str(error))
    else:
        version = ".".join(map(str, sqlite_version()))
        yield Finding("database", "ok", f"SQLite {version}")


def _tables(now: datetime) -> Iterator[Finding]:
    del now
    from overstory.clinic.config.opening import pending

    left = pending()
    if left:
        yield Finding(
            "tables", "wrong", f"{len(left)} steps to make: run `overstory migrate` ({left[0]} …)"
        )
    else:
        yield Finding("tables", "ok", "as this release needs them")


def _mail(now: datetime) -> Iterator[Finding]:
    del now
    from django.conf import settings

    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield Finding("mail", "ok", f"by {settings.EMAIL_HOST}:{settings.EMAIL_PORT}")
    else:
        yield Finding(
            "mail", "note", "written to files only; set OVERSTORY_SMTP=smtp://host:port to send it"
        )


def _origin(now: datetime) -> Iterator[Finding]:
    del now
    from django.conf import settings

    if settings.SESSION_COOKIE_SECURE:
        yield Finding("address", "ok", settings.ORIGIN)
    else:
        yield Finding(
            "address", "note", f"{settings.ORIGIN}: this machine only; OVERSTORY_ORIGIN=https://…"
        )


def _rosters(now: datetime) -> Iterator[Finding]:
    from overstory.clinic.people.duty import uncovered
    from overstory.clinic.people.models import Clinic

    for clinic in Clinic.objects.order_by("name"):
        gaps = uncovered(clinic, now, now + AHEAD)
        what = f"on call, {clinic.name}"
        if gaps:
            first = gaps[0][0].isoformat(timespec="minutes")
            state: State = "note" if clinic.is_invented else "wrong"
            yield Finding(what, state, f"nobody from {first} within the next 24 hours")
        else:
            yield Finding(what, "ok", "somebody at every hour of the next 24")


def _worker(now: datetime) -> Iterator[Finding]:
    from overstory.clinic.people.models import Clinic
    from overstory.clinic.people.ways import Ways
    from overstory.clinic.safety.models import WorkerBeat

    last = WorkerBeat.objects.order_by("-at").values_list("at", flat=True).first()
    silent = timedelta(minutes=Ways().worker_silent_minutes)
    if last is not None and now - last <= silent:
        yield Finding("worker", "ok", f"last beat {last.isoformat(timespec='seconds')}")
        return
    said = f"since {last.isoformat(timespec='seconds')}" if last else "always"
    real = Clinic.objects.filter(is_invented=False).exists()
    yield Finding(
        "worker",
        "wrong" if real else "note",
        f"silent {said}: no alert escalates and no message leaves; run `overstory serve`",
    )


def _adopted(now: datetime) -> Iterator[Finding]:
    del now
    from overstory.clinic.care.adopted import adopted
    from overstory.clinic.people.models import Clinic

    for clinic in Clinic.objects.order_by("name"):
        found, what = adopted(clinic), f"knowledge of {clinic.name}"
        if found is None:
            yield Finding(
                what, "note", "not adopted by the medical director: no plan can be signed"
            )
        elif not found.is_running:
            yield Finding(what, "note", "another release runs than the one that was adopted")
        else:
            yield Finding(what, "ok", "the release that runs is adopted")


def _knowledge(now: datetime) -> Iterator[Finding]:
    from overstory.knowledge.load import load_knowledge

    today = now.date().isoformat()
    sources = load_knowledge().sources.values()
    late = sorted(each.id for each in sources if each.recheck_by and each.recheck_by < today)
    if late:
        named = ", ".join(late[:NAMED]) + (" …" if len(late) > NAMED else "")
        yield Finding("knowledge", "wrong", f"{len(late)} sources are to be read again: {named}")
    else:
        yield Finding("knowledge", "ok", "no source is past its day to be read again")


LOOKS: tuple[Callable[[datetime], Iterator[Finding]], ...] = (
    _keys,
    _database,
    _tables,
    _mail,
    _origin,
    _worker,
    _rosters,
    _knowledge,
    _adopted,
)
