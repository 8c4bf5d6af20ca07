"""A score as JSON: the schema `overstory.score/1`, a promise to other programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from overstory.engine.truth import Truth
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.scales import Finding, Scale
from overstory.knowledge.shapes.shared import Cite, cites
from overstory.pathway.change import Change
from overstory.pathway.scoring import Score

SCHEMA = "overstory.score/1"


def score_json(
    score: Score, *, scale: Scale, knowledge: Knowledge, change: Change | None = None
) -> dict[str, Any]:
    """Return the score in its promised shape; `change` only where one was asked for."""
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "knowledge": {"version": knowledge.version, "sha256": knowledge.sha256},
        "scale": scale.id,
        "title": scale.title,
        "critical": [_finding(each, True, knowledge) for each in score.critical],
        "critical_unknown": [_finding(each, None, knowledge) for each in score.critical_unknown],
        "total": score.total,
        "range": list(scale.scoring.range) if scale.scoring.range else None,
        "better": scale.better,
        "raw": score.raw,
        "band": score.band,
        "bands": _bands(score, scale, knowledge),
        "complete": score.complete,
        "prorated": score.prorated,
        "missing": list(score.missing),
        "subscores": dict(score.subscores),
        "flags": [
            _finding(each, score.flags[each.id], knowledge)
            for each in scale.findings
            if each.id in score.flags
        ],
        "warnings": list(score.warnings),
        "facts": dict(score.facts),
        "status": scale.status,
        "sources": _sources(cites(scale.source), knowledge),
    }
    if change is not None:
        found["change"] = _change(change, knowledge)
    return found


def _bands(score: Score, scale: Scale, knowledge: Knowledge) -> list[dict[str, Any]]:
    return [
        {
            "id": each.id,
            "band": score.bands.get(each.id),
            "status": each.status,
            "sources": _sources(cites(each.source), knowledge),
        }
        for each in scale.bands
    ]


def _finding(finding: Finding, answer: Truth, knowledge: Knowledge) -> dict[str, Any]:
    return {
        "id": finding.id,
        "answer": answer,
        "when": finding.when,
        "says": finding.says,
        "do": finding.do,
        "status": finding.status,
        "sources": _sources(cites(finding.source), knowledge),
    }


def _change(change: Change, knowledge: Knowledge) -> dict[str, Any]:
    return {
        "before": change.before,
        "after": change.after,
        "better": change.better,
        "percent": change.percent,
        "state": change.state,
        "deteriorated": change.deteriorated,
        "marks": [
            {
                "id": each.id,
                "kind": each.kind,
                "answer": each.answer,
                "status": each.status,
                "population": each.population,
                "also": each.also,
                "note": each.note,
                "sources": _sources(each.sources, knowledge),
            }
            for each in change.marks
        ],
    }


def _sources(cited: Iterable[Cite], knowledge: Knowledge) -> list[dict[str, str]]:
    known = ((each, knowledge.sources[each.id]) for each in cited)
    return [
        {
            "id": each.id,
            "at": each.at,
            "title": source.title,
            "url": source.url or (f"https://doi.org/{source.doi}" if source.doi else ""),
        }
        for each, source in known
    ]
