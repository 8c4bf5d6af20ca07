"""Resources that name their person by an identifier: put under the Patient who has it, or listed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from overstory.exchange.bulk.routing import identifier_key
from overstory.exchange.bulk.runs import Record, Run, RunWriter, records_between
from overstory.exchange.bulk.tally import Tally
from overstory.exchange.fhir.shapes import Identifier

MAKE = "create table wanted (identifier text primary key, person text, others integer default 0)"
WANT = "insert or ignore into wanted (identifier) values (?)"
MEET = """
    update wanted set others = others + (person is not null and person != ?1), person = ?1
    where identifier = ?2
"""


class _Owner(msgspec.Struct, rename="camel", gc=False):
    resource_type: str
    identifier: list[Identifier] = []


OWNER = msgspec.json.Decoder(_Owner)


def settle_waiting(
    folder: Path, waiting: Sequence[Run], people: Sequence[Run], *, run_bytes: int, tally: Tally
) -> list[Run]:
    """Return runs of what waited under its person's key; what nobody has is counted as nobody's."""
    if not waiting:
        return []
    path = folder / "waiting.sqlite"
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    try:
        database.execute(MAKE)
        names = ((each.key.decode(),) for each in _records(folder, waiting))
        database.executemany(WANT, names)
        database.executemany(MEET, _owners(folder, people))
        writer = RunWriter(folder, stem="found", run_bytes=run_bytes)
        for record in _records(folder, waiting):
            _settle(record, database, writer, tally)
        writer.close()
    finally:
        database.close()
    return writer.runs


def _settle(record: Record, database: sqlite3.Connection, writer: RunWriter, tally: Tally) -> None:
    asked = "select person, others from wanted where identifier = ?"
    person, others = database.execute(asked, (record.key.decode(),)).fetchone()
    place = record.stretch, record.line
    if person is None:
        tally.problem("nobody's", place, "no Patient of the export has the identifier it is about")
    elif others:
        tally.problem("nobody's", place, "two Patients have the identifier it is about")
    else:
        writer.add(key=person, stretch=record.stretch, line=record.line, text=record.text)


def _owners(folder: Path, people: Sequence[Run]) -> Iterator[tuple[str, str]]:
    """Yield each Patient's id with each of its identifiers."""
    for record in _records(folder, people):
        if b'"Patient"' not in record.text or b'"identifier"' not in record.text:
            continue
        try:
            owner = OWNER.decode(record.text)
        except msgspec.MsgspecError:
            continue
        if owner.resource_type == "Patient":
            for each in owner.identifier:
                if each.value is not None:
                    yield record.key.decode(), identifier_key(each.system, each.value)


def _records(folder: Path, runs: Sequence[Run]) -> Iterator[Record]:
    for run in runs:
        yield from records_between(folder / run.name, 0, run.size)
