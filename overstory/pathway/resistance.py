"""Treatment-resistant depression under every definition at once, and its staging, unknown parts kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from overstory.engine import truth
from overstory.engine.facts import Facts
from overstory.engine.truth import Truth
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.resistance import (
    MaudsleyStaging,
    ResistanceDefinition,
    Step,
    ThaseRushStage,
)
from overstory.knowledge.shapes.shared import Cite, cites
from overstory.pathway.ledger import (
    Count,
    LedgerFacts,
    Trial,
    by_class,
    by_medicine,
    count_classes,
    count_true,
    derive,
)

WEEKS_A_YEAR = 365.25 / 7
UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True)
class DefinitionAnswer:
    """Whether one definition holds, why, with its sources and the status of its number."""

    id: str
    label: str
    says: str
    truth: Truth
    why: tuple[str, ...]
    sources: tuple[Cite, ...]
    status: str
    note: str


@dataclass(frozen=True, slots=True)
class Range:
    """A whole number from `least` to `greatest`; known where they are the same."""

    least: int
    greatest: int

    @property
    def value(self) -> int | None:
        """The number, or None while it is unknown."""
        return self.least if self.least == self.greatest else None


@dataclass(frozen=True)
class MaudsleyScore:
    """
    The Maudsley score as the range that the unknown parts leave.

    `applies` is whether an antidepressant failed at all; the range supposes that one did, and is None
    where none did. `band` is known only where the whole range lies in it.
    """

    applies: Truth
    total: Range | None
    parts: Mapping[str, Range]
    band: str | None
    above_cut_off: Truth
    sources: tuple[Cite, ...]
    status: str


@dataclass(frozen=True)
class ThaseRush:
    """The stage of Thase and Rush as a range, with the words of its lowest stage."""

    stage: Range
    name: str
    sources: tuple[Cite, ...]
    status: str


def definitions(*, trials: Sequence[Trial], knowledge: Knowledge) -> tuple[DefinitionAnswer, ...]:
    """
    Return what every definition answers for a ledger, in the order of the knowledge.

    Without a ledger each is unknown: no trial on record is not no trial.
    """
    entries: Sequence[ResistanceDefinition] = knowledge.sections["resistance_definitions"]
    if not trials:
        return tuple(_without_ledger(entry) for entry in entries)
    ledgers = {
        name: derive(trials=trials, knowledge=knowledge, standard=name)
        for name in {entry.standard for entry in entries}
    }
    return tuple(_answer(entry, ledgers[entry.standard]) for entry in entries)


def maudsley(
    *, facts: Facts, ledger: LedgerFacts | None = None, knowledge: Knowledge
) -> MaudsleyScore:
    """
    Return the Maudsley score from the facts, and from the ledger where there is one.

    An augmentation counts when it was used in this episode, whether or not it was adequate.
    """
    method: MaudsleyStaging = knowledge.sections["maudsley_staging"][0]
    failures = ledger.counts["failed_antidepressant_trials"] if ledger else _counted(facts)
    parts = {
        "duration": _duration(facts, method),
        "severity": _severity(facts, method),
        "failures": _stepped(
            method.failures,
            max(failures.least, method.least_failures),
            max(failures.greatest, method.least_failures),
        ),
        "augmentation": _used(_augmented(facts, ledger), method.augmentation),
        "ect": _used(_truth(facts, "ect_tried"), method.ect),
    }
    applies = failures.reaches(method.least_failures)
    least = sum(part.least for part in parts.values())
    total = Range(least, sum(part.greatest for part in parts.values()))
    return MaudsleyScore(
        applies=applies,
        total=None if applies is False else total,
        parts=parts,
        band=None if applies is not True else _band(method, total),
        above_cut_off=_above(method.cut_off, total, applies),
        sources=cites(method.source),
        status=method.status,
    )


def thase_rush(*, facts: Facts, ledger: LedgerFacts, knowledge: Knowledge) -> ThaseRush:
    """
    Return the stage of Thase and Rush.

    Each stage adds a class. That ECT was tried does not tell that a bilateral course failed: it leaves
    the last stage unknown.
    """
    stages: Sequence[ThaseRushStage] = knowledge.sections["thase_rush_stages"]
    no_ect = _truth(facts, "ect_tried") is False
    reached: Truth = True
    least = greatest = 0
    for stage in stages:
        reached = truth.conjunction([reached, _stage_holds(stage, ledger, no_ect=no_ect)])
        least = stage.stage if reached is True else least
        greatest = stage.stage if reached is not False else greatest
    lowest = next(stage for stage in stages if stage.stage == least)
    return ThaseRush(Range(least, greatest), lowest.name, cites(lowest.source), lowest.status)


def _without_ledger(entry: ResistanceDefinition) -> DefinitionAnswer:
    return _defined(entry, None, ("no trials are on record, and a count alone is not enough",))


def _answer(entry: ResistanceDefinition, ledger: LedgerFacts) -> DefinitionAnswer:
    counts = _counts(entry, ledger)
    wanted = {
        "different antidepressants": entry.medicines,
        "classes of antidepressants": entry.classes,
        "augmentation trials": entry.augmentations,
    }
    asked = {name: number for name, number in wanted.items() if number is not None}
    truths = [counts[name].reaches(number) for name, number in asked.items()]
    why = [_said(name, counts[name], number) for name, number in asked.items()]
    if entry.class_rule == UNRESOLVED:
        classes = counts["classes of antidepressants"]
        truths.append(truth.disjunction([classes.reaches(entry.medicines or 0), None]))
        why.append(f"sources differ on whether the classes must differ; {_number(classes)} failed")
    if not asked:
        return _defined(entry, None, ("it has no numeric rule",))
    return _defined(entry, truth.conjunction(truths), tuple(why))


def _defined(entry: ResistanceDefinition, answer: Truth, why: tuple[str, ...]) -> DefinitionAnswer:
    return DefinitionAnswer(
        id=entry.id,
        label=entry.label,
        says=entry.says,
        truth=answer,
        why=why,
        sources=cites(entry.source),
        status=entry.status,
        note=entry.note,
    )


def _counts(entry: ResistanceDefinition, ledger: LedgerFacts) -> dict[str, Count]:
    medicines = ledger.counts["failed_antidepressant_trials"]
    classes = ledger.counts["failed_antidepressant_classes"]
    if entry.or_not_tolerated:
        either = {
            each.number: truth.disjunction([each.failed_antidepressant, each.intolerable])
            for each in ledger.readings
        }
        medicines = count_true(by_medicine(ledger.readings, either).values())
        classes = count_classes(*by_class(ledger.readings, either))
    return {
        "different antidepressants": medicines,
        "classes of antidepressants": classes,
        "augmentation trials": ledger.counts["failed_augmentation_trials"],
    }


def _said(name: str, count: Count, number: int) -> str:
    return f"{name}: {_number(count)}, at least {number} asked for"


def _number(count: Count) -> str:
    if count.value is not None:
        return str(count.value)
    return f"between {count.least} and {count.greatest}"


def _counted(facts: Facts) -> Count:
    fact = facts["failed_antidepressant_trials"]
    if fact.is_known:
        return Count(int(fact.value), int(fact.value))  # type: ignore[arg-type]  # a number fact
    return Count(0, int(facts.vocabulary["failed_antidepressant_trials"].greatest or 0))


def _truth(facts: Facts, name: str) -> Truth:
    fact = facts[name]
    return bool(fact.value) if fact.is_known else None


def _augmented(facts: Facts, ledger: LedgerFacts | None) -> Truth:
    """Whether an augmentation was used in this episode; a failed one tells so, none failed does not."""
    if ledger is not None:
        return truth.disjunction(
            [
                truth.conjunction([each.augmentation, each.checks["episode"].truth])
                for each in ledger.readings
            ]
        )
    fact = facts["failed_augmentation_trials"]
    return True if fact.is_known and fact.value else None


def _duration(facts: Facts, method: MaudsleyStaging) -> Range:
    fact = facts["current_episode_weeks"]
    if not fact.is_known:
        return _whole(method.duration)
    months = float(fact.value) * 12 / WEEKS_A_YEAR  # type: ignore[arg-type]  # a number fact
    return _stepped(method.duration, months, months)


def _severity(facts: Facts, method: MaudsleyStaging) -> Range:
    severity, psychotic = (
        facts["depression_severity"],
        _truth(facts, "depression_psychotic_features"),
    )
    scores = method.severity
    if not severity.is_known:
        return Range(min(scores.values()), max(scores.values()))
    plain = scores[str(severity.value)]
    if severity.value != "severe" or psychotic is False:
        return Range(plain, plain)
    worst = scores["severe-with-psychosis"]
    return Range(worst if psychotic else plain, worst)


def _used(used: Truth, score: int) -> Range:
    return Range(score if used else 0, 0 if used is False else score)


def _whole(steps: Sequence[Step]) -> Range:
    return Range(steps[0].score, steps[-1].score)


def _stepped(steps: Sequence[Step], low: float, high: float) -> Range:
    return Range(_step(steps, low), _step(steps, high))


def _step(steps: Sequence[Step], value: float) -> int:
    return next(step.score for step in steps if step.up_to is None or value <= step.up_to)


def _band(method: MaudsleyStaging, total: Range) -> str | None:
    for band in method.bands:
        if band.least <= total.least and total.greatest <= band.greatest:
            return band.name
    return None


def _above(cut_off: float, total: Range, applies: Truth) -> Truth:
    if applies is False or total.greatest <= cut_off:
        return False
    return True if applies and total.least > cut_off else None


def _stage_holds(stage: ThaseRushStage, ledger: LedgerFacts, *, no_ect: bool) -> Truth:
    classes = ledger.counts["failed_antidepressant_classes"]
    parts: list[Truth] = [classes.reaches(stage.classes)]
    parts += [_class_failed(name, ledger) for name in stage.including]
    if stage.ect:
        parts.append(False if no_ect else None)
    return truth.conjunction(parts)


def _class_failed(name: str, ledger: LedgerFacts) -> Truth:
    """Whether a class failed; a medicine of no known class may have been of it."""
    elsewhere = any(each is not False for each in ledger.unclassed.values())
    return truth.disjunction([ledger.classes.get(name, False), None if elsewhere else False])
