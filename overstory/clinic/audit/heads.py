"""The ends of the chains, to be kept outside: only against them does a cut record show."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from overstory.clinic.audit.models import Entry, Head

FILE = "audit-heads.jsonl"
EVERY = timedelta(hours=1)


class HeadsFileError(ValueError):
    """A file of exported ends that cannot be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class HeadSeen:
    """The end of one clinic's chain as it was at a moment."""

    at: str
    clinic: str
    seq: int
    hash: str


def heads(*, at: datetime) -> Iterator[HeadSeen]:
    """Yield the end of every clinic's chain."""
    moment = at.astimezone(UTC).isoformat(timespec="seconds")
    for each in Head.objects.order_by("clinic"):
        yield HeadSeen(at=moment, clinic=str(each.clinic), seq=each.seq, hash=each.hash)


def line(seen: HeadSeen) -> str:
    """Return one end as a line of JSON."""
    return json.dumps(asdict(seen), sort_keys=True)


def export(home: Path, *, at: datetime) -> bool:
    """
    Add the ends to the clinic's file of them, at most once an hour; return whether it was done.

    The file is flushed to disk; it is to be copied off the machine.
    """
    path = home / FILE
    last = _last(path)
    if last is not None and at - last < EVERY:
        return False
    lines = [line(each) for each in heads(at=at)]
    if not lines:
        return False
    place = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(place, "w", encoding="utf-8") as file:
        file.write("".join(f"{each}\n" for each in lines))
        file.flush()
        os.fsync(file.fileno())
    return True


def not_in_the_record(exported: Iterable[str]) -> list[HeadSeen]:
    """
    Return the exported ends that the record does not have: it was cut or changed since.

    :raises HeadsFileError: if a line is not one that was exported.
    """
    seen = [_read(number, each) for number, each in enumerate(exported, 1) if each.strip()]
    wrong = []
    for each in seen:
        held = Entry.objects.filter(clinic=each.clinic, seq=each.seq).values_list("hash", flat=True)
        if each.seq and list(held) != [each.hash]:
            wrong.append(each)
    return wrong


def _read(number: int, text: str) -> HeadSeen:
    try:
        seen = HeadSeen(**json.loads(text))
        UUID(seen.clinic)
        int(seen.seq)
    except (ValueError, TypeError, AttributeError):
        raise HeadsFileError(f"line {number}: not an end of the record as exported") from None
    return seen


def _last(path: Path) -> datetime | None:
    """Return when the file was last added to, by its last whole line."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            tail = file.read().decode("utf-8", "replace").splitlines()
        return datetime.fromisoformat(json.loads(tail[-1])["at"])
    except (FileNotFoundError, IndexError, KeyError, ValueError):
        return None
