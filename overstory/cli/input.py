"""What commands read: files, times, policies; whatever is wrong ends with exit status 2."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from overstory.engine.facts import Facts, FactValueError, UnknownFactNameError
from overstory.exchange.fhir import FhirError
from overstory.exchange.fhir import read as read_fhir
from overstory.exchange.patient_file import read_patient_file, read_time
from overstory.exchange.policy_file import read_policy_file
from overstory.exchange.records import UNPRINTABLE, InputError, NotUnderstood, Record
from overstory.knowledge.documents import KnowledgeError
from overstory.knowledge.load import Knowledge, load_knowledge
from overstory.pathway.intake import person
from overstory.pathway.policy import PolicyError, with_policy

RESOURCE_TYPE = re.compile(rb'"resourceType"\s*:')
STARTS_AS_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]")
MOST_BYTES = 500_000_000
LONGEST_LINE = 1000
OTHER_FORMS = {
    b"\x1f\x8b": "it is compressed; unpack it first",
    b"PK": "it is compressed; unpack it first",
    b"%PDF": "a PDF; give a patient file or FHIR in JSON",
    b"<": "it looks like XML; give a patient file or FHIR in JSON",
    b"\xff\xfe": "not text in UTF-8 but in UTF-16; save it as UTF-8",
    b"\xfe\xff": "not text in UTF-8 but in UTF-16; save it as UTF-8",
}
BAD_INPUT = 2


class _Time(click.ParamType[datetime]):
    """A moment with its zone."""

    name = "TIME"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return read_time(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


at_option = click.option(
    "--at", type=_Time(), help="The moment asked about, such as 2026-11-22T10:00:00-05:00."
)
jurisdiction_option = click.option(
    "--jurisdiction",
    type=click.Choice(["US", "EU"]),
    help="Whose labels apply; by default the file's own, else US.",
)
policy_option = click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The clinic's site policy, a YAML file.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
patient_argument = click.argument("patient", type=click.Path(path_type=Path, allow_dash=True))


@contextmanager
def bad_input_ends() -> Iterator[None]:
    """End the command with exit status 2 and the message when input is refused."""
    try:
        yield
    except (
        InputError, FhirError, PolicyError, KnowledgeError, FactValueError, UnknownFactNameError,
    ) as error:  # fmt: skip
        click.echo(f"overstory: {_told(error)}", err=True)
        sys.exit(BAD_INPUT)


def knowledge_with(policy: Path | None) -> Knowledge:
    """
    Return the knowledge, as the site has it where a policy file is given.

    :raises InputError: if the policy file is refused.
    :raises PolicyError: if the policy changes what is not a site's to change.
    """
    knowledge = load_knowledge()
    if policy is None:
        return knowledge
    return with_policy(knowledge, read_policy_file(read_text(policy), name=shown_name(policy)))


def read_record(path: Path, *, at: datetime | None, knowledge: Knowledge) -> Record:
    """
    Return the record in a patient file, a FHIR Bundle, resource or NDJSON; `-` is standard input.

    A FHIR record without `at` is seen now: what has aged since it was made is unknown.

    :raises InputError: if the file cannot be read as either.
    :raises FhirError: if it is FHIR and refused.
    """
    content = read_bytes(path)
    name = shown_name(path)
    for start, why in OTHER_FORMS.items():
        if content.startswith(start):
            raise InputError(f"{name}: {why}")
    if not (STARTS_AS_JSON.match(content) and RESOURCE_TYPE.search(content)):
        return read_patient_file(_decode(content, name), name=name, knowledge=knowledge, at=at)
    reading = read_fhir(
        content, name=name, at=at or datetime.now().astimezone(), knowledge=knowledge
    )
    return Record(
        patient=printable(reading.patient),
        at=reading.at,
        jurisdiction=None,
        given={
            name: replace(fact, origin=printable(fact.origin or ""))
            for name, fact in reading.facts.items()
        },
        trials=reading.trials,
        not_understood=tuple(
            NotUnderstood(printable(each.from_), printable(each.why))
            for each in reading.not_understood
        ),
    )


def printable(text: str) -> str:
    """Return the text with what would steer a terminal, or is no character, shown as `\ufffd`."""
    return UNPRINTABLE.sub("\ufffd", text)


def shown_name(path: Path) -> str:
    """Return how a file is called in messages and origins; `-` is standard input."""
    return "standard input" if str(path) == "-" else printable(click.format_filename(path))


def _told(error: Exception) -> str:
    """The message in lines that can be read, whatever the input was."""
    lines = str(error).split("\n")
    cut = (line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} …" for line in lines)
    return "\n".join(printable(line) for line in cut)


def facts_of(record: Record, knowledge: Knowledge) -> Facts:
    """Return the facts of a record, with what is derived from them."""
    return person(given=record.given, trials=record.trials, at=record.at, knowledge=knowledge)


def read_text(path: Path) -> str:
    """
    Return the text of a file.

    :raises InputError: if it cannot be read or is not UTF-8.
    """
    return _decode(read_bytes(path), shown_name(path))


def read_bytes(path: Path) -> bytes:
    """
    Return the bytes of a file; `-` is standard input.

    :raises InputError: if it cannot be read, or is larger than `MOST_BYTES`.
    """
    if str(path) == "-" and sys.stdin is None:
        raise InputError("standard input is closed; give a file")
    try:
        if str(path) == "-":
            content = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{shown_name(path)}: {error.strerror or error}") from None
    if len(content) > MOST_BYTES:
        raise InputError(f"{shown_name(path)}: larger than {MOST_BYTES // 1_000_000} MB")
    return content


def _decode(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not text in UTF-8 (byte {error.start})") from None
