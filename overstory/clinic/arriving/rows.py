"""Links to a person's visits, reminders that went out, answers before a visit, private calendars."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.own_links import OwnLink
from overstory.clinic.config.sealed import SealedField, SealedJSONField
from overstory.clinic.people.models import Message, Person, Staff

READY, NOT_READY, OPEN = "ready", "not-ready", "open"
STATES = (READY, NOT_READY, OPEN)
TAKE, SETTLE, REVIEW = "take", "settle", "review"
DEEDS = (TAKE, SETTLE, REVIEW)


class ArrivalLink(OwnLink):
    """
    A link to a person's visits; one of a reminder names its `appointment`.

    Of the others at most one of a person is not revoked.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="arrival_links")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, null=True, blank=True, related_name="arrival_links"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(revoked_at=None, appointment=None),
                name="arrival_link_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(consumed_at=None, browser_hash="")
                | (Q(consumed_at__isnull=False) & ~Q(browser_hash="")),
                name="arrival_link_consumed_by_a_browser",
            ),
        ]


class Reminder(models.Model):
    """A reminder of an appointment that was written, by a rule of the knowledge; once for each."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="reminders")
    rule = models.CharField(max_length=60)
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="reminder")
    link = models.ForeignKey(
        ArrivalLink, on_delete=models.PROTECT, null=True, related_name="reminders"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appointment", "rule"], name="reminder_once_a_rule")
        ]


class Readiness(models.Model):
    """
    What was answered before a visit: by the person through their link, or told to staff.

    `answers` has yes, no or not-sure by question; one that was left out is unknown. `state` is how
    the person stood after it, with what was answered before. It `waits` where something was told that
    is about the person and not this visit alone, until staff have looked at it. Never a fact by itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="readiness")
    answers = SealedJSONField()
    state = models.CharField(max_length=10, choices=[(each, each) for each in STATES])
    waits = models.BooleanField(default=False)
    knowledge_sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    link = models.ForeignKey(ArrivalLink, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(by__isnull=False, link=None) | Q(by=None, link__isnull=False),
                name="readiness_told_by_one",
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="readiness_state"),
        ]
        indexes = [
            models.Index(fields=["appointment", "at"], name="readiness_by_visit"),
            models.Index(fields=["at"], condition=Q(waits=True), name="readiness_waiting"),
        ]


class ArrivalDeed(models.Model):
    """
    What staff did before a visit: took it, settled it, or reviewed what an answer told.

    `words` say how it was settled or what the review found. A later answer opens it anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="arrival_deeds"
    )
    readiness = models.ForeignKey(
        Readiness, on_delete=models.PROTECT, null=True, blank=True, related_name="deeds"
    )
    what = models.CharField(max_length=10, choices=[(each, each) for each in DEEDS])
    words = SealedField(null=True)
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(what=REVIEW) & Q(readiness__isnull=False))
                | (Q(what__in=[TAKE, SETTLE]) & Q(readiness=None)),
                name="arrival_deed_of_something",
            ),
            models.UniqueConstraint(fields=["readiness"], name="readiness_reviewed_once"),
        ]
        indexes = [models.Index(fields=["appointment", "at"], name="arrival_deed_by_visit")]


class CalendarFeed(models.Model):
    """The address of a person's private calendar, by the hash of its token; one at a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="calendar_feeds")
    token_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(revoked_at=None), name="calendar_feed_one_at_a_time"
            )
        ]
