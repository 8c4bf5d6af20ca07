"""`overstory aid`: the options side by side for one person, to read at home, as HTML and PDF."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path
from tempfile import mkstemp
from typing import Any

import click
import orjson

from overstory.cli.input import (
    at_option,
    bad_input_ends,
    facts_of,
    json_option,
    jurisdiction_option,
    knowledge_with,
    patient_argument,
    policy_option,
    read_record,
    read_text,
)
from overstory.exchange.aid.html import aid_html
from overstory.exchange.aid.making import aid_input, read_importance
from overstory.exchange.aid.page import AidInput
from overstory.exchange.aid.pdf import PdfError, aid_pdf
from overstory.exchange.aid.words import LANGUAGES

FORMATS = {"html": ("html",), "pdf": ("pdf",), "both": ("html", "pdf")}
NOT_IN_A_NAME = re.compile(r"[^\w.-]+")
LONGEST_NAME = 60


@click.command(
    epilog="Examples: overstory aid maya.yaml   ·   "
    "overstory aid bundle.json --lang es --format pdf --out aids   ·   "
    "overstory aid maya.yaml --values matters.yaml"
)
@patient_argument
@click.option(
    "--lang", "language", type=click.Choice(LANGUAGES), default="en", help="Its language."
)
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder to write to; made if it is not there.",
)
@click.option("--format", "wanted", type=click.Choice(list(FORMATS)), default="both", help="Which.")
@at_option
@jurisdiction_option
@policy_option
@click.option(
    "--values",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What matters to the person: a YAML file such as `fast-relief: 5`, 0 to 5 each.",
)
@json_option
def aid(patient: Path, folder: Path, wanted: str, *, as_json: bool, **asked: Any) -> None:
    """Write a decision aid for the PATIENT to take home: the options, in equal detail, cited."""
    with bad_input_ends():
        given = _given(patient, asked)
        html = aid_html(given, language=asked["language"])
    name = NOT_IN_A_NAME.sub("-", given.assessment.patient)[:LONGEST_NAME]
    stem = f"{name}-aid-{asked['language']}"
    try:
        contents = [(folder / f"{stem}.{kind}", _content(kind, html)) for kind in FORMATS[wanted]]
    except PdfError as error:
        raise click.ClickException(f"{error} (--format html works without)") from None
    try:
        files = _written(contents)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    click.echo(orjson.dumps(_summary(given, files)).decode() if as_json else _told(given, files))


def _given(patient: Path, asked: dict[str, Any]) -> AidInput:
    at: datetime | None = asked["at"]
    knowledge = knowledge_with(asked["policy"])
    record = read_record(patient, at=at, knowledge=knowledge)
    values: Path | None = asked["values"]
    return aid_input(
        patient=record.patient,
        facts=facts_of(record, knowledge),
        knowledge=knowledge,
        jurisdiction=asked["jurisdiction"] or record.jurisdiction or "US",
        importance=read_importance(read_text(values), name=str(values)) if values else {},
    )


def _content(kind: str, html: str) -> bytes:
    return html.encode() if kind == "html" else aid_pdf(html)


def _written(contents: list[tuple[Path, bytes]]) -> list[Path]:
    """Write all the files, or leave what was there: each is made aside, then all take their place."""
    aside: list[tuple[Path, Path]] = []
    try:
        for path, content in contents:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = mkstemp(dir=path.parent, prefix=f".{path.name[:40]}-")
            aside.append((Path(name), path))
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).chmod(0o600)
        for made, path in aside:
            made.replace(path)
    finally:
        for made, _ in aside:
            made.unlink(missing_ok=True)
    return [path for path, _ in contents]


def _told(given: AidInput, files: list[Path]) -> str:
    lines = [f"wrote {path}" for path in files]
    if given.assessment.safety.level != "none":
        lines.insert(
            0, f"safety level {given.assessment.safety.level}: the crisis lines stand first"
        )
    return "\n".join(lines)


def _summary(given: AidInput, files: list[Path]) -> dict[str, Any]:
    assessment = given.assessment
    return {
        "schema": "overstory.aid/1",
        "patient": assessment.patient,
        "at": assessment.at.isoformat(),
        "knowledge": {
            "version": assessment.knowledge_version,
            "sha256": assessment.knowledge_sha256,
        },
        "safety": {"level": assessment.safety.level},
        "files": [str(path) for path in files],
        "options": [
            {"option": each.id, "verdict": str(each.verdict) if each.verdict else None}
            for each in given.options
        ],
        "order": [
            {"option": each.option, "place": each.place, "sum": each.least, "up_to": each.greatest}
            for each in given.weighing.sums
        ],
        "not_ordered": list(given.weighing.not_ordered),
    }
