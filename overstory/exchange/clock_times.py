"""JSON documents in their shapes, with times of day such as 09:30; what is wrong has its JSON path."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from overstory.exchange.records import InputError

CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00", re.ASCII)

Shape = TypeVar("Shape")


class Clock(int):
    """A minute of the day, read from a text such as 09:30."""


def decoded(content: bytes | str, shape: type[Shape], *, name: str) -> Shape:
    """
    Return a JSON document in its shape.

    :raises InputError: if it is not JSON, or has another shape.
    """
    try:
        return msgspec.json.decode(content, type=shape, strict=True, dec_hook=_clock)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeError) as error:
        raise InputError(f"{name}: {error}") from None
    except RecursionError:
        raise InputError(f"{name}: its parts are nested too deeply") from None


def clock(minute: int) -> str:
    """Return a minute of the day as a clock shows it."""
    return f"{minute // 60:02}:{minute % 60:02}"


def minute_of(text: str) -> int:
    """
    Return the minute of the day of a text such as 09:30.

    :raises ValueError: if it is no time of day.
    """
    if not CLOCK.fullmatch(text):
        raise ValueError(f"{text!r} is no time of day; write it as 09:30")
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)


def _clock(_shape: type, found: Any) -> Clock:
    if not isinstance(found, str):
        says = f"{found!r} is no time of day; write it as a text such as 09:30"
        raise TypeError(says)
    return Clock(minute_of(found))
