"""A person's facts at a moment: a value or why it is unknown, when, from where, and still fresh?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

Value = bool | int | float | str | date


class Unknown(StrEnum):
    """Why a fact has no value."""

    NOT_ASKED = "not-asked"
    NOT_ANSWERED = "not-answered"
    STALE = "stale"
    CONFLICTING = "conflicting"
    NOT_RECORDED = "not-recorded"


class FactValueError(ValueError):
    """A value that its fact cannot have; the message says what would be right."""


class UnknownFactNameError(KeyError):
    """A name that the vocabulary does not have; the message names the nearest ones."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class FactType:
    """
    What a fact can be: its type, unit, range or codes, and how long it stays fresh.

    `kind` is bool, number, code or date. `roots` names the facts that a derived fact comes from.
    """

    name: str
    kind: str
    label: str
    unit: str | None = None
    least: float | None = None
    greatest: float | None = None
    codes: tuple[str, ...] = ()
    fresh_for: timedelta | None = None
    roots: tuple[str, ...] = ()

    def check(self, value: object) -> Value:
        """
        Return the value if this fact can have it.

        :raises FactValueError: if the type is another, or the value is outside the range or codes.
        """
        return CHECKS[self.kind](self, value)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of one person: a value, or why it is unknown; when it was true; where it is from."""

    value: Value | None = None
    unknown: Unknown | None = None
    at: datetime | None = None
    origin: str | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.unknown is None):
            raise FactValueError("a fact has either a value or a reason why it is unknown")

    @property
    def is_known(self) -> bool:
        """Whether it has a value; false and zero are values."""
        return self.unknown is None


NOT_ASKED = Fact(unknown=Unknown.NOT_ASKED)


class Vocabulary(Mapping[str, FactType]):
    """The facts that exist, in the order in which questions are asked."""

    def __init__(self, types: Iterable[FactType]) -> None:
        self._types = {each.name: each for each in types}
        self._place = {name: place for place, name in enumerate(self._types)}

    def __getitem__(self, name: str) -> FactType:
        try:
            return self._types[name]
        except KeyError:
            raise UnknownFactNameError(self._advice(name)) from None

    def __contains__(self, name: object) -> bool:
        return name in self._types

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Return the names once each, in the order of the vocabulary."""
        return sorted(set(names), key=self._place.__getitem__)

    def roots(self, name: str) -> tuple[str, ...]:
        """Return the facts that a derived fact comes from, or the fact itself."""
        return self[name].roots or (name,)

    def _advice(self, name: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(name, self._types, n=3, cutoff=0.6)
        return f"no fact is named {name!r}" + (f"; near it: {', '.join(near)}" if near else "")


@dataclass(frozen=True)
class Facts:
    """
    What is known of one person at one moment.

    A fact not given is unknown (`not-asked`). A fact older than it stays fresh is unknown (`stale`).
    A fact from after `at` is refused: who reads a record leaves it out.
    """

    vocabulary: Vocabulary
    at: datetime
    given: Mapping[str, Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise FactValueError("the moment of the facts has no time zone")
        for name, fact in self.given.items():
            self._check(name, fact)

    def __getitem__(self, name: str) -> Fact:
        return self.fresh(name, within=None)

    def fresh(self, name: str, *, within: timedelta | None) -> Fact:
        """Return the fact, unknown as `stale` if it is older than it stays fresh or than `within`."""
        kind = self.vocabulary[name]
        fact = self.given.get(name, NOT_ASKED)
        if not fact.is_known or fact.at is None:
            return fact
        limits = [limit for limit in (kind.fresh_for, within) if limit is not None]
        if limits and self.at - fact.at > min(limits):
            return Fact(unknown=Unknown.STALE, at=fact.at, origin=fact.origin)
        return fact

    def with_facts(self, changes: Mapping[str, Fact]) -> Facts:
        """Return the same person with some facts given anew."""
        return replace(self, given={**self.given, **changes}) if changes else self

    def _check(self, name: str, fact: Fact) -> None:
        kind = self.vocabulary[name]
        if fact.is_known:
            kind.check(fact.value)
        if fact.at is None:
            return
        if fact.at.tzinfo is None:
            raise FactValueError(f"{name}: its time has no zone")
        if fact.at > self.at:
            raise FactValueError(
                f"{name}: {fact.at.isoformat()} is later than the moment asked about, "
                f"{self.at.isoformat()}"
            )


def _check_bool(kind: FactType, value: object) -> bool:
    if not isinstance(value, bool):
        raise FactValueError(f"{kind.name} is true or false, not {value!r}")
    return value


def _check_number(kind: FactType, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FactValueError(f"{kind.name} is a number{_in(kind.unit)}, not {value!r}")
    if not abs(value) <= sys.float_info.max:
        raise FactValueError(f"{kind.name} is a number{_in(kind.unit)}, and a finite one")
    least, greatest = kind.least, kind.greatest
    if least is None or greatest is None:
        return value
    if not least <= value <= greatest:
        raise FactValueError(
            f"{kind.name} is between {least:g} and {greatest:g}{_in(kind.unit)}, not {value!r}"
        )
    return value


def _check_code(kind: FactType, value: object) -> str:
    if not isinstance(value, str) or value not in kind.codes:
        raise FactValueError(f"{kind.name} is one of {', '.join(kind.codes)}, not {value!r}")
    return value


def _check_date(kind: FactType, value: object) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise FactValueError(f"{kind.name} is a date, not {value!r}")
    return value


def _in(unit: str | None) -> str:
    return f" in {unit}" if unit else ""


CHECKS: dict[str, Callable[[FactType, object], Value]] = {
    "bool": _check_bool,
    "number": _check_number,
    "code": _check_code,
    "date": _check_date,
}
