"""The patient file: YAML or JSON, read strictly, with the line of whatever is wrong."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from overstory.engine.facts import (
    Fact,
    FactType,
    FactValueError,
    Unknown,
    UnknownFactNameError,
    Value,
    Vocabulary,
)
from overstory.exchange.records import InputError, NotUnderstood, Record
from overstory.knowledge.load import Knowledge
from overstory.knowledge.strict_yaml import Document, Path_, YamlError, read_json, read_yaml
from overstory.pathway.ledger import Trial, TrialError, read_trial

KEYS = ("id", "at", "jurisdiction", "facts", "antidepressant_trials")
JURISDICTIONS = ("US", "EU")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1850, 2300
FARTHEST_ZONE = timedelta(hours=14)
LONGEST_ID = 64


def read_patient_file(
    text: str, *, name: str, knowledge: Knowledge, at: datetime | None = None
) -> Record:
    """
    Return what a patient file says; a bare value is true at the file's `at`.

    With `at`, the person is seen at that moment, and what was true only later is listed, not used.

    :raises InputError: for anything that is not as it should be; it names the file and the line.
    """
    try:
        read = read_json if text.lstrip().startswith("{") else read_yaml
        document = read(text, name=name)
    except YamlError as error:
        raise InputError(str(error)) from None
    return _Reading(document, knowledge.vocabulary, at).record()


def read_time(text: object) -> datetime:
    """
    Return a moment written as `2026-11-22T10:00:00-05:00`.

    :raises ValueError: if it is no such time, or has no zone.
    """
    if not isinstance(text, str) or not TIME.fullmatch(text):
        raise ValueError(
            f'a time is text with a zone, such as "2026-11-22T10:00:00-05:00", not {text!r}'
        )
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text} is no moment: {error}") from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"{text}: a year is between {FIRST_YEAR} and {LAST_YEAR}")
    if abs(moment.utcoffset() or timedelta()) > FARTHEST_ZONE:
        raise ValueError(f"{text}: a zone is between -14:00 and +14:00")
    return moment


class _Reading:
    """One patient file on its way to a record."""

    def __init__(self, document: Document, vocabulary: Vocabulary, at: datetime | None) -> None:
        self.document, self.vocabulary = document, vocabulary
        self.seen_at = at
        self.later: list[NotUnderstood] = []

    def record(self) -> Record:
        content = self._mapping(self.document.content, ())
        for key in content:
            if key not in KEYS:
                raise self._wrong(
                    (key,), f"unknown key {key!r}; a patient file has {', '.join(KEYS)}"
                )
        self.written_at = self._time(content.get("at"), ("at",))
        given = self._facts(content.get("facts", {}))
        return Record(
            patient=self._id(content.get("id")),
            at=self.seen_at or self.written_at,
            jurisdiction=self._jurisdiction(content.get("jurisdiction")),
            given=given,
            trials=self._trials(content.get("antidepressant_trials", [])),
            not_understood=tuple(self.later),
        )

    def _wrong(self, place: Path_, why: str) -> InputError:
        shown = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in place).lstrip(".")
        where = f" ({shown})" if shown else ""
        return InputError(f"{self.document.name}:{self.document.line(place)}: {why}{where}")

    def _mapping(self, value: Any, place: Path_) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._wrong(place, "expected a mapping of names to values")
        return value

    def _time(self, value: object, place: Path_) -> datetime:
        if value is None and place == ("at",):
            raise self._wrong((), 'the file has no `at`, such as at: "2026-11-22T10:00:00-05:00"')
        try:
            return read_time(value)
        except ValueError as error:
            raise self._wrong(place, str(error)) from None

    def _id(self, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(("id",), "the file needs an id, a text that names the person")
        if len(value) > LONGEST_ID or not value.isprintable():
            raise self._wrong(
                ("id",), f"an id is one line of up to {LONGEST_ID} characters that can be printed"
            )
        return value

    def _jurisdiction(self, value: object) -> str | None:
        if value is not None and value not in JURISDICTIONS:
            raise self._wrong(
                ("jurisdiction",), f"a jurisdiction is {' or '.join(JURISDICTIONS)}, not {value!r}"
            )
        return value if isinstance(value, str) else None

    def _facts(self, value: Any) -> dict[str, Fact]:
        given: dict[str, Fact] = {}
        for name, entry in self._mapping(value, ("facts",)).items():
            place: Path_ = ("facts", name)
            try:
                kind = self.vocabulary[name]
            except UnknownFactNameError as error:
                raise self._wrong(place, str(error)) from None
            fact = self._fact(kind, entry, place)
            if fact.at is not None and fact.at > (self.seen_at or self.written_at):
                self.later.append(
                    NotUnderstood(f"facts.{name}", "later than the moment asked about")
                )
            else:
                given[name] = fact
        return given

    def _fact(self, kind: FactType, entry: Any, place: Path_) -> Fact:
        if not isinstance(entry, dict):
            return self._known(kind, entry, place, {})
        allowed = {"unknown"} if "unknown" in entry else {"value", "unit"}
        for key in entry:
            if key not in {*allowed, "at", "from"}:
                raise self._wrong(
                    (*place, key), "a fact has value, unit, at, from; or unknown, at, from"
                )
        if "unknown" in entry:
            return self._unknown(entry, place)
        if "value" not in entry:
            raise self._wrong(place, "a fact has a value or a reason why it is unknown")
        if "unit" in entry and entry["unit"] != kind.unit:
            raise self._wrong(
                (*place, "unit"), f"{kind.name} is in {kind.unit}, not {entry['unit']!r}"
            )
        return self._known(kind, entry["value"], place, entry)

    def _known(self, kind: FactType, value: Any, place: Path_, entry: dict[str, Any]) -> Fact:
        if value is None:
            raise self._wrong(
                place, f"{kind.name} has no value; leave it out or write {{unknown: not-answered}}"
            )
        try:
            checked = kind.check(_date(kind, value))
        except FactValueError as error:
            raise self._wrong(place, str(error)) from None
        return Fact(checked, at=self._moment(entry, place), origin=self._origin(entry, place))

    def _unknown(self, entry: dict[str, Any], place: Path_) -> Fact:
        try:
            reason = Unknown(entry["unknown"])
        except ValueError:
            raise self._wrong(
                (*place, "unknown"), f"a fact is unknown because {', '.join(Unknown)}"
            ) from None
        return Fact(
            unknown=reason, at=self._moment(entry, place), origin=self._origin(entry, place)
        )

    def _moment(self, entry: dict[str, Any], place: Path_) -> datetime:
        if "at" not in entry:
            return self.written_at
        moment = self._time(entry["at"], (*place, "at"))
        if moment > self.written_at:
            raise self._wrong((*place, "at"), "later than the file's own `at`")
        return moment

    def _origin(self, entry: dict[str, Any], place: Path_) -> str:
        origin = entry.get("from", f"{self.document.name}: facts.{place[1]}")
        if not isinstance(origin, str):
            raise self._wrong((*place, "from"), "`from` is a text that says where the fact is from")
        return origin

    def _trials(self, value: Any) -> tuple[Trial, ...]:
        if not isinstance(value, list):
            raise self._wrong(("antidepressant_trials",), "expected a list of trials")
        trials = []
        for number, entry in enumerate(value):
            place: Path_ = ("antidepressant_trials", number)
            try:
                trials.append(read_trial(self._mapping(entry, place)))
            except TrialError as error:
                raise self._wrong(place, str(error)) from None
        return tuple(trials)


def _date(kind: FactType, value: Any) -> Value | None:
    """Return a date fact's text as a date; any other value as it is."""
    if kind.kind != "date" or not isinstance(value, str):
        return value  # type: ignore[no-any-return]  # the vocabulary checks it
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise FactValueError(f'{kind.name} is a date such as "2026-11-22", not {value!r}') from None
