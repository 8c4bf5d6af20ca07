"""The decision aid as files: the tagged PDF, and the command that writes both."""

import io
import json
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from overstory.cli.aid import aid
from overstory.exchange.aid.html import aid_html
from overstory.exchange.aid.making import aid_input
from overstory.exchange.aid.pdf import aid_pdf
from tests.people import KNOWLEDGE, facts_of_vignette

PATIENT = str(Path(__file__).parents[2] / "examples" / "patients" / "maya.yaml")


@cache
def pdf_of(name, language):
    given = aid_input(
        patient="maya",
        facts=facts_of_vignette(name),
        knowledge=KNOWLEDGE,
        jurisdiction="US",
        importance={},
    )
    html = aid_html(given, language=language)
    return html, aid_pdf(html)


@pytest.mark.parametrize(
    ("name", "language", "most"),
    [("clear", "en", 4), ("aneurysm", "es", 4), ("tonight", "en", 5)],
)
def test_the_pdf_is_short_tagged_and_says_its_language(name, language, most):
    html, content = pdf_of(name, language)

    reader = PdfReader(io.BytesIO(content))
    root = reader.trailer["/Root"]

    assert 2 <= len(reader.pages) <= most
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert len(_alternatives(root["/StructTreeRoot"])) == html.count("<svg")


def _alternatives(node):
    found = [node["/Alt"]] if "/Alt" in node else []
    kids = node.get("/K", [])
    for each in kids if isinstance(kids, list) else [kids]:
        kid = each.get_object()
        if hasattr(kid, "get") and kid.get("/S"):
            found += _alternatives(kid)
    return found


def test_the_same_page_gives_the_same_bytes():
    html, content = pdf_of("clear", "en")

    assert aid_pdf(html) == content


def test_the_command_writes_both_files_and_says_where(tmp_path):
    values = tmp_path / "matters.yaml"
    values.write_text("fast-relief: 5\n")

    done = CliRunner().invoke(
        aid, [PATIENT, "--out", str(tmp_path / "aids"), "--values", str(values), "--json"]
    )

    told = json.loads(done.output)
    assert done.exit_code == 0, done.output
    assert told["schema"] == "overstory.aid/1"
    assert [each["option"] for each in told["options"]][-2:] == ["usual-care", "not-yet"]
    assert sorted(each.name for each in (tmp_path / "aids").iterdir()) == [
        "maya-aid-en.html", "maya-aid-en.pdf",
    ]  # fmt: skip


def test_the_command_refuses_a_value_that_does_not_exist_and_writes_nothing(tmp_path):
    values = tmp_path / "matters.yaml"
    values.write_text("fast-releif: 5\n")

    done = CliRunner().invoke(
        aid, [PATIENT, "--out", str(tmp_path / "aids"), "--values", str(values)]
    )

    assert done.exit_code == 2
    assert "near it: fast-relief" in done.output
    assert not (tmp_path / "aids").exists()


def test_the_command_writes_spanish_html_alone(tmp_path):
    done = CliRunner().invoke(
        aid, [PATIENT, "--lang", "es", "--format", "html", "--out", str(tmp_path)]
    )

    assert done.exit_code == 0, done.output
    assert [each.name for each in tmp_path.iterdir()] == ["maya-aid-es.html"]
    assert '<html lang="es">' in (tmp_path / "maya-aid-es.html").read_text()
