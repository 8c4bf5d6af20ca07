"""What was put into a page of a pack, read as a reply: of the right kind, in its range, or refused."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from overstory.pathway.pack_values import Question, Reply
from overstory.pathway.trials import Episode, Outcome, TrialError, read_trial

LONGEST_TEXT = 4000
LONGEST_NAME = 120
SEPARATED = re.compile(r"\d,\d{3}(?!\d)")
"""Thousands that are set apart, which could be read as a decimal comma."""
WRITTEN = ("medicine", "dose_mg", "weeks", "episode", "outcome", "stopped")
"""The fields of a page of a medicine tried."""

UNITS_WRITTEN = {
    "dose_mg": re.compile(r"(.*\S)\s*(?<![a-z])(?:mg|milligrams?|miligramos?)\.?", re.IGNORECASE),
    "weeks": re.compile(r"(.*\S)\s*(?<![a-z])(?:weeks?|wks?|semanas?)\.?", re.IGNORECASE),
}
"""A number with the unit of its field written after it."""
OTHER_TIME = re.compile(
    r"([\d.,]+)\s*(?:(?P<months>months?|mes(?:es)?)|(?P<years>years?|yrs?|años?))\.?", re.IGNORECASE
)
"""A time in a unit that the field of weeks does not take."""

DAYS_OF = {"weeks": 7.0, "months": 30.4375, "years": 365.25}
"""How many days the units of a time have: the mean month and year of the Julian calendar."""

TIMES = ("weeks",)
"""Units of facts that may be answered in any of `DAYS_OF`; the fact keeps its own."""


class ReplyError(ValueError):
    """
    A reply that the question cannot have; `why` names the reason for the page's words.

    `others` are what else is wrong on the same page, each with its own field.
    """

    def __init__(self, why: str, *, field: str = "answer", **more: Any) -> None:
        self.why, self.field, self.more = why, field, more
        self.others: tuple[ReplyError, ...] = ()
        super().__init__(why)

    @property
    def all(self) -> tuple[ReplyError, ...]:
        """All that is wrong on the page, in its order."""
        return (self, *self.others)


def read_reply(question: Question, given: Mapping[str, Sequence[str]]) -> Reply:
    """
    Return the reply that the fields of a page hold.

    `given` has the texts of each field: `answer` (several for `many-of`), for a time `unit`, for a
    medicine tried those of `WRITTEN` and `more` or `end`; and `decline`. A page of a medicine tried
    on which anything is written is never taken as the end of the list alone, unless `end` is
    `clear`, which says so.

    :raises ReplyError: if nothing was chosen, or what was put in cannot be.
    """
    declined = _one(given, "decline")
    if declined == "rather-not-say":
        return Reply(declined="rather-not-say")
    if declined == "not-sure" or _one(given, "answer") == "not-sure":
        if not question.may_be_unsure:
            raise ReplyError("not-a-choice")
        return Reply(declined="not-sure")
    return Reply(READERS[question.kind](question, given))


def _one(given: Mapping[str, Sequence[str]], name: str) -> str:
    found = given.get(name) or ("",)
    return found[-1].strip()


def _choice(question: Question, given: Mapping[str, Sequence[str]]) -> Any:
    text = _one(given, "answer")
    if not text:
        raise ReplyError("choose-one")
    for choice in question.choices:
        if text == shown(choice.value):
            return choice.value
    raise ReplyError("not-a-choice")


def shown(value: Any) -> str:
    """Return a choice's value as it stands in a form."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _many(question: Question, given: Mapping[str, Sequence[str]]) -> list[str]:
    texts = [each for each in given.get("answer", ()) if each]
    if not texts:
        raise ReplyError("choose-some")
    if texts == ["none"]:
        return []
    known = [str(each.value) for each in question.choices]
    if "none" in texts:
        raise ReplyError("none-and-some")
    if not set(texts) <= set(known):
        raise ReplyError("not-a-choice")
    return [each for each in known if each in texts]


def _number(question: Question, given: Mapping[str, Sequence[str]]) -> float:
    """Read a number; a time whose page leaves its unit open is refused, since none is preset."""
    text, unit = _one(given, "answer"), _one(given, "unit")
    if not unit and question.unit in TIMES and "unit" in given:
        raise _without_unit(text)
    unit = unit or question.unit
    if unit == question.unit or question.unit not in TIMES:
        return _in_range(text, question.least, question.greatest, whole=question.whole)
    if unit not in DAYS_OF:
        raise ReplyError("not-a-choice", field="unit")
    return _time(text, unit, question)


def _without_unit(text: str) -> ReplyError:
    """Return what is wrong with a time of no unit; the number too, if it is none."""
    missing = ReplyError("choose-unit", field="unit")
    try:
        _in_range(text, None, None)
    except ReplyError as error:
        error.others = (missing,)
        return error
    return missing


