"""In which order the board shows its questions, and which answers do not go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from overstory.clinic.care.topics import STARTS
from overstory.engine.facts import Facts, Unknown
from overstory.knowledge.load import Knowledge
from overstory.pathway.suitability import Question

SEX = "sex_at_birth"
EARLY = ("Person", "Diagnoses", "Treatment history")
"""The topics that are asked before others: what all else is read beside."""
BY_SEX = frozenset({"can_become_pregnant", "pregnant", "breastfeeding"})
"""Facts that the sex at birth may settle."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers that do not go together, and why."""

    first: str
    second: str
    says: str


PAIRS = (
    Pair(
        "has_major_depression",
        "has_bipolar_disorder",
        "Major depression is asked for outside bipolar disorder: both cannot hold.",
    ),
)


def in_asking_order(
    questions: Sequence[Question], *, facts: Facts, knowledge: Knowledge
) -> tuple[Question, ...]:
    """Return questions as people ask them: diagnoses and trials first, and sex before what it settles."""
    found = _with_sex(questions, facts)
    early = _early(knowledge)
    first = [each for each in found if each.fact in early and each.fact not in BY_SEX]
    return (*first, *(each for each in found if each not in first))


def why_first(name: str) -> str:
    """Return why a question stands before others, if it needs saying."""
    return "asked first because the answer may settle pregnancy" if name == SEX else ""


def to_check(facts: Facts) -> tuple[Pair, ...]:
    """Return the pairs of answers, both yes, that do not go together."""
    return tuple(
        each
        for each in PAIRS
        if facts[each.first].value is True and facts[each.second].value is True
    )


def _with_sex(questions: Sequence[Question], facts: Facts) -> Sequence[Question]:
    asked = {each.fact for each in questions}
    settled = [each for each in questions if each.fact in BY_SEX]
    if not settled or SEX in asked or facts[SEX].unknown is not Unknown.NOT_ASKED:
        return questions
    moved = dict.fromkeys(change for each in settled for change in each.could_change)
    return (replace(settled[0], fact=SEX, could_change=tuple(moved)), *questions)


def _early(knowledge: Knowledge) -> frozenset[str]:
    title, found = "", set()
    for name in knowledge.vocabulary:
        title = STARTS.get(name, title)
        if title in EARLY:
            found.add(name)
    return frozenset(found)
