"""Intake: from what was given to a person's facts, derived ones and contradictions included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from overstory.engine.conditions import leaves_of
from overstory.engine.evaluate import evaluate, leaf_truth
from overstory.engine.facts import Fact, Facts, FactValueError, Unknown
from overstory.knowledge.load import Knowledge
from overstory.knowledge.rules import ReadConsequence
from overstory.pathway.ledger import Count, LedgerFacts, Trial, derive

ORDERED = (("diastolic_bp", "systolic_bp"),)
"""Pairs of which the first is below the second by meaning; otherwise both are in conflict."""


def person(
    *,
    given: Mapping[str, Fact],
    trials: Sequence[Trial] = (),
    at: datetime,
    knowledge: Knowledge,
    trials_are_whole: bool = True,
) -> Facts:
    """
    Return the facts of a person: what was given, what follows from it, what contradicts itself.

    Where `trials_are_whole` is false there may be other trials: what is counted is the least.

    :raises FactValueError: if a value is not one that its fact can have, or lies after `at`.
    :raises UnknownFactNameError: if a name is not in the vocabulary.
    """
    facts = Facts(knowledge.vocabulary, at, dict(given))
    if trials:
        ledger = derive(trials=trials, knowledge=knowledge)
        if not trials_are_whole:
            ledger = _unbounded(ledger, facts)
        facts = facts.with_facts(_from_ledger(facts, ledger, knowledge))
    facts = facts.with_facts(contradictions(facts))
    facts = facts.with_facts(_body_mass_index(facts))
    for consequence in knowledge.consequences:
        facts = facts.with_facts(_follow(facts, consequence))
    return facts


def contradictions(facts: Facts) -> dict[str, Fact]:
    """Return the facts that contradict each other, as unknown because conflicting."""
    found: dict[str, Fact] = {}
    for lower, upper in ORDERED:
        low, high = facts[lower], facts[upper]
        if low.is_known and high.is_known and not low.value < high.value:  # type: ignore[operator]
            found[lower] = _conflict(low, f"{lower} is not below {upper}")
            found[upper] = _conflict(high, f"{upper} is not above {lower}")
    return found


def body_mass_index(*, weight_kg: float, height_cm: float) -> float:
    """Return the body mass index in kg/m2, from kg and cm, in doubles."""
    return weight_kg * 10000 / (height_cm * height_cm)


def _body_mass_index(facts: Facts) -> dict[str, Fact]:
    weight, height = facts["weight_kg"], facts["height_cm"]
    if not (weight.is_known and height.is_known):
        return {}
    value = body_mass_index(weight_kg=float(weight.value), height_cm=float(height.value))  # type: ignore[arg-type]
    try:
        facts.vocabulary["bmi"].check(value)
    except FactValueError:
        return {"bmi": _conflict(weight, "weight and height do not fit each other")}
    times = [each.at for each in (weight, height) if each.at is not None]
    return {"bmi": Fact(value, at=min(times, default=None), origin="weight_kg and height_cm")}


def _follow(facts: Facts, consequence: ReadConsequence) -> dict[str, Fact]:
    """What a consequence fills in or finds in conflict, when its condition is true."""
    answer = evaluate(consequence.when, facts)
    if not answer.truth:
        return {}
    cause = answer.because[0]
    found: dict[str, Fact] = {}
    for name, value in consequence.words.then.items():
        fact = facts[name]
        if fact.unknown is Unknown.NOT_ASKED:
            found[name] = Fact(value, at=cause.fact.at, origin=f"follows from {cause.name}")
        elif fact.is_known and fact.value != value:
            found[name] = _conflict(fact, f"{name} does not fit {cause.name}")
    return found


def _unbounded(ledger: LedgerFacts, facts: Facts) -> LedgerFacts:
    """Return a ledger whose counts may be as great as their facts can be; a least of none says nothing."""
    counts = {
        name: Count(each.least, int(facts.vocabulary[name].greatest or each.greatest))
        for name, each in ledger.counts.items()
        if name in facts.vocabulary and each.least > 0
    }
    return replace(ledger, counts=counts)


def _from_ledger(facts: Facts, ledger: LedgerFacts, knowledge: Knowledge) -> dict[str, Fact]:
    """
    The trial facts that the ledger gives.

    A count that the ledger leaves open is known all the same where no rule tells its least from its
    greatest; a count given beside the ledger stands where the ledger allows it, else they conflict.
    """
    return {
        name: _count(facts, name, ledger, knowledge)
        for name in ledger.counts
        if name in facts.vocabulary
    }


def _count(facts: Facts, name: str, ledger: LedgerFacts, knowledge: Knowledge) -> Fact:
    given, count = facts[name], ledger.counts[name]
    origin = "antidepressant_trials"
    if given.is_known:
        if count.least <= given.value <= count.greatest:  # type: ignore[operator]
            return given
        return _conflict(given, f"{name} is {given.value}, and the ledger says otherwise")
    if count.least == count.greatest:
        return Fact(count.least, at=facts.at, origin=origin)
    if _alike(name, count.least, count.greatest, knowledge):
        return Fact(count.least, at=facts.at, origin=f"{origin} (at least {count.least})")
    return Fact(
        unknown=Unknown.NOT_RECORDED,
        origin=f"{origin} (between {count.least} and {count.greatest})",
    )


def _alike(name: str, least: int, greatest: int, knowledge: Knowledge) -> bool:
    """Whether every rule answers the same for the least and the greatest count."""
    leaves = [
        leaf
        for rule in knowledge.rules
        for condition in (rule.when, rule.only_if)
        if condition is not None
        for leaf in leaves_of(condition)
        if leaf.fact == name
    ]
    counts = range(least, greatest + 1)
    return all(len({leaf_truth(leaf, count) for count in counts}) == 1 for leaf in leaves)


def _conflict(fact: Fact, why: str) -> Fact:
    origin = f"{fact.origin}: {why}" if fact.origin else why
    return Fact(unknown=Unknown.CONFLICTING, at=fact.at, origin=origin)
