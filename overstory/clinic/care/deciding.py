"""A physician's written reason: where a rule leaves the decision to a person, in their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.care.actions import SENT_BEFORE, OtherContentError
from overstory.clinic.care.adopted import InForce, in_force
from overstory.clinic.care.assessing import Assessed, assess_person
from overstory.clinic.care.facts import held_value
from overstory.clinic.care.models import WrittenReason
from overstory.clinic.people.models import Person, Staff
from overstory.pathway.suitability import (
    COMBINATION,
    KETAMINE_PARTS,
    Assessment,
    RuleAnswer,
    TreatmentAssessment,
)

DECISION = "physician-decision"
TMS = "tms"


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
    """A written reason, what its rule says, and if the facts under it are still those of then."""

    row: WrittenReason
    still_holds: bool
    says: str = ""


def write(
    *, person: Person, reason: Reason, force: InForce, by: Staff, at: datetime
) -> WrittenReason:
    """
    Keep a reason, with the facts that the rule rests on now; sent twice, it is one row.

    :raises UndecidableError: if the rule does not ask for a decision now.
    :raises OtherContentError: if the page was sent before with another decision or reason.
    """
    return write_each(person=person, reasons=[reason], force=force, by=by, at=at)[0]


@transaction.atomic
def write_each(
    *, person: Person, reasons: Sequence[Reason], force: InForce, by: Staff, at: datetime
) -> list[WrittenReason]:
    """
    Keep several reasons as `write` keeps one, all or none: the facts are those of one moment.

    :raises UndecidableError: if a rule does not ask for a decision now.
    :raises OtherContentError: if the page was sent before with another decision or reason.
    """
    before = person.written_reasons.in_bulk([each.key for each in reasons])
    new = [each for each in reasons if each.key not in before]
    asked = _decisions(assess_person(person, at=at, force=force)) if new else {}
    rows = []
    for each in reasons:
        row = before.get(each.key)
        if row is None:
            answer = asked.get((each.treatment, each.rule))
            row = _kept(person, each, answer, force=force, by=by, at=at)
        elif (row.goes_on, row.words) != (each.goes_on, each.words):
            raise OtherContentError(SENT_BEFORE)
        rows.append(row)
    return rows


def _kept(
    person: Person,
    reason: Reason,
    answer: RuleAnswer | None,
    *,
    force: InForce,
    by: Staff,
    at: datetime,
) -> WrittenReason:
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


@dataclass(frozen=True, slots=True)
class Unsettled:
    """
    A decision that nobody has written yet.

    `is_unknown` where the rule itself is not answered: a question to settle before the first
    session. Otherwise a written reason to go on is missing, or was written on other facts.
    """

    rule: str
    says: str
    is_unknown: bool
    why: str


@dataclass(frozen=True, slots=True)
class Written:
    """
    The reasons of a person, beside an assessment.

    `newest` has the newest by `treatment/rule`; `against` those that stand against each treatment.
    """

    newest: dict[str, ShownReason]
    against: dict[str, tuple[ShownReason, ...]]

    @property
    def settled(self) -> frozenset[str]:
        """The decisions, by `treatment/rule`, that are written on the facts of now."""
        return frozenset(name for name, each in self.newest.items() if each.still_holds)


def written(assessed: Assessed) -> Written:
    """Return what was written of a person, as it stands beside an assessment; one query."""
    rows = reasons_until(assessed.gathered.ids, assessed.gathered.facts.at)
    return Written(_newest(rows, assessed), against_in(rows, assessed.assessment))


def reasons_of(assessed: Assessed) -> dict[str, ShownReason]:
    """Return the newest reason for each decision of an assessment, by `treatment/rule`."""
    return written(assessed).newest


def against(person: Person, treatment: str, at: datetime) -> tuple[ShownReason, ...]:
    """
    Return the reasons not to go on that stand against a treatment at a moment, the newest first.

    One holds for every treatment that its rule is asked of, until a physician writes for that
    treatment that they go on, or the rule no longer holds. Where the rule is unknown it stands.
    """
    assessed = assess_person(person, at=at, force=in_force(person.clinic))
    return written(assessed).against[treatment]


def unsettled(person: Person, treatment: str, assessment: Assessment) -> tuple[Unsettled, ...]:
    """
    Return the physician's decisions of a treatment that have no reason to go on that still holds.

    Those of the combination are those of its parts; see the parts for them.
    """
    return tuple(unsettled_in(reasons_until(person.ids, assessment.at), treatment, assessment))


def unsettled_in(
    rows: Iterable[WrittenReason], treatment: str, assessment: Assessment
) -> Iterable[Unsettled]:
    """Return what `unsettled` does, from reasons in the order of writing."""
    newest = {(row.treatment, row.rule): row for row in rows}
    for each in _asked(_of(assessment, treatment)):
        row = newest.get((treatment, each.rule.id))
        why = _missing(row, each)
        if why:
            yield Unsettled(each.rule.id, each.rule.words.says, each.answer is None, why)


def stands_against(person: Person, treatments: Sequence[str], assessment: Assessment) -> list[str]:
    """
    Return in words what physicians wrote, or did not write, that stands against signing a plan.

    A question that is not answered is not in it: that is settled before the first session.
    """
    rows = reasons_until(person.ids, assessment.at)
    zone = person.site.zone
    noes = {no.row.pk: no for each in treatments for no in against_in(rows, assessment)[each]}
    found = [
        f"A physician decided against it: {no.row.by.name}, {no.row.at.astimezone(zone):%-d %b %Y} "
        f"(“{no.says}”)."
        for no in noes.values()
    ]
    ruled = {no.row.rule for no in noes.values()}
    found += [
        f"“{each.says}”: {each.why}. It is written on the board."
        for treatment in treatments
        for each in unsettled_in(rows, treatment, assessment)
        if not each.is_unknown and each.rule not in ruled
    ]
    return list(dict.fromkeys(found))


def spread(assessment: Assessment) -> dict[str, tuple[str, ...]]:
    """Return, by rule, the treatments at which a physician's decision under it is asked for."""
    found: dict[str, list[str]] = {}
    for treatment in assessment.treatments:
        for each in _asked(treatment):
            found.setdefault(each.rule.id, []).append(treatment.treatment)
    return {rule: tuple(treatments) for rule, treatments in found.items()}


