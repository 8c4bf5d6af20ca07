"""The verdict algebra: from the answers of a treatment's rules to one verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from overstory.engine.truth import Truth, conjunction, disjunction


class Verdict(StrEnum):
    """What Overstory says of one treatment for one person; `ORDER` has them from worst to best."""

    CONTRAINDICATED = "contraindicated"
    NOT_INDICATED = "not-indicated"
    NOT_NOW = "not-now"
    CANNOT_SAY_YET = "cannot-say-yet"
    WITH_CONDITIONS = "with-conditions"
    SUITABLE = "suitable"


ORDER = tuple(Verdict)
PERMITTING = frozenset({Verdict.WITH_CONDITIONS, Verdict.SUITABLE})
SETTLED = frozenset({Verdict.CONTRAINDICATED, Verdict.NOT_INDICATED})
"""Verdicts after which nothing more is asked."""


@dataclass(frozen=True, slots=True)
class Answers:
    """
    The truths of a treatment's rules by kind.

    `requires` has true where what it needs is known and unknown where it is open. A treatment
    without indications of its own (the combination) has `indications` None.
    """

    indications: Sequence[Truth] | None
    contraindications: Sequence[Truth]
    defers: Sequence[Truth]
    requires: Sequence[Truth]
    conditions: Sequence[Truth]
    notices: int


def verdict_of(answers: Answers) -> Verdict:
    """Return the verdict, taken in the order of the design."""
    barred = disjunction(answers.contraindications)
    indicated = disjunction(answers.indications) if answers.indications is not None else True
    deferred = disjunction(answers.defers)
    if barred:
        return Verdict.CONTRAINDICATED
    if indicated is False:
        return Verdict.NOT_INDICATED
    if deferred:
        return Verdict.NOT_NOW
    if None in (barred, indicated, deferred, conjunction(answers.requires)):
        return Verdict.CANNOT_SAY_YET
    if answers.notices or disjunction(answers.conditions) is not False:
        return Verdict.WITH_CONDITIONS
    return Verdict.SUITABLE


def lowest(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of the verdicts."""
    return min(verdicts, key=ORDER.index)


def better(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the best of the verdicts."""
    return max(verdicts, key=ORDER.index)
