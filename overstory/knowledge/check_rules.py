"""What is refused of a rule: power beyond its status, leaves that decide nothing, thin examples."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from overstory.engine.conditions import Between, Compare, Condition, Holds, Leaf, leaves_of
from overstory.engine.evaluate import leaf_truth
from overstory.engine.facts import Fact, Facts, FactType, FactValueError, UnknownFactNameError
from overstory.engine.truth import Truth
from overstory.knowledge.answering import answer_of
from overstory.knowledge.load import Knowledge
from overstory.knowledge.mutants import mutants_of
from overstory.knowledge.rules import ReadRule
from overstory.knowledge.shapes.rules import Example

RECALLED_MAY = frozenset({"caution", "physician-decision"})
PRIMARY_KINDS = frozenset({"label", "clearance", "trial", "guideline", "regulation"})
OWN_KINDS = frozenset({"recall", "site-policy"})
WORDED = frozenset({"contraindication", "defer", "physician-decision", "caution"})
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
WORDS_TO_TRUTH: dict[object, Truth] = {"unknown": None, "open": None, "met": True}


def rule_problems(rule: ReadRule, knowledge: Knowledge) -> Iterator[str]:
    """Yield what is wrong with a rule."""
    yield from _power(rule, knowledge)
    yield from _words(rule)
    for condition in (rule.when, rule.only_if):
        if condition is not None:
            yield from _dead_leaves(condition, knowledge)
    if rule.kind != "notice":
        yield from _examples(rule, knowledge)


def _power(rule: ReadRule, knowledge: Knowledge) -> Iterator[str]:
    status = rule.words.status
    kinds = {knowledge.sources[cite.id].kind for cite in rule.sources}
    if not kinds:
        yield "it has no source"
    if status == "recalled" and rule.kind not in RECALLED_MAY:
        yield f"a recalled number may raise a caution or a physician-decision, never a {rule.kind}"
    if status == "primary" and not kinds & PRIMARY_KINDS:
        yield f"primary needs a label, clearance, trial, guideline or regulation, not {sorted(kinds)}"
    if status == "secondary" and kinds <= OWN_KINDS:
        yield "secondary needs a document of somebody else"
    for regulatory in rule.words.regulatory:
        if regulatory.status in {"approved", "cleared"} and not regulatory.since:
            yield f"{regulatory.jurisdiction}: {regulatory.status} since when?"


def _words(rule: ReadRule) -> Iterator[str]:
    words = rule.words
    if rule.kind in WORDED and not (words.to_patient and words.to_patient_es):
        yield "it says nothing to the patient (to_patient and to_patient_es)"
    if words.downgrade and rule.kind != "contraindication":
        yield "only a contraindication can be downgraded"


def _dead_leaves(condition: Condition, knowledge: Knowledge) -> Iterator[str]:
    """Since a fact stands once, a condition can be both true and false if each leaf can."""
    for leaf in leaves_of(condition):
        kind = knowledge.vocabulary[leaf.fact]
        found = {leaf_truth(leaf, value) for value in _extremes(leaf, kind)}
        if found != {True, False}:
            yield f"{leaf.fact} can only be {found.pop()} here, whatever its value"


def _extremes(leaf: Leaf, kind: FactType) -> list[bool | float | str]:
    if isinstance(leaf, Holds):
        return [True, False]
    if isinstance(leaf, Compare | Between):
        edges = [leaf.number] if isinstance(leaf, Compare) else [leaf.low, leaf.high]
        ends = [end for end in (kind.least, kind.greatest) if end is not None]
        near = [edge + step for edge in edges for step in (-0.01, 0, 0.01)]
        return [*ends, *(each for each in near if not ends or ends[0] <= each <= ends[-1])]
    return list(kind.codes)


def _examples(rule: ReadRule, knowledge: Knowledge) -> Iterator[str]:
    examples = rule.words.examples
    for number, example in enumerate(examples, 1):
        try:
            if not _holds(rule, example, knowledge):
                yield f"its example {number} does not hold: {_answered(rule, example, knowledge)}"
        except (FactValueError, UnknownFactNameError) as error:
            yield f"its example {number}: {error}"
            return
    expected = {WORDS_TO_TRUTH.get(example.answer, example.answer) for example in examples}
    missing = {True, None} if rule.kind == "requires" else {True, False, None}
    for truth in sorted(missing - expected, key=str):
        yield f"it has no example that answers {'unknown' if truth is None else truth}"
    for mutant in mutants_of(rule, knowledge.vocabulary):
        if all(_holds(mutant.rule, example, knowledge) for example in examples):
            yield f"no example tells it from one with {mutant.what}; add one on each side"


def _holds(rule: ReadRule, example: Example, knowledge: Knowledge) -> bool:
    truth, asks = _answered(rule, example, knowledge)
    wanted = WORDS_TO_TRUTH.get(example.answer, example.answer)
    return truth is wanted and example.asks in (None, asks)


def _answered(rule: ReadRule, example: Example, knowledge: Knowledge) -> tuple[Truth, list[str]]:
    given = {name: Fact(value) for name, value in example.given.items()}
    facts = Facts(knowledge.vocabulary, MOMENT, given)
    answer = answer_of(rule, facts)
    return answer.truth, answer.asks
