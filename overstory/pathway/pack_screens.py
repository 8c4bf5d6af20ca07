"""Suicide screens within packs: how their answers are read, and the facts that they fill."""

from __future__ import annotations

from overstory.engine import truth
from overstory.engine.facts import Value
from overstory.engine.truth import Truth
from overstory.knowledge.shapes.packs import ScreenFact
from overstory.knowledge.shapes.scales import Scale
from overstory.pathway.pack_values import Replies
from overstory.pathway.packs import answers_to
from overstory.pathway.scoring import asked_items
from overstory.pathway.triage import AsqTriage, CssrsTriage, asq, cssrs_screen

ANSWERS: dict[str, Truth] = {"yes": True, "no": False}
"""What the labels of a screen's answers say; any other, such as a refusal, rules nothing out."""


def truths(scale: Scale, replies: Replies) -> dict[str, Truth]:
    """Return the answers to a screen by item: yes, no, or open."""
    labels = {
        (item.id, option.value): option.label.casefold()
        for item in scale.items
        for option in scale.answers[item.answers].options
    }
    given = answers_to(scale.id, replies)
    return {item: ANSWERS.get(labels.get((item, value), "")) for item, value in given.items()}


def screened(triage: str, scale: Scale, replies: Replies) -> CssrsTriage | AsqTriage:
    """Return what a screen says by its triage."""
    given = truths(scale, replies)
    if triage == "asq":
        return asq(**{f"q{item}": answer for item, answer in given.items()})
    return cssrs_screen(**given)


def screen_value(entry: ScreenFact, scale: Scale, replies: Replies) -> Value | None:
    """Return the value of a fact that a screen fills, or None while it is open."""
    if entry.triage:
        found = screened(entry.triage, scale, replies)
        return found.level if isinstance(found, CssrsTriage) else found.result
    asked = asked_items(scale=scale, answers=answers_to(scale.id, replies))
    given = truths(scale, replies)
    return truth.disjunction([given.get(item) if item in asked else False for item in entry.any_of])
