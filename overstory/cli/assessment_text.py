"""An assessment as a psychiatrist reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterable

import click

from overstory.cli.wording import reason_text, sources_text, time_text, wrapped
from overstory.engine.facts import Facts
from overstory.engine.saying import say
from overstory.exchange.records import NotUnderstood
from overstory.knowledge.load import Knowledge
from overstory.pathway.flips import ways_to_change
from overstory.pathway.suitability import (
    Assessment,
    IndicationAnswer,
    RuleAnswer,
    TreatmentAssessment,
)

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
LEVELS = {"high": "red", "moderate": "yellow", "low": "yellow", "unknown": "cyan", "none": "green"}


def assessment_text(
    assessment: Assessment,
    *,
    facts: Facts,
    knowledge: Knowledge,
    not_understood: Iterable[NotUnderstood] = (),
    with_false: bool = False,
) -> str:
    """Return the assessment in words, safety first; rules answered false only if `with_false`."""
    writer = _Writer(assessment, facts, knowledge, with_false)
    parts = [writer.head(), writer.safety()]
    parts += [writer.treatment(each) for each in assessment.treatments]
    parts += [writer.questions(), writer.left_over(list(not_understood)), writer.foot()]
    return "\n\n".join(part for part in parts if part) + "\n"


class _Writer:
    """Words one assessment, part by part."""

    def __init__(
        self, assessment: Assessment, facts: Facts, knowledge: Knowledge, with_false: bool
    ) -> None:
        self.assessment, self.facts, self.knowledge = assessment, facts, knowledge
        self.with_false = with_false

    def head(self) -> str:
        each = self.assessment
        line = f"{each.patient} · {time_text(each.at)} · {each.jurisdiction}"
        return click.style(line, bold=True)

    def safety(self) -> str:
        safety = self.assessment.safety
        colour = LEVELS[safety.level]
        title = click.style(f"SAFETY: {safety.level}", fg=colour, bold=True)
        return "\n".join(
            [title, *(wrapped(action, indent=4, first="  →") for action in safety.actions)]
        )

    def treatment(self, treatment: TreatmentAssessment) -> str:
        word, colour = VERDICTS[treatment.verdict]
        title = click.style(TREATMENT_NAMES[treatment.treatment], bold=True)
        lines = [f"{title}  {click.style(word, fg=colour, bold=True)}"]
        lines += [self._indication(each) for each in treatment.indications if self._tells(each)]
        if treatment.verdict == "not-indicated":
            lines += [self._indication(each) for each in treatment.indications]
        lines += [self._rule(each) for each in treatment.rules if self._is_shown(each)]
        if treatment.treatment == "ketamine-then-tms":
            lines.append(self._parts())
        if treatment.asks:
            labels = "; ".join(self.facts.vocabulary[name].label for name in treatment.asks)
            lines.append(wrapped(labels, indent=INDENT, first="  asks"))
        return "\n".join(lines)

    def questions(self) -> str:
        questions = self.assessment.next_questions
        if not questions:
            return ""
        lines = [click.style("NEXT QUESTIONS", bold=True)]
        for number, question in enumerate(questions, 1):
            ask = self.knowledge.facts[question.fact].ask
            could = ", ".join(question.could_change)
            text = f"{ask.text} ({ask.who}; could change {could})"
            lines.append(wrapped(text, indent=5, first=f"{number:3}."))
        return "\n".join(lines)

    def left_over(self, not_understood: list[NotUnderstood]) -> str:
        if not not_understood:
            return ""
        lines = [click.style(f"NOT UNDERSTOOD ({len(not_understood)})", bold=True)]
        lines += [wrapped(f"{each.origin}: {each.why}", indent=4) for each in not_understood]
        return "\n".join(lines)

    def foot(self) -> str:
        each = self.assessment
        return wrapped(
            f"Knowledge {each.knowledge_version}, {each.knowledge_sha256[:12]}. No clinician has "
            "reviewed it yet. It supports a decision; people make it. overstory explain RULE shows "
            "any rule with its sources.",
            indent=0,
            dim=True,
        )

    def _tells(self, indication: IndicationAnswer) -> bool:
        verdict_known = any(each.answer for each in self._siblings(indication))
        return bool(indication.answer) or (indication.answer is None and not verdict_known)

    def _siblings(self, indication: IndicationAnswer) -> tuple[IndicationAnswer, ...]:
        for each in self.assessment.treatments:
            if indication in each.indications:
                return each.indications
        return ()

    def _indication(self, indication: IndicationAnswer) -> str:
        words = indication.rule.words
        status = indication.regulatory.status if indication.regulatory else "not recorded"
        answer = {True: "yes", False: "no", None: "not known yet"}[indication.answer]
        where = f"{status} ({self.assessment.jurisdiction})"
        text = f"{words.label}: {answer} · {where} · evidence {words.evidence} [{words.id}]"
        return wrapped(text, indent=INDENT, first="  for")

    def _is_shown(self, answer: RuleAnswer) -> bool:
        if answer.rule.kind == "indication" or answer.part:
            return False
        if self.with_false:
            return True
        return answer.answer is None or (answer.answer and answer.rule.kind != "requires")

    def _rule(self, answer: RuleAnswer) -> str:
        rule = answer.rule
        first = f"  {KIND_WORDS[rule.kind]}"
        known = answer.answer is not None or rule.kind == "requires"
        says = rule.words.says if known else f"Not known yet. {rule.words.says}"
        if answer.answer is False:
            says = f"No. {says}"
        lines = [wrapped(says, indent=INDENT, first=first, bold=answer.answer is True)]
        blank = " " * INDENT
        lines += [
            wrapped(f"because {reason_text(each, self.facts)}", indent=INDENT)
            for each in answer.because
            if answer.answer and rule.kind != "requires"
        ]
        if rule.words.precaution and answer.answer is not False:
            lines.append(wrapped(f"do: {rule.words.precaution}", indent=INDENT))
        lines += self._changes(answer)
        source = f"{rule.id} · {sources_text(rule, self.knowledge)}"
        lines.append(wrapped(source, indent=INDENT, first=blank, dim=True))
        return "\n".join(lines)

    def _changes(self, answer: RuleAnswer) -> list[str]:
        """What would turn a true blocking rule, in words."""
        blocking = answer.rule.kind in {"contraindication", "defer"}
        if not (blocking and answer.answer and answer.rule.when):
            return []
        ways = ways_to_change(answer.rule.when, self.facts)
        said = " — or — ".join(
            " and ".join(say(leaf, self.facts.vocabulary) for leaf in way) for way in ways
        )
        return [wrapped(f"would change it: {said}", indent=INDENT)]

    def _parts(self) -> str:
        verdicts = {each.treatment: each.verdict for each in self.assessment.treatments}
        parts = [name for name in ("esketamine", "ketamine-iv", "tms") if name in verdicts]
        said = ", ".join(f"{name} {verdicts[name]}" for name in parts)
        text = "The lowest of its own rules, TMS, and the better of esketamine and infusion"
        return wrapped(f"{text}{f': {said}' if said else ''}.", indent=INDENT, first="  parts")
