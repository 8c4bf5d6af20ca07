"""The clinic's secrets: made once, kept in one file that only its owner may read."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = "keys.json"
KEY_BYTES = 32


class KeysError(ValueError):
    """Keys that are missing, readable by others, or not what keys are; the message names the file."""


@dataclass(frozen=True, slots=True)
class Keys:
    """
    The secrets of one installation.

    `fields` holds every key that rows may be sealed with, by its id; `current` is the one that
    seals now. `django` signs cookies, `audit` chains the record of who did what.
    """

    django: str
    audit: bytes
    fields: Mapping[str, bytes]
    current: str


def read_keys(home: Path) -> Keys:
    """
    Return the keys kept in a folder.

    :raises KeysError: if the file is missing, others may read it, or it is not what it should be.
    """
    path = home / FILE
    try:
        if path.stat().st_mode & 0o077:
            raise KeysError(f"{path}: others may read it; run `chmod 600 {path}`")
        held = json.loads(path.read_text("utf-8"))
        keys = Keys(
            django=held["django"],
            audit=base64.b64decode(held["audit"], validate=True),
            fields={
                name: base64.b64decode(key, validate=True) for name, key in held["fields"].items()
            },
            current=held["current"],
        )
    except FileNotFoundError:
        raise KeysError(f"{path}: not there; `overstory serve` makes it once") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, KeysError):
            raise
        raise KeysError(f"{path}: not a file of keys") from error
    _check(keys, path)
    return keys


def make_keys(home: Path) -> Keys:
    """Make the keys of a new installation where there are none yet, and return those that hold."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = json.dumps(_new(), indent=1).encode()
    try:
        place = os.open(home / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return read_keys(home)
    with os.fdopen(place, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return read_keys(home)


def _new() -> dict[str, object]:
    def text(key: bytes) -> str:
        return base64.b64encode(key).decode()

    return {
        "django": secrets.token_urlsafe(48),
        "audit": text(secrets.token_bytes(KEY_BYTES)),
        "fields": {"k1": text(secrets.token_bytes(KEY_BYTES))},
        "current": "k1",
    }


def _check(keys: Keys, path: Path) -> None:
    lengths = {len(key) for key in (keys.audit, *keys.fields.values())}
    if lengths != {KEY_BYTES} or keys.current not in keys.fields or not keys.django:
        raise KeysError(f"{path}: each key has {KEY_BYTES} bytes, and `current` names one of them")
