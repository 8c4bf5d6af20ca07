"""Who waits for a place or an earlier one, who looks after them, and the days that were repaired."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from overstory.clinic.booking.models import Appointment
from overstory.clinic.config.sealed import SealedField
from overstory.clinic.people.models import Clinic, Person, Site, Staff

KINDS = ("lost", "sooner")
URGENCIES = ("urgent", "soon", "routine")
ENDINGS = ("moved", "booked", "withdrawn")


class Waiting(models.Model):
    """
    Someone waits: for a new place after theirs was lost, or for an earlier one than they have.

    `appointment` is the one that was lost, or that was wished sooner when this was written; `course` and
    `n` say which session it is, so that it is found after it was moved. It ends, and is never edited.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="waitings")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="waitings")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="waitings"
    )
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="waitings")
    kind = models.CharField(max_length=10, choices=[(each, each) for each in KINDS])
    course = models.UUIDField(null=True, blank=True)
    n = models.PositiveSmallIntegerField(null=True, blank=True)
    urgency = models.CharField(max_length=10, choices=[(each, each) for each in URGENCIES])
    reason = SealedField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_as = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=KINDS) & Q(urgency__in=URGENCIES), name="waiting_sound"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, ended_as="")
                | Q(ended_at__isnull=False, ended_by__isnull=False, ended_as__in=ENDINGS),
                name="waiting_ends_by_someone",
            ),
            models.UniqueConstraint(
                fields=["appointment", "kind"], condition=Q(ended_at=None), name="waiting_once"
            ),
        ]
        indexes = [models.Index(fields=["clinic", "ended_at", "made_at"], name="waiting_open")]


class WaitingOwner(models.Model):
    """Someone took a person who waits into their care; the newest counts, the others stay."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    waiting = models.ForeignKey(Waiting, on_delete=models.PROTECT, related_name="owners")
    owner = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["waiting", "at"], name="waiting_owner_newest")]


class Repair(models.Model):
    """A day of a site was repaired by someone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="repairs")
    day = models.DateField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class RepairLine(models.Model):
    """One appointment that a repair ended: the one that stands instead, none where the person waits."""

    repair = models.ForeignKey(Repair, on_delete=models.PROTECT, related_name="lines")
    was = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="repaired")
    now = models.OneToOneField(
        Appointment, on_delete=models.PROTECT, null=True, related_name="repaired_from"
    )
