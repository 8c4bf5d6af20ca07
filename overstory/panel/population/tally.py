"""Counts of one piece of a table that add up with those of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from overstory.engine.facts import FactType
from overstory.panel.polars_engine import columns_of
from overstory.panel.population.blocking import Blocking
from overstory.panel.program import LEVELS, Program
from overstory.pathway.suitability import COMBINATION, KETAMINE_PARTS
from overstory.pathway.verdicts import ORDER, PERMITTING, Verdict

Key = tuple[str, ...]
CHARACTERISTICS = (
    "age_years",
    "sex_at_birth",
    "has_major_depression",
    "depression_severity",
    "failed_antidepressant_trials",
    "has_bipolar_disorder",
    "has_anxiety_disorder",
    "has_ptsd",
    "has_ocd",
    "substance_use_disorder_active",
    "phq9_total",
    "bmi",
    "cssrs_risk",
    "takes_oral_antidepressant",
)
UNKNOWN = "unknown"
PLACE = {verdict: place for place, verdict in enumerate(ORDER)}


@dataclass
class Tally:
    """
    Counts by what they count; `sums` are of numbers that are known.

    The first word of a key says what is counted: people, verdict, safety, removed, alone, held, asked,
    blocks, settles, open, route, if-no, best, is (a characteristic by verdict).
    """

    counts: Counter[Key] = field(default_factory=Counter)
    sums: Counter[Key] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Add what another piece of the table came to."""
        self.counts.update(other.counts)
        self.sums.update(other.sums)


def tally(
    answers: pl.DataFrame, program: Program, *, blocking: Blocking, characteristics: Sequence[str]
) -> Tally:
    """
    Return the counts of one piece of a table, which has every column that the program makes.

    `blocking` knows which unknown facts hold verdicts back, and in what order they would be asked.
    """
    found = Tally()
    counts = found.counts
    counts["people",] += answers.height
    _count_places(counts, answers[program.safety], ("safety",), LEVELS)
    if_no = _if_every_answer_is_no(answers, program)
    for treatment, column in program.verdicts.items():
        _count_places(counts, answers[column], ("verdict", treatment), ORDER)
        _count_places(counts, if_no[column], ("if-no", treatment), ORDER)
        _attrition(counts, answers, program, treatment)
        _questions(counts, answers, program, treatment)
        blocking.count(counts, answers, treatment)
        counts["best", treatment] += int(_at_best(answers, program, treatment).sum())
        for name in characteristics:
            kind = program.knowledge.vocabulary[name]
            _characteristic(found, answers.select(column, name), treatment, kind)
    return found


def _count_places(counts: Counter[Key], column: pl.Series, key: Key, words: Sequence[str]) -> None:
    for place, count in column.value_counts().iter_rows():
        counts[*key, str(words[place])] += count


def _attrition(
    counts: Counter[Key], answers: pl.DataFrame, program: Program, treatment: str
) -> None:
    """Which rule took how many out, in order, and how many it alone takes out, for each verdict."""
    verdicts, decided = answers[program.verdicts[treatment]], program.decided[treatment]
    for verdict in ORDER[:-1]:
        left = verdicts == PLACE[verdict]
        masks = {rule: answers[column] & left for rule, column in decided.items()}
        masks = {rule: mask for rule, mask in masks.items() if mask.any()}
        if not masks:
            continue
        single = _how_many(masks.values()) == 1
        for rule, mask in masks.items():
            key = (treatment, str(verdict), rule)
            counts["held", *key] += int(mask.sum())
            counts["removed", *key] += int((mask & left).sum())
            counts["alone", *key] += int((mask & single).sum())
            left &= ~mask


def _how_many(masks: Iterable[pl.Series]) -> pl.Series:
    frame = pl.DataFrame([mask.alias(str(number)) for number, mask in enumerate(masks)])
    return frame.select(pl.sum_horizontal(pl.all().cast(pl.UInt16))).to_series()


def _questions(
    counts: Counter[Key], answers: pl.DataFrame, program: Program, treatment: str
) -> None:
    """How many ask for each fact, and how many open questions people have."""
    masks = [answers[column] for column in program.asks[treatment].values()]
    for fact, mask in zip(program.asks[treatment], masks, strict=True):
        counts["asked", treatment, fact] += int(mask.sum())
    if not masks:
        counts["open", treatment, "0"] += answers.height
        return
    for number, count in _how_many(masks).value_counts().iter_rows():
        counts["open", treatment, str(number)] += count


def _if_every_answer_is_no(answers: pl.DataFrame, program: Program) -> pl.DataFrame:
    """The verdicts if every yes-or-no fact that is unknown were answered no."""
    vocabulary = program.knowledge.vocabulary
    bools = {name for name, kind in vocabulary.items() if kind.kind == "bool"}
    narrowed = {name.split(".within.")[0]: name for name in answers.columns if ".within." in name}
    columns = [*bools, *(column for name, column in narrowed.items() if name in bools)]
    facts = answers.select(
        pl.col(name).fill_null(False) if name in columns else pl.col(name)
        for name in (*vocabulary, *narrowed.values())
    )
    names = [step.name for step in program.steps]
    for step in program.steps[names.index("tests") : names.index("verdicts") + 1]:
        facts = facts.with_columns(columns_of(step))
    return facts.select(program.verdicts.values())


def _at_best(answers: pl.DataFrame, program: Program, treatment: str) -> pl.Series:
    """Where a verdict would permit if no unknown obstacle held and all that is open were met."""
    if treatment == COMBINATION:
        forms = [_at_best(answers, program, form) for form in KETAMINE_PARTS]
        either = forms[0] | forms[1]
        waits = answers[program.verdicts[treatment]] >= PLACE[Verdict.CANNOT_SAY_YET]
        return waits & either & _at_best(answers, program, "tms")
    verdict = answers[program.verdicts[treatment]]
    permits = verdict >= min(PLACE[each] for each in PERMITTING)
    waiting = verdict == PLACE[Verdict.CANNOT_SAY_YET]
    indications = {rule.id for rule in program.knowledge.rules if rule.kind == "indication"}
    for rule, column in program.decided[treatment].items():
        if rule in indications:
            waiting &= ~answers[column]
    return permits | waiting


def _characteristic(found: Tally, facts: pl.DataFrame, treatment: str, kind: FactType) -> None:
    verdict, name = facts.columns
    value = pl.col(name)
    if kind.kind == "number":
        for place, total in facts.group_by(verdict).agg(value.sum()).iter_rows():
            found.sums["is", treatment, str(ORDER[place]), name] += total
        value = value.floor()
    for place, one, count in facts.group_by(verdict, value).len().iter_rows():
        found.counts["is", treatment, str(ORDER[place]), name, _shown(one)] += count


def _shown(value: object) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
