"""How many are left after each step of a treatment, which rules took them out, and who they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overstory.panel.report.pictures import Step, flow
from overstory.panel.report.words import (
    KINDS,
    NOTHING,
    STATUSES,
    VERDICTS,
    Count,
    number,
    share,
    treatment_name,
    with_share,
)
from overstory.pathway.suitability import COMBINATION

Figures = Mapping[str, Any]
CHIEF = 2
AFTER = {
    "everyone": "Everyone",
    "contraindicated": "Left after contraindications",
    "not-indicated": "Left after indications",
    "not-now": "Left after reasons to wait",
    "cannot-say-yet": "With conditions or suitable",
    "with-conditions": "Suitable",
}
"""Who is left after a step."""
YES_OR_NO = {"yes", "no"}


def attrition(figures: Figures) -> list[dict[str, Any]]:
    """Return for each treatment the flow of its steps, and the rules of each."""
    return [_treatment(each, figures["people"]) for each in figures["treatments"]]


def characteristics(figures: Figures) -> list[dict[str, Any]]:
    """Return for each treatment a table: a column a step, a row a fact or one of its values."""
    return [
        {
            "id": each["treatment"],
            "name": treatment_name(each["treatment"]),
            "steps": [_step_heading(step) for step in each["characteristics"]],
            "rows": _fact_rows(each["characteristics"]),
        }
        for each in figures["treatments"]
    ]


def _treatment(treatment: Figures, people: int) -> dict[str, Any]:
    name = treatment["treatment"]
    steps = [_step(step, name) for step in treatment["attrition"]]
    left = [
        {"name": VERDICTS[kind][0], "kind": kind, "people": number(treatment["verdicts"][kind]),
         "share": share(treatment["verdicts"][kind], people)}
        for kind in ("with-conditions", "suitable")
    ]  # fmt: skip
    conditions = [_rule(rule) for rule in treatment["conditions"]]
    return {
        "id": name,
        "name": treatment_name(name),
        "combined": name == COMBINATION,
        "people": number(people),
        "flow": _flow(treatment, people),
        "steps": steps,
        "left": left,
        "conditions": conditions,
    }


def _flow(treatment: Figures, people: int) -> str:
    steps = [Step("left", "Everyone", people, 0, people)]
    steps += [
        Step(
            step["step"], VERDICTS[step["step"]][0], step["before"], step["removed"], step["after"]
        )
        for step in treatment["attrition"]
    ]
    told = "; ".join(
        f"{step.label} takes out {number(step.removed)} and leaves {number(step.after)}"
        for step in steps[1:]
    )
    name = treatment["treatment"]
    title = f"{treatment_name(name)}: who is left, step by step, of {number(people)} people"
    return flow(steps, whole=people, name=f"flow-{name}", title=title, told=told)


def _step(step: Figures, treatment: str) -> dict[str, Any]:
    rules = [_rule(rule) for rule in step["rules"]]
    told = [rule for rule in step["rules"] if rule["held"] is not None]
    chief = sorted(told, key=lambda rule: -rule["held"])[:CHIEF]
    together = step["step"] == "not-indicated"
    return {
        "id": step["step"],
        "name": VERDICTS[step["step"]][0],
        "means": VERDICTS[step["step"]][1],
        "before": number(step["before"]),
        "removed": number(step["removed"]),
        "share": share(step["removed"], step["before"]),
        "after": number(step["after"]),
        "rules": rules,
        "none_of": together and treatment != COMBINATION,
        "together": together,
        "chief": [] if together else [_rule(rule) for rule in chief],
    }


def _rule(rule: Figures) -> dict[str, Any]:
    return {name: number(rule[name]) for name in ("held", "removed", "alone")} | {
        "id": rule["id"],
        "says": rule["says"],
        "kind": KINDS.get(rule["kind"], rule["kind"]),
        "status": STATUSES.get(rule["status"], rule["status"]),
        "unverified": rule["status"] == "recalled",
    }


def _step_heading(step: Figures) -> tuple[str, str]:
    return AFTER[step["after"]], number(step["people"])


def _fact_rows(steps: Sequence[Figures]) -> list[dict[str, Any]]:
    """The rows of a table of facts; a step that is not described has empty cells."""
    described: Sequence[Figures] = next((step["facts"] for step in steps if step["facts"]), [])
    rows = []
    for place, fact in enumerate(described):
        told = [step["facts"][place] if step["facts"] else None for step in steps]
        values = {value: None for each in told if each for value in each.get("values", ())}
        is_yes_or_no = set(values) == YES_OR_NO
        rows.append(
            {
                "label": _label(fact["label"], told, is_yes_or_no=is_yes_or_no),
                "cells": [_known(each, is_yes_or_no=is_yes_or_no) for each in told],
                "values": []
                if is_yes_or_no
                else [(value, [_value(each, value) for each in told]) for value in values],
            }
        )
    return rows


def _label(label: str, told: Sequence[Figures | None], *, is_yes_or_no: bool) -> str:
    """What the row of a fact is called, with its unit where the label does not end in it."""
    unit = next((each["unit"] for each in told if each and each.get("unit")), None)
    if is_yes_or_no:
        return f"{label}: yes"
    return label if unit in {None, "score"} or label.endswith(str(unit)) else f"{label}, {unit}"


def _known(fact: Figures | None, *, is_yes_or_no: bool) -> tuple[str, str]:
    """A fact at a step: its median and quartiles, or how many have it; and for how many it is known."""
    if fact is None:
        return NOTHING, ""
    known, unknown = fact["known"], fact["unknown"]
    if known is None or unknown is None:
        return number(None), ""
    said = f"known {number(known)} ({share(known, known + unknown)})"
    if is_yes_or_no:
        return with_share(fact.get("values", {}).get("yes"), known), said
    if fact.get("median") is None:
        return "", said
    median, least, most = (f"{fact[name]:g}" for name in ("median", "q1", "q3"))
    return f"{median} ({least} to {most})", said


def _value(fact: Figures | None, value: str) -> tuple[str, str]:
    """How many have a value, and their share of those for whom the fact is known."""
    if fact is None:
        return NOTHING, ""
    count: Count = fact.get("values", {}).get(value)
    return number(count), share(count, fact["known"])
