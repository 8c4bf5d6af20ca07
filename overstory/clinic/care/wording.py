"""How the evaluation words facts, their age, rules and sources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from overstory.engine.facts import Fact, Facts, Unknown, Value
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.shared import Cites, cites

UNKNOWN_WORDS = {
    Unknown.NOT_ASKED: "not asked yet",
    Unknown.NOT_ANSWERED: "asked, not answered",
    Unknown.STALE: "too old to rely on",
    Unknown.CONFLICTING: "contradictory",
    Unknown.NOT_RECORDED: "not on record",
}
STATUS_WORDS = {
    "primary": "",
    "secondary": "secondary source",
    "site-policy": "site policy",
    "recalled": "unverified: recalled, not read again in its source",
}
KIND_WORDS = {
    "contraindication": "Rules it out",
    "defer": "Not now",
    "physician-decision": "A physician decides",
    "caution": "With care",
    "requires": "Must be known",
    "notice": "Always said",
    "indication": "For",
}


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source as a reader sees it: its title, the place in it, and where to read it."""

    id: str
    title: str
    at: str
    url: str


@dataclass(frozen=True, slots=True)
class FactLine:
    """One fact as a reader sees it; `value` is empty where it is unknown, and `why` says why."""

    name: str
    label: str
    value: str
    why: str
    at: datetime | None
    age: str
    origin: str
    is_stale: bool = False

    @property
    def is_known(self) -> bool:
        """Whether it has a value."""
        return not self.why


def fact_line(facts: Facts, name: str, knowledge: Knowledge) -> FactLine:
    """Return a fact in words: value with unit, or why it is unknown, its age and origin."""
    fact = facts[name]
    given = facts.given.get(name, fact)
    is_stale = fact.unknown is Unknown.STALE
    return FactLine(
        name=name,
        label=knowledge.vocabulary[name].label,
        value=value_text(given, name, knowledge) if given.is_known else "",
        why=UNKNOWN_WORDS[fact.unknown] if fact.unknown else "",
        at=fact.at,
        age=age_words(fact.at, facts.at) if fact.at else "",
        origin=origin_words(fact.origin, knowledge),
        is_stale=is_stale,
    )


def given_line(fact: Fact, name: str, now: datetime, knowledge: Knowledge) -> FactLine:
    """Return in words a fact that is not yet among a person's facts."""
    return FactLine(
        name=name,
        label=knowledge.vocabulary[name].label,
        value=value_text(fact, name, knowledge) if fact.is_known else "",
        why=UNKNOWN_WORDS[fact.unknown] if fact.unknown else "",
        at=fact.at,
        age=age_words(fact.at, now) if fact.at else "",
        origin=origin_words(fact.origin, knowledge),
    )


def origin_words(origin: str | None, knowledge: Knowledge) -> str:
    """Return where a fact is from, with the labels of facts that it names."""
    if not origin:
        return ""

    def label(found: re.Match[str]) -> str:
        entry = knowledge.facts.get(found.group())
        return entry.label if entry else found.group()

    return re.sub(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b", label, origin)


def value_text(fact: Fact, name: str, knowledge: Knowledge) -> str:
    """Return the value of a fact with its unit; true and false are yes and no."""
    return plain_value(fact.value, name, knowledge)


def plain_value(value: Value | None, name: str, knowledge: Knowledge) -> str:
    """Return a value of a fact as people say it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        labels = knowledge.facts[name].value_labels
        return labels[value].en if value in labels else value
    kind = knowledge.vocabulary[name]
    unit = kind.unit
    value = round(value, 1) if kind.roots else value
    return f"{value:g} {unit}" if unit and unit != "score" else f"{value:g}"


def age_words(at: datetime, now: datetime) -> str:
    """Return how old something is: minutes, then hours up to two days, then days, months, years."""
    passed = now - at
    days = passed // timedelta(days=1)
    for count, word in (
        (days // 365 if days >= 730 else 0, "year"),
        (days // 30 if days >= 90 else 0, "month"),
        (days if days >= 2 else 0, "day"),
        (passed // timedelta(hours=1), "hour"),
        (passed // timedelta(minutes=1), "minute"),
    ):
        if count:
            return f"{count} {word}{'' if count == 1 else 's'} old"
    return "just now"


def source_lines(cited: Cites, knowledge: Knowledge) -> tuple[SourceLine, ...]:
    """Return citations with titles and addresses."""
    found = []
    for cite in cites(cited):
        source = knowledge.sources[cite.id]
        url = source.url or (f"https://doi.org/{source.doi}" if source.doi else "")
        found.append(SourceLine(cite.id, source.title, cite.at, url))
    return tuple(found)
