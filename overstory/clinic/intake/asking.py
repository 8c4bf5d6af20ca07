"""First contact: someone asks for care, or is referred; a queue with an owner."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q

from overstory.clinic.config.sealed import SealedBytesField, SealedField
from overstory.clinic.people.models import Clinic, Person, Site, Staff
from overstory.clinic.people.persons import digits_of_phone

REASON_WORDS = {
    "depression": "Depression",
    "anxiety": "Anxiety",
    "ptsd": "Trauma (PTSD)",
    "ocd": "OCD",
    "bipolar": "Bipolar disorder",
    "pain": "Pain",
    "self-harm": "Self-harm or thoughts of suicide",
    "other": "Something else",
}
ASKER_WORDS = {
    "self": "The person",
    "relative": "Someone close to them",
    "professional": "A professional",
    "staff": "Our staff",
}
OUTCOME_WORDS = {
    "registered": "Registered",
    "not-reached": "Could not be reached",
    "withdrew": "Does not want care now",
    "elsewhere": "Goes elsewhere",
    "duplicate": "The same as another request",
}
STEP_WORDS = {
    "taken": "Taken",
    "given": "Given to",
    "tried": "Tried to reach",
    "noted": "Note",
    "visit": "Visit booked",
    "registered": "Registered",
    "closed": "Closed",
    "opened-again": "Opened again",
}
REASONS, ASKERS, OUTCOMES = tuple(REASON_WORDS), tuple(ASKER_WORDS), tuple(OUTCOME_WORDS)


class CareRequestQuerySet(models.QuerySet["CareRequest"]):
    """Requests of one clinic; every read starts at `request.clinic.care_requests`."""

    def open(self) -> CareRequestQuerySet:
        """Return those that nobody has closed, the first due first."""
        return self.filter(closed_at=None).order_by("due_at", "received_at", "pk")

    def closed(self) -> CareRequestQuerySet:
        """Return those that are closed, the last closed first."""
        return self.exclude(closed_at=None).order_by("-closed_at", "-pk")

    def late(self, now: datetime) -> CareRequestQuerySet:
        """Return the open ones that are past the day on which they are late."""
        return self.open().filter(late_at__lt=now)


class CareRequest(models.Model):
    """
    Someone asks for care for themselves or another.

    `due_at` is the close of the next business day of the site, `late_at` that of the second.
    Owner, person and outcome are where it stands now; how it came there is in `steps`.
    Where someone close to a person asked, `email` is the address of the one who asked.
    `is_agreed` says whether the person agreed to a referral; unknown where nobody was asked.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="care_requests")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="care_requests")
    asker = models.CharField(max_length=12, choices=list(ASKER_WORDS.items()))
    reason = models.CharField(max_length=12, choices=list(REASON_WORDS.items()))
    name = models.CharField(max_length=120)
    called = models.CharField(max_length=60, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    phone_digits = models.GeneratedField(
        expression=digits_of_phone(), output_field=models.CharField(max_length=40), db_persist=True
    )
    email = models.EmailField(blank=True)
    prefers = models.CharField(max_length=10, default="phone")
    language = models.CharField(max_length=2, default="en")
    asker_name = models.CharField(max_length=120, blank=True)
    asker_phone = models.CharField(max_length=40, blank=True)
    asker_relation = models.CharField(max_length=60, blank=True)
    is_agreed = models.BooleanField(null=True)
    words = SealedField(null=True)
    emergency_contact = SealedField(null=True)
    place = SealedField(null=True)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    late_at = models.DateTimeField()
    owner = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="care_requests"
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="care_requests"
    )
    outcome = models.CharField(max_length=12, blank=True, choices=list(OUTCOME_WORDS.items()))
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CareRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(received_at__lte=F("due_at"), due_at__lte=F("late_at")),
                name="care_request_in_order",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="") | (~Q(closed_at=None) & ~Q(outcome="")),
                name="care_request_closed_with_outcome",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "closed_at", "due_at"], name="care_request_due")]

    @staticmethod
    def standing_at(now: datetime, *, due_at: datetime, late_at: datetime) -> str:
        """Return where an open request stands at a moment: `open`, `overdue` or `late`."""
        if now > late_at:
            return "late"
        return "overdue" if now > due_at else "open"


class RequestStep(models.Model):
    """What was done about a request, by whom (nobody: those who asked did it themselves) and when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    care_request = models.ForeignKey(CareRequest, on_delete=models.PROTECT, related_name="steps")
    what = models.CharField(max_length=12, choices=list(STEP_WORDS.items()))
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    to = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    words = SealedField(null=True)


class Upload(models.Model):
    """A letter or record that came with a request or for a person; it leaves as an attachment only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="uploads")
    care_request = models.ForeignKey(
        CareRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="uploads"
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="uploads"
    )
    kind = models.CharField(max_length=8)
    name = SealedField()
    content = SealedBytesField()
    bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()


class Letter(models.Model):
    """A referral to someone else, as it was printed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="letters")
    to = SealedField()
    subject = SealedField()
    text = SealedField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
