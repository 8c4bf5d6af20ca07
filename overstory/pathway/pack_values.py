"""What a pack is made of when it is asked: questions, choices, and the replies to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from overstory.knowledge.shapes.packs import PackPart
from overstory.knowledge.shapes.shared import Text

Kind = Literal["one-of", "yes-no", "number", "many-of", "text", "trial", "medicines"]
Declined = Literal["", "rather-not-say", "not-sure"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose: its value and its words."""

    value: Any
    says: Text


@dataclass(frozen=True, slots=True)
class Question:
    """
    One page of a pack.

    `key` names it in the record: `phq9.9`, `fact.pregnant`, `own.anything-else`, `trials.any`,
    `trials.2`, `medicines.now`. `english_only` marks the wording of an instrument that is not on
    file in the rights-holder's own translation; `notice` is its notice. `unit`, `least` and
    `greatest` belong to a number. After anything but a yes to a gate nothing more is asked.
    """

    key: str
    part: PackPart
    kind: Kind
    asks: Text
    hint: Text | None = None
    stem: Text | None = None
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    least: float | None = None
    greatest: float | None = None
    whole: bool = False
    english_only: bool = False
    notice: Text | None = None
    is_gate: bool = False
    may_be_unsure: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered: a value, or that it was left open and why. Left open is never no."""

    value: Any = None
    declined: Declined = ""

    def __post_init__(self) -> None:
        if (self.value is None) != bool(self.declined):
            raise ValueError("a reply has either a value or a reason why it has none")


Replies = Mapping[str, Reply]
"""Replies by the key of their question."""
