"""What is said of a person in rows: facts, past trials, and records that came from elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import F, Q

from overstory.clinic.config.sealed import SealedField, SealedJSONField
from overstory.clinic.people.models import Person, Staff
from overstory.engine.facts import Unknown

WHY_UNKNOWN = [
    Unknown.NOT_ANSWERED.value,
    Unknown.NOT_RECORDED.value,
    Unknown.CONFLICTING.value,
]
"""Why a stated fact may be unknown; not asked has no row, and stale is worked out."""


class ImportedRecord(models.Model):
    """
    A document that came with or for a person, kept sealed exactly as it came.

    `zone` is where its dates without a time are read. It is reviewed once: accepted or left.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="imported_records")
    name = SealedField()
    content = SealedField()
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveIntegerField()
    zone = models.CharField(max_length=60)
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "sha256"], name="imported_record_once"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(left_at=None), name="imported_accepted_or_left"
            ),
        ]
        indexes = [models.Index(fields=["person", "-at"], name="imported_newest")]


class StatedQuerySet(models.QuerySet["StatedFact"]):
    """Rows of stated facts."""

    def of(self, person_ids: Iterable[uuid.UUID]) -> StatedQuerySet:
        """Keep those of one human, whichever rows stand for them."""
        return self.filter(person__in=list(person_ids))

    def known_at(self, at: datetime) -> StatedQuerySet:
        """Keep what was true and on record at a moment, the row that wins last."""
        return self.filter(at__lte=at, recorded_at__lte=at).order_by("at", "recorded_at", "id")

    def standing(self, name: str, at: datetime) -> StatedFact | None:
        """Return the row that counts for a fact at a moment, if there is one."""
        rows = self.filter(name=name).known_at(at)
        return standing(rows).get(name)


class StatedFact(models.Model):
    """
    One fact that someone stated or accepted: a value, or why it is unknown.

    `at` is when it was true, `recorded_at` when it was written. `retracts` is a row that was wrong
    from the start; a row that only retracts has neither a value nor a reason.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="stated_facts")
    name = models.CharField(max_length=80)
    value = SealedJSONField(null=True)
    unknown = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    origin = models.CharField(max_length=300)
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    retracts = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="retractions"
    )
    imported = models.ForeignKey(
        ImportedRecord, on_delete=models.PROTECT, null=True, related_name="facts"
    )

    objects = StatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(value=None, unknown__in=WHY_UNKNOWN)
                    | Q(value__isnull=False, unknown="")
                    | Q(value=None, unknown="", retracts__isnull=False)
                ),
                name="stated_fact_known_or_why_not",
            ),
            models.CheckConstraint(condition=Q(at__lte=F("recorded_at")), name="stated_fact_past"),
            models.CheckConstraint(
                condition=Q(retracts=None) | ~Q(retracts=F("id")), name="stated_fact_not_itself"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "name", "at"], name="stated_by_name"),
            models.Index(fields=["person", "-recorded_at"], name="stated_newest"),
        ]

    @property
    def says_nothing(self) -> bool:
        """Whether the row only takes another one back."""
        return self.retracts_id is not None and not self.unknown and self.value is None


def standing(rows: Iterable[StatedFact]) -> dict[str, StatedFact]:
    """Return the row that counts for each fact, of rows in order: the last not taken back."""
    seen = list(rows)
    gone = taken_back((row.pk, row.retracts_id) for row in seen)
    return {row.name: row for row in seen if row.pk not in gone and not row.says_nothing}


def taken_back(pairs: Iterable[tuple[uuid.UUID, uuid.UUID | None]]) -> frozenset[uuid.UUID]:
    """
    Return which rows are taken back, of each row and the one that it takes back.

    What takes a row back no longer does once it was taken back itself: what stood before it counts.
    """
    by: dict[uuid.UUID, list[uuid.UUID]] = {}
    for row, taken in pairs:
        if taken is not None:
            by.setdefault(taken, []).append(row)

    def is_gone(row: uuid.UUID) -> bool:
        return any(not is_gone(each) for each in by.get(row, ()))

    return frozenset(row for row in by if is_gone(row))


class StatedTrialQuerySet(models.QuerySet["StatedTrial"]):
    """Rows of stated trials."""

    def of(self, person_ids: Iterable[uuid.UUID]) -> StatedTrialQuerySet:
        """Keep those of one human, whichever rows stand for them."""
        return self.filter(person__in=list(person_ids))

    def known_at(self, at: datetime) -> StatedTrialQuerySet:
        """Keep what was on record at a moment, in the order of writing."""
        return self.filter(recorded_at__lte=at).order_by("recorded_at", "id")


class StatedTrial(models.Model):
    """
    One past trial of a medicine as staff recorded it: the fields of `pathway.trials.Trial`.

    It stands instead of what the patient answered of the same medicine and episode. `is_whole` says
    that with it every trial is on the list. A row that only retracts has no trial.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="stated_trials")
    trial = SealedJSONField(null=True)
    is_whole = models.BooleanField(default=False)
    origin = models.CharField(max_length=300)
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    retracts = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="retractions"
    )

    objects = StatedTrialQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(trial__isnull=False) | Q(retracts__isnull=False),
                name="stated_trial_something",
            ),
            models.CheckConstraint(
                condition=Q(retracts=None) | ~Q(retracts=F("id")), name="stated_trial_not_itself"
            ),
        ]
        indexes = [models.Index(fields=["person", "recorded_at"], name="stated_trial_order")]
