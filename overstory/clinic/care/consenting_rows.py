"""Consent in rows: what was signed, word for word, by whom, and its withdrawal."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import Q

from overstory.clinic.config.sealed import SealedField, SealedJSONField
from overstory.clinic.people.models import Person, Staff

SIGNERS = ("self", "representative")
WAYS_READ = ("read", "read-aloud", "interpreter")


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Signed consents."""

    def of(self, person_ids: Iterable[uuid.UUID]) -> ConsentQuerySet:
        """Keep those of one human, whichever rows stand for them, the newest first."""
        return (
            self.filter(person__in=list(person_ids))
            .select_related("withdrawal__by", "clinician", "person__site")
            .order_by("-signed_at", "-id")
        )


class Consent(models.Model):
    """
    A signature under one text in one language.

    `text` is the whole text as it was shown (`overstory.consent/1`), `text_sha256` its hash.
    `typed_name` is the signature, `meaning` what it says; `relation` and `authority` are of a lawful
    representative. The clinician judged that the person has capacity for this decision, and wrote
    down what the person said back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents")
    document = models.CharField(max_length=60)
    treatment = models.CharField(max_length=20)
    route = models.CharField(max_length=20)
    jurisdiction = models.CharField(max_length=2)
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=2)
    text = SealedJSONField()
    text_sha256 = models.CharField(max_length=64)
    knowledge_version = models.CharField(max_length=20)
    knowledge_sha256 = models.CharField(max_length=64)
    signer = models.CharField(max_length=20, choices=[(each, each) for each in SIGNERS])
    typed_name = models.CharField(max_length=120)
    relation = models.CharField(max_length=60, blank=True)
    authority = SealedField()
    meaning = models.TextField()
    how_read = models.CharField(max_length=20, choices=[(each, each) for each in WAYS_READ])
    witness_name = models.CharField(max_length=120, blank=True)
    has_capacity = models.BooleanField()
    capacity_words = SealedField()
    teach_back = SealedField()
    copy_given = models.BooleanField()
    clinician = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(has_capacity=True), name="consent_with_capacity"),
            models.CheckConstraint(
                condition=~Q(typed_name="") & ~Q(meaning=""), name="consent_signed_in_words"
            ),
            models.CheckConstraint(
                condition=Q(signer="self") | ~Q(relation=""), name="consent_representative_is_named"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "treatment", "-signed_at"], name="consent_newest")
        ]

    @property
    def withdrawn_at(self) -> datetime | None:
        """When it was withdrawn; none where it was not."""
        row = getattr(self, "withdrawal", None)
        return row.at if row is not None else None


class ConsentWithdrawal(models.Model):
    """A consent taken back; why is asked, and need not be said."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consent = models.OneToOneField(Consent, on_delete=models.PROTECT, related_name="withdrawal")
    words = SealedField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