def _missing(row: WrittenReason | None, answer: RuleAnswer) -> str:
    if answer.answer is None:
        return "a question to settle before the first session"
    if row is None or not row.goes_on:
        return "no physician has written that they go on, and why"
    if row.because != _because(answer):
        return "the reason was written on other facts: read it again"
    return ""


def has_no() -> Exists:
    """Return the mark of a person that a physician once wrote not to go on."""
    of = Q(person=OuterRef("pk")) | Q(person__merged_into=OuterRef("pk"))
    return Exists(WrittenReason.objects.filter(of, goes_on=False))


def reasons_until(ids: Iterable[UUID], at: datetime) -> list[WrittenReason]:
    """Return the reasons of some persons until a moment, in the order of writing."""
    rows = WrittenReason.objects.filter(person__in=list(ids), at__lte=at)
    return list(rows.select_related("by").order_by("at"))


def _newest(rows: Iterable[WrittenReason], assessed: Assessed) -> dict[str, ShownReason]:
    newest = {(row.treatment, row.rule): row for row in rows}
    return {
        f"{treatment}/{rule}": _shown(newest[treatment, rule], answer)
        for (treatment, rule), answer in _decisions(assessed).items()
        if (treatment, rule) in newest
    }


def against_in(
    rows: Sequence[WrittenReason], assessment: Assessment
) -> dict[str, tuple[ShownReason, ...]]:
    """Return what stands against each treatment; against the combination, what no form is free of."""
    found: dict[str, tuple[ShownReason, ...]] = {}
    for treatment in assessment.treatments:
        if treatment.treatment == COMBINATION:
            continue
        stands = (_no(rows, treatment.treatment, each) for each in _asked(treatment))
        shown = [each for each in stands if each is not None]
        found[treatment.treatment] = tuple(sorted(shown, key=lambda each: each.row.at)[::-1])
    forms = [found.get(each, ()) for each in KETAMINE_PARTS]
    both = [each for form in forms for each in form] if all(forms) else []
    of_both = (_no(rows, COMBINATION, each) for each in _asked(_of(assessment, COMBINATION)))
    own = [each for each in of_both if each is not None]
    every = {each.row.pk: each for each in (*own, *found.get(TMS, ()), *both)}
    found[COMBINATION] = tuple(every.values())
    return found


def _no(rows: Sequence[WrittenReason], treatment: str, answer: RuleAnswer) -> ShownReason | None:
    """Return the newest reason not to go on under a rule, unless going on was written after it."""
    found = None
    for row in rows:
        if row.rule != answer.rule.id:
            continue
        if not row.goes_on:
            found = row
        elif row.treatment == treatment:
            found = None
    return _shown(found, answer) if found else None


def _shown(row: WrittenReason, answer: RuleAnswer) -> ShownReason:
    return ShownReason(row, row.because == _because(answer), answer.rule.words.says)


def _of(assessment: Assessment, treatment: str) -> TreatmentAssessment:
    return next(each for each in assessment.treatments if each.treatment == treatment)


def _asked(treatment: TreatmentAssessment) -> list[RuleAnswer]:
    """Return a treatment's own decisions that hold or are not known."""
    return [
        each
        for each in treatment.rules
        if each.rule.kind == DECISION and each.answer is not False and each.part is None
    ]


def _decisions(assessed: Assessed) -> dict[tuple[str, str], RuleAnswer]:
    return {
        (treatment.treatment, each.rule.id): each
        for treatment in assessed.assessment.treatments
        for each in _asked(treatment)
        if each.answer
    }


def _because(answer: RuleAnswer) -> Mapping[str, Any]:
    return {each.name: held_value(each.fact.value) for each in answer.because}
