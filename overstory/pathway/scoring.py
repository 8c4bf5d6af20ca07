"""From the answers of a form to its score; an unanswered item is never zero."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from overstory.engine.conditions import Condition
from overstory.engine.evaluate import truth_of
from overstory.engine.facts import Fact, Facts, FactType, Vocabulary
from overstory.engine.reading import read_condition
from overstory.engine.truth import Truth
from overstory.knowledge.shapes.scales import AnswerSet, BandSet, Finding, Item, Scale

Answered = float | bool | str | None
Values = Mapping[str, float | None]

OUTSIDE_TIME = datetime(1, 1, 1, tzinfo=UTC)
"""Answers of one form belong together; scoring asks nothing of the clock."""


class AnswerError(ValueError):
    """An answer that the form cannot have; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Score:
    """
    What the answers of one form say.

    `total` is None while an item is missing, unless the scale allows to prorate: then `prorated`
    is true, `complete` is not, and the total fills no fact and decides no finding. `raw` is the
    total before it is multiplied or looked up. `critical` holds what comes first, whatever the
    total; `critical_unknown` what cannot be ruled out, since its item is not answered. `flags`
    answers true, false or unknown. `facts` holds the facts of the vocabulary that the score fills.
    """

    scale: str
    total: float | None
    raw: float | None
    band: str | None
    bands: Mapping[str, str]
    complete: bool
    prorated: bool
    missing: tuple[str, ...]
    subscores: Mapping[str, float | None]
    flags: Mapping[str, Truth]
    critical: tuple[Finding, ...]
    critical_unknown: tuple[Finding, ...]
    warnings: tuple[str, ...]
    facts: Mapping[str, float]


def score(*, scale: Scale, answers: Mapping[str, Answered]) -> Score:
    """
    Return the score of a form.

    `answers` maps item ids to a number, to true or false, to the code or label of an answer, or to
    None. Items left out are not answered.

    :raises AnswerError: if an item does not exist, or its answer is not one that it can have.
    """
    given = _given(scale, answers)
    values, contradictions = _with_skips(scale, given)
    missing = _missing(scale, values)
    prorated = bool(missing) and _may_prorate(scale, missing)
    raw = _raw(scale, values) if not missing or prorated else None
    total = _total(scale, raw)
    subscores = {each.id: _sum(scale, values, each.items) for each in scale.subscores}
    sure = {"total": None, "raw": None} if prorated else {"total": total, "raw": raw}
    truths = _truths(scale, {**_named(values), **subscores, **sure})
    bands = {each.id: band_of(each, total) for each in scale.bands if total is not None}
    return Score(
        scale=scale.id,
        total=total,
        raw=raw,
        band=next(iter(bands.values()), None),
        bands=bands,
        complete=not missing,
        prorated=prorated,
        missing=missing,
        subscores=subscores,
        flags={each.id: truths[each.id] for each in scale.findings if each.kind == "flag"},
        critical=_of_kind(scale, truths, "critical", answer=True),
        critical_unknown=_of_kind(scale, truths, "critical", answer=None),
        warnings=(
            *contradictions,
            *(each.says for each in _of_kind(scale, truths, "warning", answer=True)),
        ),
        facts=_facts(scale, given, None if prorated else total),
    )


def band_of(bands: BandSet, total: float) -> str:
    """Return the name of the band of a total: the last one that starts at or below it."""
    return [each.label for each in bands.bands if each.least <= total][-1]


def fact_name(item_id: str) -> str:
    """Return the name that an item has in the conditions of its scale: `item9`, or `q6_recent`."""
    return item_id if item_id[:1].isalpha() else f"item{item_id}"


def item_value(*, scale: Scale, item: Item, answer: Answered) -> float | None:
    """
    Return the value of an answer: a number, true or false, or the code or label of an answer.

    :raises AnswerError: if the item cannot have this answer.
    """
    if answer is None:
        return None
    allowed = scale.answers[item.answers]
    value = _coded(allowed, answer) if isinstance(answer, str) else _number(allowed, answer)
    if value is None:
        raise AnswerError(
            f"{scale.id}, item {item.id}: {answer!r} is not an answer; it takes {_choices(allowed)}"
        )
    return value


