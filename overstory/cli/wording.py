"""How commands word facts, rules, sources and times."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import date, datetime

import click

from overstory.engine.evaluate import Reason
from overstory.engine.facts import Facts, Value
from overstory.knowledge.load import Knowledge
from overstory.knowledge.rules import ReadRule
from overstory.knowledge.shapes.shared import Status

WIDTH = 98
STATUS_WORDS: dict[Status, str] = {
    "primary": "",
    "secondary": "secondary source",
    "site-policy": "site policy",
    "recalled": "UNVERIFIED: recalled, not read again in its source",
}


def fact_line(facts: Facts, name: str) -> str:
    """Return one fact in words: value, time, origin; or why it is unknown."""
    fact = facts[name]
    if fact.unknown is not None:
        said = f"unknown: {fact.unknown}"
        return f"  {name}: {said}{f' ({fact.origin})' if fact.origin else ''}"
    origin = f" · {fact.origin}" if fact.origin else ""
    when = f" · {time_text(fact.at)}" if fact.at else ""
    return f"  {name}: {value_text(fact.value, facts.vocabulary[name].unit)}{when}{origin}"


def reasons_text(reasons: Sequence[Reason], facts: Facts) -> str:
    """
    Return reasons in one line, such as `systolic blood pressure: 162 mmHg (nurse, 09:40)`.

    Where a fact is from and when it was true is said only where it is not from the record itself.
    """
    return "; ".join(_reason_text(each, facts) for each in reasons)


def _reason_text(reason: Reason, facts: Facts) -> str:
    kind = facts.vocabulary[reason.name]
    said = f"{kind.label}: {value_text(reason.fact.value, kind.unit)}"
    origin = reason.fact.origin or ""
    if origin.endswith(f": facts.{reason.name}"):
        origin = ""
    at = reason.fact.at
    when = time_text(at) if at and at != facts.at else ""
    where = ", ".join(part for part in (origin, when) if part)
    return f"{said} ({where})" if where else said


def value_text(value: Value | None, unit: str | None) -> str:
    """Return a value with its unit; true and false are yes and no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{shown} {unit}" if unit and unit != "score" else shown


def time_text(at: datetime) -> str:
    """Return a moment to the minute, with its zone."""
    return at.isoformat(sep=" ", timespec="minutes")


def sources_text(rule: ReadRule) -> str:
    """Return where a rule stands and with what power, by the ids of its sources."""
    said = "; ".join(f"{cite.id} {cite.at}".strip() for cite in rule.sources)
    power = STATUS_WORDS[rule.words.status]
    return f"[{said}]" + (f" · {power}" if power else "")


def source_line(source_id: str, knowledge: Knowledge) -> str:
    """Return a source in one line: id, title, address."""
    source = knowledge.sources[source_id]
    address = source.url or (f"https://doi.org/{source.doi}" if source.doi else "")
    return " · ".join(part for part in (source_id, source.title, address) if part)


def wrapped(
    text: str, *, indent: int, first: str = "", colour: str | None = None, weight: str = ""
) -> str:
    """Return text wrapped to the width after `first`; `weight` is bold, dim or nothing."""
    lines = textwrap.wrap(text, WIDTH - indent, break_long_words=False, break_on_hyphens=False)
    if colour or weight:
        bold, dim = (weight == "bold") or None, (weight == "dim") or None
        lines = [click.style(line, fg=colour, bold=bold, dim=dim) for line in lines]
    return first.ljust(indent) + f"\n{' ' * indent}".join(lines)
