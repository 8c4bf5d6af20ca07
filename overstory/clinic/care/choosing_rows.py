"""The choice in rows: what a person said matters, how sure they are, what they ask, what they chose."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TypeVar

from django.db import models
from django.db.models import F, Q

from overstory.clinic.care.own_links import OwnLink
from overstory.clinic.config.sealed import SealedField, SealedJSONField
from overstory.clinic.people.models import Person, Staff

RowT = TypeVar("RowT", bound=models.Model)
MOMENTS = ("before", "after")
VALUES, QUESTION = "values", "question"
KINDS = (VALUES, *MOMENTS, QUESTION)


class ChoiceLink(OwnLink):
    """A link to a person's own decision aid; at most one of a person is not revoked."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="choice_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(revoked_at=None), name="choice_link_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(consumed_at=None, browser_hash="")
                | (Q(consumed_at__isnull=False) & ~Q(browser_hash="")),
                name="choice_link_consumed_by_a_browser",
            ),
            models.CheckConstraint(
                condition=Q(made_at__lt=F("expires_at")), name="choice_link_made_before_expiry"
            ),
        ]


class ChoiceSaid(models.Model):
    """
    Something a person said before they chose; of each kind but questions the newest counts.

    `kind` is `values` (how much each matters, by value), `before` or `after` (the answers of a SURE
    test) or `question` (its words); `content` holds it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="choice_said")
    kind = models.CharField(max_length=10, choices=[(each, each) for each in KINDS])
    content = SealedJSONField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    link = models.ForeignKey(ChoiceLink, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(by__isnull=False, link=None) | Q(by=None, link__isnull=False),
                name="choice_said_by_one",
            ),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="choice_said_kind"),
        ]
        indexes = [models.Index(fields=["person", "-at"], name="choice_said_newest")]


class Choice(models.Model):
    """
    What a person chose with their clinician, or wished for where it cannot be chosen now.

    `verdict` is what the board said of the option then, empty for an option without a treatment.
    `present` names relatives with their relation, `staff_present` colleagues by id and name. A later
    choice supersedes the one before; a wish supersedes nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="choices")
    is_wish = models.BooleanField(default=False)
    option = models.CharField(max_length=20)
    look_again_on = models.DateField(null=True, blank=True)
    verdict = models.CharField(max_length=20, blank=True)
    present = SealedJSONField()
    staff_present = models.JSONField()
    discussed = SealedField()
    importance = SealedJSONField(null=True)
    knowledge_version = models.CharField(max_length=20)
    knowledge_sha256 = models.CharField(max_length=64)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="superseded_by"
    )
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(option="not-yet", look_again_on__isnull=False)
                | (~Q(option="not-yet") & Q(look_again_on=None)),
                name="choice_not_yet_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(supersedes=None) | (~Q(supersedes=F("id")) & Q(is_wish=False)),
                name="choice_supersedes_another",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(supersedes=None, is_wish=False),
                name="choice_one_first",
            ),
        ]
        indexes = [models.Index(fields=["person", "-at"], name="choice_newest")]


def newest(model: type[RowT], person_ids: Iterable[uuid.UUID]) -> models.QuerySet[RowT]:
    """Return the rows of one human, whichever rows stand for them, the newest first."""
    rows: models.QuerySet[RowT] = model._default_manager.filter(person__in=list(person_ids))
    return rows.order_by("-at", "-pk")