def asked_items(*, scale: Scale, answers: Mapping[str, Answered]) -> frozenset[str]:
    """
    Return the items that are asked after these answers: an answer not given leaves none out.

    :raises AnswerError: if an item does not exist, or its answer is not one that it can have.
    """
    given = _given(scale, answers)
    skipped: set[str] = set()
    for skip in scale.scoring.skips:
        known = [value for each in skip.items if (value := given[each]) is not None]
        if len(known) == len(skip.items) and sum(known) == skip.sum:
            skipped.update(skip.leaves_out)
    return frozenset(
        each.id for each in scale.items if each.id not in skipped and _is_asked(scale, each, given)
    )


def vocabulary_of(scale: Scale) -> Vocabulary:
    """Return the facts that the conditions of a scale can name, with their ranges."""
    return _vocabulary(_types(scale))


def finding_condition(*, scale: Scale, when: str) -> Condition:
    """
    Return a condition of the scale, read.

    :raises overstory.engine.reading.ConditionError: if it cannot be read.
    """
    return _condition(when, _types(scale))


def _given(scale: Scale, answers: Mapping[str, Answered]) -> dict[str, float | None]:
    items = {each.id: each for each in scale.items}
    for name in answers:
        if name not in items:
            raise AnswerError(f"{scale.id} has no item {name!r}; it has {', '.join(items)}")
    return {
        name: item_value(scale=scale, item=item, answer=answers.get(name))
        for name, item in items.items()
    }


def _coded(allowed: AnswerSet, answer: str) -> float | None:
    word = answer.strip().casefold()
    for option in allowed.options:
        if word and word in (option.loinc.casefold(), option.label.casefold()):
            return option.value
    return None


def _number(allowed: AnswerSet, answer: float) -> float | None:
    if isinstance(answer, bool):
        labels = {each.label.casefold(): each.value for each in allowed.options}
        return labels.get("yes" if answer else "no")
    if not math.isfinite(answer):
        return None
    if allowed.options:
        return answer if answer in {each.value for each in allowed.options} else None
    least, greatest = allowed.range or (-math.inf, math.inf)
    whole = not allowed.whole or answer == int(answer)
    return answer if whole and least <= answer <= greatest else None


def _choices(allowed: AnswerSet) -> str:
    if allowed.options:
        return ", ".join(
            f"{each.value:g}" + (f" ({each.label})" if each.label else "")
            for each in allowed.options
        )
    least, greatest = allowed.range or (-math.inf, math.inf)
    return f"{'a whole number' if allowed.whole else 'a number'} from {least:g} to {greatest:g}"


def _with_skips(scale: Scale, given: Values) -> tuple[dict[str, float | None], list[str]]:
    values, contradictions = dict(given), []
    for skip in scale.scoring.skips:
        known = [value for each in skip.items if (value := given[each]) is not None]
        if len(known) < len(skip.items) or sum(known) != skip.sum:
            continue
        for each in skip.leaves_out:
            if values[each] is None:
                values[each] = skip.counts
            elif given[each] not in (None, skip.counts):
                contradictions.append(
                    f"Item {each} has points although item {' and '.join(skip.items)} rule it out; ask again."
                )
    return values, list(dict.fromkeys(contradictions))


def _missing(scale: Scale, values: Values) -> tuple[str, ...]:
    spared: set[str] = set()
    for pair in scale.scoring.pairs:
        answered = [each for each in pair.items if values[each] is not None]
        if pair.exclusive and len(answered) > 1:
            raise AnswerError(
                f"{scale.id}: answer one of the items {', '.join(pair.items)}, not both"
            )
        if answered:
            spared.update(pair.items)
    return tuple(
        each.id
        for each in scale.items
        if (each.scored or each.needed) and values[each.id] is None and each.id not in spared
        and _is_asked(scale, each, values)
    )  # fmt: skip


def _is_asked(scale: Scale, item: Item, values: Values) -> bool:
    if not item.asked_if:
        return True
    return _truth(item.asked_if, scale, _named(values)) is not False


def _may_prorate(scale: Scale, missing: tuple[str, ...]) -> bool:
    rule = scale.scoring.prorate
    if rule is None or len(missing) > rule.most_missing:
        return False
    return not set(missing) & set(rule.never)


