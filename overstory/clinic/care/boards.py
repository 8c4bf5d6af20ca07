"""The suitability board as a reader sees it: verdicts, why, what is missing, what would change it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from overstory.clinic.care.asking_first import in_asking_order, to_check, why_first
from overstory.clinic.care.board_words import conditions, listed, with_more
from overstory.clinic.care.deciding import ShownReason, spread
from overstory.clinic.care.wording import (
    KIND_WORDS,
    STATUS_WORDS,
    FactLine,
    SourceLine,
    fact_line,
    source_lines,
)
from overstory.engine.facts import Facts
from overstory.engine.saying import say
from overstory.knowledge.load import Knowledge
from overstory.knowledge.rules import ReadRule
from overstory.pathway.alternatives import alternatives
from overstory.pathway.flips import ways_to_change
from overstory.pathway.suitability import (
    COMBINATION,
    Assessment,
    IndicationAnswer,
    RuleAnswer,
    TreatmentAssessment,
)
from overstory.pathway.verdicts import SETTLED, Verdict

TOLD = ("contraindication", "defer", "physician-decision", "caution", "notice")
"""Kinds of rule that are told in full when they are true, gravest first."""

BLOCKING = frozenset({"contraindication", "defer"})
OPEN = (
    ("indication", "Could be what it is for"),
    ("contraindication", "Could rule it out"),
    ("defer", "Could delay it"),
    ("requires", "Must be known first"),
    ("physician-decision", "Could need a physician's decision"),
    ("caution", "Could add a precaution"),
)
DAILY = frozenset({"tms", COMBINATION})
"""The treatments that are given on every weekday."""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """
    One rule that holds, with all that it rests on.

    `also` are all treatments at which a physician's decision under it is asked for.
    """

    id: str
    kind: str
    word: str
    says: str
    precaution: str
    because: tuple[FactLine, ...]
    would_change: tuple[str, ...]
    sources: tuple[SourceLine, ...]
    power: str
    is_unverified: bool
    note: str
    also: tuple[str, ...] = ()

    @property
    def is_decision(self) -> bool:
        """Whether a physician writes the reason."""
        return self.kind == "physician-decision"


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """Facts that are missing, by what their answers could do."""

    could: str
    facts: tuple[FactLine, ...]


@dataclass(frozen=True, slots=True)
class IndicationLine:
    """What the treatment is for: whether that holds, its regulatory status here, its evidence."""

    label: str
    answer: bool | None
    regulatory: str
    since: str
    regulatory_note: str
    evidence: str
    evidence_note: str
    sources: tuple[SourceLine, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """
    One treatment on the board: what is said of it.

    `against` are a physician's reasons not to go on with it; `practical` is no part of its verdict.
    """

    treatment: str
    verdict: Verdict
    summary: str
    indications: tuple[IndicationLine, ...]
    rules: tuple[RuleLine, ...]
    open: tuple[OpenGroup, ...]
    parts: tuple[tuple[str, Verdict], ...]
    asks: int
    against: tuple[ShownReason, ...] = ()
    practical: str = ""

    @property
    def considered_for(self) -> tuple[str, ...]:
        """For what it is considered, where anything that it is for holds."""
        return tuple(each.label for each in self.indications if each.answer)

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is asked for it."""
        return self.verdict in SETTLED


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A fact that could still change an answer: who is asked, in what words, what it could move."""

    fact: FactLine
    who: str
    text: str
    could_change: tuple[str, ...]
    why_first: str = ""


@dataclass(frozen=True, slots=True)
class OtherCare:
    """Care that is named when nothing here fits."""

    says: str
    is_first: bool
    sources: tuple[SourceLine, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A verdict that changed with an answer."""

    treatment: str
    before: Verdict
    after: Verdict


@dataclass(frozen=True, slots=True)
class Board:
    """All that the board shows of an assessment."""

    options: tuple[Option, ...]
    questions: tuple[QuestionLine, ...]
    alternatives: tuple[OtherCare, ...]
    safety_reasons: tuple[FactLine, ...]
    sources: tuple[SourceLine, ...] = ()
    to_check: tuple[tuple[FactLine, FactLine, str], ...] = ()


