"""Messages to staff and to persons: written with what they tell of, delivered by the worker alone."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Q

from overstory.clinic.config.sealed import SealedField
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.persons import ChannelConsent, Person
from overstory.clinic.people.staff import Staff

EMAIL = "email"
NO_CONSENT = "no consent to e-mail"
NEVER_SAID = (
    "ketamine", "esketamine", "ketamina", "esketamina", "spravato", "ketalar", "tms", "emt",
    "magnetic", "magnética", "psychiatr", "psiquiatr", "suicid", "depress", "depresi",
)  # fmt: skip
"""What a message to a person never says; where a word is short it is meant whole."""
_NEVER = re.compile(
    "|".join(rf"\b{word}\b" if len(word) == 3 else word for word in NEVER_SAID), re.IGNORECASE
)

_LINK = re.compile(r"\bhttps?://\S+", re.IGNORECASE)


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages of one clinic; every read starts at `request.clinic.messages`."""

    def waiting(self, now: datetime) -> MessageQuerySet:
        """Return those to be delivered now that no worker has in hand."""
        free = Q(taken_until=None) | Q(taken_until__lte=now)
        return self.filter(free, sent_at=None, withheld="", due_at__lte=now)

    def undelivered(self) -> MessageQuerySet:
        """Return those that were held back, or failed and were not sent since."""
        return self.filter(~Q(withheld="") | Q(failed_at__isnull=False), sent_at=None)


class Message(models.Model):
    """
    A message to one member of staff or one person.

    `withheld` says why it is never sent: staff see it and reach the person otherwise. `once`, where
    it is given, stands on one row only. `taken_until` is how long a worker has it in hand.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="messages")
    to_staff = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )
    to_person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )
    channel = models.CharField(max_length=10, default=EMAIL)
    subject = models.CharField(max_length=120)
    body = SealedField()
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    once = models.CharField(max_length=160, null=True, blank=True, unique=True)
    withheld = models.CharField(max_length=40, blank=True)
    taken_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failed_why = models.CharField(max_length=200, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_staff=None, to_person__isnull=False)
                | Q(to_staff__isnull=False, to_person=None),
                name="message_to_one",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(sent_at=None, withheld=""), name="message_waiting"
            )
        ]

    @property
    def address(self) -> str:
        """The e-mail address it goes to."""
        return (self.to_staff or self.to_person).email  # type: ignore[union-attr]

    @property
    def words(self) -> str:
        """What it says to its receiver, without the links in it: those open pages for them alone."""
        return _LINK.sub("[a link for them alone]", self.body)


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of a message; `once` names what may be told to one receiver only once."""

    subject: str
    body: str
    once: str = ""


def send(*, clinic: Clinic, to: Staff | Person, subject: str, body: str, at: datetime) -> Message:
    """
    Write a message in the running transaction; the worker delivers it.

    One to a person is withheld, and shown to staff, without their consent to e-mail, without an
    address, or if its words tell of the treatment.
    """
    message = _message(clinic, to, Letter(subject, body), at)
    message.save(force_insert=True)
    return message


def send_once(*, clinic: Clinic, letters: Iterable[tuple[Staff, Letter]], at: datetime) -> None:
    """Write letters to staff; one that was written before, by whomever, is left as it is."""
    Message.objects.bulk_create(
        [_message(clinic, to, letter, at) for to, letter in letters], ignore_conflicts=True
    )


def neutral(text: str) -> bool:
    """Return whether a text may leave the clinic: it does not tell what the clinic treats."""
    return _NEVER.search(text) is None


def _message(clinic: Clinic, to: Staff | Person, letter: Letter, at: datetime) -> Message:
    message = Message(
        clinic=clinic,
        subject=letter.subject,
        body=letter.body,
        made_at=at,
        due_at=at,
        once=f"{letter.once}/{to.pk}" if letter.once else None,
    )
    if isinstance(to, Staff):
        message.to_staff = to
    else:
        message.to_person = to
        message.withheld = why_withheld(to, letter)
    return message


def why_withheld(person: Person, letter: Letter) -> str:
    """Return why a letter may not be sent to a person; empty if it may."""
    if not neutral(f"{letter.subject}\n{letter.body}"):
        return "its words tell of the treatment"
    if not person.email:
        return "no e-mail address"
    said = (
        ChannelConsent.objects.filter(person_id__in=person.ids, channel=EMAIL)
        .order_by("-at", "is_given")
        .values_list("is_given", flat=True)
        .first()
    )
    return "" if said else NO_CONSENT
