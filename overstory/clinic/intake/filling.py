"""Questionnaires that were sent or begun, the links to them, and every answer that was given."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q

from overstory.clinic.config.sealed import SealedJSONField
from overstory.clinic.people.models import Clinic, Person, Site, Staff
from overstory.knowledge.load import load_knowledge

STATES = (
    "submitted",
    "withdrawn",
    "locked",
    "half-done",
    "expired",
    "opened",
    "made",
    "sent",
    "staff",
)


class QuestionnaireQuerySet(models.QuerySet["Questionnaire"]):
    """Questionnaires of one clinic; every read starts at `request.clinic.questionnaires`."""

    def listed(self) -> QuestionnaireQuerySet:
        """Add the newest link and the newest answer's time, newest first."""
        links = IntakeLink.objects.filter(questionnaire=models.OuterRef("pk")).order_by("-made_at")
        answers = Answer.objects.filter(questionnaire=models.OuterRef("pk")).order_by("-number")
        return (
            self.select_related("person", "site")
            .annotate(
                expires_at=models.Subquery(links.values("expires_at")[:1]),
                consumed_at=models.Subquery(links.values("consumed_at")[:1]),
                locked_at=models.Subquery(links.values("locked_at")[:1]),
                withheld=models.Subquery(links.values("withheld")[:1]),
                answered_at=models.Subquery(answers.values("at")[:1]),
            )
            .order_by("-made_at", "pk")
        )

    def in_state(self, state: str, now: datetime) -> QuestionnaireQuerySet:
        """Leave only those that are in a state now; of `listed()` ones."""
        going: dict[str, object] = {"submitted_at": None, "withdrawn_at": None}
        live = {**going, "locked_at": None, "expires_at__gt": now}
        wanted: dict[str, dict[str, object]] = {
            "submitted": {"submitted_at__isnull": False},
            "withdrawn": {"withdrawn_at__isnull": False},
            "locked": {**going, "locked_at__isnull": False},
            "expired": {**going, "locked_at": None, "expires_at__lte": now},
            "half-done": {**live, "answered_at__isnull": False},
            "opened": {**live, "answered_at": None, "consumed_at__isnull": False},
            "made": {**live, "answered_at": None, "consumed_at": None, "withheld__gt": ""},
            "sent": {**live, "answered_at": None, "consumed_at": None, "withheld": ""},
            "staff": {**going, "expires_at": None},
        }
        return self.filter(**wanted[state])

    def going(self) -> QuestionnaireQuerySet:
        """Leave only those that can still be filled: neither handed in nor withdrawn."""
        return self.filter(submitted_at=None, withdrawn_at=None)


class Questionnaire(models.Model):
    """
    One pack of questions for one person, filled by them through a link, by staff, or by both.

    Which questions it has comes from the pack of the knowledge. What was answered is in `answers`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="questionnaires")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="questionnaires")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="questionnaires")
    pack = models.CharField(max_length=40)
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = QuestionnaireQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["clinic", "-made_at"], name="questionnaire_by_time"),
            models.Index(fields=["person", "-made_at"], name="questionnaire_by_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(submitted_at=None) | Q(submitted_at__gte=F("made_at")),
                name="questionnaire_made_before_submitted",
            )
        ]

    def state(self, now: datetime) -> str:
        """Return where a listed questionnaire stands now: one of `STATES`."""
        if self.submitted_at:
            return "submitted"
        if self.withdrawn_at:
            return "withdrawn"
        if self.expires_at is None:  # type: ignore[attr-defined]
            return "staff"
        if self.locked_at:  # type: ignore[attr-defined]
            return "locked"
        if self.expires_at <= now:  # type: ignore[attr-defined]
            return "expired"
        if self.answered_at:  # type: ignore[attr-defined]
            return "half-done"
        if self.consumed_at:  # type: ignore[attr-defined]
            return "opened"
        return "made" if self.withheld else "sent"  # type: ignore[attr-defined]

    @property
    def title(self) -> str:
        """What staff call its questions: the pack's name in the knowledge, else its id."""
        packs = load_knowledge().sections["packs"]
        return next((each.name for each in packs if each.id == self.pack), self.pack)


class IntakeLink(models.Model):
    """
    A link to one questionnaire: the hash of its token, and of the key of the browser that opened it.

    At most one of a questionnaire is not revoked. Wrong birth dates are counted until it locks.
    `withheld` says why its message is never sent; such a link is made and not given to anyone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    consumed_at = models.DateTimeField(null=True, blank=True)
    browser_hash = models.CharField(max_length=64, blank=True)
    wrong_birth_dates = models.PositiveSmallIntegerField(default=0)
    locked_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    withheld = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["questionnaire"],
                condition=Q(revoked_at=None),
                name="link_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(consumed_at=None, browser_hash="")
                | (Q(consumed_at__isnull=False) & ~Q(browser_hash="")),
                name="link_consumed_by_a_browser",
            ),
            models.CheckConstraint(
                condition=Q(made_at__lt=F("expires_at")), name="link_made_before_expiry"
            ),
        ]


class Answer(models.Model):
    """
    One answer to one question; a later row holds, the earlier ones stay.

    `number` counts within the questionnaire. `by` is empty where the patient answered; `is_correction`
    where staff changed what was answered before. The value is sealed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    questionnaire = models.ForeignKey(
        Questionnaire, on_delete=models.PROTECT, related_name="answers"
    )
    number = models.PositiveIntegerField()
    question = models.CharField(max_length=80)
    value = SealedJSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_correction = models.BooleanField(default=False)
    language = models.CharField(max_length=2, default="en")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "number"], name="answer_one_a_number"),
            models.CheckConstraint(
                condition=Q(is_correction=False) | Q(by__isnull=False),
                name="answer_corrected_by_staff",
            ),
        ]
