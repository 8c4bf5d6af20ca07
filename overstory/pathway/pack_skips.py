"""Which questions an earlier answer makes needless, and what one that was not asked is by it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from overstory.engine.conditions import Holds
from overstory.engine.evaluate import evaluate, truth_of
from overstory.engine.facts import Fact, Facts, FactValueError
from overstory.engine.reading import read_condition
from overstory.knowledge.load import Knowledge
from overstory.pathway.medicines import Recognized, formulary
from overstory.pathway.pack_values import Replies

OUTSIDE_TIME = datetime(1, 1, 1, tzinfo=UTC)
"""Answers of one pack belong together; which questions apply asks nothing of the clock."""

HOW_TAKEN = re.compile(
    r"\b(?:(?:once|twice|(?:one|two|three|four|[1-4]) times?)(?: (?:a|per|each) (?:day|night|week))?"
    r"|(?:a|per|each|every) (?:day|night|morning|evening|week)|daily|weekly|nightly"
    r"|(?:at|before) (?:night|bedtime|bed)|in the (?:morning|evening)|(?:as|when|if) needed|for sleep"
    r"|(?:una vez|dos veces|tres veces|[1-4] ve(?:z|ces))(?: (?:al d[ií]a|por semana))?"
    r"|al d[ií]a|a diario|cada (?:d[ií]a|noche|mañana)|(?:por|en) la (?:noche|mañana|tarde)"
    r"|al acostarme|para dormir|(?:si|cuando) (?:lo|la)? ?necesito)(?!\w)"
)
"""Words that say when a medicine is taken, and nothing of which one or whether."""


def known_facts(replies: Replies, knowledge: Knowledge) -> Facts:
    """Return the facts that were answered as such, outside of time; only values that they can have."""
    given = {
        key.partition(".")[2]: Fact(reply.value)
        for key, reply in replies.items()
        if key.startswith("fact.") and _can_be(key.partition(".")[2], reply.value, knowledge)
    }
    return Facts(knowledge.vocabulary, OUTSIDE_TIME, given)


def _can_be(name: str, value: object, knowledge: Knowledge) -> bool:
    if value is None or name not in knowledge.vocabulary:
        return False
    try:
        knowledge.vocabulary[name].check(value)
    except FactValueError:
        return False
    return True


def left_out(replies: Replies, knowledge: Knowledge) -> frozenset[str]:
    """
    Return the keys of the questions that an earlier answer makes needless.

    A question whose answer follows from another is left out only while it has no reply of its own:
    what was said of a danger is never dropped, and an answer that does not fit another one shows.
    """
    listed = replies.get("medicines.now")
    named: dict[str, tuple[str, ...]] = {}
    if listed is not None and isinstance(listed.value, str):
        named = taken(listed.value.splitlines(), knowledge)
    answered = known_facts(replies, knowledge)
    facts = answered.with_facts({name: Fact(True) for name in named})
    needless = {
        f"fact.{name}"
        for each in knowledge.sections["left_out"]
        if not each.means
        and truth_of(read_condition(each.when, knowledge.vocabulary), answered) is True
        for name in each.asks
    }
    follows = {f"fact.{name}" for name in settled(facts, knowledge)}
    return frozenset(needless | {f"fact.{name}" for name in named} | (follows - set(replies)))


def settled(facts: Facts, knowledge: Knowledge) -> dict[str, tuple[Any, str]]:
    """
    Return the facts without a value that have one by another: the value, and the fact that says so.

    From the consequences of the knowledge, read forward (epilepsy, so there was a seizure) and back
    (never a seizure, so no epilepsy), and from what the packs say that an answer means. What is
    unknown settles nothing.
    """
    found: dict[str, tuple[Any, str]] = {}
    for name, value, cause in (*_forward(facts, knowledge), *_back(facts, knowledge)):
        if not facts[name].is_known:
            found.setdefault(name, (value, cause))
    return found


def _forward(facts: Facts, knowledge: Knowledge) -> Iterator[tuple[str, Any, str]]:
    meant = (
        (read_condition(each.when, knowledge.vocabulary), each.means)
        for each in knowledge.sections["left_out"]
        if each.means
    )
    for when, then in (*((each.when, each.words.then) for each in knowledge.consequences), *meant):
        answer = evaluate(when, facts)
        if answer.truth is True:
            yield from ((name, value, answer.because[0].name) for name, value in then.items())


def _back(facts: Facts, knowledge: Knowledge) -> Iterator[tuple[str, Any, str]]:
    """What cannot be, because what would follow from it is known to be otherwise."""
    for each in knowledge.consequences:
        if isinstance(each.when, Holds):
            for name, value in each.words.then.items():
                if facts[name].is_known and facts[name].value != value:
                    yield each.when.fact, False, name


def inferred(
    *, known: Mapping[str, Fact], skipped: Collection[str], at: datetime, knowledge: Knowledge
) -> dict[str, Fact]:
    """
    Return the facts that were not asked for because another answer settles them.

    `known` is everything that is known now, of which nothing is ever replaced; `skipped` are the
    facts that filled packs left out.
    """
    facts = Facts(knowledge.vocabulary, at, dict(known))
    return {
        name: Fact(value, at=facts[cause].at, origin=f"follows from {cause}")
        for name, (value, cause) in settled(facts, knowledge).items()
        if name in skipped and name not in known
    }


def taken(lines: Sequence[str], knowledge: Knowledge) -> dict[str, tuple[str, ...]]:
    """Return the facts that a list of medicines makes true, each with the medicines that do."""
    known = formulary(knowledge)
    named = [each.medicine for line in lines for each in _recognize(line, knowledge).medicines]
    return known.facts_of(dict.fromkeys(named))


def unrecognized(lines: Sequence[str], knowledge: Knowledge) -> tuple[str, ...]:
    """Return the parts of a list of medicines that name none we know; a nurse reads them."""
    return tuple(
        rest for line in lines if line.strip() for rest in _recognize(line, knowledge).rest
    )


def _recognize(line: str, knowledge: Knowledge) -> Recognized:
    """Return what a line names, with and else without its words of when the medicine is taken."""
    whole = formulary(knowledge).recognize(line)
    if not whole.rest:
        return whole
    bare = " ".join(HOW_TAKEN.sub(" ", line.casefold()).split())
    found = formulary(knowledge).recognize(bare)
    return found if found.medicines and not found.rest else whole
