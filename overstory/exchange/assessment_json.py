"""An assessment as JSON: the schema `overstory.assessment/1`, a promise to other programs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from overstory.engine.evaluate import Reason
from overstory.engine.facts import Facts, Value
from overstory.engine.saying import say
from overstory.exchange.records import NotUnderstood
from overstory.knowledge.load import Knowledge
from overstory.knowledge.rules import ReadRule
from overstory.knowledge.shapes.alternatives import Alternative
from overstory.knowledge.shapes.shared import Cites, cites
from overstory.pathway.alternatives import alternatives
from overstory.pathway.flips import ways_to_change
from overstory.pathway.suitability import (
    Assessment,
    IndicationAnswer,
    Question,
    RuleAnswer,
    TreatmentAssessment,
)

SCHEMA = "overstory.assessment/1"
BLOCKING = frozenset({"contraindication", "defer", "physician-decision"})


def assessment_json(
    assessment: Assessment,
    *,
    facts: Facts,
    knowledge: Knowledge,
    not_understood: Iterable[NotUnderstood] = (),
    with_false: bool = False,
) -> dict[str, Any]:
    """Return the assessment in its promised shape; rules answered false only if `with_false`."""
    return {
        "schema": SCHEMA,
        "knowledge": {
            "version": assessment.knowledge_version,
            "sha256": assessment.knowledge_sha256,
        },
        "at": assessment.at.isoformat(),
        "patient": assessment.patient,
        "jurisdiction": assessment.jurisdiction,
        "treatments": [
            _treatment(each, facts, knowledge, with_false) for each in assessment.treatments
        ],
        "alternatives": [
            _alternative(each, knowledge)
            for each in alternatives(assessment=assessment, facts=facts, knowledge=knowledge)
        ],
        "next_questions": [_question(each, knowledge) for each in assessment.next_questions],
        "safety": {
            "level": assessment.safety.level,
            "actions": list(assessment.safety.actions),
        },
        "not_understood": [{"from": each.origin, "why": each.why} for each in not_understood],
    }


def facts_json(
    facts: Facts, *, patient: str, not_understood: Iterable[NotUnderstood] = ()
) -> dict[str, Any]:
    """Return every fact of the vocabulary, known or why not, as `overstory facts` prints them."""
    return {
        "patient": patient,
        "at": facts.at.isoformat(),
        "facts": {name: _fact(facts, name) for name in facts.vocabulary},
        "not_understood": [{"from": each.origin, "why": each.why} for each in not_understood],
    }


def reason_json(reason: Reason, facts: Facts) -> dict[str, Any]:
    """Return one fact on which an answer rests."""
    return {"fact": reason.name, **_fact(facts, reason.name)}


def sources_json(rule: ReadRule, knowledge: Knowledge) -> list[dict[str, str]]:
    """Return where a rule stands: source id, place in it, title, address."""
    return cites_json(rule.words.source, knowledge)


def cites_json(cited: Cites, knowledge: Knowledge) -> list[dict[str, str]]:
    """Return citations with the title and address of each source."""
    found = []
    for cite in cites(cited):
        source = knowledge.sources[cite.id]
        url = source.url or (f"https://doi.org/{source.doi}" if source.doi else "")
        found.append({"id": cite.id, "at": cite.at, "title": source.title, "url": url})
    return found


def _fact(facts: Facts, name: str) -> dict[str, Any]:
    fact = facts[name]
    if fact.unknown is not None:
        known = {"unknown": str(fact.unknown)}
        return {**known, "from": fact.origin} if fact.origin else known
    return {
        "value": _plain(fact.value),
        "unit": facts.vocabulary[name].unit,
        "at": fact.at.isoformat() if fact.at else None,
        "from": fact.origin,
    }


def _plain(value: Value | None) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _treatment(
    treatment: TreatmentAssessment, facts: Facts, knowledge: Knowledge, with_false: bool
) -> dict[str, Any]:
    return {
        "treatment": treatment.treatment,
        "verdict": str(treatment.verdict),
        "indications": [_indication(each) for each in treatment.indications],
        "rules": [
            _rule(each, facts, knowledge)
            for each in treatment.rules
            if with_false or _is_shown(each)
        ],
        "asks": list(treatment.asks),
    }


def _is_shown(answer: RuleAnswer) -> bool:
    """Whether an answer matters: true or unknown; a requirement only while it is open."""
    if answer.rule.kind == "requires":
        return answer.answer is None
    return answer.answer is not False


def _indication(indication: IndicationAnswer) -> dict[str, Any]:
    return {
        "id": indication.rule.words.indication,
        "answer": indication.answer,
        "regulatory": indication.regulatory.status if indication.regulatory else "not-recorded",
        "evidence": indication.rule.words.evidence,
    }


def _rule(answer: RuleAnswer, facts: Facts, knowledge: Knowledge) -> dict[str, Any]:
    rule = answer.rule
    shown: dict[str, Any] = {
        "id": rule.id,
        "kind": rule.kind,
        "answer": answer.answer,
        "says": rule.words.says,
        "status": rule.words.status,
        "because": [reason_json(each, facts) for each in answer.because],
        "asks": list(answer.asks),
        "sources": sources_json(rule, knowledge),
    }
    if rule.words.precaution:
        shown["precaution"] = rule.words.precaution
    if answer.part:
        shown["part"] = answer.part
    if rule.kind in BLOCKING and answer.answer and rule.when:
        shown["would_change"] = [
            [say(leaf, facts.vocabulary) for leaf in way]
            for way in ways_to_change(rule.when, facts)
        ]
    return shown


def _alternative(alternative: Alternative, knowledge: Knowledge) -> dict[str, Any]:
    return {
        "id": alternative.id,
        "says": alternative.says,
        "status": alternative.status,
        "sources": cites_json(alternative.source, knowledge),
    }


def _question(question: Question, knowledge: Knowledge) -> dict[str, Any]:
    ask = knowledge.facts[question.fact].ask
    return {
        "fact": question.fact,
        "ask": {"who": ask.who, "text": ask.text},
        "could_change": list(question.could_change),
    }
