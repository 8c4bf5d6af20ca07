"""Plans in rows: each version as it was proposed, and signed or not."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from overstory.clinic.care.decided import Adoption
from overstory.clinic.config.sealed import SealedField, SealedJSONField
from overstory.clinic.people.models import Clinic, Person, Staff


class CarePlan(models.Model):
    """
    One version of a plan of treatment, as `overstory.plan/1`.

    `course` is the same in all versions of a plan, `n` counts them; `made_from` is the version that it
    changes. `content_sha256` is of the exact text that was signed; a signed version is never changed,
    only followed by another or ended. One version of a course is in force at a time.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="plans")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="plans")
    course = models.UUIDField()
    n = models.PositiveSmallIntegerField(default=1)
    made_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by"
    )
    treatment = models.CharField(max_length=20)
    starts_on = models.DateField()
    content = SealedJSONField()
    content_sha256 = models.CharField(max_length=64)
    knowledge_version = models.CharField(max_length=20)
    knowledge_sha256 = models.CharField(max_length=64)
    adoption = models.ForeignKey(
        Adoption, on_delete=models.PROTECT, null=True, related_name="plans"
    )
    drafted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    signed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    meaning = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "n"], name="plan_version_once"),
            models.UniqueConstraint(
                fields=["course"],
                condition=Q(signed_at__isnull=False, ended_at__isnull=True),
                name="plan_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None)
                | Q(signed_at__isnull=False, signed_by__isnull=False, adoption__isnull=False),
                name="plan_signed_under_adopted_knowledge",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "signed_at", "drafted_at"], name="plan_unsigned")]

    @property
    def is_in_force(self) -> bool:
        """Whether it is signed and has not ended."""
        return self.signed_at is not None and self.ended_at is None


class HoldClosed(models.Model):
    """
    A named clinician closed a hold of one version of a plan, with the reason.

    `hold` is its id in the plan; `n` the session, none where it is closed for all of them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(CarePlan, on_delete=models.PROTECT, related_name="holds_closed")
    hold = models.CharField(max_length=200)
    n = models.PositiveSmallIntegerField(null=True, blank=True)
    words = SealedField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "hold"], condition=Q(n=None), name="hold_closed_once"
            ),
            models.UniqueConstraint(
                fields=["plan", "hold", "n"], name="hold_closed_once_a_session"
            ),
        ]


class PlanEnded(models.Model):
    """A clinician who may sign ended a signed plan, with the reason; no other version stands for it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.OneToOneField(CarePlan, on_delete=models.PROTECT, related_name="ending")
    words = SealedField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
