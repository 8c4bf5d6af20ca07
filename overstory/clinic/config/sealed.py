"""Columns that only the clinic can read: AES-GCM, bound to the table, the row and the column."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

NONCE_BYTES = 12

if TYPE_CHECKING:
    _Bytes = models.BinaryField[Any, Any]
else:
    _Bytes = models.BinaryField


class SealBrokenError(ValueError):
    """A sealed column that cannot be opened: another row's, changed, or of a key that is gone."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What stands in the database, not yet opened."""

    content: bytes


def seal(content: bytes, *, place: str) -> bytes:
    """Return the content sealed with the current key for that place (table, row, column)."""
    keys = settings.KEYS
    nonce = os.urandom(NONCE_BYTES)
    name = keys.current.encode()
    shut = AESGCM(keys.fields[keys.current]).encrypt(nonce, content, _bound(name, place))
    return bytes([len(name)]) + name + nonce + shut


def unseal(content: bytes, *, place: str) -> bytes:
    """
    Return what was sealed for that place.

    :raises SealBrokenError: if it was sealed for another place, was changed, or its key is gone.
    """
    end = 1 + content[0]
    name = content[1:end]
    key = settings.KEYS.fields.get(name.decode("utf-8", "replace"))
    if key is None:
        raise SealBrokenError(f"{place}: no key is named {name!r}")
    nonce, shut = content[end : end + NONCE_BYTES], content[end + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, shut, _bound(name, place))
    except InvalidTag:
        raise SealBrokenError(f"{place}: sealed for another place, or changed") from None


def _bound(name: bytes, place: str) -> bytes:
    return name + b"\x1f" + place.encode()


class _Opening:
    """Opens the column when it is read, with the row that it belongs to at hand."""

    def __init__(self, field: SealedField) -> None:
        self.field = field

    def __get__(self, row: models.Model | None, kind: type) -> Any:
        if row is None:
            return self
        name = self.field.attname
        if name not in row.__dict__:
            row.refresh_from_db(fields=[name])
        held = row.__dict__[name]
        if isinstance(held, Sealed):
            held = self.field.read(unseal(held.content, place=self.field.place(row)))
            row.__dict__[name] = held
        return held

    def __set__(self, row: models.Model, value: Any) -> None:
        row.__dict__[self.field.attname] = value


class SealedField(_Bytes):
    """
    Text that is sealed in the database; the row needs its key (a UUID) before it is saved.

    It cannot be searched. `None` stays null.
    """

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        """Stand in the class as what opens the column."""
        super().contribute_to_class(cls, name, private_only=private_only)
        setattr(cls, name, _Opening(self))

    def place(self, row: models.Model) -> str:
        """Return where the column stands: table, row, column."""
        return f"{row._meta.db_table}/{row.pk}/{self.column}"

    def from_db_value(self, value: Any, *_: Any) -> Sealed | None:
        """Keep what was read shut until it is asked for."""
        return None if value is None else Sealed(bytes(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Seal the value for its row."""
        del add
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return None if value is None else value.content
        return seal(self.written(value), place=self.place(model_instance))

    def get_default(self) -> Any:
        """Return the default as it is, not as bytes."""
        if self.has_default():
            return self.default() if callable(self.default) else self.default
        return None if self.null else ""

    def written(self, value: Any) -> bytes:
        """Return the value as it is sealed."""
        return str(value).encode()

    def read(self, content: bytes) -> Any:
        """Return the value of what was sealed."""
        return content.decode()


class SealedBytesField(SealedField):
    """Bytes, such as an uploaded letter, that are sealed in the database."""

    def written(self, value: Any) -> bytes:
        """Return the bytes themselves."""
        return bytes(value)

    def read(self, content: bytes) -> Any:
        """Return the bytes themselves."""
        return content


class SealedJSONField(SealedField):
    """A JSON value that is sealed in the database."""

    def written(self, value: Any) -> bytes:
        """Return the value as JSON."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def read(self, content: bytes) -> Any:
        """Return the value of a JSON text."""
        return json.loads(content)
