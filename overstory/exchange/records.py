"""What was read of a person, whatever it was read from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from overstory.engine.facts import Fact
from overstory.pathway.ledger import Trial

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What would steer a terminal, or is no character; tabs and line breaks are text."""


class InputError(ValueError):
    """Input that is refused; the message names the file and the line or path, and what is right."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Something that was read and made no fact: where it stands, and why."""

    origin: str
    why: str


@dataclass(frozen=True, slots=True)
class Record:
    """A person's record: facts as given, antidepressant trials, and what was not understood."""

    patient: str
    at: datetime
    jurisdiction: str | None
    given: Mapping[str, Fact]
    trials: tuple[Trial, ...]
    not_understood: tuple[NotUnderstood, ...]
