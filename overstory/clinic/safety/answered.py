"""What was answered before an alert, in words: the question, and the answer with what it is out of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from overstory.knowledge.load import load_knowledge
from overstory.pathway.pack_values import Question
from overstory.pathway.packs import packs, read_pack

DECLINED = {"rather-not-say": "Would rather not say", "not-sure": "Not sure"}


@dataclass(frozen=True, slots=True)
class Answered:
    """One question and what was answered, as staff read it."""

    asks: str
    says: str


def answered(answers: Mapping[str, Any]) -> tuple[Answered, ...]:
    """Return answers by their question; one that no pack asks any more stands by its key."""
    return tuple(_answered(key, value) for key, value in answers.items())


def _answered(key: str, held: Any) -> Answered:
    question = _questions().get(key)
    value, declined = _read(held)
    if declined:
        says = DECLINED.get(declined, declined)
    elif question is not None:
        says = _said(question, value)
    else:
        says = _plain(value)
    return Answered(_asks(key, question), says)


def _read(held: Any) -> tuple[Any, str]:
    """Return the value of an answer as it is kept, or why there is none."""
    if not isinstance(held, Mapping):
        return held, ""
    return held.get("value"), str(held.get("declined") or "")


def _asks(key: str, question: Question | None) -> str:
    if question is None:
        return key
    scale, _, item = key.partition(".")
    short = _scales().get(scale)
    return f"{short}, item {item}: {question.asks.en}" if short else question.asks.en


def _said(question: Question, value: Any) -> str:
    chosen = [each for each in question.choices if _is(each.value, value)]
    if not chosen:
        return f"{_plain(value)} {question.unit}".strip()
    words = ", ".join(each.says.en for each in chosen)
    numbers = [each.value for each in question.choices if _is_number(each.value)]
    if _is_number(value) and numbers:
        return f"{words} ({value:g} of {max(numbers):g})"
    return words


def _is(choice: Any, value: Any) -> bool:
    """Whether a choice was chosen; 1 is not yes."""
    if isinstance(value, list | tuple):
        return choice in value
    return bool(choice == value) and isinstance(choice, bool) == isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: Any) -> str:
    if value is None:
        return "No answer"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list | tuple):
        return ", ".join(_plain(each) for each in value) or "None"
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_plain(each)}" for name, each in value.items())
    return f"{value:g}" if _is_number(value) else str(value)


@cache
def _questions() -> Mapping[str, Question]:
    knowledge = load_knowledge()
    held = [
        read_pack(pack.id, knowledge)
        for who in ("patient", "staff")
        for pack in packs(knowledge=knowledge, who=who)
    ]
    return {each.key: each for pack in held for part in pack.fixed.values() for each in part}


@cache
def _scales() -> Mapping[str, str]:
    return {each.id: each.short for each in load_knowledge().sections["scales"]}
