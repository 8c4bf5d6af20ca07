"""What is refused of the invented population: shares that do not add up, causes counted twice."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import get_args

from overstory.engine.conditions import leaves_of
from overstory.engine.facts import FactType, Vocabulary
from overstory.engine.reading import ConditionError, read_condition
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.population import (
    Case,
    Drawn,
    Missing,
    RecordPart,
    Slip,
    Spread,
    TrialHistories,
)
from overstory.knowledge.shapes.shared import cites

LEDGER = "antidepressant_trials"
"""What the parts of a record call the ledger, which is no fact."""

OWN = "overstory-invented-population"
"""The source of every assumption; nothing else is assumed, and no other section may cite it."""


def population_problems(knowledge: Knowledge) -> Iterator[str]:
    """Yield what is wrong with the invented population, the entry first."""
    entries: dict[str, Drawn] = {each.id: each for each in knowledge.sections.get("population", ())}
    vocabulary = with_hidden(knowledge.vocabulary, entries)
    causes = {each.id for each in knowledge.sections.get("population_causes", ())}
    for entry in entries.values():
        if entry.id not in vocabulary:
            yield f"{entry.id}: neither a fact nor hidden"
            continue
        for why in _entry(entry, entries, vocabulary, causes):
            yield f"{entry.id}: {why}"
    yield from _waiting(entries, vocabulary)
    yield from _parts(knowledge.sections.get("population_records", ()), knowledge.vocabulary)
    for slip in knowledge.sections.get("population_slips", ()):
        yield from _slip(slip, vocabulary)
    for histories in knowledge.sections.get("population_trials", ()):
        yield from _histories(histories, knowledge, vocabulary)


def with_hidden(vocabulary: Vocabulary, entries: Mapping[str, Drawn]) -> Vocabulary:
    """Return the facts and the hidden values of an invented population."""
    hidden = [
        FactType(name=each.id, kind=each.hidden, label=each.id)
        for each in entries.values()
        if each.hidden
    ]
    return Vocabulary([*vocabulary.values(), *hidden])


def _entry(
    entry: Drawn, entries: Mapping[str, Drawn], vocabulary: Vocabulary, causes: set[str]
) -> Iterator[str]:
    kind = vocabulary[entry.id]
    yield from _spread(entry, kind)
    yield from _standing(entry)
    for case in entry.cases:
        yield from _spread(case, kind)
        yield from _standing(case)
    if sum(pull * pull for pull in entry.pulls.values()) > 1:
        yield "its causes pull more than all of it"
    if kind.kind == "number" and any(
        round(float(number), entry.decimals) != float(number)
        for spread in (entry, *entry.cases)
        for number in spread.shares
    ):
        yield f"its numbers have more than {entry.decimals} decimals"
    for cause in sorted(set(entry.pulls) - causes):
        yield f"no cause is named {cause!r}"
    for text in _conditions(entry):
        try:
            read_condition(text, vocabulary)
        except ConditionError as error:
            yield str(error)
            return
    for name in sorted(_deciding(entry, vocabulary)):
        shared = sorted(set(entry.pulls) & _causes(name, entries, vocabulary, frozenset()))
        if shared:
            yield f"{name} decides its cases, and both hang on {', '.join(shared)}: the shares would not hold"


def _spread(spread: Spread, kind: FactType) -> Iterator[str]:
    ways = [
        spread.share is not None,
        bool(spread.shares),
        spread.mean is not None and spread.sd is not None,
        bool(spread.quantiles),
    ]
    if sum(ways) != 1 or (spread.mean is None) != (spread.sd is None):
        yield "a spread has a share, shares, a mean with its sd, or quantiles"
    if (spread.share is not None) != (kind.kind == "bool"):
        yield "what is true or false has a share, and nothing else has"
    if spread.share is not None and not 0 <= spread.share <= 1:
        yield f"{spread.share:g} is no share; 0 to 1"
    if spread.shares:
        yield from _shares(spread.shares, kind)
    levels = list(spread.quantiles)
    if any(low[0] >= high[0] or low[1] > high[1] for low, high in pairwise(levels)):
        yield "its quantiles do not rise"
    if not all(0 < part < 1 for part, _ in levels):
        yield "the part of a quantile lies between 0 and 1"


def _shares(shares: Mapping[str, float], kind: FactType) -> Iterator[str]:
    if not math.isclose(sum(shares.values()), 1, abs_tol=1e-9):
        yield f"its shares add up to {sum(shares.values()):g}, not to 1"
    if min(shares.values()) < 0:
        yield "a share is below 0"
    if kind.kind == "code" and list(shares) != list(kind.codes):
        yield f"its shares name the codes {', '.join(kind.codes)} in this order"
    if kind.kind == "number":
        numbers = [float(number) for number in shares]
        if numbers != sorted(set(numbers)):
            yield "its numbers do not rise"


def _standing(entry: Drawn | Case) -> Iterator[str]:
    own = [each.id == OWN for each in cites(entry.source)]
    if own and (entry.status == "assumed") != all(own):
        yield f"what rests on {OWN} alone is assumed, and nothing else is"


def _conditions(entry: Drawn) -> list[str]:
    return [text for text in [*(case.when for case in entry.cases), entry.only_when] if text]


def _deciding(entry: Drawn, vocabulary: Vocabulary) -> set[str]:
    """What its conditions name, where they can be read."""
    found: set[str] = set()
    for text in _conditions(entry):
        try:
            found |= {leaf.fact for leaf in leaves_of(read_condition(text, vocabulary))}
        except ConditionError:
            continue  # said of the entry itself
    return found


def _causes(
    name: str, entries: Mapping[str, Drawn], vocabulary: Vocabulary, seen: frozenset[str]
) -> set[str]:
    """The causes that a value hangs on, by itself or through what decides its cases."""
    entry = entries.get(name)
    if entry is None or name in seen:
        return set()
    found = set(entry.pulls)
    for each in _deciding(entry, vocabulary) | set(entry.over) | set(entry.under):
        found |= _causes(each, entries, vocabulary, seen | {name})
    return found


def _waiting(entries: Mapping[str, Drawn], vocabulary: Vocabulary) -> Iterator[str]:
    """What can never be drawn: it needs a value that needs it, or one that nothing draws."""
    drawn: set[str] = set()
    waiting = {
        each.id: _deciding(each, vocabulary) | set(each.over) | set(each.under)
        for each in entries.values()
    }
    while ready := [name for name, needs in waiting.items() if needs <= drawn]:
        drawn |= set(ready)
        waiting = {name: needs for name, needs in waiting.items() if name not in drawn}
    for name, needs in waiting.items():
        yield f"{name}: it waits for {', '.join(sorted(needs - drawn))}, which is never drawn before it"


def _parts(parts: tuple[RecordPart, ...], vocabulary: Vocabulary) -> Iterator[str]:
    seen: dict[str, str] = {}
    for part in parts:
        if set(part.kept) != set(get_args(Missing)):
            yield f"{part.id}: it tells what {', '.join(get_args(Missing))} keep"
        for name in [*part.facts, *part.usual]:
            if name not in vocabulary and name != LEDGER:
                yield f"{part.id}: no fact is named {name!r}"
        for name in part.facts:
            if name in seen:
                yield f"{part.id}: {name} is recorded with {seen[name]} already"
            seen[name] = part.id


def _slip(slip: Slip, vocabulary: Vocabulary) -> Iterator[str]:
    try:
        read_condition(slip.when, vocabulary)
    except ConditionError as error:
        yield f"{slip.id}: {error}"
    for name in [*slip.sets, *slip.swaps]:
        if name not in vocabulary:
            yield f"{slip.id}: no fact is named {name!r}"
    if len(slip.swaps) not in {0, 2} or bool(slip.swaps) == bool(slip.sets):
        yield f"{slip.id}: a slip sets values or swaps two facts"


def _histories(
    histories: TrialHistories, knowledge: Knowledge, vocabulary: Vocabulary
) -> Iterator[str]:
    known = {each.name for each in knowledge.sections.get("medicines", ())}
    for name in [*histories.medicines, *histories.augmentations]:
        if name not in known:
            yield f"{histories.id}: no medicine is named {name!r}"
    if histories.stage not in vocabulary or vocabulary[histories.stage].kind != "number":
        yield f"{histories.id}: no number is named {histories.stage!r}"
    for outcomes in (histories.failing, histories.others):
        if not math.isclose(sum(each.share for each in outcomes), 1, abs_tol=1e-9):
            yield f"{histories.id}: the shares of its outcomes do not add up to 1"
