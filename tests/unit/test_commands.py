"""The command as a person meets it: help, answers, refusals, exit status; never a traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from overstory.cli import COMMANDS, main

ROOT = Path(__file__).parents[2]
PATIENTS = ROOT / "examples" / "patients"
MAYA = str(PATIENTS / "maya.yaml")


def run(*arguments, stdin=None):
    return CliRunner().invoke(main, [str(each) for each in arguments], input=stdin)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_an_example(name):
    done = run(name, "--help")

    assert done.exit_code == 0
    assert "xample" in done.output
    assert "overstory" in done.output


@pytest.mark.parametrize("path", sorted(PATIENTS.iterdir()), ids=lambda path: path.name)
def test_every_example_patient_is_answered_safety_first(path):
    done = run("assess", path, "--at", "2026-11-22T10:00:00-05:00")

    assert done.exit_code == 0
    assert "SAFETY" in done.output.splitlines()[2]
    assert "No clinician has reviewed it yet" in " ".join(done.output.split())


def test_colour_only_reaches_a_terminal():
    done = subprocess.run(
        [sys.executable, "-m", "overstory.cli", "assess", MAYA], capture_output=True, check=True
    )

    assert b"\x1b[" not in done.stdout


def test_a_person_can_come_through_standard_input():
    done = run("assess", "-", "--json", stdin=Path(MAYA).read_text())

    assert json.loads(done.stdout)["patient"] == "maya"


def test_the_eu_label_is_asked_for_by_option():
    done = run("assess", MAYA, "--jurisdiction", "EU", "--json")

    assert json.loads(done.stdout)["jurisdiction"] == "EU"


REFUSED = {
    "a file that is not there": (["assess", "nobody.yaml"], "nobody.yaml: No such file"),
    "a folder": (["assess", "."], "."),
    "a time without a zone": (["assess", MAYA, "--at", "2026-11-22T10:00:00"], "a time is text with a zone"),
    "an unknown treatment": (["assess", MAYA, "--treatment", "ect"], "'ect' is not one of"),
    "an unknown rule": (["explain", "esketamine.presure-before-dose"], "near it: esketamine.pressure-before-dose"),
    "an unknown section": (["knowledge", "list", "--section", "novels"], "the sections are"),
    "an unknown entry": (["knowledge", "show", "nothing"], "nothing in the knowledge has the id"),
    "a day that is none": (["knowledge", "check", "--on", "soon"], "a day is written as 2026-11-22"),
    "no patient": (["assess"], "Missing argument"),
    "an unknown command": (["divine", MAYA], "No such command"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "why"), REFUSED.values(), ids=REFUSED)
def test_bad_input_ends_with_two_and_says_what_would_be_right(arguments, why):
    done = run(*arguments)

    assert done.exit_code == 2
    assert why in done.output
    assert not done.exception or isinstance(done.exception, SystemExit)


def test_when_one_of_several_files_is_wrong_nothing_is_half_written(tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text('id: x\nat: "2026-11-22T10:00:00Z"\nfacts: {presure: 3}\n')

    done = run("assess", MAYA, wrong, "--json")

    assert done.exit_code == 2
    assert done.stdout == ""
    assert "wrong.yaml:3" in done.stderr


def test_a_site_policy_changes_the_answer_and_the_hash(tmp_path):
    policy = tmp_path / "site.yaml"
    policy.write_text(
        'clinic: A clinic\nadopted_by: its director\nadopted_on: "2026-11-22"\nrules:\n'
        "  tms.pacemaker-or-defibrillator:\n    kind: physician-decision\n    reason: Cardiology agreed.\n"
    )
    patient = tmp_path / "p.yaml"
    patient.write_text((PATIENTS / "ruth.yaml").read_text().replace(
        "pacemaker_or_defibrillator: false", "pacemaker_or_defibrillator: true"))  # fmt: skip

    plain, changed = (
        json.loads(run("assess", patient, "--treatment", "tms", "--json", *more).stdout)
        for more in ([], ["--policy", policy])
    )

    assert plain["treatments"][0]["verdict"] == "contraindicated"
    assert changed["treatments"][0]["verdict"] == "with-conditions"
    assert plain["knowledge"]["sha256"] != changed["knowledge"]["sha256"]


def test_explain_says_a_rule_in_words_with_its_source():
    done = run("explain", "esketamine.pressure-before-dose")

    assert done.exit_code == 0
    said = " ".join(done.output.split())
    assert (
        "systolic blood pressure is above 140 mmHg or diastolic blood pressure is above 90 mmHg"
        in said
    )
    assert "spravato-label-us" in said


def test_explain_says_why_it_answered_so_for_a_person():
    found = json.loads(run("explain", "esketamine.pressure-before-dose", MAYA, "--json").stdout)

    assert found["answer"] is False
    assert [each["fact"] for each in found["because"]] == ["systolic_bp", "diastolic_bp"]


def test_history_answers_every_definition_at_once():
    found = json.loads(run("history", MAYA, "--json").stdout)

    answers = {each["id"]: each["answer"] for each in found["definitions"]}
    assert len(answers) >= 5
    assert found["counts"]["failed_antidepressant_trials"] == {"least": 2, "greatest": 2}


def test_history_without_trials_knows_no_answer():
    found = json.loads(run("history", PATIENTS / "sam.yaml", "--json").stdout)

    assert {each["answer"] for each in found["definitions"]} == {None}


def test_the_shipped_knowledge_differs_from_itself_in_nothing():
    home = ROOT / "overstory" / "knowledge"

    done = run("knowledge", "diff", home, "--json")

    assert json.loads(done.stdout) == []


def test_a_changed_threshold_is_told_field_by_field(tmp_path):
    import shutil

    copy = tmp_path / "knowledge"
    shutil.copytree(ROOT / "overstory" / "knowledge", copy)
    path = copy / "treatments" / "esketamine" / "rules.yaml"
    path.write_text(path.read_text().replace("systolic_bp > 140", "systolic_bp > 150"))

    found = json.loads(run("knowledge", "diff", copy, "--json").stdout)

    assert [(each["what"], each["id"]) for each in found] == [
        ("changed", "esketamine.pressure-before-dose")
    ]
    assert found[0]["fields"] == [
        ["when", "systolic_bp > 150 or diastolic_bp > 90", "systolic_bp > 140 or diastolic_bp > 90"]
    ]


def test_the_check_says_how_much_it_looked_at():
    done = run("knowledge", "check", "--on", "2026-11-22")

    assert done.exit_code == 0
    assert done.output.rstrip().endswith("0 problems")
