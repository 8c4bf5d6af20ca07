"""What will have to be given or measured again soon: consents, and facts that a plan's sessions need."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from overstory.clinic.care.measuring import packs_with
from overstory.clinic.care.models import CarePlan, Consent, StatedFact
from overstory.clinic.intake.models import Questionnaire
from overstory.clinic.people.models import Clinic
from overstory.clinic.people.ways import ways_of
from overstory.clinic.worklists.lines import Part
from overstory.knowledge.load import Knowledge, load_knowledge
from overstory.pathway.consent import consent_policy

DAYS_A_YEAR = 365
"""Only for the order of consents among other lines; when one ends is told from its calendar day."""


def expiring_parts() -> tuple[Part, ...]:
    """Return the kinds of things that expire, by the knowledge that runs."""
    knowledge = load_knowledge()
    months = consent_policy(knowledge).again_after_months
    lasts = timedelta(days=DAYS_A_YEAR * months // 12)
    consents = Part(
        kind="consent",
        rows=partial(_consents, months=months),
        person="person",
        since="signed_at",
        due="signed_at",
        more="treatment",
        owner="clinician",
        lasts=lasts,
    )
    return (consents, *(_fact_part(name, each) for name, each in _kept_facts(knowledge).items()))


def _kept_facts(knowledge: Knowledge) -> dict[str, tuple[float, frozenset[str]]]:
    """Return the facts that sessions need and that hold for some days: how many, for what treatments."""
    return {
        fact: (each.fresh_days.value, frozenset(each.applies_to))
        for each in knowledge.sections["session_needs"]
        if each.fresh_days is not None and each.fresh_days.value > 0
        for fact in each.facts
    }


def _fact_part(name: str, held: tuple[float, frozenset[str]]) -> Part:
    days, treatments = held
    lasts = timedelta(days=days)
    rows: Callable[[Clinic, datetime], QuerySet[Any]] = partial(
        _facts, name=name, lasts=lasts, treatments=treatments
    )
    return Part(
        kind="fact", rows=rows, person="person", since="at", due="at", more="name", lasts=lasts
    )


def _until(clinic: Clinic, now: datetime) -> datetime:
    return now + timedelta(days=ways_of(clinic.ways).expiring_days)


def _in_treatment(clinic: Clinic, **more: Any) -> QuerySet[CarePlan, Any]:
    """Return the persons whose treatment goes on, for a subquery: the list starts from these few."""
    return clinic.plans.filter(signed_at__isnull=False, ended_at=None, **more).values("person")


def _consents(clinic: Clinic, now: datetime, *, months: int) -> QuerySet[Consent]:
    """Return the newest consents, for treatment that goes on, that end soon or have ended."""
    newer = Consent.objects.filter(
        person=OuterRef("person"), treatment=OuterRef("treatment"),
        signed_at__gt=OuterRef("signed_at"),
    )  # fmt: skip
    return Consent.objects.filter(
        ~Exists(newer), person__in=_in_treatment(clinic), withdrawal=None,
        signed_at__lte=_months_before(_until(clinic, now), months),
    )  # fmt: skip


def _months_before(moment: datetime, months: int) -> datetime:
    """Return the last moment so many months before: on a month's last day, the last day of that month."""
    local = moment.astimezone(UTC)
    back = local.month - 1 - months
    year, month = local.year + back // 12, back % 12 + 1
    last, is_last = monthrange(year, month)[1], local.day == monthrange(local.year, local.month)[1]
    return local.replace(year=year, month=month, day=last if is_last else min(local.day, last))


def _facts(
    clinic: Clinic, now: datetime, *, name: str, lasts: timedelta, treatments: frozenset[str]
) -> QuerySet[StatedFact]:
    """Return what was stated last of a fact that a running plan needs, where it soon counts no more."""
    newer = StatedFact.objects.filter(
        Q(value__isnull=False) | ~Q(unknown=""),
        person=OuterRef("person"), name=name, at__gt=OuterRef("at"), retractions=None,
    )  # fmt: skip
    rows = StatedFact.objects.filter(
        ~Exists(newer), person__in=_in_treatment(clinic, treatment__in=treatments), name=name,
        value__isnull=False, retractions=None, at__lte=_until(clinic, now) - lasts,
    )  # fmt: skip
    packs = [pack for scale in scales_that_fill(name) for pack in packs_with(scale)]
    if packs:
        asked = Questionnaire.objects.filter(
            person=OuterRef("person"), pack__in=packs, submitted_at__gt=OuterRef("at")
        )
        rows = rows.filter(~Exists(asked))
    return rows


def scales_that_fill(fact: str) -> list[str]:
    """Return the scales whose answers say a fact."""
    sections = load_knowledge().sections
    totals = [each.id for each in sections["scales"] if fact in each.fills.values()]
    return totals + [each.scale for each in sections["screen_facts"] if each.fact == fact]
