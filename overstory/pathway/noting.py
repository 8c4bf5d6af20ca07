"""A note that writes itself from the facts: each sentence names its facts; what is unknown is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from overstory.engine.evaluate import Reason
from overstory.engine.facts import Fact, Facts, Unknown
from overstory.engine.truth import Truth
from overstory.knowledge.load import Knowledge
from overstory.pathway.ledger import Trial, derive
from overstory.pathway.suitability import Assessment, RuleAnswer, TreatmentAssessment
from overstory.pathway.verdicts import SETTLED

TREATMENT_WORDS = {
    "esketamine": "Esketamine nasal spray",
    "ketamine-iv": "Ketamine infusion",
    "kap": "Ketamine-assisted psychotherapy",
    "tms": "TMS",
    "ketamine-then-tms": "Ketamine, then TMS",
}
UNKNOWN_WORDS = {
    Unknown.NOT_ASKED: "not asked",
    Unknown.NOT_ANSWERED: "asked, not answered",
    Unknown.STALE: "too old to rely on",
    Unknown.CONFLICTING: "contradictory",
    Unknown.NOT_RECORDED: "not on record",
}
TOLD = ("contraindication", "defer", "physician-decision", "caution", "notice")
FEW_QUESTIONS = 6
COUNTED: dict[Truth, str] = {
    True: "counts as failed",
    False: "does not count as failed",
    None: "not known whether it failed",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, and the facts and rules that it rests on."""

    text: str
    facts: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the note."""

    title: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """
    What a note is written from, beside the facts.

    `reason` is why the person came, in their own words where there are any; `scores` are sentences
    on scores, each with the fact it rests on; `plans` say which plans are signed. `when` words a
    moment in the zone of the site.
    """

    who: str
    reason: Sequence[str]
    scores: Sequence[Sentence]
    trials: Sequence[Trial]
    trials_are_whole: bool
    when: Callable[[datetime], str]
    plans: Sequence[str] = ()


def note(
    *, told: Told, assessment: Assessment, facts: Facts, knowledge: Knowledge
) -> tuple[Section, ...]:
    """Return the note, section by section; mental state and plan are left to the clinician."""
    writer = _Writer(told, assessment, facts, knowledge)
    return (
        Section("Reason for coming", tuple(writer.reason())),
        Section("History", tuple(writer.history())),
        Section("Past medicines", tuple(writer.ledger())),
        Section("Mental state", ()),
        Section("Scores", tuple(told.scores) or (Sentence("No score is on record."),)),
        Section("Safety", tuple(writer.safety())),
        Section("Suitability", tuple(writer.suitability())),
        Section("Still unknown", tuple(writer.unknown())),
        Section("Plan", tuple(Sentence(each) for each in told.plans)),
    )


def text_of(sections: Iterable[Section]) -> str:
    """Return the note as plain text: a title a line, then its sentences, a line each."""
    parts = []
    for each in sections:
        lines = [each.title.upper(), *(sentence.text for sentence in each.sentences)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


class _Writer:
    """Writes the sections of one note."""

    def __init__(
        self, told: Told, assessment: Assessment, facts: Facts, knowledge: Knowledge
    ) -> None:
        self.told, self.assessment = told, assessment
        self.facts, self.knowledge = facts, knowledge

    def reason(self) -> Iterable[Sentence]:
        """Say who came and why."""
        age = self.facts["age_years"]
        years = f"{age.value:g} years" if age.is_known else "age unknown"
        yield Sentence(f"{self.told.who}, {years}.", ("age_years",))
        if not self.told.reason:
            yield Sentence("Why they came is not on record.")
        for words in self.told.reason:
            yield Sentence(words)

    def history(self) -> Iterable[Sentence]:
        """Say every fact on record that is not derived: what is so, what is not, what is unknown."""
        scored = {name for each in self.told.scores for name in each.facts}
        names = [each for each in self.facts.vocabulary if self._is_history(each)]
        said = [each for each in names if each not in scored]
        if not said:
            yield Sentence("No fact is on record.")
            return
        usual = self._usual_origin(said)
        denied: dict[str, list[str]] = {}
        unknown: dict[Unknown, list[str]] = {}
        for name in said:
            fact = self.facts[name]
            if fact.unknown:
                unknown.setdefault(fact.unknown, []).append(name)
            elif fact.value is False:
                denied.setdefault(self._other_than(usual, name), []).append(name)
            else:
                yield Sentence(self._fact(name, self._other_than(usual, name)), (name,))
        for where, group in denied.items():
            head = f"No ({where})" if where else "No"
            yield Sentence(f"{head}: {self._labels(group)}.", tuple(group))
        for why, group in unknown.items():
            words = UNKNOWN_WORDS[why]
            head = f"{words[:1].upper()}{words[1:]}"
            yield Sentence(f"{head}: {self._labels(group)}.", tuple(group))
        if usual:
            yield Sentence(f"Where nothing else is said: {usual}.", tuple(said))

    def _usual_origin(self, names: Sequence[str]) -> str:
        """Return where most of these facts come from, so that it is said once."""
        known = [self._where(name) for name in names if self.facts[name].is_known]
        return max(dict.fromkeys(known), key=known.count, default="")

    def _other_than(self, usual: str, name: str) -> str:
        where = self._where(name)
        return "" if where == usual else where

    def _labels(self, names: Iterable[str]) -> str:
        return "; ".join(self.knowledge.vocabulary[name].label for name in names)

    def _is_history(self, name: str) -> bool:
        """Whether the history says a fact: what is worked out, or has a part of its own, it does not."""
        fact = self.facts.given.get(name)
        if fact is None or name == "age_years" or self.facts.vocabulary[name].roots:
            return False
        return not (fact.origin or "").startswith(("antidepressant_trials", "follows from"))

    def ledger(self) -> Iterable[Sentence]:
        """Say each past trial with whether it counts as failed, and what they come to."""
        if not self.told.trials:
            yield Sentence("No past trial of a medicine is on record; that is not none.")
            return
        ledger = derive(trials=self.told.trials, knowledge=self.knowledge)
        for reading in ledger.readings:
            yield Sentence(_trial(reading.trial, reading.failed), ("failed_antidepressant_trials",))
        count = ledger.counts["failed_antidepressant_trials"]
        if self.told.trials_are_whole and count.value is not None:
            said = f"Failed antidepressants in this episode: {count.value}."
        elif self.told.trials_are_whole:
            said = f"Failed antidepressants in this episode: {count.least} to {count.greatest}."
        else:
            said = (
                f"Failed antidepressants in this episode: at least {count.least}; the list is not "
                "known to be whole."
            )
        yield Sentence(said, ("failed_antidepressant_trials",))

    def safety(self) -> Iterable[Sentence]:
        """Say the level, what it rests on, and what is to be done."""
        safety = self.assessment.safety
        because = self._because(safety.reasons)
        names = tuple(each.name for each in safety.reasons) or safety.asks
        level = {
            "unknown": "Risk of suicide: not known, not screened.",
            "none": "Risk of suicide: none reported on the C-SSRS, which does not rule out risk.",
        }.get(safety.level, f"Risk of suicide: {safety.level}.")
        yield Sentence(f"{level}{f' Because {because}.' if because else ''}", names)
        for action in safety.actions:
            yield Sentence(f"To do: {action}", names)

    def suitability(self) -> Iterable[Sentence]:
        """Say each verdict and the rules that hold, with what they rest on."""
        for treatment in self.assessment.treatments:
            name = TREATMENT_WORDS[treatment.treatment]
            verdict = treatment.verdict.replace("-", " ")
            asks = "" if treatment.verdict in SETTLED else f" ({len(treatment.asks)} facts unknown)"
            yield Sentence(f"{name}: {verdict}{asks if treatment.asks else ''}.", treatment.asks)
            yield from (self._rule(each) for each in _true(treatment))

    def unknown(self) -> Iterable[Sentence]:
        """Say the questions that are open, the most telling first."""
        names = [each.fact for each in self.assessment.next_questions]
        if not names:
            yield Sentence("Nothing that is unknown could change a verdict.")
            return
        shown = names[:FEW_QUESTIONS]
        labels = ", ".join(self.knowledge.vocabulary[name].label for name in shown)
        more = len(names) - len(shown)
        yield Sentence(
            f"Not known yet: {labels}{f' and {more} more' if more else ''}.", tuple(names)
        )

    def _rule(self, answer: RuleAnswer) -> Sentence:
        because = self._because(answer.because)
        unverified = " (unverified)" if answer.rule.words.status == "recalled" else ""
        text = f"– {answer.rule.words.says}{unverified}"
        if because:
            text += f" Because {because}."
        names = tuple(each.name for each in answer.because)
        return Sentence(text, names, (answer.rule.id,))

    def _because(self, reasons: Sequence[Reason]) -> str:
        return "; ".join(
            f"{self.knowledge.vocabulary[each.name].label} {self._value(each.name, each.fact)}"
            for each in reasons
        )

    def _fact(self, name: str, where: str) -> str:
        label = self.knowledge.vocabulary[name].label
        said = self._value(name, self.facts[name])
        return f"{label[:1].upper()}{label[1:]}: {said}{f' ({where})' if where else ''}."

    def _where(self, name: str) -> str:
        fact = self.facts[name]
        when = self.told.when(fact.at) if fact.at else ""
        return ", ".join(part for part in (fact.origin or "", when) if part)

    def _value(self, name: str, fact: Fact) -> str:
        value = fact.value
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, str):
            labels = self.knowledge.facts[name].value_labels
            return labels[value].en if value in labels else value
        if isinstance(value, int | float):
            unit = self.knowledge.vocabulary[name].unit
            value = round(value, 1) if self.knowledge.vocabulary[name].roots else value
            return f"{value:g} {unit}" if unit and unit != "score" else f"{value:g}"
        return str(value)


def _true(treatment: TreatmentAssessment) -> list[RuleAnswer]:
    own = [each for each in treatment.rules if each.part is None and each.answer]
    told = [each for each in own if each.rule.kind in TOLD]
    if treatment.verdict in SETTLED:
        told = [each for each in told if each.rule.kind == "contraindication"]
    return sorted(told, key=lambda each: TOLD.index(each.rule.kind))


def _trial(trial: Trial, failed: Truth) -> str:
    dose = f"{trial.dose_mg:g} mg a day" if trial.dose_mg is not None else "dose unknown"
    weeks = f"{trial.weeks:g} weeks" if trial.weeks is not None else "weeks unknown"
    episode = {"current": "this episode", "previous": "an earlier episode"}.get(
        trial.episode or "", "episode unknown"
    )
    counted = COUNTED[failed]
    outcome = "outcome unknown" if trial.outcome == "unknown" else trial.outcome.replace("-", " ")
    return f"{trial.medicine}, {dose}, {weeks}, {episode}: {outcome}; {counted}."
