"""A person's record as a patient file, which `patient_file.read_patient_file` reads back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import date

from overstory.engine.facts import Fact, Value
from overstory.exchange.patient_file import LONGEST_ID
from overstory.exchange.records import Record
from overstory.pathway.ledger import Trial

PLAIN = re.compile(r"[a-z][a-z-]*[a-z]", re.ASCII)
NOT_PLAIN = frozenset({"yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
"""Words that YAML takes for something else than text."""


class PatientWritingError(ValueError):
    """A record that no patient file can hold; the message says why."""


def patient_file(record: Record, *, comment: str = "") -> str:
    """
    Return the record as YAML: facts in the order given, then the trials; `comment` is its first line.

    A fact that was true at the record's own moment stands as a bare value.

    :raises PatientWritingError: if the id or the comment cannot stand in a patient file.
    """
    if not 0 < len(record.patient) <= LONGEST_ID or not record.patient.isprintable():
        raise PatientWritingError(f"{record.patient!r} is no id of a patient file")
    if not comment.isprintable():
        raise PatientWritingError("the comment of a patient file is one line")
    return "\n".join([*([f"# {comment}"] if comment else []), *_lines(record), ""])


def _lines(record: Record) -> Iterator[str]:
    yield f"id: {_text(record.patient)}"
    yield f'at: "{record.at.isoformat()}"'
    if record.jurisdiction:
        yield f"jurisdiction: {record.jurisdiction}"
    if record.given:
        yield "facts:"
        for name, fact in record.given.items():
            yield f"  {name}: {_fact(fact, record)}"
    if record.trials:
        yield "antidepressant_trials:"
        for trial in record.trials:
            yield f"  - {{{', '.join(_fields(trial))}}}"


def _fact(fact: Fact, record: Record) -> str:
    said = {"unknown": str(fact.unknown)} if fact.value is None else {"value": _value(fact.value)}
    if fact.at is not None and fact.at != record.at:
        said["at"] = f'"{fact.at.isoformat()}"'
    if fact.origin:
        said["from"] = _text(fact.origin)
    if list(said) == ["value"]:
        return said["value"]
    return "{" + ", ".join(f"{name}: {value}" for name, value in said.items()) + "}"


def _fields(trial: Trial) -> Iterator[str]:
    for each in fields(trial):
        value = getattr(trial, each.name)
        if value is not None:
            yield f"{each.name}: {_value(value)}"


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return repr(value)


def _text(text: str) -> str:
    plain = PLAIN.fullmatch(text) and text not in NOT_PLAIN
    return text if plain else json.dumps(text, ensure_ascii=False)
