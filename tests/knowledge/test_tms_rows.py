"""Every row of the TMS dossier's suitability tables is encoded, or left out for a stated reason."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from overstory.engine.evaluate import evaluate
from overstory.engine.facts import Fact, Facts
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.strict_yaml import read_yaml_file

ROWS: list[dict[str, Any]] = read_yaml_file(Path(__file__).parent / "rows" / "tms.yaml").content[
    "rows"
]
CASES = [(row["id"], case) for row in ROWS for case in row.get("cases", ())]

# The rows of the clinical dossier on TMS, §2.1 (5 + 15), §2.2 (11 in table order), §6.2 (16).
IDS = [
    *(f"TMS_CI_{number:02}" for number in range(1, 6)),
    *(f"TMS_RF_{number:02}" for number in range(1, 16)),
    *(f"TMS_MED_{number:02}" for number in range(1, 12)),
    *(f"CMB_{number:02}" for number in range(1, 17)),
]
AT = datetime.fromisoformat("2026-11-22T10:00:00-05:00")
TRUTHS = {"true": True, "false": False, "unknown": None}


def facts(given: dict[str, Any]) -> Facts:
    return Facts(
        vocabulary=load_knowledge().vocabulary,
        at=AT,
        given={name: Fact(value=value) for name, value in given.items()},
    )


def test_every_row_of_the_dossier_stands_in_the_table_once_and_in_order() -> None:
    assert [row["id"] for row in ROWS] == IDS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_row_names_its_rules_or_why_it_has_none(row: dict[str, Any]) -> None:
    known = {rule.id for rule in load_knowledge().rules}

    named = row.get("rules", [])

    assert named or row["left_out"]
    assert set(named) <= known
    assert {case["rule"] for case in row.get("cases", ())} == set(named)


@pytest.mark.parametrize("row", [row for row in ROWS if "rules" in row], ids=lambda row: row["id"])
def test_a_row_has_a_positive_a_negative_and_a_missing_case(row: dict[str, Any]) -> None:
    kinds = {load_knowledge().rule(each).kind for each in row["rules"]}

    expected = {str(case["expect"]).lower() for case in row["cases"]}

    assert expected == ({"always"} if kinds == {"notice"} else {"true", "false", "unknown"})


@pytest.mark.parametrize(
    ("row_id", "case"), CASES, ids=[f"{row}-{place}" for place, (row, _) in enumerate(CASES)]
)
def test_a_case_of_a_row_answers_as_the_row_says(row_id: str, case: dict[str, Any]) -> None:
    rule = load_knowledge().rule(case["rule"])

    if case["expect"] == "always":
        assert rule.kind == "notice"
        assert rule.when is None
    else:
        assert rule.when is not None
        truth = evaluate(rule.when, facts(case["given"])).truth
        assert truth is TRUTHS[str(case["expect"]).lower()]


# The power that each row gives: severity word of the row, by DESIGN of the rules.
POWERS = {
    "tms.metal-in-head-or-neck": ("contraindication", "secondary", False),
    "tms.cochlear-implant": ("contraindication", "secondary", False),
    "tms.deep-brain-stimulator": ("contraindication", "secondary", False),
    "tms.vagus-nerve-stimulator": ("contraindication", "secondary", True),
    "tms.implanted-pump": ("contraindication", "secondary", True),
    "tms.pacemaker-or-defibrillator": ("contraindication", "secondary", True),
    "tms.seizure-by-tms": ("contraindication", "secondary", True),
    "tms.under-15": ("contraindication", "primary", True),
    "tms.seizure-history": ("physician-decision", "secondary", False),
    "tms.brain-lesion": ("physician-decision", "secondary", False),
    "tms.head-injury": ("physician-decision", "recalled", False),
    "tms.recent-brain-injury": ("physician-decision", "recalled", False),
    "tms.withdrawal": ("defer", "secondary", False),
    "tms.intoxication": ("defer", "secondary", False),
    "tms.heavy-alcohol-use": ("defer", "secondary", False),
    "tms.sleep-deprived": ("defer", "secondary", False),
    "tms.pregnancy": ("physician-decision", "recalled", False),
    "tms.other-care-first": ("physician-decision", "secondary", False),
    "tms.bipolar-disorder": ("physician-decision", "recalled", False),
    "tms.clozapine": ("physician-decision", "secondary", False),
    "ketamine-then-tms.off-label-low-certainty": ("notice", "site-policy", False),
}


@pytest.mark.parametrize("rule_id", POWERS)
def test_a_rule_has_the_power_that_its_row_gives(rule_id: str) -> None:
    words = load_knowledge().rule(rule_id).words

    assert (words.kind, words.status, words.downgrade) == POWERS[rule_id]


def test_nothing_recalled_bars_or_delays_tms() -> None:
    ours = [
        rule
        for rule in load_knowledge().rules
        if {"tms", "ketamine-then-tms"} & set(rule.words.applies_to)
    ]

    powers = {rule.kind for rule in ours if rule.words.status == "recalled"}

    assert powers <= {"caution", "physician-decision"}


def test_the_combination_has_no_indication_of_its_own() -> None:
    kinds = [
        rule.kind for rule in load_knowledge().rules if "ketamine-then-tms" in rule.words.applies_to
    ]

    assert "notice" in kinds
    assert "indication" not in kinds


# Indications of TMS: the facts that make one true, and its standing in the United States.
ADULT = {"age_years": 44, "has_major_depression": True}
TEEN = {"age_years": 16, "has_major_depression": True, "takes_oral_antidepressant": True}
OTHER = {"age_years": 30, "standard_treatment_failed": True}
ANXIOUS = {**ADULT, "depression_anxious_distress": True}
INDICATIONS = [
    ("major-depression", {**ADULT, "failed_antidepressant_trials": 1}, "cleared", "A"),
    (
        "major-depression-medicine-not-tolerated",
        {**ADULT, "intolerable_antidepressant_trials": 1},
        "off-label",
        "C",
    ),
    ("anxious-depression", {**ANXIOUS, "failed_antidepressant_trials": 2}, "cleared", "C"),
    ("adolescent-depression", {**TEEN, "failed_antidepressant_trials": 1}, "cleared", "C"),
    ("ocd", {**OTHER, "has_ocd": True}, "cleared", "B"),
    ("smoking", {**OTHER, "tobacco_use_disorder": True}, "cleared", "conflicting"),
]


@pytest.mark.parametrize(("name", "given", "regulatory", "grade"), INDICATIONS)
def test_an_indication_holds_with_its_standing_and_grade(
    name: str, given: dict[str, Any], regulatory: str, grade: str
) -> None:
    rule = load_knowledge().rule(f"tms.{name}")
    standing = {each.jurisdiction: each.status for each in rule.words.regulatory}

    assert rule.when is not None
    assert evaluate(rule.when, facts(given)).truth is True
    assert rule.words.indication == name
    assert standing == {"US": regulatory, "EU": "not-recorded"}
    assert rule.words.evidence == grade


def test_a_bare_diagnosis_never_indicates_tms() -> None:
    bare = facts(
        {
            "age_years": 18,
            "has_major_depression": True,
            "has_ocd": True,
            "tobacco_use_disorder": True,
            "depression_anxious_distress": True,
            "takes_oral_antidepressant": True,
            "failed_antidepressant_trials": 0,
            "intolerable_antidepressant_trials": 0,
            "standard_treatment_failed": False,
        }
    )

    truths = [
        evaluate(rule.when, bare).truth
        for rule in load_knowledge().rules
        if rule.kind == "indication" and rule.words.applies_to == ["tms"] and rule.when
    ]

    assert truths == [False] * 7


# Clearances as printed in table 1.3 of the dossier: number, day as precise as known, what for.
CLEARANCES = [
    ("K083538", "2008-12-16", "major-depression", "primary"),
    ("K122288", "2013-01-07", "major-depression", "primary"),
    ("K171481", "2017-06-16", "major-depression", "primary"),
    ("K182853", "2019-03-15", "major-depression", "primary"),
    ("K201158", "2020-11-20", "major-depression", "primary"),
    ("K222171", "2023-01-13", "ocd", "primary"),
    ("K221129", "2023-03-10", "ocd", "primary"),
    ("K223154", "2023-03-16", "anxious-depression", "primary"),
    ("K231926", "2024-03-22", "adolescent-depression", "primary"),
    ("K251119", "2025-08-08", "anxious-depression", "primary"),
    ("K251125", "2025-08-11", "adolescent-depression", "primary"),
    ("K212289", "2022", "ocd", "recalled"),
    ("K210201", "2021-08", "anxious-depression", "recalled"),
    ("K200957", "2020-08-24", "smoking", "recalled"),
    ("DEN170078", "2018-08-17", "ocd", "recalled"),
]


@pytest.mark.parametrize(("number", "date", "indication", "status"), CLEARANCES)
def test_a_clearance_has_its_number_its_day_and_the_standing_of_the_number(
    number: str, date: str, indication: str, status: str
) -> None:
    found = [
        each
        for each in load_knowledge().sections["clearances"]
        if each.number is not None and each.number.value == number
    ]

    assert len(found) == 1
    assert found[0].date.value == date
    assert indication in found[0].indications
    assert found[0].number.status == status


def test_every_clearance_is_of_an_indication_and_every_cleared_indication_has_one() -> None:
    knowledge = load_knowledge()
    ours = [
        rule.words
        for rule in knowledge.rules
        if rule.words.applies_to == ["tms"] and rule.kind == "indication"
    ]
    cleared = {
        words.indication
        for words in ours
        if any(each.status == "cleared" for each in words.regulatory)
    }

    covered = {name for each in knowledge.sections["clearances"] for name in each.indications}

    assert covered == cleared


def test_a_device_is_never_called_approved() -> None:
    folder = Path(__file__).parents[2] / "overstory" / "knowledge" / "treatments" / "tms"
    texts = [
        line
        for path in folder.glob("*.yaml")
        if path.name != "corrections.yaml"  # it quotes the word to correct it
        for line in path.read_text("utf-8").splitlines()
    ]

    approved = [
        line for line in texts if "approved" in line.lower() and "never approved" not in line
    ]

    assert approved == []


def test_every_source_of_the_tms_rules_and_clearances_exists() -> None:
    knowledge = load_knowledge()
    named = {
        cite.id
        for rule in knowledge.rules
        if rule.id.startswith(("tms.", "ketamine-then-tms."))
        for cite in rule.sources
    }
    for each in knowledge.sections["clearances"]:
        for source in (each.source, *(part.source for part in (each.number, each.date) if part)):
            named |= {cite.id for cite in (source if isinstance(source, list) else [source])}

    assert named <= set(knowledge.sources)
