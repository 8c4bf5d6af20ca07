"""Sending a link: in the person's language, in words that tell nothing of the treatment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, Subquery

from overstory.clinic.intake.asking import CareRequest
from overstory.clinic.intake.filling import IntakeLink, Questionnaire
from overstory.clinic.intake.showing import moment_words, words
from overstory.clinic.people.actions import say_channel
from overstory.clinic.people.messages import EMAIL, Letter, Message, send
from overstory.clinic.people.models import ChannelConsent, Person, Staff

NOTHING = Letter("", "")
"""A letter without words, to ask whether one could be sent."""
OF_MESSAGE = ("sent_at", "failed_at", "failed_why")


def send_link(*, link: IntakeLink, address: str, at: datetime) -> Message:
    """Write the message with a link; the worker delivers it, or it is withheld and says why."""
    form = link.questionnaire
    language = form.person.language if form.person.language in ("en", "es") else "en"
    say = words(language)
    message = send(
        clinic=form.clinic,
        to=form.person,
        subject=say("message.subject"),
        body=say(
            "message.body",
            address=address,
            until=moment_words(link.expires_at, form.site, language),
            phone=form.site.phone,
        ),
        at=at,
    )
    if message.withheld:
        link.withheld = message.withheld
        link.save(update_fields=["withheld"])
    return message


@dataclass(frozen=True, slots=True)
class ByEmail:
    """
    How a person stands to e-mail: their address, and what they said of it last.

    `is_agreed` is none where they were never asked.
    """

    address: str
    is_agreed: bool | None
    said_at: datetime | None

    @property
    def may_send(self) -> bool:
        """Whether an e-mail would go out."""
        return bool(self.address and self.is_agreed)

    @property
    def may_agree(self) -> bool:
        """Whether nothing but the person's consent is missing."""
        return bool(self.address) and not self.is_agreed


def by_email(person: Person) -> ByEmail:
    """Return how a person stands to e-mail."""
    said = ChannelConsent.objects.filter(person_id__in=person.ids, channel=EMAIL)
    last = said.order_by("-at", "is_given").values_list("is_given", "at").first()
    agreed, at = last or (None, None)
    return ByEmail(person.email, agreed, at)


def prefers_email(person: Person) -> bool:
    """Return whether the newest request of a person asked that they be reached by e-mail."""
    asked = CareRequest.objects.filter(person__in=person.ids).order_by("-received_at", "-pk")
    return asked.values_list("prefers", flat=True).first() == EMAIL


@transaction.atomic
def agree_to_email(*, person: Person, by: Staff, at: datetime) -> None:
    """Record what someone told staff: that e-mail may be used, which is not encrypted."""
    say_channel(person=person, channel="email", is_given=True, by=by, at=at)


def newest_link(questionnaire: Questionnaire) -> IntakeLink | None:
    """
    Return the newest link of a questionnaire with what became of its message; none without a link.

    It has `written_at`, `sent_at`, `failed_at` and `failed_why`, all of them none where the link was only
    shown. A link and its message are written at one moment, which is how they are found together.
    """
    written = Message.objects.filter(
        to_person=OuterRef("questionnaire__person"), made_at=OuterRef("made_at")
    )
    links = questionnaire.links.annotate(
        written_at=Subquery(written.values("made_at")[:1]),
        **{each: Subquery(written.values(each)[:1]) for each in OF_MESSAGE},
    )
    return links.order_by("-made_at").first()
