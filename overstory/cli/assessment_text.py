"""An assessment as a psychiatrist reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import click

from overstory.cli.wording import reasons_text, source_line, sources_text, time_text, wrapped
from overstory.engine.facts import Facts
from overstory.engine.saying import say
from overstory.exchange.records import NotUnderstood
from overstory.knowledge.load import Knowledge
from overstory.knowledge.rules import ReadRule
from overstory.knowledge.shapes.shared import cites
from overstory.pathway.alternatives import alternatives
from overstory.pathway.flips import ways_to_change
from overstory.pathway.safety import crisis, crisis_words
from overstory.pathway.suitability import (
    COMBINATION,
    Assessment,
    IndicationAnswer,
    RuleAnswer,
    TreatmentAssessment,
)
from overstory.pathway.verdicts import SETTLED

INDENT = 13
VERDICTS = {
    "contraindicated": ("CONTRAINDICATED", "red"),
    "not-indicated": ("NOT INDICATED", "red"),
    "not-now": ("NOT NOW", "yellow"),
    "cannot-say-yet": ("CANNOT SAY YET", "cyan"),
    "with-conditions": ("WITH CONDITIONS", "green"),
    "suitable": ("SUITABLE", "green"),
}
TREATMENT_NAMES = {
    "esketamine": "Esketamine nasal spray",
    "ketamine-iv": "Ketamine infusion (IV)",
    "kap": "Ketamine-assisted psychotherapy",
    "tms": "Transcranial magnetic stimulation",
    "ketamine-then-tms": "Ketamine, then TMS",
}
KIND_WORDS = {
    "contraindication": "never",
    "defer": "not now",
    "physician-decision": "physician",
    "caution": "caution",
    "requires": "missing",
    "notice": "notice",
    "indication": "for",
}
OPEN = (
    ({"indication"}, "Could be what it is for:"),
    ({"contraindication"}, "Could rule it out:"),
    ({"defer"}, "Could delay it:"),
    ({"requires"}, "Must be known first:"),
    ({"physician-decision", "caution"}, "Could add a condition:"),
)
NOTHING_REPORTED = 'nothing reported (C-SSRS none); that is not "no risk"'
MOST_QUESTIONS = 12
MOST_LEFT_OVER = 12
_OPENING = {True: "", False: "No. ", None: "Not known yet. "}
LEVELS = {"high": "red", "moderate": "yellow", "low": "yellow", "unknown": "cyan", "none": "green"}


def assessment_text(
    assessment: Assessment,
    *,
    facts: Facts,
    knowledge: Knowledge,
    on: date,
    not_understood: Iterable[NotUnderstood] = (),
    with_false: bool = False,
) -> str:
    """
    Return the assessment in words, safety first; crisis lines are those good on the day `on`.

    What is true is told in full with its sources; what is unknown is gathered by what it could do.
    With `with_false` every rule is told in full, and every question and source is listed.
    """
    writer = _Writer(assessment, facts, knowledge, on, with_false)
    parts = [writer.head(), writer.safety()]
    parts += [writer.treatment(each) for each in assessment.treatments]
    parts += [writer.nothing_fits(), writer.questions(), writer.left_over(list(not_understood))]
    parts += [writer.sources(), writer.foot()]
    return "\n\n".join(part for part in parts if part) + "\n"


class _Writer:
    """Words one assessment, part by part."""

    def __init__(
        self,
        assessment: Assessment,
        facts: Facts,
        knowledge: Knowledge,
        on: date,
        everything: bool,
    ) -> None:
        self.assessment, self.facts, self.knowledge = assessment, facts, knowledge
        self.on, self.everything = on, everything
        self.cited: dict[str, None] = {}

    def head(self) -> str:
        each = self.assessment
        return click.style(
            f"{each.patient} · {time_text(each.at)} · labels of the {each.jurisdiction}", bold=True
        )

    def safety(self) -> str:
        safety = self.assessment.safety
        word = NOTHING_REPORTED if safety.level == "none" else safety.level.upper()
        title = click.style(f"SAFETY  {word}", fg=LEVELS[safety.level], bold=True)
        lines = [wrapped(each, indent=4, first="  ☎", weight="bold") for each in self._crisis()]
        lines += [wrapped(action, indent=4, first="  →") for action in safety.actions]
        return "\n".join([title, *lines])

    def _crisis(self) -> tuple[str, ...]:
        """Whom to reach, wherever safety is not clear; the country is that of the jurisdiction."""
        if self.assessment.safety.level == "none":
            return ()
        country = self.assessment.jurisdiction
        path = crisis(country=country, on=self.on, knowledge=self.knowledge)
        return crisis_words(path=path, knowledge=self.knowledge)

    def treatment(self, treatment: TreatmentAssessment) -> str:
        word, colour = VERDICTS[treatment.verdict]
        name = TREATMENT_NAMES[treatment.treatment]
        title = click.style(name, bold=True) + " " * (36 - len(name))
        lines = [title + click.style(word, fg=colour, bold=True)]
        lines += self._indications(treatment)
        own = [each for each in treatment.rules if not each.part and not _is_indication(each)]
        settled = treatment.verdict in SETTLED and not self.everything
        told = [each for each in own if each.rule.kind == "contraindication"] if settled else own
        lines += [self._rule(each) for each in told if self._in_full(each)]
        if treatment.treatment == COMBINATION:
            lines.append(self._parts(treatment))
        elif not self.everything and treatment.verdict not in SETTLED:
            indicated = any(each.answer for each in treatment.indications)
            lines += self._open(own if indicated else list(treatment.rules))
        return "\n".join(lines)

    def nothing_fits(self) -> str:
        found = alternatives(assessment=self.assessment, facts=self.facts, knowledge=self.knowledge)
        if not found:
            return ""
        lines = [click.style("NOTHING HERE FITS  What else there is", bold=True)]
        for each in found:
            self.cited.update(dict.fromkeys(cite.id for cite in cites(each.source)))
            said = "; ".join(f"{cite.id} {cite.at}".strip() for cite in cites(each.source))
            lines.append(wrapped(f"{each.says} [{said}]", indent=4, first="  –"))
        return "\n".join(lines)

    def questions(self) -> str:
        questions = self.assessment.next_questions
        if not questions:
            return ""
        shown = questions if self.everything else questions[:MOST_QUESTIONS]
        lines = [click.style(f"NEXT QUESTIONS  {len(questions)}, most telling first", bold=True)]
        for number, question in enumerate(shown, 1):
            ask = self.knowledge.facts[question.fact].ask
            text = f"{ask.text} ({ask.who}: {len(question.could_change)} treatments)"
            lines.append(wrapped(text, indent=5, first=f"{number:3}."))
        if len(shown) < len(questions):
            lines.append(f"     … and {len(questions) - len(shown)} more (--all shows them)")
        return "\n".join(lines)

    def left_over(self, not_understood: list[NotUnderstood]) -> str:
        if not not_understood:
            return ""
        shown = not_understood if self.everything else not_understood[:MOST_LEFT_OVER]
        lines = [click.style(f"NOT UNDERSTOOD  {len(not_understood)}", bold=True)]
        lines += [wrapped(f"{each.origin}: {each.why}", indent=4, first="  –") for each in shown]
        if len(shown) < len(not_understood):
            lines.append(f"    … and {len(not_understood) - len(shown)} more (--all shows them)")
        return "\n".join(lines)

    def sources(self) -> str:
        if not self.cited:
            return ""
        lines = [click.style("SOURCES", bold=True)]
        lines += [
            wrapped(source_line(each, self.knowledge), indent=4, first="  –")
            for each in sorted(self.cited)
        ]
        return "\n".join(lines)

    def foot(self) -> str:
        each = self.assessment
        return wrapped(
            f"Knowledge {each.knowledge_version} ({each.knowledge_sha256[:12]}). No clinician has "
            "reviewed it yet. It supports a decision; people make it. overstory explain RULE shows "
            "any rule with its sources.",
            indent=0,
            weight="dim",
        )

    def _indications(self, treatment: TreatmentAssessment) -> list[str]:
        """What it is for here; where nothing is, what could be, or what it would have been for."""
        true = [each for each in treatment.indications if each.answer]
        unknown = [each for each in treatment.indications if each.answer is None]
        shown = (
            treatment.indications if self.everything else true or unknown or treatment.indications
        )
        return [self._indication(each) for each in shown]

    def _indication(self, indication: IndicationAnswer) -> str:
        words = indication.rule.words
        status = indication.regulatory.status if indication.regulatory else "not recorded"
        answer = {True: "yes", False: "no", None: "not known yet"}[indication.answer]
        text = f"{words.label}: {answer} · {status} · evidence {words.evidence}"
        self._cite(indication.rule)
        lines = [wrapped(text, indent=INDENT, first="  for")]
        if indication.answer and words.evidence_note:
            lines.append(wrapped(words.evidence_note, indent=INDENT))
        lines.append(wrapped(self._foot_of(indication.rule), indent=INDENT, weight="dim"))
        return "\n".join(lines)

    def _in_full(self, answer: RuleAnswer) -> bool:
        if self.everything:
            return True
        return bool(answer.answer) and answer.rule.kind != "requires"

    def _rule(self, answer: RuleAnswer) -> str:
        rule = answer.rule
        self._cite(rule)
        says = _OPENING[answer.answer if rule.kind != "requires" else True] + rule.words.says
        if rule.kind == "requires":
            says = f"{'Met' if answer.answer else 'Open'}. {rule.words.says}"
        weight = "bold" if answer.answer and rule.kind != "requires" else ""
        lines = [wrapped(says, indent=INDENT, first=f"  {KIND_WORDS[rule.kind]}", weight=weight)]
        if answer.answer and answer.because and rule.kind != "requires":
            because = reasons_text(answer.because, self.facts)
            lines.append(wrapped(f"because {because}", indent=INDENT))
        if rule.words.precaution and answer.answer is not False:
            lines.append(wrapped(f"do: {rule.words.precaution}", indent=INDENT))
        lines += self._changes(answer)
        lines.append(wrapped(self._foot_of(rule), indent=INDENT, weight="dim"))
        return "\n".join(lines)

    def _foot_of(self, rule: ReadRule) -> str:
        return f"{rule.id} {sources_text(rule)}"

    def _changes(self, answer: RuleAnswer) -> list[str]:
        """What would turn a true blocking rule, in words."""
        blocking = answer.rule.kind in {"contraindication", "defer"}
        if not (blocking and answer.answer and answer.rule.when):
            return []
        ways = ways_to_change(answer.rule.when, self.facts)
        said = " – or – ".join(
            " and ".join(say(leaf, self.facts.vocabulary) for leaf in way) for way in ways
        )
        return [wrapped(f"would change it: {said}", indent=INDENT)]

    def _open(self, own: list[RuleAnswer]) -> list[str]:
        """The questions still open, gathered by what their answers could do."""
        lines = []
        told: set[str] = set()
        for kinds, could in OPEN:
            asks = {
                ask
                for each in own
                if each.answer is None and each.rule.kind in kinds
                for ask in each.asks
            } - told
            told |= asks
            if asks:
                names = self.facts.vocabulary.in_order(asks)
                labels = "; ".join(self.facts.vocabulary[name].label for name in names)
                lines.append(wrapped(f"{could} {labels}", indent=INDENT, first="  open"))
        return lines

    def _parts(self, treatment: TreatmentAssessment) -> str:
        said = ", ".join(f"{part} {verdict}" for part, verdict in treatment.parts)
        text = "The lowest of its own rules, TMS, and the better of esketamine and infusion"
        return wrapped(f"{text}: {said}.", indent=INDENT, first="  parts")

    def _cite(self, rule: ReadRule) -> None:
        self.cited.update(dict.fromkeys(cite.id for cite in rule.sources))


def _is_indication(answer: RuleAnswer) -> bool:
    return answer.rule.kind == "indication"
