"""When staff are there: shifts, leave, and who is on call."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q

from overstory.clinic.people.clinics import Clinic, Site
from overstory.clinic.people.staff import Staff


class _Span(models.Model):
    """From one instant until another; taken back, not deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(starts__lt=F("ends")), name="%(class)s_in_order")
        ]


class Shift(_Span):
    """Someone works at a site."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="shifts")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="shifts")


class DutyLeave(_Span):
    """Someone is away, whatever the shifts and the roster say."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="leaves")
    why = models.CharField(max_length=60, blank=True)


class OnCall(_Span):
    """Someone answers for the clinic at any hour; rung 1 is called first."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="on_calls")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="on_calls")
    rung = models.PositiveSmallIntegerField(default=1)


Spans = TypeVar("Spans", bound=_Span)


def between(
    spans: models.QuerySet[Spans], first: datetime, last: datetime
) -> models.QuerySet[Spans]:
    """Keep those not taken back that touch the time from `first` until `last`, the first first."""
    return spans.filter(withdrawn_at=None, starts__lt=last, ends__gt=first).order_by("starts", "pk")


def shifts_of(clinic: Clinic) -> models.QuerySet[Shift]:
    """Return the shifts at a clinic's sites."""
    return Shift.objects.filter(site__clinic=clinic)


def leaves_of(clinic: Clinic) -> models.QuerySet[DutyLeave]:
    """Return the leaves of a clinic's staff."""
    return DutyLeave.objects.filter(staff__clinic=clinic)


def zone_of(clinic: Clinic) -> ZoneInfo:
    """Return the time zone of the clinic's first site; UTC while it has none."""
    site = clinic.sites.order_by("name").first()
    return site.zone if site else ZoneInfo("UTC")
