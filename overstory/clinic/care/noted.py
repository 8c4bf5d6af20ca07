"""Notes of an evaluation: drafted from the facts, edited by people, every version kept."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from overstory.clinic.config.sealed import SealedField, SealedJSONField
from overstory.clinic.people.models import Person, Staff


class Note(models.Model):
    """
    One note of a person; `draft` is what was written from the facts, each sentence with its facts.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notes")
    draft = SealedJSONField()
    knowledge_sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-at"], name="note_newest")]

    @property
    def newest(self) -> NoteVersion:
        """The newest version, of versions that were read already or are read now."""
        return max(self.versions.all(), key=lambda each: each.number)


class NoteVersion(models.Model):
    """
    The words of a note as someone left them; the newest is read, all are kept.

    A signed version is its author's; what is changed after it is a new version, not signed yet.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    words = SealedField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["note", "number"], name="note_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="note_version_from_one"),
        ]
