"""What was decided, in rows: adopted knowledge, recorded assessments, a physician's reasons."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from overstory.clinic.config.sealed import SealedField, SealedJSONField
from overstory.clinic.people.models import Clinic, Person, Staff


class Adoption(models.Model):
    """
    A medical director's signed act: this release, with this site policy, is used here from now.

    `policy` is the text exactly as signed, empty for none. `sha256` is the release's own content,
    `policy_sha256` the text's; `entries` has the hash of every entry of the release, so that a later
    one can be compared. `seal` covers all that was signed (see `adopting.seal_of`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="adoptions")
    version = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    policy = models.TextField(blank=True)
    policy_sha256 = models.CharField(max_length=64)
    entries = models.JSONField(default=dict)
    words = models.TextField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="adoptions")
    at = models.DateTimeField()
    seal = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="adoption_has_words"),
            models.UniqueConstraint(fields=["clinic", "at"], name="adoption_one_at_a_time"),
        ]
        indexes = [models.Index(fields=["clinic", "-at"], name="adoption_newest")]


class Assessment(models.Model):
    """
    What was said of a person at a moment, with all that it rests on, so that it can be made again.

    `content` has the facts and trials as given and the assessment as `overstory.assessment/1`;
    `answer_sha256` is the hash of the latter's bytes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="assessments")
    jurisdiction = models.CharField(max_length=2)
    knowledge_version = models.CharField(max_length=20)
    knowledge_sha256 = models.CharField(max_length=64)
    adoption = models.ForeignKey(
        Adoption, on_delete=models.PROTECT, null=True, related_name="assessments"
    )
    content = SealedJSONField()
    answer_sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-at"], name="assessment_newest")]


class WrittenReason(models.Model):
    """
    Why a prescriber goes on, or does not, where a rule leaves it to a physician.

    It does not change what the rule answers. `because` has the facts under the rule at that moment:
    when they change, the reason is shown as written on others.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="written_reasons")
    rule = models.CharField(max_length=120)
    treatment = models.CharField(max_length=20)
    goes_on = models.BooleanField()
    words = SealedField()
    because = SealedJSONField()
    knowledge_sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "rule", "-at"], name="reason_newest")]
