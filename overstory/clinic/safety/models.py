"""Alerts about persons, what was done about each, and the pulse of the worker that watches."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from overstory.clinic.config.sealed import SealedField, SealedJSONField
from overstory.clinic.people.clinics import Clinic, Site
from overstory.clinic.people.persons import Person
from overstory.clinic.people.staff import Staff

KINDS = {
    "item-9": "Answered item 9 of the PHQ-9 above zero",
    "cssrs": "C-SSRS screen",
    "asq": "ASQ screen",
    "self-injury": "Self-injury",
    "request-text": "Words in a request",
    "staff-raised": "Raised by staff",
}
"""Why an alert was raised; self-injury stands apart from thoughts of suicide."""
TIERS = ("imminent", "high", "moderate", "low", "none", "unscreened")
ACTS = {
    "raised": "Raised",
    "raised-tier": "Raised to a higher tier",
    "repeated": "Reported again",
    "told-where": "Gave a phone number and place",
    "acknowledged": "Acknowledged",
    "contact-tried": "Tried to reach the person",
    "handed-over": "Handed over",
    "screened": "Screened; someone else must assess",
    "assessed": "Assessed",
    "lowered": "Tier lowered by a clinician",
    "note": "Note",
    "closed": "Closed",
    "followed-up": "Follow-up contact",
    "appointed": "Appointment made",
}
OUTCOMES = {
    "reached": "Reached",
    "no-answer": "No answer",
    "left-message": "Left a message to call back",
    "wrong-number": "Wrong number",
    "emergency-contact": "Called the emergency contact",
    "welfare-check": "Asked for a welfare check",
    "emergency-services": "Called emergency services",
}
DISPOSITIONS = {
    "safety-plan": "Safety plan made, care goes on here",
    "emergency": "Emergency department or emergency services",
    "inpatient": "Inpatient care",
    "referred": "Handed to other care",
    "no-risk-found": "Assessed: no thoughts or acts of suicide reported",
    "not-reached": "Not reached; emergency contact and welfare check asked",
    "mistaken": "Raised by mistake",
}


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts of one clinic; every read starts at `request.clinic.alerts`."""

    def open(self) -> AlertQuerySet:
        """Return those that are not closed."""
        return self.filter(closed_at=None)

    def watched(self) -> AlertQuerySet:
        """Return those that are open, or closed with contacts still to come."""
        return self.filter(settled_at=None)


class Alert(models.Model):
    """
    Something that someone must look at because a person may come to harm.

    `tier` is where it stood when it was raised; acts change it. `source` names the answers it came
    of, each once. `says` and `answers` are sealed. `any_hour` sends it to who is on call at night
    too. `person` is empty for a web form whose writer is not known.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="alerts")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="alerts")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="alerts"
    )
    kind = models.CharField(max_length=20, choices=list(KINDS.items()))
    tier = models.CharField(max_length=12)
    source = models.CharField(max_length=120)
    says = SealedField()
    answers = SealedJSONField(default=dict)
    on_site = models.BooleanField(default=False)
    any_hour = models.BooleanField(default=True)
    raised_at = models.DateTimeField()
    raised_by = models.CharField(max_length=80)
    closed_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "source", "kind"], name="alert_once_a_source"
            ),
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="alert_kind"),
            models.CheckConstraint(
                condition=Q(settled_at=None) | Q(closed_at__isnull=False),
                name="alert_settled_after_closed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "raised_at"], condition=Q(settled_at=None), name="alert_watched"
            ),
            models.Index(fields=["clinic", "-raised_at"], name="alert_by_time"),
        ]

    @property
    def kind_words(self) -> str:
        """Why it was raised, in words."""
        return KINDS[self.kind]

    @property
    def about(self) -> str:
        """Whom the record of deeds names."""
        return f"person:{self.person_id}" if self.person_id else f"alert:{self.pk}"


class AlertAct(models.Model):
    """
    One thing that was done about an alert; rows are only added.

    Each alert has a first act `raised`. `key` is made by the form, so that one sent twice is one
    row. `to_staff` is who takes it over. What was said, and where the person is, is sealed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="acts")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=list(ACTS.items()))
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="alert_acts")
    to_staff = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    tier = models.CharField(max_length=12, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    any_hour = models.BooleanField(default=False)
    source = models.CharField(max_length=140, blank=True)
    says = SealedField(null=True)
    answers = SealedJSONField(null=True)
    phone = SealedField(null=True)
    place = SealedField(null=True)
    key = models.UUIDField(unique=True, default=uuid.uuid4)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(ACTS)), name="alert_act_kind"),
            models.UniqueConstraint(fields=["alert", "seq"], name="alert_acts_in_order"),
            models.UniqueConstraint(
                fields=["alert", "source"],
                condition=~Q(source=""),
                name="alert_act_once_a_source",
            ),
        ]

    @property
    def kind_words(self) -> str:
        """What was done, in words; of a place and a phone number only what was given."""
        if self.kind == "told-where" and not (self.phone and self.place):
            return "Gave a phone number" if self.phone else "Gave a place"
        return ACTS[self.kind]

    @property
    def outcome_words(self) -> str:
        """How it ended, in words."""
        return OUTCOMES.get(self.outcome) or DISPOSITIONS.get(self.outcome, self.outcome)


class WorkerBeat(models.Model):
    """When a worker last came through a whole round; it is a pulse and no record."""

    worker = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField(db_index=True)
