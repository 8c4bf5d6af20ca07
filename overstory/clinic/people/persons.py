"""The persons in care: who they are and how they may be reached."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, cast

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Replace

from overstory.clinic.config.sealed import SealedField
from overstory.clinic.people.clinics import Clinic, Site
from overstory.clinic.people.staff import Staff

CHANNELS = ("phone", "text", "email", "post")
CONTACT_KINDS = ("emergency", "guardian", "relative", "referrer")


class PersonQuerySet(models.QuerySet["Person"]):
    """Persons of one clinic; every read starts at `request.clinic.persons`."""

    def present(self) -> PersonQuerySet:
        """Leave out those who were merged into another."""
        return self.filter(merged_into=None)


def digits_of_phone() -> Replace:
    """Return the digits of a row's phone number, for a column that the database works out."""
    found: Any = F("phone")
    for sign in " -()./+":
        found = Replace(found, Value(sign), Value(""))
    return cast("Replace", found)


class Person(models.Model):
    """
    Someone in care, or who asked for it. Names and the birth date stay searchable.

    Two rows of one human are merged by pointing one at the other; no row is lost, and what hangs
    on either is read through `ids`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="persons")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="persons")
    legal_name = models.CharField(max_length=120)
    called = models.CharField(max_length=60, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    phone_digits = models.GeneratedField(
        expression=digits_of_phone(), output_field=models.CharField(max_length=40), db_persist=True
    )
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=2, default="en")
    made_at = models.DateTimeField()
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["clinic", "legal_name"], name="person_by_name"),
            models.Index(fields=["clinic", "birth_date"], name="person_by_birth"),
            models.Index(fields=["clinic", "phone_digits"], name="person_by_phone"),
            models.Index(fields=["clinic", "email"], name="person_by_email"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
                name="person_not_merged_into_self",
            )
        ]

    def __str__(self) -> str:
        return self.legal_name

    @property
    def shown_name(self) -> str:
        """The name they are called by, before the legal one."""
        return self.called or self.legal_name

    @property
    def listed_name(self) -> str:
        """The whole name for lists: the legal one, after the name they are called by if it differs."""
        if set(self.called.casefold().split()) <= set(self.legal_name.casefold().split()):
            return self.legal_name
        return f"{self.called} ({self.legal_name})"

    @staticmethod
    def alone() -> Q:
        """Return the mark `is_alone` of a row into which no other was merged: it then need not look."""
        return ~Q(Exists(Person.objects.filter(merged_into=OuterRef("pk"))))

    @property
    def ids(self) -> list[uuid.UUID]:
        """The ids of all rows of this human: this one and those merged into it, at any remove."""
        if self.__dict__.get("is_alone"):
            return [self.pk]
        found = [self.pk]
        last = found
        while last:
            last = list(Person.objects.filter(merged_into__in=last).values_list("pk", flat=True))
            found = [*found, *last]
        return found

    @property
    def kept(self) -> Person:
        """The row that stands for this human: this one, or the one it was merged into."""
        found = self
        while found.merged_into is not None:
            found = found.merged_into
        return found

    def channels_said(self) -> dict[str, ChannelConsent]:
        """Return what was said last of each channel, on any row of this human."""
        said = ChannelConsent.objects.filter(person__in=self.ids).order_by("at")
        return {each.channel: each for each in said}

    def contacts_now(self) -> models.QuerySet[Contact]:
        """Return who is near now, on any row of this human."""
        return Contact.objects.filter(person__in=self.ids, until=None)

    def covers_now(self) -> models.QuerySet[Cover]:
        """Return who pays now, on any row of this human."""
        return Cover.objects.filter(person__in=self.ids, until=None)

    def age(self, on: date) -> int | None:
        """Return the age in whole years on a day; unknown without a birth date."""
        born = self.birth_date
        if born is None:
            return None
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


class ChannelConsent(models.Model):
    """Whether someone may be reached by a channel, as they last said; what they said before stays."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="channel_consents")
    channel = models.CharField(max_length=10, choices=[(each, each) for each in CHANNELS])
    is_given = models.BooleanField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    origin = models.CharField(max_length=120, blank=True)


class Contact(models.Model):
    """Someone near to a person: an emergency contact, a guardian, a relative, a referring professional."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="contacts")
    kind = models.CharField(
        max_length=10,
        choices=[(each, each) for each in CONTACT_KINDS],
    )
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=40, blank=True)
    relation = models.CharField(max_length=60, blank=True)
    call_first = models.BooleanField(default=False)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)


class Cover(models.Model):
    """A person's insurer, with the member's number as on the card."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="covers")
    insurer = models.CharField(max_length=120)
    member_id = SealedField(null=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
