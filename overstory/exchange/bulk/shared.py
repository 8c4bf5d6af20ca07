"""Resources that many refer to, by their address, in a small SQLite file: the newest of each."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from overstory.exchange.bulk.keeping import aside_of
from overstory.exchange.bulk.runs import Record, Run, records_between
from overstory.exchange.fhir.references import addresses_of
from overstory.exchange.fhir.shapes import Meta, Reference

MAKE = "create table shared (address text primary key, updated text, version integer, text blob)"
KEEP = """
    insert into shared values (?, ?, ?, ?) on conflict (address) do update
    set updated = excluded.updated, version = excluded.version, text = excluded.text
    where (excluded.updated, excluded.version) > (updated, version)
    or ((excluded.updated, excluded.version) = (updated, version) and excluded.text < text)
"""


class _Versioned(msgspec.Struct, rename="camel", gc=False):
    meta: Meta | None = None


class _Pointing(msgspec.Struct, rename="camel", gc=False):
    """What a resource says of others that a reader looks up."""

    resource_type: str
    id: str | None = None
    medication_reference: Reference | None = None
    device: Reference | None = None
    questionnaire: str | None = None


VERSIONED = msgspec.json.Decoder(_Versioned)
POINTING = msgspec.json.Decoder(_Pointing)


def keep_shared(path: Path, runs: Sequence[Run]) -> tuple[int, int]:
    """Write the shared resources of the runs to a file; return how many, and how many different."""
    aside = aside_of(path)
    database = sqlite3.connect(aside)
    try:
        database.execute(MAKE)
        kept = 0
        for run in runs:
            records = records_between(path.parent / run.name, 0, run.size)
            for record in records:
                database.execute(KEEP, _row(record))
                kept += 1
        database.commit()
        ((count,),) = database.execute("select count(*) from shared")
    finally:
        database.close()
    aside.replace(path)
    return kept, int(count)


def _row(record: Record) -> tuple[str, str, int, bytes]:
    updated, version = _version(record.text)
    return record.key.decode(), updated, version, record.text


def _version(text: bytes) -> tuple[str, int]:
    try:
        meta = VERSIONED.decode(text).meta
    except (msgspec.MsgspecError, RecursionError):
        return "", 0
    version = meta.version_id if meta and meta.version_id else ""
    return (meta.last_updated or "" if meta else "", int(version) if version.isdecimal() else 0)


class Shared:
    """The shared resources of an export, to be looked up."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        self._is_empty = self._database.execute("select 1 from shared limit 1").fetchone() is None

    def referred_to(self, texts: Iterable[bytes]) -> list[bytes]:
        """Return what the resources refer to, in the order of the addresses."""
        if self._is_empty:
            return []
        wanted = sorted({address for text in texts for address in _addresses(text)})
        found = (self._find(each) for each in wanted)
        return [each for each in found if each is not None]

    def _find(self, address: str) -> bytes | None:
        row = self._database.execute("select text from shared where address = ?", (address,))
        first: tuple[bytes] | None = row.fetchone()
        return first[0] if first else None


def _addresses(text: bytes) -> Iterator[str]:
    if not (b'"medicationReference"' in text or b'"questionnaire"' in text or b'"device"' in text):
        return
    try:
        pointing = POINTING.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return
    targets = [each.reference for each in (pointing.medication_reference, pointing.device) if each]
    if pointing.questionnaire:
        targets.append(pointing.questionnaire.split("|")[0])
    for target in targets:
        if target and not target.startswith("#"):
            yield list(addresses_of(target))[-1]
