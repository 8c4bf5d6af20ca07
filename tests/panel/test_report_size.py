"""The report on a million people stays small enough to send, whatever rules hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from overstory.knowledge.load import load_knowledge
from overstory.panel.compiling import compile_program
from overstory.panel.program import Program
from overstory.panel.report.page import report_html
from tests.panel.report_figures import FIGURES, TMS, figures

MILLION = 1_000_000
STEPS = {
    "contraindicated": {"contraindication"},
    "not-indicated": {"indication"},
    "not-now": {"defer"},
    "cannot-say-yet": {"contraindication", "indication", "defer", "requires"},
}
CONDITIONS = {"physician-decision", "caution", "notice"}


def test_a_million_people_and_every_rule_and_fact_make_a_page_below_half_a_megabyte():
    program = compile_program(
        knowledge=load_knowledge(), jurisdiction="US", at=datetime(2026, 11, 22, tzinfo=UTC)
    )
    facts = [
        missing(program, name)
        for name in dict.fromkeys(f for t in program.asks.values() for f in t)
    ]
    treatments = [treatment(program, name) for name in program.verdicts]

    html = report_html(
        figures(
            people=MILLION,
            treatments=treatments,
            missing_facts=facts,
            route=[
                {"fact": each["fact"], "label": each["label"], "settled": MILLION} for each in facts
            ],
        )
    )

    assert len(treatments) == 5
    assert len(html.encode()) < 500_000


def treatment(program: Program, name: str) -> dict[str, Any]:
    """A treatment at whose every step every rule that could hold does."""
    people = TMS["characteristics"][0]
    return {
        **TMS,
        "treatment": name,
        "verdicts": dict.fromkeys(TMS["verdicts"], MILLION),
        "attrition": [
            {"step": step, "before": MILLION, "removed": MILLION, "after": MILLION,
             "rules": rules(program, name, kinds)}
            for step, kinds in STEPS.items()
        ],
        "conditions": rules(program, name, CONDITIONS),
        "open_questions": {str(each): MILLION for each in range(120)},
        "asked": [
            {"fact": fact, "label": program.knowledge.vocabulary[fact].label, "people": MILLION}
            for fact in program.asks[name]
        ],
        "characteristics": [{**people, "after": each["after"], "facts": people["facts"] * 5}
                            for each in FIGURES["treatments"][0]["characteristics"]],
    }  # fmt: skip


def rules(program: Program, name: str, kinds: set[str]) -> list[dict[str, Any]]:
    known = {each.id: each for each in program.knowledge.rules}
    known |= {each.id: each for each in program.knowledge.off_label.values()}
    return [
        {"id": each, "kind": known[each].kind, "says": known[each].words.says,
         "status": known[each].words.status, "held": MILLION, "removed": MILLION, "alone": MILLION}
        for each in program.decided[name]
        if known[each].kind in kinds
    ]  # fmt: skip


def missing(program: Program, fact: str) -> dict[str, Any]:
    ask = program.knowledge.facts[fact].ask
    return {
        "fact": fact,
        "label": program.knowledge.vocabulary[fact].label,
        "ask": {"who": ask.who, "text": ask.text},
        "settles": MILLION,
        "blocks": MILLION,
        "by_treatment": {
            name: {"settles": MILLION, "blocks": MILLION} for name in program.verdicts
        },
    }
