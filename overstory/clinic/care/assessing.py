"""Assessing a person from rows, keeping what was said, and making it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.care.adopted import InForce
from overstory.clinic.care.facts import Gathered, gathered, held_value, value_of
from overstory.clinic.care.models import Assessment as AssessmentRow
from overstory.clinic.care.models import StatedFact
from overstory.clinic.people.models import Person, Staff
from overstory.engine.facts import Fact, Unknown, UnknownFactNameError
from overstory.exchange.assessment_json import assessment_json
from overstory.exchange.content_hash import content_sha256
from overstory.knowledge.load import Knowledge
from overstory.pathway.intake import person as person_facts
from overstory.pathway.ledger import Trial, read_trial
from overstory.pathway.suitability import Assessment, assess


class OtherKnowledgeError(ValueError):
    """An assessment made with knowledge that is not the one at hand."""


@dataclass(frozen=True)
class Assessed:
    """A person assessed: all that was known, and what follows."""

    gathered: Gathered
    assessment: Assessment
    in_force: InForce


def assess_person(
    person: Person, *, at: datetime, force: InForce, without: StatedFact | None = None
) -> Assessed:
    """Return the assessment of a person at a moment with the clinic's knowledge."""
    return assessed_from(gathered(person, at, force.knowledge, without=without), force=force)


def assessed_from(found: Gathered, *, force: InForce) -> Assessed:
    """Return the assessment of what is known of a person."""
    assessment = assess(
        patient=str(found.person.pk),
        facts=found.facts,
        knowledge=force.knowledge,
        jurisdiction=found.person.clinic.jurisdiction,
    )
    return Assessed(found, assessment, force)


@transaction.atomic
def record_assessment(
    *, person: Person, key: UUID, force: InForce, by: Staff, at: datetime
) -> AssessmentRow:
    """Keep what is said of a person now, with the facts it rests on; sent twice, it is one row."""
    again = AssessmentRow.objects.filter(pk=key, person=person).first()
    if again is not None:
        return again
    made = assess_person(person, at=at, force=force)
    answer = _answer(made.assessment, made.gathered.facts, force.knowledge)
    row = AssessmentRow.objects.create(
        id=key,
        person=person,
        jurisdiction=person.clinic.jurisdiction,
        knowledge_version=force.knowledge.version,
        knowledge_sha256=force.knowledge.sha256,
        adoption=force.adopted.adoption if force.adopted else None,
        content={
            "facts": {name: _held(fact) for name, fact in made.gathered.given.items()},
            "trials": [_held_trial(each) for each in made.gathered.trials],
            "trials_are_whole": made.gathered.trials_are_whole,
            "answer": answer,
        },
        answer_sha256=content_sha256(answer),
        by=by,
        at=at,
    )
    record(
        Deed(
            person.clinic_id, at, f"staff:{by.pk}", "recorded an assessment",
            f"person:{person.pk}", {"assessment": str(row.pk)},
        )
    )  # fmt: skip
    return row


def made_again(row: AssessmentRow, knowledge: Knowledge) -> bool:
    """
    Return whether the same knowledge says the same of the same facts, byte for byte.

    :raises OtherKnowledgeError: if the knowledge at hand is not what it was made with.
    """
    if knowledge.sha256 != row.knowledge_sha256:
        raise OtherKnowledgeError(
            f"it was made with release {row.knowledge_version} ({row.knowledge_sha256[:12]}), and "
            f"{knowledge.version} ({knowledge.sha256[:12]}) is at hand"
        )
    return content_sha256(answer_again(row, knowledge)) == row.answer_sha256


def answer_again(row: AssessmentRow, knowledge: Knowledge) -> dict[str, Any]:
    """
    Return what this knowledge says of the facts that a row kept, as of its moment.

    :raises OtherKnowledgeError: if this knowledge does not have one of the facts.
    """
    content: Mapping[str, Any] = row.content
    try:
        given = {name: _fact(name, each, knowledge) for name, each in content["facts"].items()}
    except UnknownFactNameError as error:
        raise OtherKnowledgeError(str(error)) from None
    facts = person_facts(
        given=given,
        trials=[read_trial(each) for each in content["trials"]],
        at=row.at,
        knowledge=knowledge,
        trials_are_whole=content["trials_are_whole"],
    )
    assessment = assess(
        patient=str(row.person_id),
        facts=facts,
        knowledge=knowledge,
        jurisdiction=row.jurisdiction,
    )
    return _answer(assessment, facts, knowledge)


def _answer(assessment: Assessment, facts: Any, knowledge: Knowledge) -> dict[str, Any]:
    return assessment_json(assessment, facts=facts, knowledge=knowledge)


def _held(fact: Fact) -> dict[str, Any]:
    return {
        "value": held_value(fact.value),
        "unknown": str(fact.unknown) if fact.unknown else None,
        "at": fact.at.isoformat() if fact.at else None,
        "origin": fact.origin,
    }


def _fact(name: str, held: Mapping[str, Any], knowledge: Knowledge) -> Fact:
    return Fact(
        value=value_of(knowledge.vocabulary[name], held["value"]),
        unknown=Unknown(held["unknown"]) if held["unknown"] else None,
        at=datetime.fromisoformat(held["at"]) if held["at"] else None,
        origin=held["origin"],
    )


def _held_trial(trial: Trial) -> dict[str, Any]:
    return {
        each.name: getattr(trial, each.name)
        for each in fields(trial)
        if getattr(trial, each.name) is not None
    }
