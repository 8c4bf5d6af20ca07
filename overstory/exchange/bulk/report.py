"""The report of an ingest: what was read, what was not understood, what has to be looked at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from overstory.exchange.bulk.files import MOST_NAMED, Export
from overstory.exchange.bulk.plan import Plan
from overstory.exchange.bulk.tally import Kind, Problem, Tally

SCHEMA = "overstory.ingest/1"
MOST_SHOWN_CODES = 200
PROBLEMS = {
    "unreadable-line": "lines that could not be read, and were passed over",
    "nobody's": "resources that are no patient's of the export",
    "patient-not-in-export": "persons without a Patient resource; they have a row all the same",
    "patient-twice": "Patient resources with the id of another, and other content",
    "id-twice": "resources with the type and id of another, and other content",
    "duplicate-resource": "resources that stand twice, the same; each was read once",
}


def total_of(plan: Plan, parts: Iterable[Tally]) -> Tally:
    """Return what all pieces of the work counted."""
    total = Tally()
    total.add(plan.tally)
    total.kept, total.shared = plan.tally.kept, plan.tally.shared
    for part in parts:
        total.add(part)
    return total


def report_json(
    total: Tally, *, plan: Plan, export: Export, about: dict[str, str], out: str
) -> dict[str, Any]:
    """Return the report in its promised shape; `about` has the moment and the knowledge."""
    return {
        "schema": SCHEMA,
        "at": about["overstory.at"],
        "knowledge": {"sha256": about["overstory.knowledge"]},
        "out": out,
        "people": total.people,
        "resources": sum(total.lines.values()),
        "by_type": dict(sorted((name or "(unreadable)", n) for name, n in total.lines.items())),
        "files": [{"file": each.name, "bytes": each.size} for each in export.files],
        "empty_files": [each.name for each in export.files if not each.size],
        "other_files": {
            "count": len(export.others),
            "first": list(export.others[:MOST_NAMED]),
        },
        "kept_to_be_referred_to": {"resources": total.kept, "different": total.shared},
        "problems": [
            _problem(name, total.problems[name], plan)
            for name in PROBLEMS
            if name in total.problems
        ],
        "not_understood": _kinds(total, plan),
    }


def _problem(name: str, problem: Problem, plan: Plan) -> dict[str, Any]:
    return {
        "problem": name,
        "what": PROBLEMS[name],
        "count": problem.count,
        "listed": [{"at": plan.told(place), "why": why} for place, why in problem.places],
    }


def _kinds(total: Tally, plan: Plan) -> dict[str, Any]:
    kinds = sorted(total.kinds.items(), key=lambda each: (-each[1].count, each[0]))
    return {
        "count": sum(each.count for _, each in kinds),
        "kinds": [_kind(name, kind, plan) for name, kind in kinds],
    }


def _kind(name: str, kind: Kind, plan: Plan) -> dict[str, Any]:
    resource_type, _, reason = name.partition("|")
    codes = sorted(kind.codes.items(), key=lambda each: (-each[1], each[0]))
    shown = [{"code": code, "count": count} for code, count in codes[:MOST_SHOWN_CODES] if code]
    return {
        "resource_type": resource_type,
        "why": reason,
        "count": kind.count,
        "codes": shown,
        "codes_not_shown": sum(count for _, count in codes[MOST_SHOWN_CODES:]),
        "first": [plan.told(place) for place in kind.places],
    }
