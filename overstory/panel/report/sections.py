"""The sections of the report: figures turned into rows, sentences and pictures, ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overstory.panel.report.marks import HIDDEN, Part, swatch
from overstory.panel.report.pictures import row_bar, stacked_bar
from overstory.panel.report.words import (
    JURISDICTIONS,
    LEVELS,
    OBLIGES,
    VERDICTS,
    WAYS,
    Count,
    hidden_below,
    moment,
    number,
    people_are,
    share,
    total,
    treatment_name,
)

Figures = Mapping[str, Any]


def heading(figures: Figures) -> dict[str, Any]:
    """Return who the figures are about: people, table, moment, place, knowledge, who was left out."""
    source, below = figures["source"], hidden_below(figures)
    return {
        "invented": figures["invented"],
        "anybody": figures["people"] > 0,
        "people": number(figures["people"]),
        "person": "person" if figures["people"] == 1 else "people",
        "table": source["name"],
        "read": number(source["read"]),
        "where": source["where"],
        "left_out": number(source["left_out"]),
        "left_out_unknown": number(source["left_out_unknown"]),
        "at": moment(figures["at"]),
        "place": JURISDICTIONS.get(figures["jurisdiction"], figures["jurisdiction"]),
        "knowledge": figures["knowledge"],
        "warnings": figures["warnings"],
        "hidden_below": below,
    }


def safety(figures: Figures) -> dict[str, Any]:
    """Return the safety levels: a bar, and a row each with what it obliges to."""
    levels, people = figures["safety"], figures["people"]
    told = ", ".join(f"{name} {number(levels[level])}" for level, name in LEVELS.items())
    drawn = stacked_bar(
        [Part(level, levels[level]) for level in LEVELS],
        whole=people,
        name="safety-bar",
        title=f"Safety of {number(people)} people",
        told=told,
    )
    rows = [
        {
            "name": name,
            "kind": level,
            "mark": swatch(level, name=f"safety-{level}"),
            "people": number(levels[level]),
            "share": share(levels[level], people),
            "obliges": OBLIGES[level],
        }
        for level, name in LEVELS.items()
    ]
    return {
        "bar": drawn,
        "rows": rows,
        "first": _first(levels["high"]),
        "unscreened": _unscreened(levels["unknown"]),
    }


def _first(high: Count) -> str:
    """Who comes before everything else, in a sentence; empty where nobody is known to be."""
    return "" if high == 0 else f"{people_are(high)} at high risk now."


def _unscreened(unknown: Count) -> str:
    """How many are not screened, in a sentence."""
    return f"{people_are(unknown)} not screened, or not recently enough."


def verdicts(figures: Figures) -> dict[str, Any]:
    """Return the verdicts of each treatment: a bar and a row each, and what each verdict means."""
    legend = [
        {"mark": swatch(kind, name=f"verdict-{kind}"), "name": name, "means": means}
        for kind, (name, means) in VERDICTS.items()
    ]
    if hidden_below(figures):
        mark = swatch(HIDDEN, name="verdict-hidden")
        means = "small counts, or such as would tell them; never nobody"
        legend.append({"mark": mark, "name": "Hidden", "means": means})
    rows = [_verdict_row(each, figures["people"]) for each in figures["treatments"]]
    heads = [name for name, _ in VERDICTS.values()]
    return {"legend": legend, "heads": heads, "rows": rows}


def would_qualify(figures: Figures) -> dict[str, Any]:
    """Return who would qualify, three ways: the numbers, each with a bar on the scale of the largest."""
    people = figures["people"]
    counts = [each["would_qualify"][way] for each in figures["treatments"] for way in WAYS]
    largest = max([count for count in counts if count is not None], default=0)
    rows = [
        {
            "name": treatment_name(each["treatment"]),
            "ways": [
                _way(each["treatment"], way, each["would_qualify"][way], people, largest)
                for way in WAYS
            ],
        }
        for each in figures["treatments"]
    ]
    return {"rows": rows, "largest": number(largest), "share_waiting": _share_waiting(figures)}


def _share_waiting(figures: Figures) -> str:
    """Which part of all verdicts cannot be said yet."""
    counts: list[Count] = [each["verdicts"]["cannot-say-yet"] for each in figures["treatments"]]
    return share(total(counts), figures["people"] * len(counts))


def _verdict_row(treatment: Figures, people: int) -> dict[str, Any]:
    name, counts = treatment["treatment"], treatment["verdicts"]
    told = ", ".join(f"{words} {number(counts[kind])}" for kind, (words, _) in VERDICTS.items())
    drawn = stacked_bar(
        [Part(kind, counts[kind]) for kind in VERDICTS],
        whole=people,
        name=f"verdicts-{name}",
        title=f"{treatment_name(name)}: verdicts for {number(people)} people",
        told=told,
    )
    cells = [(number(counts[kind]), share(counts[kind], people)) for kind in VERDICTS]
    return {"id": name, "name": treatment_name(name), "bar": drawn, "cells": cells}


def _way(treatment: str, way: str, count: Count, people: int, largest: int) -> dict[str, Any]:
    drawn = row_bar(Part(way, count), whole=largest, name=f"{way.replace('_', '-')}-{treatment}")
    return {"name": WAYS[way], "bar": drawn, "people": number(count), "share": share(count, people)}
