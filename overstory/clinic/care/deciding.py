"""A physician's written reason: where a rule leaves the decision to a person, in their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.care.adopted import InForce
from overstory.clinic.care.assessing import Assessed, assess_person
from overstory.clinic.care.facts import held_value
from overstory.clinic.care.models import WrittenReason
from overstory.clinic.people.models import Person, Staff
from overstory.pathway.suitability import RuleAnswer

DECISION = "physician-decision"


class UndecidableError(ValueError):
    """A rule that leaves nothing to decide for this person now."""


@dataclass(frozen=True, slots=True)
class Reason:
    """
    What a prescriber wrote: for which rule and treatment, whether they go on, and why.

    `page` is the page that it was written on: sent twice from one page, it is one reason.
    """

    page: UUID
    treatment: str
    rule: str
    goes_on: bool
    words: str

    @property
    def key(self) -> UUID:
        """The key of its row."""
        return uuid5(self.page, f"{self.treatment}/{self.rule}")


@dataclass(frozen=True, slots=True)
class ShownReason:
    """A written reason, and whether the facts under its rule are still those it was written on."""

    row: WrittenReason
    still_holds: bool


@transaction.atomic
def write(
    *, person: Person, reason: Reason, force: InForce, by: Staff, at: datetime
) -> WrittenReason:
    """
    Keep a reason, with the facts that the rule rests on now; sent twice, it is one row.

    :raises UndecidableError: if the rule does not ask for a decision now.
    """
    again = WrittenReason.objects.filter(pk=reason.key, person=person).first()
    if again is not None:
        return again
    answer = _decisions(assess_person(person, at=at, force=force)).get(
        (reason.treatment, reason.rule)
    )
    if answer is None:
        raise UndecidableError("This rule asks for no decision any more; look at the board again.")
    row = WrittenReason.objects.create(
        id=reason.key,
        person=person,
        rule=reason.rule,
        treatment=reason.treatment,
        goes_on=reason.goes_on,
        words=reason.words,
        because=_because(answer),
        knowledge_sha256=force.knowledge.sha256,
        by=by,
        at=at,
    )
    record(
        Deed(
            person.clinic_id, at, f"staff:{by.pk}", "wrote a reason", f"person:{person.pk}",
            {"rule": reason.rule, "treatment": reason.treatment, "reason": str(row.pk)},
        )
    )  # fmt: skip
    return row


def reasons_of(assessed: Assessed) -> dict[str, ShownReason]:
    """Return the newest reason for each decision of an assessment, by `treatment/rule`."""
    person = assessed.gathered.person
    rows = WrittenReason.objects.filter(person__in=person.ids).select_related("by").order_by("at")
    newest = {(row.treatment, row.rule): row for row in rows}
    return {
        f"{treatment}/{rule}": ShownReason(
            newest[treatment, rule], newest[treatment, rule].because == _because(answer)
        )
        for (treatment, rule), answer in _decisions(assessed).items()
        if (treatment, rule) in newest
    }


def _decisions(assessed: Assessed) -> dict[tuple[str, str], RuleAnswer]:
    return {
        (treatment.treatment, each.rule.id): each
        for treatment in assessed.assessment.treatments
        for each in treatment.rules
        if each.rule.kind == DECISION and each.answer and each.part is None
    }


def _because(answer: RuleAnswer) -> Mapping[str, Any]:
    return {each.name: held_value(each.fact.value) for each in answer.because}
