"""Who owns a line of a worklist, where the row itself has no owner."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from overstory.clinic.people.models import Clinic, Staff


class Owned(models.Model):
    """
    Someone took a line, or was handed it; it ends, it is not deleted.

    `listed` is the list, `row` the row that stands in it. `by` handed it over; who took it is both.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="owned_lines")
    listed = models.CharField(max_length=20)
    row = models.UUIDField()
    owner = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="owned_lines")
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "listed", "row"],
                condition=Q(until=None),
                name="owned_line_by_one",
            )
        ]
        indexes = [models.Index(fields=["clinic", "owner", "until"], name="owned_by_whom")]
