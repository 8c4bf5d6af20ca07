"""What staff put on record to close holds: one table, in which a later row takes an earlier one back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from django.db import models
from django.db.models import F, Q

from overstory.clinic.config.sealed import SealedField
from overstory.clinic.people.models import Person, Site, Staff

AUTHORIZATION, SELF_PAY, NONE_NEEDED = "authorization", "self-pay", "none-needed"
ENROLMENT, CHECK, TAKEN_BACK = "enrolment", "check", "taken-back"
KINDS = (AUTHORIZATION, SELF_PAY, NONE_NEEDED, ENROLMENT, CHECK, TAKEN_BACK)
OF_PERSON = Q(person__isnull=False, site=None)
OF_SITE = Q(person=None, site__isnull=False)


class HoldRowQuerySet(models.QuerySet["HoldRow"]):
    """Rows that close holds, and those that take them back."""

    def of(
        self, person_ids: Sequence[uuid.UUID], site_ids: Iterable[uuid.UUID] = ()
    ) -> HoldRowQuerySet:
        """Keep what is on record of some humans and sites, in the order of writing."""
        found = self.filter(Q(person__in=list(person_ids)) | Q(site__in=list(site_ids)))
        return found.select_related("by").order_by("at", "pk")


class HoldRow(models.Model):
    """
    One thing on record, by its kind:

    - `authorization`: what a `payer` wrote that it pays for: `units` sessions of a treatment, from
      `first_day` to `last_day`, both included; `number` is typed from its letter.
    - `self-pay`: the person pays for a treatment themselves.
    - `none-needed`: a site states that a `payer` (self-pay where empty) needs no authorization.
    - `enrolment`: a person or a site is in the safety programme of a treatment since `first_day`.
    - `check`: a `need` of a course was looked at on `first_day`, for the session of `for_day` or for the
      course; `is_clear` is false where something stands against the session.
    - `taken-back`: another row, `of`, does not hold any more.

    `words` says where it is from.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=[(each, each) for each in KINDS])
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="hold_rows"
    )
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, null=True, blank=True, related_name="hold_rows"
    )
    treatment = models.CharField(max_length=20, blank=True)
    payer = models.CharField(max_length=120, blank=True)
    number = SealedField(null=True)
    units = models.PositiveSmallIntegerField(null=True, blank=True)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    course = models.UUIDField(null=True, blank=True)
    need = models.CharField(max_length=80, blank=True)
    for_day = models.DateField(null=True, blank=True)
    is_clear = models.BooleanField(null=True, blank=True)
    of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="taken_back"
    )
    words = SealedField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = HoldRowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=OF_PERSON | OF_SITE, name="hold_row_of_one"),
            models.CheckConstraint(
                condition=~Q(kind=AUTHORIZATION)
                | OF_PERSON
                & ~Q(payer="")
                & ~Q(treatment="")
                & Q(number__isnull=False, units__gte=1, first_day__lte=F("last_day")),
                name="hold_row_authorization",
            ),
            models.CheckConstraint(
                condition=~Q(kind=SELF_PAY) | OF_PERSON & ~Q(treatment=""), name="hold_row_self_pay"
            ),
            models.CheckConstraint(
                condition=~Q(kind=NONE_NEEDED) | OF_SITE & ~Q(treatment=""),
                name="hold_row_none_needed",
            ),
            models.CheckConstraint(
                condition=~Q(kind=ENROLMENT)
                | ~Q(treatment="") & Q(number__isnull=False, first_day__isnull=False),
                name="hold_row_enrolment",
            ),
            models.CheckConstraint(
                condition=~Q(kind=CHECK)
                | OF_PERSON
                & ~Q(need="")
                & Q(course__isnull=False, first_day__isnull=False, is_clear__isnull=False),
                name="hold_row_check",
            ),
            models.CheckConstraint(
                condition=Q(kind=TAKEN_BACK, of__isnull=False) | ~Q(kind=TAKEN_BACK) & Q(of=None),
                name="hold_row_taken_back",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "at"], name="hold_row_of_person"),
            models.Index(fields=["site", "at"], name="hold_row_of_site"),
        ]


def standing(rows: Iterable[HoldRow]) -> tuple[HoldRow, ...]:
    """Return the rows that hold: neither taken back, nor taking back."""
    seen = list(rows)
    gone = {each.of_id for each in seen}
    return tuple(each for each in seen if each.pk not in gone and each.kind != TAKEN_BACK)


def of_kind(rows: Iterable[HoldRow], kind: str) -> tuple[HoldRow, ...]:
    """Return the rows of one kind."""
    return tuple(each for each in rows if each.kind == kind)
