"""The figures of a population in a terminal: short, safety first, nothing cut off."""

from __future__ import annotations

from typing import Any

import pytest

from overstory.cli.panel.text import changes_text, population_text
from tests.panel.report_figures import TMS, figures, of_nobody, rule

CHANGES = {
    "schema": "overstory.changes/1",
    "old": {"version": "2026.11", "sha256": "a" * 64},
    "new": {"version": "2026.12", "sha256": "b" * 64},
    "at": "2026-11-22T00:00:00+00:00",
    "jurisdiction": "EU",
    "people": 100_000,
    "changed": 1_200,
    "rules": ["esketamine.pressure-before-dose", "tms.withdrawal"],
    "treatments": [
        {"treatment": "esketamine", "moves": [
            {"from": "not-now", "to": "cannot-say-yet", "people": 1_100,
             "rules": [{"id": "esketamine.pressure-before-dose", "people": 1_100}]},
            {"from": "not-now", "to": "with-conditions", "people": 100, "rules": []}]},
        {"treatment": "tms", "moves": []},
    ],
}  # fmt: skip


def shown(width: int, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any]) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    return population_text(given, color=False)


def row(text: str, *begins: str) -> list[str]:
    """The first line that begins with words, after a line that begins with the title."""
    lines = iter(text.splitlines())
    line = ""
    for begin in begins:
        line = next(each for each in lines if each.strip().startswith(begin))
    return line.split()


@pytest.mark.parametrize("width", [80, 120])
def test_safety_comes_before_any_treatment(width: int, monkeypatch: pytest.MonkeyPatch):
    text = shown(width, monkeypatch, figures())

    assert "High risk now 60 · Moderate 100 · Low 200 · Unknown 240" in text
    assert text.index("SAFETY") < text.index("VERDICTS") < text.index("WOULD QUALIFY")
    assert "Unknown is not none" in text


@pytest.mark.parametrize("width", [80, 120])
def test_the_numbers_stand_in_their_rows(width: int, monkeypatch: pytest.MonkeyPatch):
    text = shown(width, monkeypatch, figures())

    assert row(text, "VERDICTS", "tms") == ["tms", "200", "1,000", "300", "450", "49", "1"]
    # of 2000: 50, 120 and 400
    assert row(text, "WOULD", "tms") == ["tms", "50", "(2.5%)", "120", "(6.0%)", "400", "(20.0%)"]
    assert row(text, "WHAT STOPS", "not indicated") == [
        "not", "indicated:", "nothing", "it", "is", "for", "1,000",
    ]  # fmt: skip
    assert row(text, "WHAT STOPS", "not now") == ["not", "now", "tms.withdrawal", "300", "300"]
    assert row(text, "MISSING", "metal_in_head") == [
        "metal_in_head_or_neck",
        "90",
        "360",
        "patient",
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_too_long_and_no_id_is_cut(width: int, monkeypatch: pytest.MonkeyPatch):
    # the longest id of a rule that bars or delays is 43 characters, that of a fact 38
    long_rule = "shared.personality-or-dissociative-disorder"
    long_fact = "self_injury_without_intent_within_3_mon"
    step = {"step": "contraindicated", "before": 10**6, "removed": 10**6, "after": 0,
            "rules": [rule(long_rule, "contraindication", 10**6, 10**6, 10**6)]}  # fmt: skip
    missing = {"fact": long_fact, "label": "x", "ask": {"who": "psychiatrist", "text": "?"},
               "settles": 10**6, "blocks": 10**6, "by_treatment": {}}  # fmt: skip
    one = {**TMS, "treatment": "ketamine-then-tms", "attrition": [step, *TMS["attrition"][1:]],
           "verdicts": dict.fromkeys(TMS["verdicts"], 100_000) | {"contraindicated": 10**6}}  # fmt: skip

    text = shown(width, monkeypatch,
                 figures(people=10**6, treatments=[one], missing_facts=[missing]))  # fmt: skip

    assert max(len(line) for line in text.splitlines()) <= width
    assert long_rule in text
    assert long_fact in text
    assert "…" not in text


def test_hidden_counts_are_told_as_such(monkeypatch: pytest.MonkeyPatch):
    one = {**TMS, "verdicts": {**TMS["verdicts"], "suitable": None, "with-conditions": None},
           "would_qualify": {"now": None, "if_every_answer_is_no": 120, "at_best": 400}}  # fmt: skip

    text = shown(80, monkeypatch, figures(treatments=[one], small_cells_hidden_below=11))

    assert row(text, "VERDICTS", "tms")[-2:] == ["hidden", "hidden"]
    assert row(text, "WOULD", "tms")[1:3] == ["hidden", "120"]
    assert "never zero" in text


def test_warnings_and_the_standing_of_the_knowledge_are_told(monkeypatch: pytest.MonkeyPatch):
    text = shown(120, monkeypatch, figures(warnings=["12 values made unknown"], invented=True))

    assert text.startswith("INVENTED PEOPLE.")
    assert "! 12 values made unknown" in text
    assert "Knowledge 2026.11 (abababababab). No clinician has reviewed it yet." in text


def test_nobody_is_no_error(monkeypatch: pytest.MonkeyPatch):
    text = shown(80, monkeypatch, of_nobody())

    assert "0 people" in text
    assert "No verdict waits for a fact." in text


def test_text_of_a_table_cannot_steer_the_terminal(monkeypatch: pytest.MonkeyPatch):
    given = figures(warnings=["\x1b[2Jcolumn [red]x[/red]"])
    given["source"] |= {"name": "a\x1b]0;title\x07.csv", "where": "age_years >= 18"}

    text = shown(120, monkeypatch, given)

    assert "\x1b" not in text
    assert "\x07" not in text
    assert "column [red]x[/red]" in text
    assert "Only where age_years >= 18: 0 left out" in text


def test_colour_is_there_only_when_it_is_asked_for():
    assert "\x1b[" in population_text(figures(), color=True)
    assert "\x1b[" not in population_text(figures(), color=False)


def test_changes_say_who_moves_from_what_to_what_and_by_which_rule():
    text = changes_text(CHANGES, color=False)

    # 1200 of 100000
    assert "1,200 of 100,000 people change a verdict (1.2%)" in text
    assert "esketamine.pressure-before-dose, tms.withdrawal" in text
    assert row(text, "not-now → cannot-say-yet")[-1] == "1,100"
    assert row(text, "not-now → cannot-say-yet", "esketamine.pressure")[-1] == "1,100"
    assert "Knowledge 2026.11 (aaaaaaaaaaaa) → 2026.12 (bbbbbbbbbbbb)" in text
    assert "European Union" in text


def test_an_edited_rule_is_told_as_edited_and_not_as_another_release():
    text = changes_text({**CHANGES, "new": CHANGES["old"]}, color=False)

    assert "Knowledge 2026.11 (aaaaaaaaaaaa), with the rules above edited" in text


def test_no_change_is_told_as_none():
    text = changes_text({**CHANGES, "changed": 0, "rules": [], "treatments": []}, color=False)

    assert "0 of 100,000 people change a verdict (0.0%)" in text
    assert "not the same: none" in text
