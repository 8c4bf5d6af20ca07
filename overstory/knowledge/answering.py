"""What one rule answers for one person, whatever its kind."""

from __future__ import annotations

from overstory.engine.evaluate import Answer, Reason, evaluate, missing_roots
from overstory.engine.facts import Facts
from overstory.knowledge.rules import ReadRule


def answer_of(rule: ReadRule, facts: Facts) -> Answer:
    """
    Return the answer of a rule.

    For `requires`, true is met and unknown is open: open when its `if` is not false and what it needs
    is unknown, and then it asks for what is missing. A notice, which has no condition, is always true.
    """
    if rule.kind == "requires":
        return _answer_requirement(rule, facts)
    if rule.when is None:
        return Answer(True, [], [])
    return evaluate(rule.when, facts, fresh_within=rule.fresh_within)


def _answer_requirement(rule: ReadRule, facts: Facts) -> Answer:
    names = rule.words.needs or rule.words.needs_one_of
    known = [name for name in names if facts.fresh(name, within=rule.fresh_within).is_known]
    if len(known) == len(names) or (known and rule.words.needs_one_of):
        return Answer(True, [Reason(name, facts[name]) for name in known], [])
    only_if = evaluate(rule.only_if, facts) if rule.only_if else None
    if only_if and only_if.truth is False:
        return Answer(True, only_if.because, [])
    missing = missing_roots(
        [name for name in names if name not in known], facts, fresh_within=rule.fresh_within
    )
    asked = [*missing, *(only_if.asks if only_if else ())]
    return Answer(None, [], facts.vocabulary.in_order(asked))
