"""What the resources say, and which of it becomes facts: the newest; contradictions stay unknown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from overstory.engine.facts import Fact, FactValueError, Unknown, Value, Vocabulary
from overstory.exchange.fhir.moments import Moment


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A place of the document that made no fact, and why."""

    from_: str
    why: str


@dataclass(frozen=True, slots=True)
class Claim:
    """
    One fact that one place of the document states: its value, or why it is `unknown`.

    `at` is when it was true; without it the document vouches for it on the day it was made. `said`
    orders claims of the same fact where that is another moment. A `refuted` claim says that an entry
    is wrong: it contradicts every undated claim that says otherwise, whichever was written later.
    """

    fact: str
    value: Value | None
    origin: str
    at: Moment | None = None
    said: Moment | None = None
    refuted: bool = False
    unknown: Unknown | None = None

    def says_as(self, other: Claim) -> bool:
        """Return whether it says the same of the fact as another claim."""
        return self.value == other.value and self.unknown == other.unknown


Finding = Claim | NotUnderstood


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment asked about, and the moment for which the document vouches for what is undated."""

    at: datetime
    vouched: datetime

    def time_of(self, claim: Claim) -> datetime:
        """Return when the claim was true, in the zone of the question."""
        return claim.at.earliest if claim.at else self.vouched

    def order_of(self, claim: Claim) -> Moment:
        """Return what the claim is ordered by among the claims of its fact."""
        return claim.said or claim.at or Moment(self.vouched, self.vouched)

    def is_later(self, claim: Claim) -> bool:
        """Return whether the claim is surely later than the moment asked about."""
        if claim.at is not None and claim.at.earliest > self.at:
            return True
        return claim.said is not None and claim.said.earliest > self.at


def gather(
    findings: Iterable[Finding], *, clock: Clock, vocabulary: Vocabulary
) -> tuple[dict[str, Fact], list[NotUnderstood]]:
    """Return the facts, in the order of the vocabulary, and what became no fact, in its order."""
    claims: dict[str, list[Claim]] = {}
    left: list[NotUnderstood] = []
    for finding in findings:
        problem = (
            finding if isinstance(finding, NotUnderstood) else _problem(finding, clock, vocabulary)
        )
        if problem is not None:
            left.append(problem)
        elif isinstance(finding, Claim):
            claims.setdefault(finding.fact, []).append(finding)
    facts = {}
    for name in vocabulary.in_order(claims):
        facts[name], passed_over = _settle(claims[name], clock)
        left += passed_over
    return facts, left


def _problem(claim: Claim, clock: Clock, vocabulary: Vocabulary) -> NotUnderstood | None:
    if clock.is_later(claim):
        return NotUnderstood(
            claim.origin, f"is later than the moment asked about, {clock.at.isoformat()}"
        )
    if claim.unknown is not None:
        return None
    try:
        vocabulary[claim.fact].check(claim.value)
    except FactValueError as error:
        return NotUnderstood(claim.origin, str(error))
    return None


def _settle(claims: list[Claim], clock: Clock) -> tuple[Fact, list[NotUnderstood]]:
    """Return the fact of the newest claim; unknown, if one that may be as new says otherwise."""
    newest = max(claims, key=lambda each: clock.order_of(each).earliest)
    rivals = [each for each in claims if _contradicts(each, newest, clock)]
    origins = dict.fromkeys(each.origin for each in (newest, *rivals))
    passed_over = [each for each in claims if each.origin not in origins]
    at = clock.time_of(newest)
    if rivals:
        fact = Fact(unknown=Unknown.CONFLICTING, at=at, origin="; ".join(origins))
    else:
        fact = Fact(newest.value, newest.unknown, at=at, origin=newest.origin)
    when = at.isoformat()
    return fact, [_passed_over(each, newest, when) for each in passed_over]


def _contradicts(other: Claim, newest: Claim, clock: Clock) -> bool:
    if other.says_as(newest):
        return False
    if other.refuted != newest.refuted and other.at is None and newest.at is None:
        return True
    return clock.order_of(other).latest >= clock.order_of(newest).earliest


def _passed_over(claim: Claim, newest: Claim, at: str) -> NotUnderstood:
    if claim.says_as(newest):
        return NotUnderstood(claim.origin, f"says the same of {claim.fact} as {newest.origin}")
    why = f"of {claim.fact} the newest is used: {newest.origin}, {at}"
    return NotUnderstood(claim.origin, why)
