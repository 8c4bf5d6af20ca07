"""Figures of a population small enough to add up by hand, as `overstory.population/1` has them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

VERDICTS = ("contraindicated", "not-indicated", "not-now", "cannot-say-yet", "with-conditions",
            "suitable")  # fmt: skip


def rule(rule_id: str, kind: str, *counts: int | None, status: str = "primary") -> dict[str, Any]:
    held, removed, alone = counts
    return {"id": rule_id, "kind": kind, "says": f"What {rule_id} says.", "status": status,
            "held": held, "removed": removed, "alone": alone}  # fmt: skip


TMS = {
    "treatment": "tms",
    "verdicts": {"contraindicated": 200, "not-indicated": 1000, "not-now": 300,
                 "cannot-say-yet": 450, "with-conditions": 49, "suitable": 1},
    "would_qualify": {"now": 50, "if_every_answer_is_no": 120, "at_best": 400},
    "attrition": [
        {"step": "contraindicated", "before": 2000, "removed": 200, "after": 1800,
         "rules": [rule("tms.cochlear-implant", "contraindication", 150, 150, 140),
                   rule("tms.deep-brain-stimulator", "contraindication", 60, 50, 50)]},
        {"step": "not-indicated", "before": 1800, "removed": 1000, "after": 800,
         "rules": [rule("tms.major-depression", "indication", 1000, 1000, 0),
                   rule("tms.anxious-depression", "indication", 1000, 0, 0)]},
        {"step": "not-now", "before": 800, "removed": 300, "after": 500,
         "rules": [rule("tms.withdrawal", "defer", 300, 300, 300, status="secondary")]},
        {"step": "cannot-say-yet", "before": 500, "removed": 450, "after": 50,
         "rules": [rule("tms.metal-in-head-or-neck", "contraindication", 450, 450, 450)]},
    ],
    "conditions": [rule("tms.hearing", "caution", 49, 49, 49, status="recalled")],
    "open_questions": {"0": 1250, "1": 300, "2": 150, "40": 300},
    "asked": [{"fact": "metal_in_head_or_neck", "label": "metal in head or neck", "people": 750}],
    "characteristics": [
        {"after": "everyone", "people": 2000, "facts": [
            {"fact": "age_years", "label": "age", "known": 1900, "unknown": 100, "unit": "years",
             "mean": 44.0, "q1": 31.0, "median": 43.0, "q3": 58.0},
            {"fact": "has_ptsd", "label": "post-traumatic stress disorder", "known": 1000,
             "unknown": 1000, "values": {"yes": 150, "no": 850}},
            {"fact": "depression_severity", "label": "severity of the depression", "known": 800,
             "unknown": 1200, "values": {"mild": 80, "moderate": 320, "severe": 400}}]},
        *({"after": verdict, "people": people, "facts": []} for verdict, people in
          zip(VERDICTS, (1800, 800, 500, 50, 1), strict=False)),
    ],
}  # fmt: skip

FIGURES = {
    "schema": "overstory.population/1",
    "knowledge": {"version": "2026.11", "sha256": "ab" * 32},
    "at": "2026-11-22T10:00:00-05:00",
    "jurisdiction": "US",
    "invented": False,
    "source": {"name": "clinic.parquet", "read": 2000, "where": None, "left_out": 0,
               "left_out_unknown": 0},
    "warnings": [],
    "people": 2000,
    "safety": {"none": 1400, "low": 200, "moderate": 100, "high": 60, "unknown": 240},
    "treatments": [TMS],
    "missing_facts": [
        {"fact": "metal_in_head_or_neck", "label": "metal in head or neck",
         "ask": {"who": "patient", "text": "Is there metal in your head?"},
         "settles": 90, "blocks": 360, "by_treatment": {"tms": {"settles": 90, "blocks": 360}}},
        {"fact": "pregnant", "label": "pregnancy",
         "ask": {"who": "nurse", "text": "Are you pregnant?"},
         "settles": 0, "blocks": 225, "by_treatment": {"tms": {"settles": 0, "blocks": 225}}},
    ],
    "route": [
        {"fact": "metal_in_head_or_neck", "label": "metal in head or neck", "settled": 90},
        {"fact": "pregnant", "label": "pregnancy", "settled": 450},
    ],
}  # fmt: skip


def figures(**changed: Any) -> dict[str, Any]:
    """The figures of 2,000 people, with some of them changed."""
    return deepcopy(FIGURES) | changed


def of_nobody() -> dict[str, Any]:
    """The figures of a table without people."""
    empty = deepcopy(FIGURES)
    empty |= {"people": 0, "missing_facts": [], "route": [],
              "safety": dict.fromkeys(FIGURES["safety"], 0)}  # fmt: skip
    empty["source"]["read"] = 0
    for each in empty["treatments"]:
        each |= {"verdicts": dict.fromkeys(VERDICTS, 0), "conditions": [], "open_questions": {},
                 "asked": [], "would_qualify": dict.fromkeys(each["would_qualify"], 0)}  # fmt: skip
        for step in each["attrition"]:
            step |= {"before": 0, "removed": 0, "after": 0, "rules": []}
        for step in each["characteristics"]:
            step["people"] = 0
            step["facts"] = [
                {"fact": "age_years", "label": "age", "known": 0, "unknown": 0, "unit": "years",
                 "mean": None, "q1": None, "median": None, "q3": None}
            ]  # fmt: skip
    return empty
