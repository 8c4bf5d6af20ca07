"""A clinic and its sites: where, when open, and in which time zone."""

from __future__ import annotations

import uuid
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q


class Clinic(models.Model):
    """
    One clinic; nothing of one can be reached from another.

    `jurisdiction` (US or EU) says whose labels hold, `country` (ISO 3166-1) whose crisis lines.
    `ways` are settings of how the clinic works (not medicine): see `people.ways`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    jurisdiction = models.CharField(max_length=2, default="US")
    country = models.CharField(max_length=2, default="US")
    ways = models.JSONField(default=dict, blank=True)
    is_invented = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(jurisdiction__in=["US", "EU"]), name="clinic_jurisdiction"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """One place of a clinic, with its own hours, time zone and public page."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="sites")
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=60)
    phone = models.CharField(max_length=40)
    address = models.CharField(max_length=200)
    crisis_text = models.TextField(blank=True)
    offers = models.JSONField(default=list, blank=True)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the site."""
        return ZoneInfo(self.time_zone)

    def __str__(self) -> str:
        return self.name


class SiteHours(models.Model):
    """The hours of a site on a day of the week (Monday is 0); a day without a row is closed."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "weekday"], name="site_hours_once_a_day"),
            models.CheckConstraint(
                condition=Q(opens__lt=F("closes"), weekday__lte=6), name="site_hours_in_order"
            ),
        ]


class Closure(models.Model):
    """Days on which a site is closed, beside public holidays; ended by a later row, not deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="closures")
    first_day = models.DateField()
    last_day = models.DateField()
    why = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")), name="closure_in_order"
            )
        ]
