"""Invented people in files: a patient file or Bundle each in folders, or FHIR as NDJSON by type."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import orjson

from overstory.exchange.fhir.writing import bundle_of, resources_of
from overstory.exchange.patient_writing import patient_file
from overstory.exchange.records import Record
from overstory.panel.synthesis.people import InventedPerson, people
from overstory.panel.synthesis.population import DIGITS, Population

A_FOLDER = 1000
"""People of one folder at most."""


class FilesError(ValueError):
    """Files that cannot be written; the message says why."""


def write_patients(population: Population, out: Path, *, jurisdiction: str | None) -> None:
    """
    Write a patient file of each person into folders of at most a thousand.

    :raises FilesError: if they cannot be written; then nothing stands at `out`.
    """
    comment = f"Invented: no such person exists. Seed {population.seed}."

    def write(person: InventedPerson) -> bytes:
        return patient_file(_record(person, population, jurisdiction), comment=comment).encode()

    _one_by_one(population, out, ending="yaml", write=write)


def write_bundles(population: Population, out: Path, *, jurisdiction: str | None) -> None:
    """
    Write a FHIR Bundle of each person into folders of at most a thousand.

    :raises FilesError: if they cannot be written; then nothing stands at `out`.
    """

    def write(person: InventedPerson) -> bytes:
        record = _record(person, population, jurisdiction)
        return _json(bundle_of(record, population.knowledge, invented=True))

    _one_by_one(population, out, ending="json", write=write)


def write_ndjson(population: Population, out: Path, *, jurisdiction: str | None) -> None:
    """
    Write FHIR as a bulk export has it: a file of lines for each type of resource.

    :raises FilesError: if they cannot be written; then nothing stands at `out`.
    """
    with _whole(out) as part, ExitStack() as stack:
        files: dict[str, IO[bytes]] = {}
        for person in people(population):
            record = _record(person, population, jurisdiction)
            for resource in resources_of(record, population.knowledge, invented=True):
                kind = resource["resourceType"]
                if kind not in files:
                    files[kind] = stack.enter_context((part / f"{kind}.ndjson").open("wb"))
                files[kind].write(_json(resource))


def _one_by_one(
    population: Population, out: Path, *, ending: str, write: Callable[[InventedPerson], bytes]
) -> None:
    with _whole(out) as part:
        for number, person in enumerate(people(population)):
            folder = part / _folder(number)
            if number % A_FOLDER == 0:
                folder.mkdir()
            (folder / f"{person.id}.{ending}").write_bytes(write(person))


def _folder(number: int) -> str:
    first = number - number % A_FOLDER
    return f"{first + 1:0{DIGITS}d}-{first + A_FOLDER:0{DIGITS}d}"


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """Give a folder beside `out` to write to, which becomes `out` when all of it is written."""
    out = out.resolve()
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        part.mkdir()
    except FileExistsError:
        raise FilesError(
            f"{part}: left over from a run that was cut short, or another one writes there; remove it"
        ) from None
    except OSError as error:
        raise FilesError(f"{out}: {error.strerror or error}") from None
    try:
        yield part
        _put(part, out)
    except OSError as error:
        raise FilesError(f"{out}: {error.strerror or error}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _put(part: Path, out: Path) -> None:
    """Let a finished folder stand at its place, which may be an empty folder already."""
    if not out.is_dir():
        part.rename(out)
        return
    for each in sorted(part.iterdir()):
        each.rename(out / each.name)


def _record(person: InventedPerson, population: Population, jurisdiction: str | None) -> Record:
    return Record(
        patient=person.id,
        at=population.at,
        jurisdiction=jurisdiction,
        given=person.given,
        trials=person.trials,
        not_understood=(),
    )


def _json(resource: dict[str, Any]) -> bytes:
    return orjson.dumps(resource) + b"\n"
