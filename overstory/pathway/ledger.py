"""The antidepressant-trial ledger: from trials to counts, each with the least and greatest it can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from overstory.engine import truth
from overstory.engine.facts import Unknown
from overstory.engine.truth import Truth
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.medicines import TrialStandard
from overstory.pathway.medicines import formulary
from overstory.pathway.trials import (
    Check,
    Trial,
    TrialError,
    TrialReading,
    read_against,
    read_trial,
)

__all__ = [
    "Check",
    "Count",
    "LedgerFacts",
    "Trial",
    "TrialError",
    "TrialReading",
    "count_true",
    "derive",
    "read_trial",
]

LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class Count:
    """
    How many, at least and at most; a number only where both are the same.

    `unknown` says why it is no number: the sources conflict, or something is not recorded.
    """

    least: int
    greatest: int
    unknown: Unknown | None = None

    @property
    def value(self) -> int | None:
        """The number, or None while it is unknown."""
        return self.least if self.least == self.greatest else None

    def reaches(self, number: int) -> Truth:
        """Return whether there are `number` at least: unknown while the unknown trials decide it."""
        if self.least >= number:
            return True
        return None if self.greatest >= number else False


@dataclass(frozen=True)
class LedgerFacts:
    """
    What a ledger says: the counts by the name of their fact, and every trial with its reasons.

    `failed` and `not_tolerated` go by medicine: two trials of one medicine count once. `classes` goes
    by class of antidepressant; `unclassed` holds the failed medicines whose class is not known.
    """

    readings: tuple[TrialReading, ...]
    counts: Mapping[str, Count]
    failed: Mapping[str, Truth]
    not_tolerated: Mapping[str, Truth]
    classes: Mapping[str, Truth]
    unclassed: Mapping[str, Truth]

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Where sources or entries disagree so that a count stays open, with the trial's number."""
        return tuple(
            f"trial {each.number} ({each.trial.medicine}): {why}"
            for each in self.readings
            if each.is_open
            for why in each.conflicts
        )

    @property
    def missing(self) -> tuple[str, ...]:
        """What to ask for so that a count closes, with the number of the trial."""
        return tuple(
            f"trial {each.number} ({each.trial.medicine}): {name}"
            for each in self.readings
            if each.is_open
            for name in each.missing
        )


def derive(*, trials: Sequence[Trial], knowledge: Knowledge, standard: str = LEDGER) -> LedgerFacts:
    """
    Return what the trials come to, the ledger taken as complete.

    Different medicines are counted, of the current episode, of adequate dose and duration; a medicine
    that was not tolerated has not failed; an augmentation is counted apart. `standard` names the
    entry of `trial_standards`.

    :raises KeyError: if the standard does not exist.
    """
    standards: dict[str, TrialStandard] = {
        each.id: each for each in knowledge.sections["trial_standards"]
    }
    medicines = formulary(knowledge)
    readings = tuple(
        read_against(
            trial,
            number=number,
            standard=standards[standard],
            general=standards[LEDGER].response,
            medicines=medicines,
            doses=knowledge.sections["adequate_doses"],
        )
        for number, trial in enumerate(trials, start=1)
    )
    return _facts(readings)


def count_true(truths: Iterable[Truth], *, unknown: Unknown = Unknown.NOT_RECORDED) -> Count:
    """Return how many are true at least, and how many could be."""
    every = list(truths)
    least = sum(each is True for each in every)
    greatest = least + sum(each is None for each in every)
    return Count(least, greatest, None if least == greatest else unknown)


def count_classes(
    classes: Mapping[str, Truth],
    unclassed: Mapping[str, Truth],
    *,
    unknown: Unknown = Unknown.NOT_RECORDED,
) -> Count:
    """
    Return how many classes there are, at least and at most.

    A medicine whose class is not known may be of a class that is counted already, or of one more.
    """
    plain = count_true(classes.values())
    certain = any(each is True for each in unclassed.values())
    least = max(plain.least, 1 if certain else 0)
    greatest = plain.greatest + sum(each is not False for each in unclassed.values())
    return Count(least, greatest, None if least == greatest else unknown)


def by_class(
    readings: Iterable[TrialReading], truths: Mapping[int, Truth]
) -> tuple[dict[str, Truth], dict[str, Truth]]:
    """Return the truths of the trials by class of antidepressant, and those without a known class."""
    classed: dict[str, list[Truth]] = {}
    unclassed: dict[str, list[Truth]] = {}
    for each in readings:
        found = classed if each.antidepressant_class else unclassed
        found.setdefault(each.antidepressant_class or _key(each), []).append(truths[each.number])
    return _any(classed), _any(unclassed)


def by_medicine(readings: Iterable[TrialReading], truths: Mapping[int, Truth]) -> dict[str, Truth]:
    """Return the truths of the trials by medicine; one of its trials is enough."""
    found: dict[str, list[Truth]] = {}
    for each in readings:
        found.setdefault(_key(each), []).append(truths[each.number])
    return _any(found)


def _facts(readings: tuple[TrialReading, ...]) -> LedgerFacts:
    failed = {each.number: each.failed_antidepressant for each in readings}
    augmented = {each.number: each.failed_augmentation for each in readings}
    intolerable = {each.number: each.intolerable for each in readings}
    failed_medicines = by_medicine(readings, failed)
    not_tolerated = by_medicine(readings, intolerable)
    classes, unclassed = by_class(readings, failed)
    why_failed, why_augmented = _why(readings, failed), _why(readings, augmented)
    augmentations = by_medicine(readings, augmented)
    return LedgerFacts(
        readings=readings,
        counts={
            "failed_antidepressant_trials": count_true(
                failed_medicines.values(), unknown=why_failed
            ),
            "failed_antidepressant_classes": count_classes(classes, unclassed, unknown=why_failed),
            "failed_augmentation_trials": count_true(augmentations.values(), unknown=why_augmented),
            "intolerable_antidepressant_trials": count_true(not_tolerated.values()),
        },
        failed=failed_medicines,
        not_tolerated=not_tolerated,
        classes=classes,
        unclassed=unclassed,
    )


def _why(readings: Iterable[TrialReading], truths: Mapping[int, Truth]) -> Unknown:
    """Why a count is unknown: only conflicts, or something is not recorded as well."""
    undecided = [each for each in readings if truths[each.number] is None]
    if undecided and all(each.conflicts and not each.missing for each in undecided):
        return Unknown.CONFLICTING
    return Unknown.NOT_RECORDED


def _any(found: Mapping[str, list[Truth]]) -> dict[str, Truth]:
    return {key: truth.disjunction(truths) for key, truths in found.items()}


def _key(reading: TrialReading) -> str:
    return reading.medicine or reading.trial.medicine.casefold()
