"""The second reading: one range of persons at a time, each read as one document of that person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec
import orjson

from overstory.exchange.bulk.runs import Record, Run, records_between
from overstory.exchange.bulk.shared import Shared
from overstory.exchange.bulk.tally import Place, Tally, kind_of
from overstory.exchange.fhir.envelope import FhirError
from overstory.exchange.fhir.reading import Reading, read
from overstory.exchange.records import InputError
from overstory.knowledge.load import Knowledge

LINE = re.compile(r"line\[(\d+)\]")


class _Named(msgspec.Struct, rename="camel", gc=False):
    resource_type: str
    id: str | None = None


NAMED = msgspec.json.Decoder(_Named)


@dataclass(frozen=True, slots=True)
class Slice:
    """A range of persons: where their records stand in each run, in bytes."""

    number: int
    places: tuple[tuple[Run, int, int], ...]


class UnreadableLineError(Exception):
    """A line that cannot be read, met only now; `place` is where it stands."""

    def __init__(self, place: Place, why: str) -> None:
        self.place, self.why = place, why
        super().__init__(why)


@dataclass
class _Person:
    """The lines of one person, each once."""

    key: str
    records: list[Record]
    shared: list[bytes] = field(default_factory=list)
    names: list[_Named] = field(default_factory=list)


@dataclass(frozen=True)
class Readings:
    """Reads the persons of one range after the other; what is met on the way goes to the tally."""

    folder: Path
    shared: Shared
    at: datetime
    knowledge: Knowledge
    skip_bad: bool
    tally: Tally

    def of(self, part: Slice) -> Iterator[tuple[str, Reading]]:
        """
        Yield each person's id and reading, in the order of the ids.

        :raises UnreadableLineError: for a line that cannot be read, unless `skip_bad`.
        """
        for key, records in sorted(_by_person(self.folder, part.places).items()):
            person = _Person(key.decode(), self._each_once(records))
            person.shared = self.shared.referred_to(each.text for each in person.records)
            reading = self._read(person)
            if reading is not None:
                self.tally.people += 1
                yield person.key, reading

    def _each_once(self, records: list[Record]) -> list[Record]:
        """Leave out resources that stand twice, in an order that does not depend on the files'."""
        kept: list[Record] = []
        seen: dict[tuple[str, str], list[Record]] = {}
        for record in sorted(records, key=lambda each: (each.text, each.stretch, each.line)):
            name = _name(record.text)
            same = seen.setdefault((name.resource_type, name.id), []) if name.id else []
            if any(_says_the_same(record.text, each.text) for each in same):
                why = f"{name.resource_type}/{name.id} stands in another line, the same"[:200]
                self.tally.problem("duplicate-resource", _place(record), why)
                continue
            same.append(record)
            kept.append(record)
        return kept

    def _read(self, person: _Person) -> Reading | None:
        try:
            reading = self._reading(person)
        except FhirError as error:
            self._leave_out_unreadable(person, error)
            if not person.records:
                return None
            reading = self._reading(person)
        self._look_at_names(person)
        for each in reading.not_understood:
            self._count(person, each.from_, each.why)
        return reading

    def _reading(self, person: _Person) -> Reading:
        texts = [each.text for each in person.records]
        return self._document([*texts, *person.shared], name=person.key)

    def _document(self, texts: Sequence[bytes], *, name: str) -> Reading:
        document = b"\n".join(texts)
        return read(document, name=name, at=self.at, knowledge=self.knowledge)

    def _leave_out_unreadable(self, person: _Person, error: FhirError) -> None:
        """Leave out the lines for which the document was refused; what remains is read."""
        kept = []
        for record in person.records:
            try:
                self._document([record.text] * 2, name=person.key)  # two: as one of many lines
                kept.append(record)
            except FhirError as reason:
                if not self.skip_bad:
                    raise UnreadableLineError(_place(record), reason.why) from None
                self.tally.problem("unreadable-line", _place(record), reason.why)
        if len(kept) == len(person.records):
            raise InputError(f"{person.key}: {error.why}") from None
        person.records = kept

    def _look_at_names(self, person: _Person) -> None:
        """Tell of a missing Patient, and of resources that share an id and say different things."""
        seen: dict[tuple[str, str], Record] = {}
        has_patient = False
        person.names = [_name(each.text) for each in person.records]
        for record, name in zip(person.records, person.names, strict=True):
            has_patient = has_patient or name.resource_type == "Patient"
            if name.id is None:
                continue
            if (name.resource_type, name.id) in seen:
                is_patient = name.resource_type == "Patient"
                kind = "patient-twice" if is_patient else "id-twice"
                why = f"{name.resource_type}/{name.id} stands in another line, with other content"
                self.tally.problem(kind, _place(record), why[:200])
            seen[name.resource_type, name.id] = record
        if not has_patient:
            first = min(person.records, key=_place)
            why = f"Patient/{person.key} is not in the export; {len(person.records)} resources are"
            self.tally.problem("patient-not-in-export", _place(first), why[:200])

    def _count(self, person: _Person, origin: str, why: str) -> None:
        """Count what was not understood; what is shared is counted once, not for each person."""
        found = LINE.match(origin)
        index = int(found[1]) - 1 if found else 0
        if index >= len(person.records):
            return
        reason, code = kind_of(why)
        kind = person.names[index].resource_type
        self.tally.not_understood(kind, reason, code, _place(person.records[index]))


def _by_person(folder: Path, places: Sequence[tuple[Run, int, int]]) -> dict[bytes, list[Record]]:
    found: dict[bytes, list[Record]] = {}
    for run, start, end in places:
        for record in records_between(folder / run.name, start, end):
            found.setdefault(record.key, []).append(record)
    return found


def _says_the_same(one: bytes, other: bytes) -> bool:
    """Whether two texts are one resource, however it is laid out."""
    if one == other:
        return True
    try:
        laid_out = [
            orjson.dumps(orjson.loads(each), option=orjson.OPT_SORT_KEYS) for each in (one, other)
        ]
    except (ValueError, TypeError, RecursionError):
        return False
    return laid_out[0] == laid_out[1]


def _name(text: bytes) -> _Named:
    """The type and id of a resource; what is too deep here is refused when it is read."""
    try:
        return NAMED.decode(text)
    except RecursionError:
        return _Named("")


def _place(record: Record) -> Place:
    return record.stretch, record.line