def _raw(scale: Scale, values: Values) -> float | None:
    if scale.scoring.method == "none":
        return None
    in_domains = {each for domain in scale.scoring.domains for each in domain.items}
    alone = [[each.id] for each in scale.items if each.scored and each.id not in in_domains]
    parts = [
        max(counted)
        for items in (*alone, *(domain.items for domain in scale.scoring.domains))
        if (counted := _counted(scale, values, items))
    ]
    mean = math.fsum(parts) / len(parts)
    if scale.scoring.method == "mean":
        return mean
    unasked = {each for pair in scale.scoring.pairs for each in pair.items if values[each] is None}
    return tidy(mean * (len(alone) + len(scale.scoring.domains) - len(unasked)))


def _total(scale: Scale, raw: float | None) -> float | None:
    if raw is None:
        return None
    if scale.scoring.table:
        return scale.scoring.table[f"{raw:g}"]
    return tidy(raw * scale.scoring.multiply)


def tidy(number: float) -> float:
    """Return a whole number as one, and another without the dust of binary fractions."""
    rounded = round(number, 9)
    return int(rounded) if rounded == int(rounded) else rounded


def _counted(scale: Scale, values: Values, wanted: Iterable[str]) -> list[float]:
    items = {each.id: each for each in scale.items}
    found = ((items[each], values[each]) for each in wanted)
    return [_counts(scale, item, value) for item, value in found if value is not None]


def _counts(scale: Scale, item: Item, value: float) -> float:
    allowed = scale.answers[item.answers]
    if item.reversed:
        choices = [each.value for each in allowed.options] or list(allowed.range or ())
        return max(choices) + min(choices) - value
    for option in allowed.options:
        if option.value == value and option.counts is not None:
            return option.counts
    return value


def _sum(scale: Scale, values: Values, items: list[str]) -> float | None:
    counted = _counted(scale, values, items)
    return tidy(math.fsum(counted)) if len(counted) == len(items) else None


def _named(values: Values) -> dict[str, float | None]:
    return {fact_name(name): value for name, value in values.items()}


def _truths(scale: Scale, known: Values) -> dict[str, Truth]:
    """Return what each finding answers; later ones may name earlier ones."""
    types = _types(scale)
    facts = _known(types, known)
    truths: dict[str, Truth] = {}
    for finding in scale.findings:
        truth = truths[finding.id] = truth_of(_condition(finding.when, types), facts)
        if truth is not None:
            facts = facts.with_facts({finding.id: Fact(value=truth)})
    return truths


def _truth(when: str, scale: Scale, known: Values) -> Truth:
    types = _types(scale)
    return truth_of(_condition(when, types), _known(types, known))


def _known(types: Types, known: Values) -> Facts:
    given = {name: Fact(value=value) for name, value in known.items() if value is not None}
    return Facts(vocabulary=_vocabulary(types), at=OUTSIDE_TIME, given=given)


Types = tuple[tuple[str, str, float | None, float | None], ...]


def _types(scale: Scale) -> Types:
    items = [
        (fact_name(each.id), "number", *_range(scale.answers[each.answers])) for each in scale.items
    ]
    totals = [
        ("total", "number", *(scale.scoring.range or (None, None))),
        ("raw", "number", None, None),
    ]
    subscores = [(each.id, "number", *each.range) for each in scale.subscores]
    findings = [(each.id, "bool", None, None) for each in scale.findings]
    return (*items, *totals, *subscores, *findings)


def _range(allowed: AnswerSet) -> tuple[float | None, float | None]:
    values = [each.value for each in allowed.options] or list(allowed.range or ())
    return (min(values), max(values)) if values else (None, None)


@lru_cache(maxsize=256)
def _vocabulary(types: Types) -> Vocabulary:
    return Vocabulary(
        [
            FactType(name=name, kind=kind, label=name, least=least, greatest=greatest)
            for name, kind, least, greatest in types
        ]
    )


@lru_cache(maxsize=1024)
def _condition(when: str, types: Types) -> Condition:
    return read_condition(when, _vocabulary(types))


def _of_kind(
    scale: Scale, truths: Mapping[str, Truth], kind: str, *, answer: Truth
) -> tuple[Finding, ...]:
    return tuple(each for each in scale.findings if each.kind == kind and truths[each.id] is answer)


def _facts(scale: Scale, given: Values, total: float | None) -> dict[str, float]:
    values = {**_named(given), "total": total}
    return {
        fact: value for name, fact in scale.fills.items() if (value := values.get(name)) is not None
    }