def board_of(
    assessment: Assessment,
    *,
    facts: Facts,
    knowledge: Knowledge,
    against: Mapping[str, tuple[ShownReason, ...]] | None = None,
    settled: Collection[str] | None = None,
) -> Board:
    """
    Return the board of an assessment; `against` has the reasons not to go on, by treatment.

    `settled` are the decisions that are written and still hold, as `treatment/rule`; None where the
    reader does not look at them.
    """
    rank = {each.fact: place for place, each in enumerate(assessment.next_questions)}
    drawer = _Drawer(facts, knowledge, rank, spread(assessment), settled)
    stands = against or {}
    options = tuple(
        replace(drawer.option(each), against=stands.get(each.treatment, ()))
        for each in assessment.treatments
    )
    return Board(
        options=options,
        sources=_sources(options),
        questions=tuple(
            QuestionLine(
                drawer.fact(each.fact),
                knowledge.facts[each.fact].ask.who,
                knowledge.facts[each.fact].ask.text,
                each.could_change,
                why_first(each.fact),
            )
            for each in in_asking_order(assessment.next_questions, facts=facts, knowledge=knowledge)
        ),
        alternatives=tuple(
            OtherCare(each.says, each.first, source_lines(each.source, knowledge))
            for each in alternatives(assessment=assessment, facts=facts, knowledge=knowledge)
        ),
        safety_reasons=tuple(drawer.fact(each.name) for each in assessment.safety.reasons),
        to_check=tuple(
            (drawer.fact(each.first), drawer.fact(each.second), each.says)
            for each in to_check(facts)
        ),
    )


def moves(before: Assessment, after: Assessment) -> tuple[Move, ...]:
    """Return the verdicts that differ between two assessments."""
    was = {each.treatment: each.verdict for each in before.treatments}
    return tuple(
        Move(each.treatment, was[each.treatment], each.verdict)
        for each in after.treatments
        if each.treatment in was and was[each.treatment] != each.verdict
    )


