"""Suitability: for each treatment one verdict, with reasons, sources and what is still missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from overstory.engine.evaluate import Reason
from overstory.engine.facts import Facts
from overstory.engine.truth import Truth
from overstory.knowledge.answering import answer_of
from overstory.knowledge.load import Knowledge
from overstory.knowledge.rules import ReadRule
from overstory.knowledge.shapes.rules import RegulatoryFact
from overstory.pathway.safety import SafetyAssessment, level
from overstory.pathway.verdicts import SETTLED, Answers, Verdict, better, lowest, verdict_of

TREATMENTS = ("esketamine", "ketamine-iv", "kap", "tms", "ketamine-then-tms")
COMBINATION = "ketamine-then-tms"
KETAMINE_PARTS = ("esketamine", "ketamine-iv")
ON_LABEL = frozenset({"approved", "cleared"})
SUITABILITY_KINDS = frozenset(
    {
        "indication",
        "contraindication",
        "defer",
        "physician-decision",
        "caution",
        "requires",
        "notice",
    }
)
"""Gates, criteria and alerts are answered elsewhere and never part of suitability."""


class UnknownTreatmentError(ValueError):
    """A treatment that Overstory does not know."""


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """
    What one rule answers for one person.

    For `requires`, true is met and unknown is open. `part` names the treatment of which this rule is
    a part, where the combination lists the rules of its parts.
    """

    rule: ReadRule
    answer: Truth
    because: Sequence[Reason]
    asks: Sequence[str]
    part: str | None = None


@dataclass(frozen=True, slots=True)
class IndicationAnswer:
    """Whether the treatment is for this, its regulatory status where the patient is, its evidence."""

    rule: ReadRule
    answer: Truth
    regulatory: RegulatoryFact | None

    @property
    def is_on_label(self) -> bool:
        """Whether the regulator has approved or cleared it where the patient is."""
        return self.regulatory is not None and self.regulatory.status in ON_LABEL

    @property
    def is_off_label(self) -> bool:
        """Whether a source says that it is not on the label where the patient is."""
        return self.regulatory is not None and self.regulatory.status == "off-label"


@dataclass(frozen=True, slots=True)
class TreatmentAssessment:
    """
    One treatment for one person; `rules` has every rule, those answered false too.

    `parts` has the verdicts of its parts, where it has any.
    """

    treatment: str
    verdict: Verdict
    indications: tuple[IndicationAnswer, ...]
    rules: tuple[RuleAnswer, ...]
    asks: tuple[str, ...]
    parts: tuple[tuple[str, Verdict], ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A fact that could still change an answer, and the treatments that ask for it."""

    fact: str
    could_change: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything that Overstory says of one person at one moment."""

    patient: str
    at: datetime
    jurisdiction: str
    treatments: tuple[TreatmentAssessment, ...]
    next_questions: tuple[Question, ...]
    safety: SafetyAssessment
    knowledge_version: str
    knowledge_sha256: str


def assess(
    *,
    patient: str,
    facts: Facts,
    knowledge: Knowledge,
    jurisdiction: str = "US",
    treatments: Sequence[str] = TREATMENTS,
) -> Assessment:
    """
    Return the assessment of each treatment asked for.

    :raises UnknownTreatmentError: if a treatment is not one of `TREATMENTS`.
    """
    for treatment in treatments:
        if treatment not in TREATMENTS:
            raise UnknownTreatmentError(
                f"no treatment is named {treatment!r}; it is one of {', '.join(TREATMENTS)}"
            )
    answered = _Answered(facts, knowledge, jurisdiction)
    assessed = tuple(answered.treatment(each) for each in treatments)
    return Assessment(
        patient=patient,
        at=facts.at,
        jurisdiction=jurisdiction,
        treatments=assessed,
        next_questions=_next_questions(assessed, facts),
        safety=level(facts=facts, knowledge=knowledge),
        knowledge_version=knowledge.version,
        knowledge_sha256=knowledge.sha256,
    )


def answer_rule(rule: ReadRule, facts: Facts) -> RuleAnswer:
    """Return what a rule answers for a person, with its reasons and what it asks."""
    answer = answer_of(rule, facts)
    return RuleAnswer(rule, answer.truth, answer.because, answer.asks)


class _Answered:
    """The rules in force for one person, each answered once."""

    def __init__(self, facts: Facts, knowledge: Knowledge, jurisdiction: str) -> None:
        self.facts, self.knowledge, self.jurisdiction = facts, knowledge, jurisdiction
        self.answers = {
            rule.id: answer_rule(rule, facts)
            for rule in knowledge.rules
            if rule.kind in SUITABILITY_KINDS and rule.holds_in(jurisdiction)
        }
        self.assessed: dict[str, TreatmentAssessment] = {}

    def treatment(self, treatment: str) -> TreatmentAssessment:
        if treatment not in self.assessed:
            whole = self._combination if treatment == COMBINATION else self._single
            self.assessed[treatment] = whole(treatment)
        return self.assessed[treatment]

    def _own(self, treatment: str) -> list[RuleAnswer]:
        return [each for each in self.answers.values() if treatment in each.rule.words.applies_to]

    def _single(self, treatment: str) -> TreatmentAssessment:
        own = self._own(treatment)
        indications = tuple(self._indication(each) for each in own if _is(each, "indication"))
        rules = [*own, self._off_label(treatment, indications, own)]
        verdict = verdict_of(by_kind(rules, has_indications=True))
        return TreatmentAssessment(
            treatment=treatment,
            verdict=verdict,
            indications=indications,
            rules=tuple(rules),
            asks=self._asks(verdict, rules),
        )

    def _combination(self, treatment: str) -> TreatmentAssessment:
        """The lowest of its own rules, TMS, and the better of the two ketamine verdicts."""
        own = self._own(treatment)
        tms = self.treatment("tms")
        forms = [self.treatment(part) for part in KETAMINE_PARTS]
        best = better(form.verdict for form in forms)
        own_verdict = verdict_of(by_kind(own, has_indications=False))
        verdict = lowest([own_verdict, tms.verdict, best])
        counted = [tms, *(form for form in forms if form.verdict == best)]
        asks = [*self._asks(verdict, own), *(ask for part in counted for ask in part.asks)]
        return TreatmentAssessment(
            treatment=treatment,
            verdict=verdict,
            indications=(),
            rules=(*own, *_marked([tms, *forms])),
            asks=() if verdict in SETTLED else tuple(self.facts.vocabulary.in_order(asks)),
            parts=tuple((part.treatment, part.verdict) for part in (*forms, tms)),
        )

    def _indication(self, answer: RuleAnswer) -> IndicationAnswer:
        here = [
            each for each in answer.rule.words.regulatory if each.jurisdiction == self.jurisdiction
        ]
        return IndicationAnswer(answer.rule, answer.answer, here[0] if here else None)

    def _off_label(
        self,
        treatment: str,
        indications: Iterable[IndicationAnswer],
        own: Iterable[RuleAnswer],
    ) -> RuleAnswer:
        """True where what it is for here is not on its label; unknown where no status is recorded."""
        true = [each for each in indications if each.answer]
        rule = self.knowledge.off_label[treatment]
        if not true or any(each.is_on_label for each in true):
            return RuleAnswer(rule, False, (), ())
        if not all(each.is_off_label for each in true):
            return RuleAnswer(rule, None, (), ())
        names = {each.rule.id for each in true}
        because = [reason for each in own if each.rule.id in names for reason in each.because]
        return RuleAnswer(rule, True, because, ())

    def _asks(self, verdict: Verdict, rules: Iterable[RuleAnswer]) -> tuple[str, ...]:
        rules = list(rules)
        if verdict in SETTLED:
            return ()
        indicated = any(_is(each, "indication") and each.answer for each in rules)
        asked = [
            ask
            for each in rules
            if each.answer is None and not (indicated and _is(each, "indication"))
            for ask in each.asks
        ]
        return tuple(self.facts.vocabulary.in_order(asked))


def _is(answer: RuleAnswer, *kinds: str) -> bool:
    return answer.rule.kind in kinds


def by_kind(rules: Iterable[RuleAnswer], *, has_indications: bool) -> Answers:
    """Return the truths of rules by kind, as the verdict algebra takes them."""
    found: Mapping[str, list[Truth]] = {kind: [] for kind in SUITABILITY_KINDS}
    for each in rules:
        found[each.rule.kind].append(each.answer)
    return Answers(
        indications=found["indication"] if has_indications else None,
        contraindications=found["contraindication"],
        defers=found["defer"],
        requires=found["requires"],
        conditions=[*found["physician-decision"], *found["caution"]],
        notices=len(found["notice"]),
    )


def _marked(parts: Iterable[TreatmentAssessment]) -> Iterable[RuleAnswer]:
    for part in parts:
        for each in part.rules:
            yield RuleAnswer(each.rule, each.answer, each.because, each.asks, part.treatment)


def _next_questions(
    treatments: Iterable[TreatmentAssessment], facts: Facts
) -> tuple[Question, ...]:
    """Rank the facts in any `asks` by how many treatments ask; ties in the vocabulary's order."""
    asked: dict[str, list[str]] = {}
    for each in treatments:
        for name in each.asks:
            asked.setdefault(name, []).append(each.treatment)
    ordered = sorted(facts.vocabulary.in_order(asked), key=lambda name: -len(asked[name]))
    return tuple(Question(name, tuple(asked[name])) for name in ordered)
