"""The JSON of an assessment: a promise to other programs, fixed here key by key."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from overstory.cli import main

PATIENTS = Path(__file__).parents[2] / "examples" / "patients"
TREATMENTS = ["esketamine", "ketamine-iv", "kap", "tms", "ketamine-then-tms"]
VERDICTS = {
    "contraindicated",
    "not-indicated",
    "not-now",
    "cannot-say-yet",
    "with-conditions",
    "suitable",
}
KINDS = {
    "indication",
    "contraindication",
    "defer",
    "physician-decision",
    "caution",
    "requires",
    "notice",
}
STATUSES = {"primary", "secondary", "site-policy", "recalled"}


def run(*arguments):
    done = CliRunner().invoke(main, [str(each) for each in arguments])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def maya():
    return run("assess", PATIENTS / "maya.yaml", "--json")[0]


def test_the_whole_has_its_promised_keys(maya):
    assert maya["schema"] == "overstory.assessment/1"
    assert set(maya) >= {"schema", "knowledge", "at", "patient", "treatments", "next_questions", "safety",
                         "not_understood"}  # fmt: skip
    assert set(maya["knowledge"]) == {"version", "sha256"}
    assert len(maya["knowledge"]["sha256"]) == 64
    assert maya["at"] == "2026-11-22T10:00:00-05:00"
    assert maya["patient"] == "maya"


def test_every_treatment_has_a_verdict_its_indications_rules_and_questions(maya):
    assert [each["treatment"] for each in maya["treatments"]] == TREATMENTS
    for each in maya["treatments"]:
        assert set(each) == {"treatment", "verdict", "indications", "rules", "asks"}
        assert each["verdict"] in VERDICTS
        for indication in each["indications"]:
            assert set(indication) == {"id", "answer", "regulatory", "evidence"}
            assert indication["answer"] in (True, False, None)


def test_every_rule_told_leads_to_its_source(maya):
    for treatment in maya["treatments"]:
        for rule in treatment["rules"]:
            assert {"id", "kind", "answer", "says", "status", "because", "asks", "sources"} <= set(
                rule
            )
            assert rule["kind"] in KINDS
            assert rule["status"] in STATUSES
            assert rule["answer"] in (True, None)
            assert rule["says"]
            assert rule["sources"]
            for source in rule["sources"]:
                assert set(source) == {"id", "at", "title", "url"}
                assert source["title"]


def test_a_reason_has_value_unit_time_and_origin(maya):
    reasons = [
        reason
        for treatment in maya["treatments"]
        for rule in treatment["rules"]
        for reason in rule["because"]
    ]

    assert reasons
    for reason in reasons:
        assert set(reason) == {"fact", "value", "unit", "at", "from"}


def test_an_unknown_rule_gives_no_reason_and_asks(maya):
    for treatment in maya["treatments"]:
        for rule in treatment["rules"]:
            if rule["answer"] is None:
                assert rule["because"] == []
                assert rule["asks"] or rule["id"].endswith(".off-label")


def test_a_question_says_who_is_asked_in_what_words(maya):
    counts = [len(each["could_change"]) for each in maya["next_questions"]]

    assert counts == sorted(counts, reverse=True)
    for question in maya["next_questions"]:
        assert set(question) == {"fact", "ask", "could_change"}
        assert set(question["ask"]) == {"who", "text"}
        assert question["ask"]["text"].endswith(("?", "."))


def test_safety_has_a_level_and_actions(maya):
    assert maya["safety"]["level"] == "unknown"
    assert maya["safety"]["actions"]


def test_the_combination_marks_the_rules_of_its_parts(maya):
    combination = maya["treatments"][-1]

    parts = {rule.get("part") for rule in combination["rules"]}

    assert parts == {None, "tms", "esketamine", "ketamine-iv"}


def test_with_all_the_false_rules_are_told_too():
    plain, whole = (
        run("assess", PATIENTS / "ruth.yaml", "--json", *more)[0] for more in ([], ["--all"])
    )

    for few, many in zip(plain["treatments"], whole["treatments"], strict=True):
        assert len(few["rules"]) < len(many["rules"])
        assert {rule["answer"] for rule in many["rules"]} >= {True, False}
        assert all(rule["answer"] is not False for rule in few["rules"])


def test_a_rule_that_blocks_says_what_would_change_it():
    esketamine = run("assess", PATIENTS / "ruth.yaml", "--treatment", "esketamine", "--json")[0][
        "treatments"
    ][0]

    blocking = next(rule for rule in esketamine["rules"] if rule["kind"] == "contraindication")

    assert blocking["would_change"] == [["aneurysm or weak vessel wall: no"]]


def test_several_people_are_told_one_object_a_line_in_order():
    found = run("assess", PATIENTS / "sam.yaml", PATIENTS / "maya.yaml", "--json")

    assert [each["patient"] for each in found] == ["sam", "maya"]


def test_one_treatment_alone_can_be_asked_for():
    found = run("assess", PATIENTS / "maya.yaml", "--treatment", "ketamine-then-tms", "--json")[0]

    assert [each["treatment"] for each in found["treatments"]] == ["ketamine-then-tms"]


def test_the_facts_are_told_known_or_why_not():
    found = run("facts", PATIENTS / "maya.yaml", "--json")[0]

    assert set(found) == {"patient", "at", "facts", "not_understood"}
    assert found["facts"]["systolic_bp"] == {
        "value": 128, "unit": "mmHg", "at": "2026-11-22T09:40:00-05:00", "from": "nurse"
    }  # fmt: skip
    assert found["facts"]["takes_maoi"]["unknown"] == "not-answered"
    assert found["facts"]["takes_lithium"] == {"unknown": "not-asked"}
    assert found["facts"]["failed_antidepressant_trials"]["value"] == 2
    assert found["facts"]["bmi"]["value"] == 81 * 10000 / (170 * 170)