class _Drawer:
    """Words the parts of one assessment."""

    def __init__(
        self,
        facts: Facts,
        knowledge: Knowledge,
        rank: Mapping[str, int],
        spread: Mapping[str, tuple[str, ...]],
        settled: Collection[str] | None,
    ) -> None:
        self.facts, self.knowledge, self.rank, self.spread = facts, knowledge, rank, spread
        self.settled = settled
        self._lines: dict[str, FactLine] = {}

    def fact(self, name: str) -> FactLine:
        if name not in self._lines:
            self._lines[name] = fact_line(self.facts, name, self.knowledge)
        return self._lines[name]

    def option(self, treatment: TreatmentAssessment) -> Option:
        own = [each for each in treatment.rules if each.part is None]
        true = [each for each in own if each.answer and each.rule.kind in TOLD]
        if treatment.verdict in SETTLED:
            true = [each for each in true if each.rule.kind == "contraindication"]
        true.sort(key=lambda each: TOLD.index(each.rule.kind))
        lines = tuple(self._rule(each) for each in true)
        groups = () if treatment.verdict in SETTLED else self._open(treatment)
        return Option(
            treatment=treatment.treatment,
            verdict=treatment.verdict,
            summary=self._summary(treatment, lines, groups),
            indications=self._indications(treatment),
            rules=lines,
            open=groups,
            parts=treatment.parts,
            asks=len(treatment.asks),
            practical=self._practical(treatment),
        )

    def _practical(self, treatment: TreatmentAssessment) -> str:
        """Return what the person said of coming as often as a daily course asks."""
        if treatment.treatment not in DAILY or self.facts["can_attend_daily"].value is not False:
            return ""
        days = self.fact("weekdays_available")
        more = f" They can come on {days.value}." if days.is_known else ""
        return f"Says that they cannot come on five weekdays a week.{more}"

    def _summary(
        self,
        treatment: TreatmentAssessment,
        rules: tuple[RuleLine, ...],
        groups: tuple[OpenGroup, ...],
    ) -> str:
        """Return the verdict's first reason in a sentence."""
        verdict = treatment.verdict
        blocking = {Verdict.CONTRAINDICATED: "contraindication", Verdict.NOT_NOW: "defer"}
        if verdict in blocking:
            said = [each.says for each in rules if each.kind == blocking[verdict]]
            return with_more(said) if said else _parts_decide(treatment, verdict)
        if verdict is Verdict.NOT_INDICATED:
            return "Nothing that it is for holds on these facts."
        if verdict is Verdict.CANNOT_SAY_YET:
            asks = sorted(treatment.asks, key=lambda each: self.rank.get(each, len(self.rank)))
            names = [self.fact(each).label for each in asks]
            return f"Missing: {listed(names)}." if names else _parts_decide(treatment, verdict)
        if verdict is Verdict.WITH_CONDITIONS:
            kinds = [each.kind for each in rules]
            held = self.settled
            written = (
                None
                if held is None
                else sum(f"{treatment.treatment}/{each.id}" in held for each in rules)
            )
            asked = sum(len(each.facts) for each in groups)
            return conditions(kinds, written=written, questions=asked) or _parts_decide(
                treatment, verdict
            )
        return "Every rule is answered, and none stands against it."

    def _rule(self, answer: RuleAnswer) -> RuleLine:
        rule = answer.rule
        words = rule.words
        return RuleLine(
            id=rule.id,
            kind=rule.kind,
            word=KIND_WORDS[rule.kind],
            says=words.says,
            precaution=words.precaution,
            because=tuple(self.fact(each.name) for each in answer.because),
            would_change=self._would_change(rule),
            sources=source_lines(words.source, self.knowledge),
            power=STATUS_WORDS[words.status],
            is_unverified=words.status == "recalled",
            note=words.note,
            also=self.spread.get(rule.id, ()),
        )

    def _would_change(self, rule: ReadRule) -> tuple[str, ...]:
        if rule.kind not in BLOCKING or rule.when is None:
            return ()
        return tuple(
            " and ".join(say(leaf, self.knowledge.vocabulary) for leaf in way)
            for way in ways_to_change(rule.when, self.facts)
        )

    def _indications(self, treatment: TreatmentAssessment) -> tuple[IndicationLine, ...]:
        true = [each for each in treatment.indications if each.answer]
        unknown = [each for each in treatment.indications if each.answer is None]
        shown: Iterable[IndicationAnswer] = true or unknown or treatment.indications
        return tuple(self._indication(each) for each in shown)

    def _indication(self, indication: IndicationAnswer) -> IndicationLine:
        words, here = indication.rule.words, indication.regulatory
        return IndicationLine(
            label=words.label or words.indication,
            answer=indication.answer,
            regulatory=here.status if here else "not recorded",
            since=here.since if here else "",
            regulatory_note=here.note if here else "",
            evidence=words.evidence or "",
            evidence_note=words.evidence_note,
            sources=source_lines(words.source, self.knowledge),
        )

    def _open(self, treatment: TreatmentAssessment) -> tuple[OpenGroup, ...]:
        """Return what is missing, each fact once, under the gravest thing that it could do."""
        indicated = any(each.answer for each in treatment.indications)
        asked = set(treatment.asks)
        told: set[str] = set()
        groups = []
        for kind, could in OPEN:
            if kind == "indication" and indicated:
                continue
            names = {
                ask
                for each in treatment.rules
                if each.answer is None and each.rule.kind == kind
                for ask in each.asks
                if ask in asked
            } - told
            told |= names
            if names:
                ordered = self.facts.vocabulary.in_order(names)
                groups.append(OpenGroup(could, tuple(self.fact(name) for name in ordered)))
        return tuple(groups)


def _sources(options: Iterable[Option]) -> tuple[SourceLine, ...]:
    """Return every source of what is shown, once, for print."""
    found: dict[str, SourceLine] = {}
    for option in options:
        groups = (
            *(each.sources for each in option.indications),
            *(each.sources for each in option.rules),
        )
        for source in (each for group in groups for each in group):
            found.setdefault(source.id, source)
    return tuple(sorted(found.values(), key=lambda each: each.title))


def _parts_decide(treatment: TreatmentAssessment, verdict: Verdict) -> str:
    if treatment.treatment == COMBINATION:
        return "By its parts: it is never better than TMS, or than the better form of ketamine."
    return f"Every rule together: {verdict.replace('-', ' ')}."
