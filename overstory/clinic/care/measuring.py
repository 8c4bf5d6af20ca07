"""The questionnaires that a signed plan asks for, each with its days; which of them nobody has answered."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from overstory.clinic.care.planned import CarePlan
from overstory.clinic.care.stated import StatedFact
from overstory.clinic.intake.models import Questionnaire
from overstory.clinic.people.models import Clinic
from overstory.knowledge.load import Knowledge, load_knowledge

MEASUREMENT = "measurement"


class PlannedMeasureQuerySet(models.QuerySet["PlannedMeasure"]):
    """Measures of the plans of one clinic; every read starts at `request.clinic.planned_measures`."""

    def open(self, now: datetime) -> PlannedMeasureQuerySet:
        """
        Keep those of plans in force that have begun and that nobody has answered, the first due first.

        One whose days are over stays, as missing, until the next days of the same measure begin.
        """
        later = PlannedMeasure.objects.filter(
            plan=OuterRef("plan"), measure=OuterRef("measure"), opens_at__lte=now
        )
        newest = ~Exists(later.filter(opens_at__gt=OuterRef("opens_at")))
        running = Q(plan__signed_at__isnull=False, plan__ended_at=None)
        found = self.filter(running, newest, opens_at__lte=now)
        return found.filter(_unanswered(load_knowledge())).order_by("due_at", "opens_at", "pk")


class PlannedMeasure(models.Model):
    """
    One questionnaire, or some, that a signed plan asks for between two days.

    `measure` is its id in the knowledge. `scales` are the scales that have to be answered, with a space
    on each side; `others` those that the plan names as well, which no questionnaire of ours holds.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="planned_measures")
    plan = models.ForeignKey(CarePlan, on_delete=models.PROTECT, related_name="measures")
    measure = models.CharField(max_length=60)
    scales = models.CharField(max_length=120)
    others = models.CharField(max_length=120, blank=True)
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()

    objects = PlannedMeasureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "measure", "opens_at"], name="planned_measure_once"
            ),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("due_at")), name="planned_measure_in_order"
            ),
        ]
        indexes = [models.Index(fields=["clinic", "opens_at"], name="planned_measure_open")]

    @property
    def names(self) -> str:
        """The scales in words."""
        named = {each.id: each.short or each.title for each in load_knowledge().sections["scales"]}
        return ", ".join(named.get(each, each) for each in self.scales.split())


def keep_measures(plan: CarePlan) -> None:
    """Keep what a plan asks for, in the transaction that signs it; what it replaces has ended with it."""
    PlannedMeasure.objects.bulk_create(_of(plan, load_knowledge()))


def _of(plan: CarePlan, knowledge: Knowledge) -> Iterator[PlannedMeasure]:
    zone = plan.person.site.zone
    for each in plan.content.get("alongside", ()):
        scales, others = _told_apart(each, knowledge)
        if each["kind"] != MEASUREMENT or not scales:
            continue
        for days in each["when"]:
            yield PlannedMeasure(
                clinic_id=plan.clinic_id,
                plan=plan,
                measure=each["id"],
                scales=f" {' '.join(scales)} ",
                others=" ".join(others),
                opens_at=_midnight(days["earliest"], zone),
                due_at=_midnight(days["latest"], zone, days=1),
            )


def _told_apart(each: Mapping[str, Any], knowledge: Knowledge) -> tuple[list[str], list[str]]:
    """Return the scales whose answer we would see, and the others."""
    held = _packs_of(knowledge)
    named = list(each.get("scales", ()))
    seen = [scale for scale in named if scale in held]
    return seen, [scale for scale in named if scale not in held]


def _midnight(day: str, zone: ZoneInfo, *, days: int = 0) -> datetime:
    on = date.fromisoformat(day) + timedelta(days=days)
    return datetime.combine(on, time.min, tzinfo=zone).astimezone(UTC)


def _unanswered(knowledge: Knowledge) -> Q:
    """
    Return what is true of a measure of which at least one scale was not answered since it opened.

    One of scales that the knowledge of now asks nobody for is never taken as answered.
    """
    asked = _asked(knowledge.sha256)
    found = Q()
    for scale in asked:
        found &= ~Q(scales__contains=f" {scale} ")
    for scale, packs in asked.items():
        found |= (
            Q(scales__contains=f" {scale} ") & ~Exists(_handed_in(packs)) & ~Exists(_told(scale))
        )
    return found


def _handed_in(packs: Sequence[str]) -> models.QuerySet[Questionnaire]:
    return Questionnaire.objects.filter(
        person=OuterRef("plan__person"), pack__in=packs, submitted_at__gte=OuterRef("opens_at")
    )


def _told(scale: str) -> models.QuerySet[StatedFact]:
    return StatedFact.objects.filter(
        person=OuterRef("plan__person"),
        name=f"{scale}_total",
        value__isnull=False,
        at__gte=OuterRef("opens_at"),
        retractions=None,
    )


def packs_with(scale: str) -> tuple[str, ...]:
    """Return the packs of questions that hold a scale."""
    return _packs_of(load_knowledge()).get(scale, ())


def _packs_of(knowledge: Knowledge) -> Mapping[str, tuple[str, ...]]:
    return _packs(knowledge.sha256)


@lru_cache(maxsize=4)
def _packs(release: str) -> Mapping[str, tuple[str, ...]]:
    del release
    sections = load_knowledge().sections
    scale_of = {each.id: each.scale for each in sections["pack_parts"] if each.scale}
    found: dict[str, list[str]] = {}
    for pack in sections["packs"]:
        for part in pack.parts:
            if part in scale_of:
                found.setdefault(scale_of[part], []).append(pack.id)
    return {scale: tuple(packs) for scale, packs in found.items()}


@lru_cache(maxsize=4)
def _asked(release: str) -> Mapping[str, tuple[str, ...]]:
    """Return the packs of each scale that plans ask for: the fewer, the quicker is the question."""
    beside = load_knowledge().sections["alongside"]
    named = {scale for each in beside if each.kind == MEASUREMENT for scale in each.scales}
    return {scale: packs for scale, packs in _packs(release).items() if scale in named}
