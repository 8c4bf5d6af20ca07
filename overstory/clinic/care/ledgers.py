"""The past trials of antidepressants as a reader sees them, and resistance by every definition."""

from __future__ import annotations

from dataclasses import dataclass

from overstory.clinic.care.facts import Gathered, KnownTrial
from overstory.clinic.care.wording import STATUS_WORDS, SourceLine, source_lines
from overstory.engine.truth import Truth
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.shared import Cites
from overstory.pathway.ledger import Count, derive
from overstory.pathway.resistance import Range, definitions, maudsley, thase_rush
from overstory.pathway.trials import TrialReading

NOT_WHOLE = "the list is not marked as whole: there may be other trials"
COUNT_WORDS = {
    "failed_antidepressant_trials": "Failed antidepressants",
    "failed_antidepressant_classes": "Classes that failed",
    "failed_augmentation_trials": "Failed add-ons",
}


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One past trial: what was taken, whether it failed, and every reason."""

    known: KnownTrial
    reading: TrialReading
    failed: Truth
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    conflicts: tuple[str, ...]

    @property
    def taken(self) -> str:
        """Dose and weeks in words."""
        trial = self.known.trial
        dose = f"{trial.dose_mg:g} mg" if trial.dose_mg is not None else "dose unknown"
        weeks = f"{trial.weeks:g} weeks" if trial.weeks is not None else "weeks unknown"
        return f"{dose}, {weeks}"

    @property
    def outcome(self) -> str:
        """How it ended, with the improvement where it is known."""
        trial = self.known.trial
        words = "not known" if trial.outcome == "unknown" else trial.outcome.replace("-", " ")
        better = trial.improvement_percent
        return words if better is None else f"{words}, {better:g} % better"


@dataclass(frozen=True, slots=True)
class DefinitionLine:
    """One definition of treatment resistance, and whether it holds."""

    label: str
    says: str
    truth: Truth
    why: tuple[str, ...]
    note: str
    power: str
    sources: tuple[SourceLine, ...]


@dataclass(frozen=True, slots=True)
class StageLine:
    """One staging score, as a number or the range that unknown parts leave."""

    label: str
    value: str
    says: str
    power: str
    sources: tuple[SourceLine, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The past trials of one person, with what they come to."""

    trials: tuple[TrialLine, ...]
    replaced: tuple[KnownTrial, ...]
    counts: tuple[tuple[str, str], ...]
    definitions: tuple[DefinitionLine, ...]
    stages: tuple[StageLine, ...]
    is_whole: bool


def ledger_of(found: Gathered, knowledge: Knowledge) -> Ledger:
    """Return the ledger of a person; what other trials could change is unknown unless all are listed."""
    derived = derive(trials=found.trials, knowledge=knowledge)
    whole = found.trials_are_whole
    return Ledger(
        trials=tuple(
            _trial_line(known, reading)
            for known, reading in zip(found.known_trials, derived.readings, strict=True)
        ),
        replaced=found.replaced,
        counts=tuple(
            (words, _counted(derived.counts[name], whole)) for name, words in COUNT_WORDS.items()
        )
        if found.trials
        else (),
        definitions=_definitions(found, knowledge),
        stages=_stages(found, knowledge) if found.trials else (),
        is_whole=whole,
    )


def _trial_line(known: KnownTrial, reading: TrialReading) -> TrialLine:
    return TrialLine(
        known, reading, reading.failed, reading.reasons, reading.missing, reading.conflicts
    )


def _counted(count: Count, whole: bool) -> str:
    if not whole:
        return f"at least {count.least}"
    if count.value is not None:
        return str(count.value)
    return f"{count.least} to {count.greatest}"


def _definitions(found: Gathered, knowledge: Knowledge) -> tuple[DefinitionLine, ...]:
    lines = []
    for each in definitions(trials=found.trials, knowledge=knowledge):
        is_open = each.truth is False and not found.trials_are_whole
        lines.append(
            DefinitionLine(
                label=each.label,
                says=each.says,
                truth=None if is_open else each.truth,
                why=(*each.why, NOT_WHOLE) if is_open else each.why,
                note=each.note,
                power=STATUS_WORDS.get(each.status, each.status),
                sources=_cited(list(each.sources), knowledge),
            )
        )
    return tuple(lines)


def _stages(found: Gathered, knowledge: Knowledge) -> tuple[StageLine, ...]:
    derived = derive(trials=found.trials, knowledge=knowledge)
    score = maudsley(facts=found.facts, ledger=derived, knowledge=knowledge)
    stage = thase_rush(facts=found.facts, ledger=derived, knowledge=knowledge)
    partial = "" if found.trials_are_whole else f" ({NOT_WHOLE})"
    return (
        StageLine(
            label="Maudsley staging",
            value=_range(score.total) if score.total else "does not apply",
            says=(score.band or "") + partial,
            power=STATUS_WORDS.get(score.status, score.status),
            sources=_cited(list(score.sources), knowledge),
        ),
        StageLine(
            label="Thase and Rush stage",
            value=_range(stage.stage),
            says=stage.name + partial,
            power=STATUS_WORDS.get(stage.status, stage.status),
            sources=_cited(list(stage.sources), knowledge),
        ),
    )


def _range(found: Range) -> str:
    return str(found.least) if found.value is not None else f"{found.least} to {found.greatest}"


def _cited(cited: Cites, knowledge: Knowledge) -> tuple[SourceLine, ...]:
    return source_lines(cited, knowledge)