def _time(text: str, unit: str, question: Question) -> int:
    """
    Return a time as whole units of the question, those not yet over left out: 6 months are 26 weeks.

    Rounding down never makes an event older, nor an episode longer, than was said.
    """
    times = DAYS_OF[unit] / DAYS_OF[question.unit]
    least = None if question.least is None else math.ceil(question.least / times)
    greatest = None if question.greatest is None else math.floor(question.greatest / times)
    value = _in_range(text, least, greatest)
    return math.floor(value * DAYS_OF[unit] / DAYS_OF[question.unit])


def _in_range(
    text: str,
    least: float | None,
    greatest: float | None,
    *,
    whole: bool = False,
    field: str = "answer",
) -> float:
    if not text:
        raise ReplyError("write-a-number", field=field)
    try:
        value = float(text.replace(",", ".", 1)) if text.isascii() else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in text or SEPARATED.search(text):
        raise ReplyError("write-a-number", field=field)
    low, high = -math.inf if least is None else least, math.inf if greatest is None else greatest
    if not low <= value <= high or (whole and value != int(value)):
        raise ReplyError("out-of-range", field=field, least=least, greatest=greatest)
    return int(value) if value == int(value) else value


def _text(question: Question, given: Mapping[str, Sequence[str]]) -> str:
    del question
    text = _lines(_one(given, "answer"))
    if not text:
        raise ReplyError("write-something")
    return text


def _medicines(question: Question, given: Mapping[str, Sequence[str]]) -> str:
    del question
    text = _lines(_one(given, "answer"))
    if not text and _one(given, "none") != "yes":
        raise ReplyError("list-or-none")
    if text and _one(given, "none") == "yes":
        raise ReplyError("none-and-some")
    return text


def _lines(text: str) -> str:
    tidy = "\n".join(line.strip() for line in text.splitlines() if line.strip())
    if len(tidy) > LONGEST_TEXT:
        raise ReplyError("too-long", most=LONGEST_TEXT)
    return tidy


def _trial(question: Question, given: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Read one medicine tried; what was left empty is not recorded, not zero."""
    del question
    is_empty = not any(_one(given, name) for name in WRITTEN)
    if _one(given, "end") == "clear" or (_one(given, "end") == "yes" and is_empty):
        return {"end": True}
    medicine, wrong = _one(given, "medicine"), []
    if not medicine:
        wrong.append(ReplyError("name-it", field="medicine"))
    if len(medicine) > LONGEST_NAME:
        wrong.append(ReplyError("too-long", field="medicine", most=LONGEST_NAME))
    found: dict[str, Any] = {"medicine": medicine, "more": _one(given, "more") == "yes"}
    for name in UNITS_WRITTEN:
        try:
            found |= _measure(name, _one(given, name))
        except ReplyError as error:
            wrong.append(error)
    if wrong:
        wrong[0].others = tuple(wrong[1:])
        raise wrong[0]
    for name, allowed in (("episode", get_args(Episode)), ("outcome", get_args(Outcome))):
        if _one(given, name) in allowed:
            found[name] = _one(given, name)
    if stopped := _lines(_one(given, "stopped")):
        found["stopped"] = stopped
    _check_trial(found)
    return found


def _measure(name: str, text: str) -> dict[str, float]:
    """Read the dose or the weeks of a medicine tried, with or without its unit; nothing if empty."""
    if not text:
        return {}
    if name == "weeks" and (other := OTHER_TIME.fullmatch(text)):
        unit = "months" if other["months"] else "years"
        value = _in_range(other[1], 0, None, field=name)
        weeks = math.floor(value * DAYS_OF[unit] / DAYS_OF["weeks"])
        raise ReplyError("write-weeks", field=name, written=text, weeks=weeks)
    with_unit = UNITS_WRITTEN[name].fullmatch(text)
    return {name: _in_range(with_unit[1] if with_unit else text, 0, None, field=name)}


def trial_fields(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that the ledger knows of one medicine tried."""
    return {
        name: value[name]
        for name in ("medicine", "dose_mg", "weeks", "episode", "outcome")
        if name in value
    }


def _check_trial(value: Mapping[str, Any]) -> None:
    try:
        read_trial(trial_fields(value))
    except TrialError as error:
        field = next((name for name in ("dose_mg", "weeks") if name in str(error)), "medicine")
        raise ReplyError("write-a-number", field=field) from None


READERS = {
    "one-of": _choice,
    "yes-no": _choice,
    "many-of": _many,
    "number": _number,
    "text": _text,
    "medicines": _medicines,
    "trial": _trial,
}
