"""Every row of the ketamine dossier's suitability tables is encoded, or left out for a stated reason."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyphen
import pytest

from overstory.engine.evaluate import evaluate
from overstory.engine.facts import Fact, Facts
from overstory.knowledge.answering import answer_of
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.rules import ReadRule
from overstory.knowledge.strict_yaml import read_yaml_file

TABLE: dict[str, Any] = read_yaml_file(Path(__file__).parent / "rows" / "ketamine.yaml").content
ROWS: list[dict[str, Any]] = TABLE["rows"]
ENCODED = [row for row in ROWS if "rules" in row]
CASES = [
    pytest.param(row["id"], case, id=f"{row['id']}-{place}")
    for row in ENCODED
    for place, case in enumerate(row["cases"], 1)
]

# The rows of the clinical dossier on ketamine: §3.1 (31), §3.2 (14), §3.3 (17), §4.1 (10).
IDS = [
    *(f"CI-{number:02}" for number in range(1, 32)),
    *(f"WU-{number:02}" for number in range(1, 15)),
    *(f"IX-{number:02}" for number in range(1, 18)),
    *(f"PS-{number:02}" for number in range(1, 11)),
]
AT = datetime.fromisoformat("2026-11-22T10:00:00-05:00")
ANSWERS = {True: True, False: False, "unknown": None, "met": True, "open": None}
FORMS = {
    "ketamine": ["esketamine", "ketamine-iv", "kap"],
    "racemic": ["ketamine-iv", "kap"],
    "all": ["esketamine", "ketamine-iv", "kap", "tms"],
    "esketamine": ["esketamine"],
    "ketamine-iv": ["ketamine-iv"],
    "kap": ["kap"],
}
# Rules that rest on no row of these tables: the labels' indications (REG-03, REG-08), SU-01 and SU-04.
BEYOND_THE_ROWS = {
    "esketamine.without-antidepressant-eu",
    "esketamine.suicidal-thoughts-without-antidepressant",
    "esketamine.young-adult",
    "safety.needs-inpatient-care",
}


def facts(given: dict[str, Any], *, at: datetime | None = None) -> Facts:
    return Facts(
        vocabulary=load_knowledge().vocabulary,
        at=AT,
        given={name: Fact(value=value, at=at or AT) for name, value in given.items()},
    )


def ours() -> list[ReadRule]:
    homes = tuple(f"treatments/{home}/" for home in ("esketamine", "ketamine-iv", "kap", "shared"))
    return [rule for rule in load_knowledge().rules if rule.file.startswith(homes)]


def given_of(case: dict[str, Any]) -> dict[str, Any]:
    if "without" not in case:
        return dict(case["given"])
    return {name: value for name, value in TABLE["healthy"].items() if name not in case["without"]}


def test_every_row_of_the_dossier_stands_in_the_table_once_and_in_order() -> None:
    assert [row["id"] for row in ROWS] == IDS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_row_names_its_rules_or_why_it_has_none(row: dict[str, Any]) -> None:
    named = {each["rule"] for each in row.get("rules", ())}

    assert named or row["left_out"]
    assert {case["rule"] for case in row.get("cases", ())} == named


@pytest.mark.parametrize("row", ENCODED, ids=lambda row: row["id"])
def test_each_rule_of_a_row_has_a_positive_a_negative_and_a_missing_case(
    row: dict[str, Any],
) -> None:
    for each in row["rules"]:
        expected = {case["expect"] for case in row["cases"] if case["rule"] == each["rule"]}

        required = each["kind"] == "requires"
        assert expected == ({"met", "open"} if required else {True, False, "unknown"})


@pytest.mark.parametrize("row", ENCODED, ids=lambda row: row["id"])
def test_a_rule_has_the_power_and_the_treatments_of_its_row(row: dict[str, Any]) -> None:
    for each in row["rules"]:
        words = load_knowledge().rule(each["rule"]).words

        treatments = each["for"] if isinstance(each["for"], list) else FORMS[each["for"]]
        assert (words.kind, words.status) == (each["kind"], each["status"])
        assert words.applies_to == treatments
        assert words.jurisdiction == each.get("only_in", [])


@pytest.mark.parametrize(("row_id", "case"), CASES)
def test_a_case_of_a_row_answers_as_the_row_says(row_id: str, case: dict[str, Any]) -> None:
    rule = load_knowledge().rule(case["rule"])

    answer = answer_of(rule, facts(given_of(case)))

    assert answer.truth is ANSWERS[case["expect"]], row_id


def test_every_rule_comes_from_a_row_or_is_named_as_coming_from_elsewhere() -> None:
    from_rows = {each["rule"] for row in ENCODED for each in row["rules"]}

    rules = {rule.id for rule in ours() if rule.kind != "indication"}

    assert rules == from_rows | BEYOND_THE_ROWS


@pytest.mark.parametrize("days", [30, 31])
@pytest.mark.parametrize("rule_id", ["shared.vital-signs-known", "shared.pregnancy-known"])
def test_vital_signs_and_a_pregnancy_test_count_for_30_days(rule_id: str, days: int) -> None:
    # WU-06 "intake (<=30 d)"; WU-11 "baseline and monthly".
    old = facts({**TABLE["healthy"], "pregnant": False}, at=AT - timedelta(days=days))

    answer = answer_of(load_knowledge().rule(rule_id), old)

    assert answer.truth is (True if days == 30 else None)


def test_a_recent_heart_attack_bars_in_the_eu_and_defers_in_the_us() -> None:
    # CI-05, and the safety rules for all treatments.
    recent = facts({"cardiovascular_event_ever": True, "weeks_since_cardiovascular_event": 5})

    found = {
        (where, treatment): {
            rule.kind
            for rule in ours()
            if rule.kind in {"contraindication", "defer"}
            and rule.holds_in(where)
            and treatment in rule.words.applies_to
            and rule.when
            and evaluate(rule.when, recent).truth
        }
        for where in ("US", "EU")
        for treatment in FORMS["all"]
    }

    assert {kinds for each, kinds in _frozen(found) if each[0] == "US"} == {frozenset({"defer"})}
    assert {kinds for each, kinds in _frozen(found) if each[0] == "EU"} == {
        frozenset({"contraindication"})
    }


def _frozen(found: dict[Any, set[str]]) -> list[tuple[Any, frozenset[str]]]:
    return [(each, frozenset(kinds)) for each, kinds in found.items()]


@pytest.mark.parametrize(
    ("rule_id", "given"),
    [
        ("safety.needs-inpatient-care", {"needs_inpatient_care": True}),  # SU-01
        ("esketamine.without-antidepressant-eu", {"takes_oral_antidepressant": False}),  # REG-08
        (
            "esketamine.suicidal-thoughts-without-antidepressant",  # REG-03
            {"suicidal_ideation_active": True, "takes_oral_antidepressant": False},
        ),
    ],
)
def test_a_rule_from_beyond_the_rows_holds_on_its_facts(
    rule_id: str, given: dict[str, Any]
) -> None:
    rule = load_knowledge().rule(rule_id)
    opposite = {name: not value for name, value in given.items()}

    assert answer_of(rule, facts(given)).truth is True
    assert answer_of(rule, facts(opposite)).truth is False
    assert answer_of(rule, facts({})).truth is None


# Indications: facts that make one true; status and start (REG-01, 02, 03, 08); grade (end of §1.2).
ADULT = {"age_years": 44, "has_major_depression": True}
TRD = {**ADULT, "failed_antidepressant_trials": 2}
OTHER = {"age_years": 30, "standard_treatment_failed": True}
SUICIDAL = {**ADULT, "suicidal_ideation_active": True}
BOTH = {"US": ("off-label", ""), "EU": ("off-label", "")}
MODERATE = {"depression_severity": "moderate"}
INDICATIONS = [
    ("esketamine.treatment-resistant-depression", TRD, {"US": ("approved", "2019-03-05")}, "A"),
    (
        "esketamine.treatment-resistant-depression-eu",
        {**TRD, **MODERATE},
        {"EU": ("approved", "2023 or earlier")},
        "A",
    ),
    (
        "esketamine.depression-with-acute-suicidal-thoughts",
        SUICIDAL,
        {"US": ("approved", "2020")},
        "A",
    ),
    (
        "esketamine.depression-with-acute-suicidal-thoughts-eu",
        {**SUICIDAL, **MODERATE},
        {"EU": ("approved", "2023 or earlier")},
        "A",
    ),
    ("ketamine-iv.treatment-resistant-depression", TRD, BOTH, "A"),
    (
        "ketamine-iv.bipolar-depression",
        {"age_years": 30, "bipolar_depressive_episode": True, "failed_antidepressant_trials": 1},
        BOTH,
        "B",
    ),
    ("ketamine-iv.ptsd", {**OTHER, "has_ptsd": True}, BOTH, "conflicting"),
    ("ketamine-iv.ocd", {**OTHER, "has_ocd": True}, BOTH, "conflicting"),
    ("ketamine-iv.anxiety", {**OTHER, "has_anxiety_disorder": True}, BOTH, "C"),
    ("ketamine-iv.crps", {**OTHER, "has_crps": True}, BOTH, "B"),
    ("kap.treatment-resistant-depression", TRD, BOTH, "D"),
    ("kap.anxiety", {**OTHER, "has_anxiety_disorder": True}, BOTH, "D"),
    ("kap.ptsd", {**OTHER, "has_ptsd": True}, BOTH, "D"),
]


@pytest.mark.parametrize(("rule_id", "given", "standing", "grade"), INDICATIONS)
def test_an_indication_holds_with_its_standing_and_grade(
    rule_id: str, given: dict[str, Any], standing: dict[str, tuple[str, str]], grade: str
) -> None:
    rule = load_knowledge().rule(rule_id)

    found = {each.jurisdiction: (each.status, each.since) for each in rule.words.regulatory}

    assert answer_of(rule, facts(given)).truth is True
    assert answer_of(rule, facts({**given, "age_years": 17})).truth is False
    assert found == standing
    assert rule.words.evidence == grade
    assert rule.words.status in {"primary", "secondary"}
    for where in standing:
        assert rule.holds_in(where)


def test_the_indications_are_those_listed() -> None:
    assert {rule.id for rule in ours() if rule.kind == "indication"} == {
        rule_id for rule_id, *_ in INDICATIONS
    }


def test_a_bare_diagnosis_never_indicates_ketamine() -> None:
    bare = facts(
        {
            **ADULT,
            "depression_severity": "severe",
            "failed_antidepressant_trials": 0,
            "suicidal_ideation_active": False,
            "suicide_attempt_within_3_months": False,
            "bipolar_depressive_episode": True,
            "has_ptsd": True,
            "has_ocd": True,
            "has_anxiety_disorder": True,
            "has_crps": True,
            "standard_treatment_failed": False,
        }
    )

    truths = {rule.id: answer_of(rule, bare).truth for rule in ours() if rule.kind == "indication"}

    assert set(truths.values()) == {False}


def test_nothing_recalled_does_more_than_warn() -> None:
    kinds = {rule.kind for rule in ours() if rule.words.status == "recalled"}

    assert kinds == {"caution", "physician-decision"}


def test_suicidal_depression_is_indicated_saying_that_suicide_prevention_is_unproven() -> None:
    # REG-09: prevention of suicide or reduction of ideation not demonstrated.
    for rule in ours():
        if rule.words.indication == "depression-with-acute-suicidal-thoughts":
            assert "not shown" in rule.words.says
            assert "hospital" in rule.words.says


def test_every_source_of_the_ketamine_rules_exists() -> None:
    knowledge = load_knowledge()
    cited = {cite.id for rule in ours() for cite in rule.sources}
    for rule in ours():
        for each in rule.words.regulatory:
            cited |= {
                cite.id
                for cite in (each.source if isinstance(each.source, list) else [each.source])
            }

    assert cited <= set(knowledge.sources)


SPOKEN = [
    rule
    for rule in ours()
    if rule.kind in {"contraindication", "defer", "physician-decision", "caution"}
]


@pytest.mark.parametrize("rule", SPOKEN, ids=lambda rule: rule.id)
def test_a_patient_is_told_in_plain_words_in_both_languages(rule: ReadRule) -> None:
    assert rule.words.to_patient_es
    assert rule.words.to_patient_es != rule.words.to_patient
    assert _reading_grade(rule.words.to_patient) <= 8
    if rule.kind in {"physician-decision", "caution"}:
        assert rule.words.precaution


def _reading_grade(text: str) -> float:
    """Return the Flesch-Kincaid grade (Kincaid 1975) with hyphenation for syllables."""
    hyphens = pyphen.Pyphen(lang="en_US")
    words = re.findall(r"[A-Za-z']+", text)
    sentences = len(re.findall(r"[.!?](?:\s|$)", text))
    syllables = sum(len(hyphens.positions(word)) + 1 for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59
