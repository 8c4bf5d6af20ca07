"""Hostile and unlucky input: a message and exit status 2, never a traceback."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from overstory.cli import main

ROOT = Path(__file__).parents[2]
MAYA = ROOT / "examples" / "patients" / "maya.yaml"
COMMAND = [sys.executable, "-m", "overstory.cli"]
HEAD = 'id: maya\nat: "2026-11-22T10:00:00-05:00"\nfacts:\n'
JSON_HEAD = '{"id": "maya", "at": "2026-11-22T10:00:00Z", "facts": '


def run(*arguments):
    return CliRunner().invoke(main, [str(each) for each in arguments])


def command(*arguments, **more):
    return subprocess.run([*COMMAND, *map(str, arguments)], check=False, cwd=ROOT, **more)


REFUSED = {
    "a whole number of 5,000 digits": (HEAD + "  age_years: " + "9" * 5000, "x:4: 99999999999999999999… is too large"),
    "a whole number of 400 digits": (HEAD + "  age_years: " + "9" * 400, "x:4: 99999999999999999999… is too large"),
    "a number beyond all": (HEAD + "  age_years: 1e400", "x:4: 1e400 is too large"),
    "a number with a stray sign": (HEAD + "  age_years: 1_", "x:4: age_years is a number in years"),
    "weeks of 400 digits": (HEAD + "  age_years: 4\nantidepressant_trials:\n  - {medicine: sertraline, weeks: " + "9" * 400 + "}", "x:6:"),
    "the same in JSON": (JSON_HEAD + '{"age_years": ' + "9" * 5000 + "}}", "is too large"),
    "half a character in JSON": (JSON_HEAD + '{"age_years": {"value": 4, "from": "\\ud800"}}}', "x:1: a text has the character U+D800"),
    "half a character as a name": (JSON_HEAD + '{"\\ud800": 4}}', "U+D800"),
    "a terminal's escape": ('id: "\\e[31mred"\n', "x:1: a text has the character U+001B"),
    "a raw zero byte": (HEAD + "  age_years: 44\n\0", "x:5: the character U+0000 is not text"),
    "an anchor on a key": (HEAD + "  &a age_years: 4", "x:4: a key is a plain word"),
    "a tag on a key": (HEAD + "  !!str age_years: 4", "x:4: a key is a plain word"),
    "JSON 100 deep": (JSON_HEAD + '{"age_years": ' + "[" * 100 + "]" * 100 + "}}", "nested more than 60 deep"),
    "an id that is a page": (HEAD.replace("maya", "x" * 3000) + "  age_years: 4", "x:1: an id is one line of up to 64"),
    "an id of two lines": (HEAD.replace("maya", '"a\\nb"') + "  age_years: 4", "x:1: an id is one line of up to 64"),
    "a moment in the year 9999": (HEAD.replace("2026", "9999"), "x:2: 9999-11-22T10:00:00-05:00: a year is between 1850 and 2300"),
    "a moment in the year 1": (HEAD.replace("2026", "0001"), "x:2: 0001-11-22T10:00:00-05:00: a year is between"),
    "a zone of no place": (HEAD.replace("-05:00", "+23:59"), "x:2: 2026-11-22T10:00:00+23:59: a zone is between -14:00 and +14:00"),
    "a 60th second": (HEAD.replace("10:00:00", "10:00:60"), "x:2: 2026-11-22T10:00:60-05:00 is no moment: second"),
    "digits of another script": (HEAD.replace("2026", "２０２６"), "x:2: a time is text with a zone"),
    "XML": ('<Bundle xmlns="http://hl7.org/fhir"/>', "x: it looks like XML"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "why"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_a_patient_file_is_refused_in_one_short_line(tmp_path, text, why):
    (tmp_path / "x").write_text(text)

    done = run("assess", tmp_path / "x")

    assert done.exit_code == 2
    assert why in done.output
    assert len(done.output) < 1500
    assert isinstance(done.exception, SystemExit)


@pytest.mark.parametrize(
    ("start", "why"),
    [
        (b"\xff\xfei\x00d\x00", "UTF-16; save it as UTF-8"),
        (b"\x1f\x8b\x08\x00", "it is compressed; unpack it first"),
        (b"PK\x03\x04", "it is compressed; unpack it first"),
        (b"%PDF-1.7", "a PDF; give a patient file or FHIR in JSON"),
    ],
)
def test_a_file_of_another_form_is_told_apart(tmp_path, start, why):
    (tmp_path / "x").write_bytes(start)

    done = run("facts", tmp_path / "x")

    assert done.exit_code == 2
    assert why in done.output


def test_a_patient_file_that_mentions_fhir_is_still_a_patient_file(tmp_path):
    (tmp_path / "x.yaml").write_text(HEAD + '  age_years: 44  # from {"resourceType": "Patient"}\n')

    assert run("facts", tmp_path / "x.yaml").exit_code == 0


def test_a_quantity_beyond_all_numbers_makes_no_fact(tmp_path):
    pounds = {
        "resourceType": "Observation",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "effectiveDateTime": "2026-11-21",
        "valueQuantity": {
            "value": 1.7e308,
            "system": "http://unitsofmeasure.org",
            "code": "[oz_av]",
        },
    }
    for unit in ("[lb_av]", "g", "[oz_av]", "kg"):
        pounds["valueQuantity"]["code"] = unit
        (tmp_path / "x.json").write_text(json.dumps(pounds))

        done = run("facts", tmp_path / "x.json", "--json")

        assert done.exit_code == 0
        assert json.loads(done.output)["facts"].get("weight_kg", {}).get("value") is None
        assert json.loads(done.output)["not_understood"]


def test_an_escape_in_a_fhir_document_never_reaches_the_terminal(tmp_path):
    steering = {"resourceType": "\x1b[31mX", "id": "\x1b[2J", "subject": {"reference": "Patient/p"}}
    patient = {"resourceType": "Patient", "id": "p\x1b[31m"}
    bundle = {"resourceType": "Bundle", "entry": [{"resource": patient}, {"resource": steering}]}
    (tmp_path / "x.json").write_text(json.dumps(bundle))

    for name in ("assess", "facts", "history"):
        done = CliRunner().invoke(main, [name, str(tmp_path / "x.json")], color=True)

        assert done.exit_code == 0
        assert "\x1b[31m" not in done.output
        assert "\x1b[2J" not in done.output


def test_a_file_whose_name_is_no_text_is_read(tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff.yaml"
    Path(os.fsdecode(path)).write_bytes(MAYA.read_bytes())

    for name in ("facts", "assess", "history"):
        done = command(name, os.fsdecode(path), "--json", capture_output=True)

        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["patient"] == "maya"


def test_a_closed_input_is_refused():
    done = command("assess", "-", capture_output=True, preexec_fn=lambda: os.close(0))

    assert done.returncode == 2
    assert b"standard input is closed" in done.stderr


def test_standard_input_asked_for_twice_is_empty_the_second_time():
    done = command("assess", "-", "-", input=MAYA.read_bytes(), capture_output=True)

    assert done.returncode == 2
    assert b"standard input:1: the file is empty" in done.stderr


@pytest.mark.parametrize("arguments", [["assess", MAYA], ["knowledge", "list"], ["--help"]])
def test_a_full_disk_is_told(arguments):
    with Path("/dev/full").open("wb") as full:
        done = command(*arguments, stdout=full, stderr=subprocess.PIPE)

    assert done.returncode == 2
    assert done.stderr == b"overstory: the answer cannot be written: No space left on device\n"


def test_a_reader_that_has_seen_enough_is_no_error():
    running = subprocess.Popen(
        [*COMMAND, "knowledge", "list"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    running.stdout.close()

    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait() == 0


def test_being_stopped_is_said_without_a_traceback(tmp_path):
    os.mkfifo(tmp_path / "slow")
    running = subprocess.Popen(
        [*COMMAND, "assess", tmp_path / "slow"], cwd=ROOT, stderr=subprocess.PIPE
    )
    with (tmp_path / "slow").open("wb"):  # opens only once the command has opened it to read
        running.send_signal(signal.SIGINT)

        assert running.stderr.read() == b"overstory: stopped\n"
    running.stderr.close()
    assert running.wait() == 130


BROKEN = {
    "no file": (lambda home: None, "no knowledge stands here"),
    "a folder named as a file": (lambda home: (home / "x.yaml").mkdir(), "x.yaml:1: cannot be read"),
    "a link to nowhere": (lambda home: (home / "x.yaml").symlink_to("nowhere"), "x.yaml:1: cannot be read"),
    "bytes": (lambda home: (home / "x.yaml").write_bytes(b"\xff\xfe\xfd"), "x.yaml:1: not text in UTF-8"),
    "no list": (lambda home: (home / "x.yaml").write_text("rules: 5\n"), "x.yaml:1: Expected `array`"),
}  # fmt: skip


@pytest.mark.parametrize("name", ["check", "diff"])
@pytest.mark.parametrize(("break_it", "why"), BROKEN.values(), ids=BROKEN)
def test_a_broken_knowledge_folder_is_refused(tmp_path, name, break_it, why):
    break_it(tmp_path)

    done = run("knowledge", name, tmp_path)

    assert done.exit_code == 2
    assert why in done.output


def test_a_kind_that_is_none_is_refused():
    done = run("knowledge", "list", "--kind", "nope")

    assert done.exit_code == 2
    assert "'nope' is not one of" in done.output
