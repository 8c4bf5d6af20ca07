"""Rules as the engine uses them: the file's words with their conditions read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from overstory.engine.conditions import Condition, leaves_of
from overstory.engine.facts import FactValueError, UnknownFactNameError, Vocabulary
from overstory.engine.reading import ConditionError, read_condition
from overstory.knowledge.shapes.facts import Consequence
from overstory.knowledge.shapes.rules import OffLabel, Rule, TreatmentId
from overstory.knowledge.shapes.shared import Cite, cites

DURATION = re.compile(r"(\d+) (d|h)")


class RuleError(ValueError):
    """A rule that cannot be used; the message names the rule and what is wrong."""


@dataclass(frozen=True, slots=True)
class ReadRule:
    """
    A rule with its conditions read.

    `when` is the condition of every kind but `requires` and `notice`; `only_if` is the `if` of a
    `requires`. `words` is the entry as it stands in the file.
    """

    words: Rule
    when: Condition | None
    only_if: Condition | None
    fresh_within: timedelta | None
    file: str

    @property
    def id(self) -> str:
        """The rule's id."""
        return self.words.id

    @property
    def kind(self) -> str:
        """The rule's kind."""
        return self.words.kind

    @property
    def sources(self) -> tuple[Cite, ...]:
        """Where the rule's content stands."""
        return cites(self.words.source)

    @property
    def fact_names(self) -> tuple[str, ...]:
        """The facts that the rule names, in the order in which it names them."""
        named = [
            leaf.fact for each in (self.when, self.only_if) if each for leaf in leaves_of(each)
        ]
        return (*named, *self.words.needs, *self.words.needs_one_of)

    def holds_in(self, jurisdiction: str) -> bool:
        """Return whether the rule is in force there; without a jurisdiction it is everywhere."""
        return not self.words.jurisdiction or jurisdiction in self.words.jurisdiction


def read_rule(words: Rule, vocabulary: Vocabulary, *, file: str = "") -> ReadRule:
    """
    Return the rule with its conditions read.

    :raises RuleError: if a condition cannot be read, a needed fact does not exist, or the fields do
        not fit the kind.
    """
    _check_fields(words)
    for name in (*words.needs, *words.needs_one_of):
        if name not in vocabulary:
            raise RuleError(f"{words.id}: it needs {name!r}, which is no fact")
    try:
        rule = ReadRule(
            words=words,
            when=read_condition(words.when, vocabulary) if words.when else None,
            only_if=read_condition(words.if_, vocabulary) if words.if_ else None,
            fresh_within=duration(words.fresh_within) if words.fresh_within else None,
            file=file,
        )
    except ConditionError as error:
        raise RuleError(f"{words.id}: {error}") from None
    _refuse_repeats(rule, vocabulary)
    return rule


def _refuse_repeats(rule: ReadRule, vocabulary: Vocabulary) -> None:
    """A rule names a fact once, its `if` and what it needs together; else its asks are too many."""
    seen: dict[str, str] = {}
    for name in rule.fact_names:
        roots = vocabulary.roots(name)
        for root in roots:
            if root in seen:
                raise RuleError(
                    f"{rule.id}: it names {name!r} where it names {seen[root]!r} already"
                )
        seen.update(dict.fromkeys(roots, name))


@dataclass(frozen=True, slots=True)
class ReadConsequence:
    """A consequence with its condition read."""

    words: Consequence
    when: Condition


def read_consequence(words: Consequence, vocabulary: Vocabulary) -> ReadConsequence:
    """
    Return the consequence with its condition read and its values checked.

    :raises RuleError: if the condition cannot be read, or a fact cannot have the value that follows.
    """
    try:
        for name, value in words.then.items():
            vocabulary[name].check(value)
        return ReadConsequence(words, read_condition(words.when, vocabulary))
    except (ConditionError, FactValueError, UnknownFactNameError) as error:
        raise RuleError(f"{words.id}: {error}") from None


def off_label_rule(words: OffLabel, treatment: TreatmentId) -> ReadRule:
    """Return the physician-decision that off-label use of a treatment brings."""
    rule = Rule(
        id=f"{treatment}.off-label",
        kind="physician-decision",
        applies_to=[treatment],
        **{field: getattr(words, field) for field in words.__struct_fields__},
    )
    return ReadRule(words=rule, when=None, only_if=None, fresh_within=None, file="")


def duration(text: str) -> timedelta:
    """
    Return a length of time written as `30 d` or `12 h`.

    :raises RuleError: if it is written otherwise.
    """
    found = DURATION.fullmatch(text)
    if not found:
        raise RuleError(f"a length of time is written as 30 d or 12 h, not {text!r}")
    number = int(found[1])
    return timedelta(days=number) if found[2] == "d" else timedelta(hours=number)


def _check_fields(words: Rule) -> None:
    required = words.kind == "requires"
    bare = words.kind == "notice"
    if required != bool(words.needs or words.needs_one_of):
        raise RuleError(f"{words.id}: `requires`, and only that, has needs or needs_one_of")
    if words.needs and words.needs_one_of:
        raise RuleError(f"{words.id}: needs and needs_one_of are two rules")
    if bool(words.when) == (required or bare):
        raise RuleError(
            f"{words.id}: every kind but requires and notice has `when`, those have none"
        )
    if words.if_ and not required:
        raise RuleError(f"{words.id}: only `requires` has `if`")
    if (words.kind == "indication") != bool(
        words.indication and words.regulatory and words.evidence
    ):
        raise RuleError(
            f"{words.id}: an indication, and only that, has indication, regulatory and evidence"
        )
