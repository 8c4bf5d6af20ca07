"""The record of who read and who wrote what: one chain a clinic, only ever longer."""

from __future__ import annotations

from django.db import models

from overstory.clinic.audit.chain import START


class Head(models.Model):
    """
    The end of a clinic's chain; it is locked while an entry is added.

    `changed` is the place of the last entry that is no read: while it stays, no row of the clinic was
    written by an action.
    """

    clinic = models.UUIDField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=START)


class Entry(models.Model):
    """
    One thing that someone did. Nothing points here and nothing here points elsewhere.

    `actor` is `staff:<id>`, `patient:<id>`, `link:<id>`, `public`, or `system`. `subject` is the
    person it concerns, or another row as `<kind>:<id>`. `more` holds ids and names of fields, never
    what a person answered.
    """

    clinic = models.UUIDField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=80)
    subject = models.CharField(max_length=120, blank=True)
    more = models.JSONField(default=dict)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "seq"], name="audit_one_entry_a_place"),
        ]
        indexes = [
            models.Index(fields=["clinic", "subject", "seq"], name="audit_by_subject"),
            models.Index(fields=["clinic", "actor", "seq"], name="audit_by_actor"),
        ]
