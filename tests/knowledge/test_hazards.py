"""The hazard log names tests that exist, and the hazards of whole answers are held here."""

import ast
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from overstory.engine.facts import Fact, Facts, FactValueError
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.strict_yaml import read_yaml_file
from overstory.pathway.intake import person
from overstory.pathway.suitability import TREATMENTS, assess

ROOT = Path(__file__).parents[2]
LOG = (ROOT / "docs/safety/hazards.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in LOG.splitlines() if line.startswith("| HZ-")]
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", LOG)))
CLEAR = read_yaml_file(ROOT / "tests/spec/vignettes.yaml").content
NOW = datetime.fromisoformat(CLEAR["at"])
KETAMINE = ("esketamine", "ketamine-iv", "kap")
PERMITTING = {"with-conditions", "suitable"}


def answers(*, jurisdiction="US", old=(), **changes):
    """The eight people's base with changes; None is unknown, names in `old` are 31 days old."""
    given = {
        name: Fact(value, at=NOW - timedelta(days=31) if name in old else NOW)
        for name, value in {**CLEAR["base"], **changes}.items()
        if value is not None
    }
    facts = person(given=given, at=NOW, knowledge=load_knowledge())
    found = assess(patient="x", facts=facts, knowledge=load_knowledge(), jurisdiction=jurisdiction)
    return {each.treatment: each for each in found.treatments}


def verdicts(**changes):
    return {name: str(each.verdict) for name, each in answers(**changes).items()}


def asked(treatment, **changes):
    return set(answers(**changes)[treatment].asks)


def test_the_log_has_at_least_25_hazards_each_whole():
    assert len(ROWS) >= 25
    assert all(len(row) == 6 and all(row) for row in ROWS)
    assert [row[0] for row in ROWS] == [f"HZ-{number:02}" for number in range(1, len(ROWS) + 1)]


def test_every_hazard_has_a_test():
    assert [row[0] for row in ROWS if "`tests/" not in row[5]] == []


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_that_the_log_names_exists(path, name):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))

    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_intended_use_says_that_no_clinician_has_reviewed_the_knowledge():
    text = " ".join((ROOT / "docs/safety/intended-use.md").read_text(encoding="utf-8").split())

    assert "No clinician has reviewed this knowledge yet" in text
    assert "does not claim to be a medical device" in text
    assert "does not decide" in text


def test_of_a_person_nobody_asked_nothing_is_permitted():
    facts = Facts(load_knowledge().vocabulary, NOW, {})

    found = assess(patient="x", facts=facts, knowledge=load_knowledge())

    assert {str(each.verdict) for each in found.treatments} == {"cannot-say-yet"}
    assert found.safety.level == "unknown"


def test_the_person_of_these_tests_is_otherwise_permitted_everything():
    assert set(verdicts().values()) <= PERMITTING


def test_a_pressure_of_31_days_ago_is_no_pressure():
    found = answers(old=("systolic_bp", "diastolic_bp"))

    for treatment in KETAMINE:
        assert str(found[treatment].verdict) == "cannot-say-yet"
        assert {"systolic_bp", "diastolic_bp"} <= set(found[treatment].asks)


@pytest.mark.parametrize("half", ["systolic_bp", "diastolic_bp"])
def test_half_a_pressure_is_no_pressure(half):
    found = answers(**{half: None})

    for treatment in KETAMINE:
        assert str(found[treatment].verdict) == "cannot-say-yet"
        assert half in found[treatment].asks


@pytest.mark.parametrize(
    ("name", "slip"),
    [("weight_kg", 8.1), ("weight_kg", 810), ("systolic_bp", 16), ("spo2", 120), ("phq9_item9", 4)],
)
def test_a_value_that_can_only_be_a_slip_is_refused(name, slip):
    with pytest.raises(FactValueError, match=name):
        answers(**{name: slip})


def test_the_pressure_limit_is_not_relaxed_at_65_in_the_eu():
    found = answers(jurisdiction="EU", age_years=70, systolic_bp=141, diastolic_bp=85)

    assert str(found["esketamine"].verdict) == "not-now"


def test_a_recent_heart_attack_is_answered_by_the_rules_of_the_place():
    event = {"cardiovascular_event_ever": True, "weeks_since_cardiovascular_event": 5}

    assert verdicts(**event)["esketamine"] == "not-now"
    assert verdicts(jurisdiction="EU", **event)["esketamine"] == "contraindicated"


def test_an_off_label_use_asks_for_a_physicians_decision():
    infusion = answers()["ketamine-iv"]

    assert str(infusion.verdict) == "with-conditions"
    assert any(
        each.rule.kind == "physician-decision" and each.answer and "off-label" in each.rule.id
        for each in infusion.rules
    )


def test_metal_nobody_asked_about_leaves_tms_unsaid():
    assert verdicts(metal_in_head_or_neck=None)["tms"] == "cannot-say-yet"
    assert "metal_in_head_or_neck" in asked("tms", metal_in_head_or_neck=None)


@pytest.mark.parametrize(
    "implant",
    [  # rows TMS_CI_01 to TMS_CI_04 of the clinical dossiers
        "metal_in_head_or_neck",
        "aneurysm_clip_or_coil",
        "cochlear_implant",
        "deep_brain_stimulator",
        "vagus_nerve_stimulator",
        "pacemaker_or_defibrillator",
        "implanted_infusion_pump",
    ],
)
def test_each_implant_rules_tms_out(implant):
    found = verdicts(**{implant: True})

    assert found["tms"] == "contraindicated"
    assert found["ketamine-then-tms"] == "contraindicated"
    assert verdicts(**{implant: None})["tms"] == "cannot-say-yet"


def test_an_aneurysm_rules_out_every_form_of_ketamine():
    known = verdicts(aneurysmal_vascular_disease=True)
    unknown = verdicts(aneurysmal_vascular_disease=None)

    assert {known[each] for each in KETAMINE} == {"contraindicated"}
    assert {unknown[each] for each in KETAMINE} == {"cannot-say-yet"}


def test_under_18_no_form_of_ketamine():
    known, unknown = verdicts(age_years=17), verdicts(age_years=None)

    assert {known[each] for each in KETAMINE} == {"contraindicated"}
    assert {unknown[each] for each in KETAMINE} == {"cannot-say-yet"}


def test_a_possible_pregnancy_is_asked_for_before_ketamine():
    found = answers(can_become_pregnant=True, pregnant=None)

    for treatment in KETAMINE:
        assert str(found[treatment].verdict) not in PERMITTING
        assert "pregnant" in found[treatment].asks


def test_the_combination_is_never_simply_suitable():
    combination = answers()["ketamine-then-tms"]

    assert str(combination.verdict) == "with-conditions"
    assert any(each.rule.kind == "notice" and each.part is None for each in combination.rules)


def test_every_treatment_is_answered():
    assert tuple(verdicts()) == TREATMENTS
